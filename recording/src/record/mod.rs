//! The recorder: a bounded queue, a thread that writes, and a count of what was dropped.

mod entry;
mod mask;
mod sink;
mod spoken;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use bpx_runtime::stream::{MessageTap, TappedMessage};
use bpx_runtime::{Tap, Tapped};

pub use self::mask::Masking;
use self::sink::{Format, Sink};
use self::spoken::Spoken;
use crate::Error;

/// Interactions that may wait to be written.
const QUEUE_MAX: usize = 1_024;
/// Bytes of bodies that may wait to be written.
const QUEUE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Takes interactions from connections, and messages from streams; give it to `Options::with_tap` and
/// `StreamOptions::with_tap`.
///
/// It never makes a call wait: where the writer cannot keep up, what comes is dropped and counted. Several
/// connections may share it.
#[derive(Debug)]
pub struct Recorder {
    queue: SyncSender<Work>,
    counts: Arc<Counts>,
}

/// The file that a [`Recorder`] writes to.
#[derive(Debug)]
pub struct Recording {
    queue: SyncSender<Work>,
    counts: Arc<Counts>,
    writer: Mutex<Option<JoinHandle<Result<(), Error>>>>,
}

/// How a recording ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Interactions and messages in the file.
    pub recorded: u64,
    /// Those that were dropped because the writer could not keep up.
    pub dropped: u64,
}

#[derive(Debug)]
enum Work {
    Interaction(Box<Tapped>),
    Message(Spoken),
    End,
}

impl Work {
    fn bytes(&self) -> u64 {
        match self {
            Self::Interaction(seen) => bytes_of(seen),
            Self::Message(spoken) => spoken.content.len() as u64,
            Self::End => 0,
        }
    }
}

#[derive(Debug, Default)]
struct Counts {
    recorded: AtomicU64,
    dropped: AtomicU64,
    waiting_bytes: AtomicU64,
}

impl Counts {
    fn summary(&self) -> Summary {
        Summary {
            recorded: self.recorded.load(Ordering::Acquire),
            dropped: self.dropped.load(Ordering::Acquire),
        }
    }
}

impl Recorder {
    /// Starts a file: NDJSON (`.ndjson` or `.jsonl`, packed with `.gz` or `.zst`) or HAR 1.2 (`.har`), by its name.
    ///
    /// # Errors
    /// A name that gives no format; a file that cannot be created; zstd without the feature `zstd`.
    pub fn start(path: &Path, masking: Masking) -> Result<(Arc<Self>, Recording), Error> {
        let format = Format::of(path)?;
        let sink = Sink::create(path, format)?;
        let (queue, messages) = sync_channel(QUEUE_MAX);
        let counts = Arc::new(Counts::default());
        let writer = Writer {
            sink,
            masking,
            counts: Arc::clone(&counts),
            file: path.display().to_string(),
        };
        let writer = thread::Builder::new()
            .name("bpx-recorder".to_owned())
            .spawn(move || writer.run(&messages))
            .map_err(|source| output(&path.display().to_string(), source))?;
        let recorder = Arc::new(Self {
            queue: queue.clone(),
            counts: Arc::clone(&counts),
        });
        let recording = Recording {
            queue,
            counts,
            writer: Mutex::new(Some(writer)),
        };
        Ok((recorder, recording))
    }
}

impl Recorder {
    fn put(&self, work: Work) {
        let bytes = work.bytes();
        let waiting = self.counts.waiting_bytes.fetch_add(bytes, Ordering::AcqRel);
        let fits = waiting.saturating_add(bytes) <= QUEUE_BYTES_MAX;
        if !fits || self.queue.try_send(work).is_err() {
            self.counts.waiting_bytes.fetch_sub(bytes, Ordering::AcqRel);
            self.counts.dropped.fetch_add(1, Ordering::AcqRel);
        }
    }
}

impl Tap for Recorder {
    fn saw(&self, seen: Tapped) {
        self.put(Work::Interaction(Box::new(seen)));
    }
}

/// Messages are written as lines; a HAR file takes none, and counts them as dropped.
impl MessageTap for Recorder {
    fn saw_message(&self, message: TappedMessage<'_>) {
        if let Some(spoken) = Spoken::of(message) {
            self.put(Work::Message(spoken));
        }
    }
}

fn bytes_of(seen: &Tapped) -> u64 {
    (seen.request_body.len() as u64).saturating_add(seen.response_body.len() as u64)
}

impl Recording {
    /// Writes what is still waiting, and the last line, and closes the file.
    ///
    /// # Errors
    /// A file that could not be written; what came after that is counted as dropped.
    pub fn finish(self) -> Result<Summary, Error> {
        self.close()?;
        Ok(self.counts.summary())
    }

    fn close(&self) -> Result<(), Error> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(writer) = writer.take() else {
            return Ok(());
        };
        // A writer that has ended already reports why when it is joined.
        let _ = self.queue.send(Work::End);
        writer.join().map_err(|_| Error::Thread)?
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // Whoever drops the recording is not interested in how it ended.
        let _ = self.close();
    }
}

struct Writer {
    sink: Sink,
    masking: Masking,
    counts: Arc<Counts>,
    file: String,
}

impl Writer {
    fn run(mut self, messages: &Receiver<Work>) -> Result<(), Error> {
        let mut fault = None;
        while let Some(work) = self.next(messages) {
            self.counts
                .waiting_bytes
                .fetch_sub(work.bytes(), Ordering::AcqRel);
            let written = match (work, &fault) {
                (Work::End, _) => break,
                (Work::Interaction(seen), None) => self.sink.write(&self.masking.applied(*seen)),
                (Work::Message(spoken), None) if self.sink.takes_messages() => {
                    self.sink.write_message(&spoken.masked(self.masking))
                }
                _ => {
                    self.counts.dropped.fetch_add(1, Ordering::AcqRel);
                    continue;
                }
            };
            match written {
                Ok(()) => self.counts.recorded.fetch_add(1, Ordering::AcqRel),
                Err(error) => {
                    fault = Some(error);
                    self.counts.dropped.fetch_add(1, Ordering::AcqRel)
                }
            };
        }
        let ended = self.sink.end(self.counts.summary());
        match fault.map_or(ended, Err) {
            Ok(()) => Ok(()),
            Err(source) => Err(output(&self.file, source)),
        }
    }

    /// The next message. Before the writer sleeps, it flushes what it has written so far.
    fn next(&mut self, messages: &Receiver<Work>) -> Option<Work> {
        match messages.try_recv() {
            Ok(message) => Some(message),
            Err(TryRecvError::Disconnected) => None,
            Err(TryRecvError::Empty) => {
                // A failure shows again at the next write.
                let _ = self.sink.flush();
                messages.recv().ok()
            }
        }
    }
}

fn output(file: &str, source: std::io::Error) -> Error {
    Error::Output {
        file: file.to_owned(),
        source,
    }
}
