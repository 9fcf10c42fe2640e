//! Writes interactions to a file, plain or packed.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use bpx_runtime::Tapped;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::spoken::Spoken;
use super::{Summary, entry, output};
use crate::Error;
use crate::read::Trailer;

/// What goes into the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Lines(Packing),
    Har,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gz,
    #[cfg(feature = "zstd")]
    Zst,
}

/// Endings of file names.
const FORMATS: [(&str, Format); 5] = [
    (".ndjson", Format::Lines(Packing::Plain)),
    (".jsonl", Format::Lines(Packing::Plain)),
    (".ndjson.gz", Format::Lines(Packing::Gz)),
    (".jsonl.gz", Format::Lines(Packing::Gz)),
    (".har", Format::Har),
];
const ZST: [&str; 2] = [".ndjson.zst", ".jsonl.zst"];

impl Format {
    pub(super) fn of(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        if ZST.iter().any(|ending| name.ends_with(ending)) {
            return Self::zst(name);
        }
        let ending = FORMATS.iter().find(|(ending, _)| name.ends_with(ending));
        ending
            .map(|(_, format)| *format)
            .ok_or(Error::RecordingName(name))
    }

    #[cfg(feature = "zstd")]
    fn zst(_: String) -> Result<Self, Error> {
        Ok(Self::Lines(Packing::Zst))
    }

    #[cfg(not(feature = "zstd"))]
    fn zst(name: String) -> Result<Self, Error> {
        Err(Error::Zstd(name))
    }
}

enum Packed {
    Plain(BufWriter<File>),
    Gz(GzEncoder<BufWriter<File>>),
    #[cfg(feature = "zstd")]
    Zst(zstd::Encoder<'static, BufWriter<File>>),
}

/// A new file, for this user alone: it holds what an account did.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create(true).truncate(true).open(path)
}

/// An open file.
pub(super) struct Sink {
    bytes: Packed,
    format: Format,
    first: bool,
}

impl Sink {
    pub(super) fn create(path: &Path, format: Format) -> Result<Self, Error> {
        let failed = |source| output(&path.display().to_string(), source);
        let file = BufWriter::new(create(path).map_err(failed)?);
        let bytes = match format {
            Format::Lines(Packing::Gz) => Packed::Gz(GzEncoder::new(file, Compression::default())),
            #[cfg(feature = "zstd")]
            Format::Lines(Packing::Zst) => Packed::Zst(
                zstd::Encoder::new(file, zstd::DEFAULT_COMPRESSION_LEVEL).map_err(failed)?,
            ),
            Format::Lines(Packing::Plain) | Format::Har => Packed::Plain(file),
        };
        let first = true;
        let mut this = Self {
            bytes,
            format,
            first,
        };
        if format == Format::Har {
            this.bytes
                .write_all(entry::HAR_START.as_bytes())
                .map_err(failed)?;
        }
        Ok(this)
    }

    pub(super) fn write(&mut self, exchange: &Tapped) -> io::Result<()> {
        let mut text = match self.format {
            Format::Lines(_) => entry::line(exchange)?,
            Format::Har => entry::har(exchange)?,
        };
        match self.format {
            Format::Lines(_) => text.push(b'\n'),
            Format::Har if !self.first => text.splice(0..0, *b",\n").for_each(drop),
            Format::Har => {}
        }
        self.first = false;
        self.bytes.write_all(&text)
    }

    /// Whether the format has a place for messages of streams.
    pub(super) fn takes_messages(&self) -> bool {
        self.format != Format::Har
    }

    pub(super) fn write_message(&mut self, message: &Spoken) -> io::Result<()> {
        let mut text = message.line()?;
        text.push(b'\n');
        self.bytes.write_all(&text)
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        match &mut self.bytes {
            Packed::Plain(file) => file.flush(),
            // To flush a packed file often would make it large.
            Packed::Gz(_) => Ok(()),
            #[cfg(feature = "zstd")]
            Packed::Zst(_) => Ok(()),
        }
    }

    pub(super) fn end(mut self, summary: Summary) -> io::Result<()> {
        let Summary { recorded, dropped } = summary;
        let end = match self.format {
            Format::Lines(_) => {
                let bpx = 1;
                let trailer = Trailer {
                    bpx,
                    recorded,
                    dropped,
                };
                format!("{}\n", serde_json::to_string(&trailer)?)
            }
            Format::Har => {
                format!("\n],\"comment\":\"{recorded} recorded, {dropped} dropped\"}}}}\n")
            }
        };
        self.bytes.write_all(end.as_bytes())?;
        let mut file = match self.bytes {
            Packed::Plain(file) => file,
            Packed::Gz(packed) => packed.finish()?,
            #[cfg(feature = "zstd")]
            Packed::Zst(packed) => packed.finish()?,
        };
        file.flush()
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Gz(packed) => packed.write(bytes),
            #[cfg(feature = "zstd")]
            Self::Zst(packed) => packed.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Gz(packed) => packed.flush(),
            #[cfg(feature = "zstd")]
            Self::Zst(packed) => packed.flush(),
        }
    }
}
