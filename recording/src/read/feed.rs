//! Shares the files to read among threads, piece by piece.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use xxhash_rust::xxh3::xxh3_64;

use super::beside::Beside;
use super::kind::Kind;
use super::lines::{Block, Lines, Next};
use super::open::{Digest, Opened, open};
use super::{Fault, FaultKind, Input, ReadOptions, Recorded, Shard, document, line};
use crate::{Error, Interaction, Location, Message};

/// An entry of a recording.
#[derive(Debug)]
pub enum Item<'a> {
    /// A line; [`read_recorded`](crate::read_recorded) and [`read_head`](crate::read_head) read it.
    Line(&'a [u8]),
    /// An interaction of a file that is not a file of lines.
    Interaction(Box<Interaction<'a>>),
    /// A message of a stream, of such a file.
    Message(Box<Message<'a>>),
    /// An entry or a file that cannot be read.
    Fault(Fault),
}

impl<'a> From<Result<Recorded<'a>, Fault>> for Item<'a> {
    fn from(entry: Result<Recorded<'a>, Fault>) -> Self {
        match entry {
            Ok(Recorded::Interaction(interaction)) => Self::Interaction(interaction),
            Ok(Recorded::Message(message)) => Self::Message(message),
            Err(fault) => Self::Fault(fault),
        }
    }
}

/// Files to read, which any number of threads can share.
///
/// Files of lines are dealt out in blocks of about 1 MiB, other files whole.
///
/// ```
/// use bpx_recording::{Item, ReadOptions, Reader, read_line, sources};
///
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("day.ndjson");
/// std::fs::write(&file, r#"{"method":"GET","url":"/pets?limit=2","status":200,"response_body":[]}"#)?;
///
/// let reader = Reader::new(sources(&[file.display().to_string()])?, ReadOptions::default());
/// let mut paths = Vec::new();
/// reader.read(&mut |_, item| {
///     if let Item::Line(line) = item
///         && let Ok(interaction) = read_line(line)
///     {
///         paths.push(interaction.path.into_owned());
///     }
/// })?;
/// assert_eq!(paths, ["/pets"]);
/// assert_eq!(reader.inputs().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Reader {
    state: Mutex<State>,
    options: ReadOptions,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { options, .. } = self;
        f.debug_struct("Reader")
            .field("options", options)
            .finish_non_exhaustive()
    }
}

const UNKNOWN: &str = "the format is not known; NDJSON, HAR 1.2, lists of JSON, VCR, vcrpy, Betamax, nock, WireMock, Hoverfly and \
     access logs are read";

/// A piece of work.
enum Work {
    /// Some lines.
    Block(Block),
    /// A file that one thread reads alone.
    Document(Opened),
    /// A fault of a file, at a line and byte.
    Fault(Arc<str>, Fault, Option<(u64, u64)>),
    /// Nothing is left.
    Done,
}

struct State {
    files: VecDeque<String>,
    current: Option<Current>,
    inputs: BTreeSet<Input>,
}

struct Current {
    lines: Lines,
    name: Arc<str>,
    digest: Digest,
    block: u64,
}

impl Reader {
    /// A reader of these files, as [`sources`](crate::sources) names them.
    #[must_use]
    pub fn new(files: Vec<String>, options: ReadOptions) -> Self {
        let state = State {
            files: files.into(),
            current: None,
            inputs: BTreeSet::new(),
        };
        Self {
            state: Mutex::new(state),
            options,
        }
    }

    /// Visits entries until nothing is left. Each entry is visited by one of the threads that call this at the same time.
    ///
    /// # Errors
    /// A file that cannot be opened. What is wrong inside a file is an [`Item::Fault`].
    pub fn read(&self, visit: &mut dyn FnMut(Location<'_>, Item<'_>)) -> Result<(), Error> {
        loop {
            match self.next()? {
                Work::Done => return Ok(()),
                Work::Block(block) => {
                    for (number, byte, text) in block.lines() {
                        let location = Location {
                            file: &block.file,
                            entry: number,
                            line: Some(number),
                            byte: Some(byte),
                        };
                        self.line(location, text, visit);
                    }
                }
                Work::Document(opened) => self.document(opened, visit),
                Work::Fault(file, fault, at) => {
                    let location = Location {
                        file: &file,
                        entry: at.map_or(0, |(line, _)| line),
                        line: at.map(|(line, _)| line),
                        byte: at.map(|(_, byte)| byte),
                    };
                    visit(location, Item::Fault(fault));
                }
            }
        }
    }

    /// What was read, once all of it was.
    #[must_use]
    pub fn inputs(self) -> BTreeSet<Input> {
        let state = self.state.into_inner();
        state.unwrap_or_else(PoisonError::into_inner).inputs
    }

    fn line(
        &self,
        location: Location<'_>,
        text: &[u8],
        visit: &mut dyn FnMut(Location<'_>, Item<'_>),
    ) {
        match line::trailer(text) {
            Some(trailer) if trailer.dropped > 0 => {
                let reason = format!("the recorder dropped {} interactions", trailer.dropped);
                let fault = Fault::new(FaultKind::Incomplete, reason);
                visit(location, Item::Fault(fault));
            }
            Some(_) => {}
            None => {
                self.count();
                visit(location, Item::Line(text));
            }
        }
    }

    fn document(&self, opened: Opened, visit: &mut dyn FnMut(Location<'_>, Item<'_>)) {
        let Opened {
            name,
            folder,
            kind,
            bytes,
            digest,
        } = opened;
        let beside = Beside(folder.as_deref());
        let read = document(&name, beside, kind, bytes, &mut |location, item| {
            self.count();
            visit(location, item);
        });
        if let Err(fault) = read {
            visit(Location::entry(&name, 0), Item::Fault(fault));
        }
        let input = digest.input(&name, Shard::WHOLE.to_string());
        self.state().inputs.insert(input);
    }

    fn count(&self) {
        let progress = &self.options.progress;
        progress.interactions.fetch_add(1, Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next piece of work of this shard.
    fn next(&self) -> Result<Work, Error> {
        let mut state = self.state();
        loop {
            if let Some(work) = self.of_current(&mut state) {
                return Ok(work);
            }
            let Some(name) = state.files.pop_front() else {
                return Ok(Work::Done);
            };
            let opened = open(&name, &self.options)?;
            if let Some(work) = self.begin(opened, &mut state) {
                return Ok(work);
            }
        }
    }

    fn begin(&self, opened: Opened, state: &mut State) -> Option<Work> {
        if opened.kind == Kind::Lines {
            let Opened {
                name,
                bytes,
                digest,
                ..
            } = opened;
            state.current = Some(Current {
                lines: Lines::new(Arc::clone(&name), bytes, self.options.line_bytes_max),
                name,
                digest,
                block: 0,
            });
            return None;
        }
        if !self.owns(&opened.name, 0) {
            return None;
        }
        let fault = match opened.kind {
            Kind::Empty => Fault::new(FaultKind::Empty, "the file is empty"),
            Kind::Refused(refused) => refused.fault(),
            Kind::Unknown => Fault::new(FaultKind::Unrecognised, UNKNOWN),
            _ => return Some(Work::Document(opened)),
        };
        let input = opened.digest.input(&opened.name, Shard::WHOLE.to_string());
        state.inputs.insert(input);
        Some(Work::Fault(opened.name, fault, None))
    }

    fn of_current(&self, state: &mut State) -> Option<Work> {
        let State {
            current, inputs, ..
        } = state;
        loop {
            let open = current.as_mut()?;
            match open.lines.next() {
                Next::Block(block) => {
                    open.block += 1;
                    if self.owns(&open.name, open.block) {
                        return Some(Work::Block(block));
                    }
                }
                Next::Fault(fault, line, byte) => {
                    if self.owns(&open.name, 0) {
                        let name = Arc::clone(&open.name);
                        return Some(Work::Fault(name, fault, Some((line, byte))));
                    }
                }
                Next::End => {
                    let shard = self.options.shard.to_string();
                    inputs.insert(open.digest.input(&open.name, shard));
                    *current = None;
                }
            }
        }
    }

    /// Whether a block belongs to this shard. Blocks go round, beginning at a shard that the name decides.
    fn owns(&self, name: &str, block: u64) -> bool {
        let at = xxh3_64(name.as_bytes()).wrapping_add(block);
        at % u64::from(self.options.shard.count()) == u64::from(self.options.shard.index())
    }
}
