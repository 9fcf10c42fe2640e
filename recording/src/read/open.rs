//! Opens a file as a stream of its unpacked bytes, and recognises its format.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use xxhash_rust::xxh3::Xxh3;

use super::kind::{Kind, kind_of};
use super::sources::{STDIN, unreadable};
use super::{Input, Progress, ReadOptions};
use crate::Error;

/// The format is recognised by so many bytes.
const PREFIX_BYTES: u64 = 64 * 1024;
const READ_BYTES: usize = 256 * 1024;

/// An open recording.
pub(super) struct Opened {
    pub(super) name: Arc<str>,
    /// The folder it lies in; `None` for standard input.
    pub(super) folder: Option<PathBuf>,
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
        folder: Path::new(name)
            .parent()
            .filter(|_| name != STDIN)
            .map(Path::to_owned),
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
