//! A file of lines, cut into blocks of whole lines, so that threads can share it.

use std::io::Read;
use std::sync::Arc;

use super::{Fault, FaultKind};

/// Small enough to share the work evenly, large enough to make asking for it cheap.
const BLOCK_BYTES: usize = 1024 * 1024;
/// Reading to the end wants some room beyond what it reads.
const READ_ROOM_BYTES: usize = 4 * 1024;

/// Some whole lines.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) file: Arc<str>,
    pub(super) bytes: Vec<u8>,
    /// The number of the first line, from 1.
    pub(super) line: u64,
    /// The byte it begins at.
    pub(super) byte: u64,
}

/// What comes next in a file of lines.
#[derive(Debug)]
pub(super) enum Next {
    Block(Block),
    /// Something is wrong at this line and byte; the rest may follow.
    Fault(Fault, u64, u64),
    End,
}

/// A file of lines on its way through the checker.
pub(super) struct Lines {
    file: Arc<str>,
    bytes: Box<dyn Read + Send>,
    line_bytes_max: usize,
    /// Read, but not yet given out: the beginning of a line.
    rest: Vec<u8>,
    line: u64,
    byte: u64,
    ended: bool,
    broken: Option<Fault>,
}

impl Lines {
    pub(super) fn new(file: Arc<str>, bytes: Box<dyn Read + Send>, line_bytes_max: usize) -> Self {
        Self {
            file,
            bytes,
            line_bytes_max,
            rest: Vec::new(),
            line: 1,
            byte: 0,
            ended: false,
            broken: None,
        }
    }

    /// The next block. What is read is bounded by the longest line that is allowed.
    pub(super) fn next(&mut self) -> Next {
        loop {
            self.fill(BLOCK_BYTES);
            if let Some(end) = memchr::memrchr(b'\n', &self.rest) {
                return Next::Block(self.take(end + 1));
            }
            if self.rest.len() > self.line_bytes_max {
                return self.too_long();
            }
            if self.ended {
                return self.last();
            }
            // A line longer than a block: read on.
            let wanted = self.rest.len() + BLOCK_BYTES;
            self.fill(wanted);
        }
    }

    fn last(&mut self) -> Next {
        if !self.rest.is_empty() {
            let count = self.rest.len();
            return Next::Block(self.take(count));
        }
        match self.broken.take() {
            Some(fault) => Next::Fault(fault, self.line, self.byte),
            None => Next::End,
        }
    }

    /// Reads until so many bytes are there, or the file ends.
    fn fill(&mut self, wanted: usize) {
        if self.ended || self.rest.len() >= wanted {
            return;
        }
        let missing = wanted - self.rest.len();
        let read = self
            .bytes
            .by_ref()
            .take(missing as u64)
            .read_to_end(&mut self.rest);
        match read {
            Ok(count) => self.ended = count < missing,
            Err(error) => {
                self.ended = true;
                let reason = format!("the file breaks off: {}", error.kind());
                self.broken = Some(Fault::new(FaultKind::Truncated, reason));
            }
        }
    }

    fn take(&mut self, count: usize) -> Block {
        // Room for the next block at once: growing it bit by bit would copy it over and over.
        let mut rest = Vec::with_capacity(BLOCK_BYTES + READ_ROOM_BYTES);
        rest.extend_from_slice(self.rest.get(count..).unwrap_or_default());
        self.rest.truncate(count);
        let bytes = std::mem::replace(&mut self.rest, rest);
        let block = Block {
            file: Arc::clone(&self.file),
            line: self.line,
            byte: self.byte,
            bytes,
        };
        self.line += memchr::memchr_iter(b'\n', &block.bytes).count() as u64;
        self.byte += block.bytes.len() as u64;
        block
    }

    /// Passes over the line without keeping it.
    fn too_long(&mut self) -> Next {
        let (line, byte) = (self.line, self.byte);
        loop {
            match memchr::memchr(b'\n', &self.rest) {
                Some(end) => {
                    self.take(end + 1);
                    break;
                }
                None if self.ended => {
                    self.rest.clear();
                    break;
                }
                None => {
                    self.byte += self.rest.len() as u64;
                    self.rest.clear();
                    self.fill(BLOCK_BYTES);
                }
            }
        }
        let reason = format!("longer than {} bytes", self.line_bytes_max);
        Next::Fault(Fault::new(FaultKind::TooLong, reason), line, byte)
    }
}

impl Block {
    /// Every line that is not blank, with its number and the byte it begins at.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u64, u64, &[u8])> {
        let mut byte = self.byte;
        let lines = self.bytes.split_inclusive(|byte| *byte == b'\n');
        lines.zip(self.line..).filter_map(move |(text, line)| {
            let at = byte;
            byte += text.len() as u64;
            let text = text.trim_ascii();
            let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
            (!text.is_empty()).then_some((line, at, text))
        })
    }
}
