//! Documents to compare: files, standard input, and files of a git revision.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;
use std::process::Command;

use bpx_contract::{Api, Diagnostics, Document, Lines, NamedBytes, Place, read_text};

/// Standard input, as an argument.
pub(super) const STDIN: &str = "-";
/// As large as a contract may be.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A document, and the text that it was read from.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) document: Document,
    text: String,
    /// Its path in the repository, if it has one.
    pub(super) path: Option<String>,
}

impl Input {
    /// Reads what an argument names. A file that exists is read, whatever it is called.
    pub(super) fn read(argument: &str) -> Result<Self, Diagnostics> {
        let path = Path::new(argument);
        match argument.split_once(':') {
            _ if argument == STDIN => from_stdin(),
            Some((revision, at)) if !path.exists() && !revision.is_empty() && !at.is_empty() => {
                from_git(argument, revision, at)
            }
            _ => Ok(Self {
                document: Document::read(path)?,
                text: read_text(path)?,
                path: Some(argument.to_owned()),
            }),
        }
    }

    pub(super) fn lines(&self) -> Lines {
        Lines::of(&self.text)
    }
}

/// Notes the first fault of the new document that the old one does not have, such as a reference to nothing. The comparison
/// takes such a part as it is written.
pub(super) fn note_faults(old: &Api, new: &Api, notes: &mut Vec<String>) {
    let known: BTreeSet<_> = old
        .model()
        .losses
        .iter()
        .map(|it| &it.diagnostic.problem)
        .collect();
    let losses = new.model().losses.iter().map(|it| &it.diagnostic);
    let added: Vec<_> = losses.filter(|it| !known.contains(&it.problem)).collect();
    if let Some(first) = added.first() {
        let more = match added.len() {
            1 => String::new(),
            count => format!(", and {} more new faults", count - 1),
        };
        notes.push(format!("{}: {}{more}", first.place, first.problem));
    }
}

fn from_stdin() -> Result<Input, Diagnostics> {
    let fault = |problem: String, fix: &str| Diagnostics::one(Place::file("stdin"), problem, fix);
    let mut bytes = Vec::new();
    let read = io::stdin()
        .lock()
        .take(BYTES_MAX + 1)
        .read_to_end(&mut bytes);
    match read {
        Err(error) => Err(fault(
            format!("standard input cannot be read: {error}"),
            "send a document to it, or name a file",
        )),
        Ok(count) if count as u64 > BYTES_MAX => Err(fault(
            "standard input is larger than 64 MiB".to_owned(),
            "send a contract to it",
        )),
        Ok(_) => Ok(Input {
            document: Document::parse("stdin", &bytes)?,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            path: None,
        }),
    }
}

fn from_git(argument: &str, revision: &str, at: &str) -> Result<Input, Diagnostics> {
    // Git takes a path from the top of the repository, unless it begins with a dot.
    let here = if at.starts_with('.') { "./" } else { "" };
    let other = |path: &Path| -> Option<NamedBytes> {
        let spec = format!(
            "{revision}:{here}{}",
            path.to_string_lossy().replace('\\', "/")
        );
        let bytes = git(&spec).ok()?;
        Some(Ok((spec, bytes)))
    };
    let bytes = git(argument)?;
    Ok(Input {
        document: Document::parse_at(argument, &bytes, Path::new(at), &other)?,
        text: String::from_utf8_lossy(&bytes).into_owned(),
        path: Some(at.trim_start_matches("./").to_owned()),
    })
}

/// The bytes of `REVISION:PATH` in the repository of the current folder.
fn git(spec: &str) -> Result<Vec<u8>, Diagnostics> {
    let fault = |problem: String, fix: &str| Diagnostics::one(Place::file(spec), problem, fix);
    let output = Command::new("git")
        .args(["show", "--no-textconv", "--end-of-options", spec])
        .env("LC_ALL", "C")
        .output();
    let output = output.map_err(|error| match error.kind() {
        ErrorKind::NotFound => fault(
            "there is no such file, and no `git` to look for a revision".to_owned(),
            "install git, or name a file",
        ),
        _ => fault(format!("`git` cannot be run: {error}"), "name a file"),
    })?;
    if !output.status.success() {
        let (problem, fix) = reason(&String::from_utf8_lossy(&output.stderr));
        return Err(fault(problem, fix));
    }
    match output
        .stdout
        .starts_with(format!("tree {spec}\n").as_bytes())
    {
        true => Err(fault(
            "this is a folder, not a file".to_owned(),
            "name a file in it",
        )),
        false => Ok(output.stdout),
    }
}

/// What git reports, in one line, and what to do about it.
fn reason(said: &str) -> (String, &'static str) {
    let line = said.lines().find(|it| it.starts_with("fatal:"));
    let line = line.or(said.lines().next()).unwrap_or("no reason given");
    let line = Cow::from(line.trim_start_matches("fatal:").trim());
    let fix = match () {
        () if line.contains("not a git repository") => {
            "run it inside of the repository, or name a file that exists"
        }
        () if line.contains("path '") => "correct the path: it starts at the top of the repository",
        () => {
            "correct the revision, or fetch it first (`git fetch`; in GitHub Actions `fetch-depth: 0`)"
        }
    };
    (
        format!("there is no such file, and git reports: {line}"),
        fix,
    )
}
