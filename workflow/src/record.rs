//! The record of a run: a file of lines beside dispatch's journal, each durable before what it announces is done.
//!
//! It holds no secret input and no header of a request; the values of calls stand in it as they do in the journal.
//!
//! The first line has the version of the format. A record of another version is refused.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use bpx_arazzo::{Exchange, Message};
use bpx_dispatch::private_file;
use fs4::{FileExt, TryLockError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::digest::digest;
use crate::route::NO_ACCOUNT;
use crate::{Error, Outcome, Report};

pub(crate) const RUNS: &str = "workflows";
/// The version of the format. Digests of arguments are part of it.
const VERSION: u32 = 2;

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "line")]
pub(crate) enum Line {
    Begin(Begin),
    Intent(Intent),
    Outcome {
        n: u64,
        outcome: Box<RequestOutcome>,
    },
    End {
        report: Box<Report>,
    },
}

/// What a run was begun with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Begin {
    pub(crate) version: Version,
    pub(crate) at_ms: i64,
    /// How to find the document again: a name or a path.
    pub(crate) document: String,
    pub(crate) sha256: String,
    pub(crate) workflow: String,
    pub(crate) inputs: Map<String, Value>,
    /// Inputs that are not kept.
    pub(crate) secret_inputs: Vec<String>,
    /// What the run works on, in words.
    pub(crate) subject: String,
    pub(crate) account: String,
    /// Digest of the journal's URL; none if it is in the state folder.
    pub(crate) journal: Option<String>,
}

/// The version that this program writes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Version(u32);

impl Default for Version {
    fn default() -> Self {
        Self(VERSION)
    }
}

/// The version of a line of any format.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    version: u32,
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

/// What is known of a request.
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

/// A request with its response.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RequestOutcome {
    pub(crate) certainty: Certainty,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) path: Vec<(String, String)>,
    pub(crate) request: Option<Value>,
    /// The headers of the request, which are not recorded.
    #[serde(skip)]
    pub(crate) sent: Vec<(String, String)>,
    pub(crate) status: Option<u16>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) response: Option<Value>,
    pub(crate) intent: Option<String>,
    pub(crate) remark: Option<String>,
    pub(crate) took_ms: u64,
}

impl RequestOutcome {
    /// What is known beyond the response, or else the message of a refusal.
    pub(crate) fn said(&self) -> Option<String> {
        let is_refusal = self.status.is_none_or(|it| it >= 400);
        let message = || self.response.as_ref()?.get("message")?.as_str();
        let message = message().filter(|_| is_refusal);
        self.remark.clone().or_else(|| message.map(str::to_owned))
    }

    pub(crate) fn exchange(&self) -> Exchange {
        Exchange {
            url: self.url.clone(),
            method: self.method.clone(),
            status: self.status,
            request: Message {
                headers: self.sent.clone(),
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

/// The record of an earlier process.
#[derive(Debug, Clone)]
pub(crate) struct Past {
    pub(crate) begin: Begin,
    /// Requests and what is known of them, in order.
    pub(crate) requests: Vec<(Intent, Option<RequestOutcome>)>,
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

    /// Whether the run began to change something and has no known end.
    fn left_open(&self) -> bool {
        let end = self.end.as_ref().map(|it| it.outcome);
        // A service cannot be asked what became of a request, so its caller decides what is done next.
        let is_asked = self.begin.account != NO_ACCOUNT;
        self.replayed() > 0 && end.is_none_or(|it| it == Outcome::Unknown && is_asked)
    }
}

/// The file of a run, held by this process alone.
#[derive(Debug)]
pub(crate) struct Record {
    path: PathBuf,
    file: File,
    /// Held until the run ends.
    _subject: File,
}

impl Record {
    /// Begins a run: no other run may be working on its subject, or have left open what it did to it.
    pub(crate) fn begin(state: &Path, run: &str, begin: Begin) -> Result<Self, Error> {
        let folder = state.join(RUNS);
        fs::create_dir_all(&folder).map_err(Error::record(&folder))?;
        let mut subject = lock_subject(&folder, &begin)?;
        take_subject(&mut subject, state, run, &begin)?;
        let path = file_of(state, run);
        let file = open(private_file().create_new(true).append(true), &path)?;
        let mut record = Self {
            path,
            file,
            _subject: subject,
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
        let subject = lock_subject(&folder, &past.begin)?;
        // Read again: the one who held the lock may have written meanwhile.
        let past = read(&path)?.ok_or_else(no_run)?;
        let file = open(OpenOptions::new().append(true), &path)?;
        let mut record = Self {
            path,
            file,
            _subject: subject,
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

/// The runs of a state folder, those without an end first.
///
/// # Errors
/// [`Error::Record`], [`Error::RecordVersion`].
pub fn runs(state: &Path) -> Result<Vec<(String, Option<Report>)>, Error> {
    let folder = state.join(RUNS);
    let Ok(entries) = fs::read_dir(&folder) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let paths = entries.flatten().map(|entry| entry.path());
    for path in paths.filter(|path| path.extension().is_some_and(|it| it == "ndjson")) {
        let name = path.file_stem().and_then(|it| it.to_str());
        if let (Some(name), Some(past)) = (name, read(&path)?) {
            found.push((name.to_owned(), past.end));
        }
    }
    found.sort_by(|a, b| (a.1.is_some(), &a.0).cmp(&(b.1.is_some(), &b.0)));
    Ok(found)
}

/// What a run was begun with: document, workflow, and the inputs that are not kept.
///
/// # Errors
/// [`Error::NoRun`], [`Error::Record`], [`Error::RecordVersion`].
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

fn lock_subject(folder: &Path, begin: &Begin) -> Result<File, Error> {
    let digest = digest(&format!("{}\n{}", begin.account, begin.subject));
    let path = folder.join(format!("{digest}.lock"));
    let file = open(private_file().create(true).read(true).append(true), &path)?;
    match FileExt::try_lock(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked {
            subject: begin.subject.clone(),
        }),
        Err(TryLockError::Error(error)) => Err(Error::record(&path)(error)),
    }
}

/// Writes into the subject's lock which run has it, if the run that is written there left nothing open.
fn take_subject(subject: &mut File, state: &Path, run: &str, begin: &Begin) -> Result<(), Error> {
    let folder = state.join(RUNS);
    let mut earlier = String::new();
    subject
        .read_to_string(&mut earlier)
        .map_err(Error::record(&folder))?;
    let path = file_of(state, &earlier);
    if is_name(&earlier) && path.is_file() && read(&path)?.is_some_and(|past| past.left_open()) {
        return Err(Error::Unfinished {
            subject: begin.subject.clone(),
            run: earlier,
            trades: begin.account != NO_ACCOUNT,
        });
    }
    let taken = subject
        .set_len(0)
        .and_then(|()| subject.write_all(run.as_bytes()))
        .and_then(|()| subject.sync_data());
    taken.map_err(Error::record(&folder))
}

/// A line that cannot be read, such as one that was cut off, is left out.
fn read(path: &Path) -> Result<Option<Past>, Error> {
    let text = fs::read(path).map_err(Error::record(path))?;
    let text = String::from_utf8_lossy(&text);
    check_version(&text, path)?;
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let (mut begin, mut end) = (None, None);
    let mut requests: BTreeMap<u64, (Intent, Option<RequestOutcome>)> = BTreeMap::new();
    for line in lines {
        match line {
            Line::Begin(found) => begin = Some(found),
            Line::Intent(intent) => {
                // A read that was repeated replaces the earlier one.
                drop(requests.split_off(&intent.n));
                requests.insert(intent.n, (intent, None));
                end = None;
            }
            Line::Outcome { n, outcome } => {
                if let Some((_, known)) = requests.get_mut(&n) {
                    *known = Some(*outcome);
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

/// A record without a readable first line has nothing that could be of another version.
fn check_version(text: &str, path: &Path) -> Result<(), Error> {
    let first = text.lines().next().unwrap_or_default();
    match serde_json::from_str(first) {
        Ok(Head { version }) if version != VERSION => Err(Error::RecordVersion {
            path: path.to_owned(),
            found: version,
            known: VERSION,
        }),
        _ => Ok(()),
    }
}
