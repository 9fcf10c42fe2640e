//! What there is to do, handed out piece by piece to whichever thread asks.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use xxhash_rust::xxh3::xxh3_64;

use super::Fault;
use super::lines::{Block, Lines, Next};
use super::open::{Digest, Kind, Opened, open};
use crate::Error;
use crate::report::Input;
use crate::rules::Rule;
use crate::run::{RunOptions, Shard};

/// A piece of work.
pub(crate) enum Work {
    /// Lines to check.
    Block(Block),
    /// A file that one thread reads alone.
    Document(Opened),
    /// A fault of a file, at a line and byte.
    Fault(Arc<str>, Fault, Option<(u64, u64)>),
    /// Nothing is left.
    Done,
}

/// The files to read; threads take turns.
pub(crate) struct Feed {
    state: Mutex<State>,
    options: RunOptions,
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

impl Feed {
    pub(crate) fn new(files: Vec<String>, options: RunOptions) -> Self {
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

    /// What was read; to be asked at the end.
    pub(crate) fn inputs(self) -> BTreeSet<Input> {
        let state = self.state.into_inner();
        state.unwrap_or_else(PoisonError::into_inner).inputs
    }

    /// A document has been read to its end.
    pub(crate) fn finished(&self, name: &str, digest: &Digest) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state
            .inputs
            .insert(digest.input(name, Shard::WHOLE.to_string()));
    }

    /// The next piece of work of this shard.
    pub(crate) fn next(&self) -> Result<Work, Error> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(work) = self.of_current(&mut state) {
                return Ok(work);
            }
            let Some(name) = state.files.pop_front() else {
                return Ok(Work::Done);
            };
            let opened = open(
                &name,
                &self.options.stdin_name,
                &self.options.progress.done_bytes,
            )?;
            if let Some(work) = self.begin(opened, &mut state) {
                return Ok(work);
            }
        }
    }
    fn begin(&self, opened: Opened, state: &mut State) -> Option<Work> {
        let Opened {
            name,
            kind,
            bytes,
            digest,
        } = opened;
        if kind == Kind::Lines {
            let lines = Lines::new(Arc::clone(&name), bytes, self.options.line_bytes_max);
            state.current = Some(Current {
                lines,
                name,
                digest,
                block: 0,
            });
            return None;
        }
        if !self.owns(&name, 0) {
            return None;
        }
        let bytes = match kind {
            Kind::Empty | Kind::Unknown => {
                state
                    .inputs
                    .insert(digest.input(&name, Shard::WHOLE.to_string()));
                let (rule, reason) = match kind {
                    Kind::Empty => (Rule::InputEmpty, "the file is empty"),
                    _ => (Rule::InputUnrecognised, "no format that is read"),
                };
                return Some(Work::Fault(name, Fault::new(rule, reason), None));
            }
            _ => bytes,
        };
        Some(Work::Document(Opened {
            name,
            kind,
            bytes,
            digest,
        }))
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
                    inputs.insert(
                        open.digest
                            .input(&open.name, self.options.shard.to_string()),
                    );
                    *current = None;
                }
            }
        }
    }

    /// Whether a block is of this shard; blocks go round, beginning at a place that the name decides.
    fn owns(&self, name: &str, block: u64) -> bool {
        let at = xxh3_64(name.as_bytes()).wrapping_add(block);
        at % u64::from(self.options.shard.count()) == u64::from(self.options.shard.index())
    }
}
