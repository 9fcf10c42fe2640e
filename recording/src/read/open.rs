//! Opens a file as a stream of its unpacked bytes, and recognises its format.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Cursor, Read};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::IgnoredAny;
use xxhash_rust::xxh3::Xxh3;

use super::sources::{STDIN, unreadable};
use super::{Input, Progress, ReadOptions};
use crate::Error;

/// The format is recognised by so many bytes.
const PREFIX_BYTES: u64 = 64 * 1024;
const READ_BYTES: usize = 256 * 1024;

/// The formats of recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One interaction per line.
    Lines,
    Har,
    WireMock,
    Vcr,
    Empty,
    Unknown,
}

/// An open recording.
pub(super) struct Opened {
    pub(super) name: Arc<str>,
    pub(super) kind: Kind,
    pub(super) bytes: Box<dyn Read + Send>,
    pub(super) digest: Digest,
}

/// Length and hash of what was read so far.
#[derive(Clone, Default)]
pub(super) struct Digest(Arc<Mutex<(u64, Xxh3)>>);

impl Digest {
    pub(super) fn input(&self, name: &str, shard: String) -> Input {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Input {
            file: name.to_owned(),
            shard,
            bytes: state.0,
            hash: format!("{:032x}", state.1.digest128()),
        }
    }
}

/// Hashes and counts what passes.
struct Counted<R> {
    inner: R,
    digest: Digest,
    progress: Arc<Progress>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut state = self.digest.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 += count as u64;
        state.1.update(buffer.get(..count).unwrap_or_default());
        self.progress
            .done_bytes
            .fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// The rest of a file that broke off while its format was being recognised.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Opens a file or standard input.
pub(super) fn open(name: &str, options: &ReadOptions) -> Result<Opened, Error> {
    let raw: Box<dyn Read + Send> = match name {
        STDIN => Box::new(io::stdin()),
        _ => Box::new(File::open(name).map_err(|source| unreadable(name, source))?),
    };
    let digest = Digest::default();
    let counted = Counted {
        inner: raw,
        digest: digest.clone(),
        progress: Arc::clone(&options.progress),
    };
    let mut bytes = unpacked(name, counted)?;
    let mut prefix = Vec::new();
    let broken = bytes
        .by_ref()
        .take(PREFIX_BYTES)
        .read_to_end(&mut prefix)
        .err();
    let kind = match (&broken, prefix.is_empty()) {
        // Nothing could be unpacked; reading lines reports it.
        (Some(_), true) => Kind::Lines,
        _ => kind_of(&prefix, name),
    };
    let rest: Box<dyn Read + Send> = match broken {
        Some(error) => Box::new(Broken(Some(error))),
        None => bytes,
    };
    Ok(Opened {
        name: if name == STDIN {
            options.stdin_name.as_str().into()
        } else {
            name.into()
        },
        kind,
        bytes: Box::new(Cursor::new(prefix).chain(rest)),
        digest,
    })
}

/// By its first bytes, whatever the name says.
fn unpacked(name: &str, raw: Counted<Box<dyn Read + Send>>) -> Result<Box<dyn Read + Send>, Error> {
    let mut raw = BufReader::with_capacity(READ_BYTES, raw);
    let magic = raw.fill_buf().map_err(|source| unreadable(name, source))?;
    match magic {
        [0x1f, 0x8b, ..] => Ok(Box::new(flate2::bufread::MultiGzDecoder::new(raw))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => unpacked_zstd(name, raw),
        _ => Ok(Box::new(raw)),
    }
}

#[cfg(feature = "zstd")]
fn unpacked_zstd(
    name: &str,
    raw: impl io::BufRead + Send + 'static,
) -> Result<Box<dyn Read + Send>, Error> {
    let unpacked = zstd::Decoder::with_buffer(raw).map_err(|source| unreadable(name, source))?;
    Ok(Box::new(unpacked))
}

#[cfg(not(feature = "zstd"))]
fn unpacked_zstd(name: &str, _: impl io::BufRead) -> Result<Box<dyn Read + Send>, Error> {
    Err(Error::Zstd(name.to_owned()))
}

/// By what it begins with; the name decides only where that says nothing.
fn kind_of(prefix: &[u8], name: &str) -> Kind {
    let prefix = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix);
    let text = String::from_utf8_lossy(prefix);
    let start = text.trim_start();
    if start.is_empty() {
        return Kind::Empty;
    }
    let first_line = start.lines().next().unwrap_or_default();
    let is_line = serde_json::from_str::<IgnoredAny>(first_line).is_ok();
    if start.starts_with('{') {
        return of_object(start, is_line);
    }
    let top_level = |key: &str| text.lines().any(|line| line.starts_with(key));
    if top_level("interactions:") || top_level("http_interactions:") {
        return Kind::Vcr;
    }
    let name = name.to_ascii_lowercase();
    let named_lines = [".ndjson", ".jsonl"].iter().any(|it| name.contains(it));
    if named_lines || (is_line && !start.starts_with('[')) {
        return Kind::Lines;
    }
    Kind::Unknown
}

fn of_object(start: &str, is_line: bool) -> Kind {
    let inner: String = start.chars().skip(1).take(256).collect();
    let first_key = inner.trim_start().split('"').nth(1).unwrap_or_default();
    let is_spread = inner
        .trim_start_matches([' ', '\t', '\r'])
        .starts_with('\n');
    match first_key {
        "log" => Kind::Har,
        "mappings" => Kind::WireMock,
        "interactions" | "http_interactions" => Kind::Vcr,
        _ if is_line || !is_spread => Kind::Lines,
        _ if start.contains("\"log\"") && start.contains("\"entries\"") => Kind::Har,
        _ if start.contains("\"request\"") || start.contains("\"mappings\"") => Kind::WireMock,
        _ => Kind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_told_by_content() {
        for (text, kind) in [
            ("{\"bpx\":1,\"method\":\"GET\"}\n", Kind::Lines),
            ("{\"method\":\"GET\",\"url\":\"/\"}\n{", Kind::Lines),
            ("{\"broken\":", Kind::Lines),
            ("{\n  \"log\": {\n", Kind::Har),
            ("{\"log\":{\"version\":\"1.2\",\"entries\":[]}}", Kind::Har),
            (
                "\u{feff}{\n \"request\": {\"method\": \"GET\"}\n}",
                Kind::WireMock,
            ),
            ("{\"mappings\": [\n", Kind::WireMock),
            ("interactions:\n- request:\n", Kind::Vcr),
            ("---\nhttp_interactions:\n", Kind::Vcr),
            (" \n", Kind::Empty),
            ("# Notes\n", Kind::Unknown),
            ("{\n  \"name\": \"package\"\n}", Kind::Unknown),
        ] {
            assert_eq!(kind_of(text.as_bytes(), "file"), kind, "{text}");
        }
    }
}
