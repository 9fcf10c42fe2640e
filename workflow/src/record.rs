//! The record of a run: a file of lines beside dispatch's journal, each durable before what it announces is done.
//!
//! It holds no secret input and no header; the order's values stand in it as they do in the journal.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use bpx_arazzo::{Exchange, Message};
use fs4::{FileExt, TryLockError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::{Error, Outcome, Report};

pub(crate) const RUNS: &str = "workflows";

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "line")]
pub(crate) enum Line {
    Begin(Begin),
    Intent(Intent),
    Answer { n: u64, answer: Box<Answer> },
    End { report: Box<Report> },
}

/// What a run was begun with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Begin {
    pub(crate) at_ms: i64,
    /// How to find the document again: a name or a path.
    pub(crate) document: String,
    pub(crate) sha256: String,
    pub(crate) workflow: String,
    pub(crate) inputs: Map<String, Value>,
    /// Inputs that are not kept.
    pub(crate) secret_inputs: Vec<String>,
    pub(crate) order: String,
    pub(crate) account: String,
    /// Digest of the journal's URL; none if it is in the state folder.
    pub(crate) journal: Option<String>,
}

/// A request that is about to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) n: u64,
    pub(crate) at_ms: i64,
    pub(crate) workflow: String,
    pub(crate) step: String,
    pub(crate) operation: String,
    pub(crate) arguments_sha256: String,
    /// The idempotency key, for requests that change something.
    pub(crate) key: Option<String>,
}

/// What a request came to.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq, Copy)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Certainty {
    /// Carried out.
    Done,
    /// Not carried out.
    Rejected,
    /// It is not known yet.
    Open,
}

/// A request with its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) certainty: Certainty,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) path: Vec<(String, String)>,
    pub(crate) request: Option<Value>,
    pub(crate) status: Option<u16>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) response: Option<Value>,
    pub(crate) intent: Option<String>,
    pub(crate) remark: Option<String>,
    pub(crate) took_ms: u64,
}

impl Answer {
    pub(crate) fn exchange(&self) -> Exchange {
        Exchange {
            url: self.url.clone(),
            method: self.method.clone(),
            status: self.status,
            request: Message {
                headers: Vec::new(),
                query: self.query.clone(),
                path: self.path.clone(),
                body: self.request.clone(),
            },
            response: Message {
                headers: self.headers.clone(),
                body: self.response.clone(),
                ..Message::default()
            },
        }
    }
}

/// What an earlier process wrote.
#[derive(Debug, Clone)]
pub(crate) struct Past {
    pub(crate) begin: Begin,
    /// Requests and what is known of them, in order.
    pub(crate) requests: Vec<(Intent, Option<Answer>)>,
    pub(crate) end: Option<Report>,
}

impl Past {
    /// How many requests are taken from the record: those up to the last that changes something. What was read after it
    /// is asked anew.
    pub(crate) fn replayed(&self) -> usize {
        let last = self
            .requests
            .iter()
            .rposition(|(intent, _)| intent.key.is_some());
        last.map_or(0, |at| at + 1)
    }

    /// Whether the run began to change something and does not know what came of it.
    fn left_open(&self) -> bool {
        let end = self.end.as_ref().map(|it| it.outcome);
        self.replayed() > 0 && end.is_none_or(|it| it == Outcome::Unknown)
    }
}

/// The file of a run, held by this process alone.
#[derive(Debug)]
pub(crate) struct Record {
    path: PathBuf,
    file: File,
    /// Held until the run ends.
    _order: File,
}

impl Record {
    /// Begins a run: nobody else may be working on the order, and no earlier run may have left open what it did to it.
    pub(crate) fn begin(state: &Path, run: &str, begin: Begin) -> Result<Self, Error> {
        let folder = state.join(RUNS);
        fs::create_dir_all(&folder).map_err(Error::record(&folder))?;
        let mut order = lock_order(&folder, &begin)?;
        take_order(&mut order, state, run, &begin)?;
        let path = file_of(state, run);
        let file = open(OpenOptions::new().create_new(true).append(true), &path)?;
        let mut record = Self {
            path,
            file,
            _order: order,
        };
        record.write(&Line::Begin(begin), true)?;
        Ok(record)
    }

    /// Takes a run over, with what it wrote.
    pub(crate) fn resume(state: &Path, run: &str) -> Result<(Self, Past), Error> {
        let path = file_of(state, run);
        let folder = state.join(RUNS);
        let no_run = || Error::NoRun {
            run: run.to_owned(),
            folder: folder.clone(),
        };
        if !is_name(run) || !path.is_file() {
            return Err(no_run());
        }
        let past = read(&path)?.ok_or_else(no_run)?;
        let order = lock_order(&folder, &past.begin)?;
        // Read again: the one who held the lock may have written meanwhile.
        let past = read(&path)?.ok_or_else(no_run)?;
        let file = open(OpenOptions::new().append(true), &path)?;
        let mut record = Self {
            path,
            file,
            _order: order,
        };
        // A line that was cut off stays one by itself.
        record.newline()?;
        Ok((record, past))
    }

    pub(crate) fn write(&mut self, line: &Line, durable: bool) -> Result<(), Error> {
        let wrote = serde_json::to_string(line)
            .map_err(io::Error::from)
            .and_then(|text| {
                self.file.write_all(format!("{text}\n").as_bytes())?;
                if durable {
                    self.file.sync_data()
                } else {
                    Ok(())
                }
            });
        wrote.map_err(Error::record(&self.path))
    }

    fn newline(&mut self) -> Result<(), Error> {
        self.file
            .write_all(b"\n")
            .map_err(Error::record(&self.path))
    }
}

/// The runs of a state folder, with those that have no end yet first; for people.
///
/// # Errors
/// [`Error::Record`].
pub fn runs(state: &Path) -> Result<Vec<(String, Option<Report>)>, Error> {
    let folder = state.join(RUNS);
    let Ok(entries) = fs::read_dir(&folder) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path
            .file_stem()
            .and_then(|it| it.to_str())
            .map(str::to_owned);
        let is_run = path.extension().is_some_and(|it| it == "ndjson");
        if let (Some(name), true, Some(past)) = (name, is_run, read(&path)?) {
            found.push((name, past.end));
        }
    }
    found.sort_by(|a, b| (a.1.is_some(), &a.0).cmp(&(b.1.is_some(), &b.0)));
    Ok(found)
}

/// What a run was begun with: document, workflow, and the inputs that are not kept.
///
/// # Errors
/// [`Error::NoRun`], [`Error::Record`].
pub fn begun(state: &Path, run: &str) -> Result<(String, String, Vec<String>), Error> {
    let path = file_of(state, run);
    let past = if is_name(run) && path.is_file() {
        read(&path)?
    } else {
        None
    };
    let past = past.ok_or_else(|| Error::NoRun {
        run: run.to_owned(),
        folder: state.join(RUNS),
    })?;
    let Begin {
        document,
        workflow,
        secret_inputs,
        ..
    } = past.begin;
    Ok((document, workflow, secret_inputs))
}

/// A run's name is a file's name.
fn is_name(run: &str) -> bool {
    !run.is_empty() && run.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn file_of(state: &Path, run: &str) -> PathBuf {
    state.join(RUNS).join(format!("{run}.ndjson"))
}

fn open(options: &OpenOptions, path: &Path) -> Result<File, Error> {
    options.open(path).map_err(Error::record(path))
}

fn lock_order(folder: &Path, begin: &Begin) -> Result<File, Error> {
    let digest = digest(&format!("{}\n{}", begin.account, begin.order));
    let path = folder.join(format!("{digest}.lock"));
    let file = open(
        OpenOptions::new().create(true).read(true).append(true),
        &path,
    )?;
    match FileExt::try_lock(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked {
            what: begin.order.clone(),
        }),
        Err(TryLockError::Error(error)) => Err(Error::record(&path)(error)),
    }
}

/// Writes into the order's lock which run has it, if the one that is written there left nothing open.
fn take_order(order: &mut File, state: &Path, run: &str, begin: &Begin) -> Result<(), Error> {
    let folder = state.join(RUNS);
    let mut earlier = String::new();
    order
        .read_to_string(&mut earlier)
        .map_err(Error::record(&folder))?;
    let path = file_of(state, &earlier);
    if is_name(&earlier) && path.is_file() && read(&path)?.is_some_and(|past| past.left_open()) {
        return Err(Error::Unfinished {
            what: begin.order.clone(),
            run: earlier,
        });
    }
    let taken = order
        .set_len(0)
        .and_then(|()| order.write_all(run.as_bytes()))
        .and_then(|()| order.sync_data());
    taken.map_err(Error::record(&folder))
}

/// Lines that are none, such as one that was cut off, say nothing.
fn read(path: &Path) -> Result<Option<Past>, Error> {
    let text = fs::read(path).map_err(Error::record(path))?;
    let text = String::from_utf8_lossy(&text);
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let (mut begin, mut end) = (None, None);
    let mut requests: BTreeMap<u64, (Intent, Option<Answer>)> = BTreeMap::new();
    for line in lines {
        match line {
            Line::Begin(found) => begin = Some(found),
            Line::Intent(intent) => {
                // What was asked anew stands in place of what came before.
                drop(requests.split_off(&intent.n));
                requests.insert(intent.n, (intent, None));
                end = None;
            }
            Line::Answer { n, answer } => {
                if let Some((_, known)) = requests.get_mut(&n) {
                    *known = Some(*answer);
                }
            }
            Line::End { report } => end = Some(*report),
        }
    }
    let requests = requests.into_values().collect();
    Ok(begin.map(|begin| Past {
        begin,
        requests,
        end,
    }))
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn digest(text: &str) -> String {
    use std::fmt::Write as _;
    let mut hex = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
