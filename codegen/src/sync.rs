//! The only writer: compares a plan with a folder, and makes them equal or says where they differ.

mod swap;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::Plan;
use crate::format::MARK;
use swap::{STAGING, Swap};

/// The files at the top of a generated crate, and the folders that belong to the generator alone.
const TOP_FILES: [&str; 2] = ["Cargo.toml", "SURFACE.md"];
const OWN_FOLDERS: [&str; 2] = ["src", "skills"];

/// How far from its start a file is searched for the mark: a skill begins with its own front matter.
const MARK_LINES_MAX: usize = 12;

/// What to do about differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Write what differs, delete what is stray.
    Write,
    /// Only report; the caller fails if there is anything.
    Check,
    /// Only report; the caller goes on.
    DryRun,
}

/// One difference between plan and folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Planned, not there.
    Missing(String),
    /// There, with other bytes.
    Stale(String),
    /// Machine-written, not planned any more.
    Stray(String),
}

impl Change {
    /// The file, inside the crate.
    pub fn path(&self) -> &str {
        match self {
            Self::Missing(path) | Self::Stale(path) | Self::Stray(path) => path,
        }
    }

    /// One word for a report.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::Stale(_) => "stale",
            Self::Stray(_) => "stray",
        }
    }
}

/// What was found, and done in [`Mode::Write`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Every difference, sorted by kind and path.
    pub changes: Vec<Change>,
    /// Lines of `SURFACE.md` that go (`-`) or come (`+`); empty where there was no `SURFACE.md` before.
    pub surface: Vec<String>,
    /// How many files the plan has.
    pub files: usize,
}

/// Why a folder could not be compared or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The folder holds something this generator did not write.
    #[error(
        "error: `{folder}` holds what this generator did not write: {}\n   at: {folder}\n  \
         fix: move that elsewhere, or name a new folder with --out; nothing was written",
        .files.join(", ")
    )]
    Foreign {
        /// The folder.
        folder: String,
        /// What gives it away: files without the mark, inside the folder.
        files: Vec<String>,
    },
    /// What is named as a folder is a file.
    #[error(
        "error: this is a file, not a folder\n   at: {path}\n  fix: name a new folder with --out; nothing was written"
    )]
    NoFolder {
        /// Where.
        path: String,
    },
    /// The system refused.
    #[error(
        "error: {source}\n   at: {path}\n  fix: make the path readable and writable, then run again"
    )]
    Io {
        /// Where.
        path: String,
        /// What it said.
        source: io::Error,
    },
}

fn refused(path: &Path) -> impl FnOnce(io::Error) -> SyncError {
    let path = path.display().to_string();
    move |source| SyncError::Io { path, source }
}

/// Makes `folder` equal to `plan`, or reports how they differ.
///
/// Only [`Mode::Write`] writes. It replaces and deletes machine-written files alone, and is
/// interruptible: until everything new is on disk the old crate stands, and from then on the new one is
/// bound to come (see [`recover`]).
///
/// # Errors
/// The folder is a file or holds what the generator did not write, or the system refuses.
pub fn sync(plan: &Plan, folder: &Path, mode: Mode) -> Result<Report, SyncError> {
    if mode == Mode::Write {
        recover(folder)?;
    }
    check_home(folder)?;
    let present = present(folder)?;
    let changes = compare(plan, &present);
    check_ownership(plan, folder, &present, &changes)?;
    let surface = match (present.get("SURFACE.md"), plan.files.get("SURFACE.md")) {
        (Some(before), Some(after)) => surface_changes(&String::from_utf8_lossy(before), after),
        _ => Vec::new(),
    };
    if mode == Mode::Write && !changes.is_empty() {
        swap_of(plan, folder, &changes).run()?;
    }
    Ok(Report {
        changes,
        surface,
        files: plan.files.len(),
    })
}

/// Completes a run that was interrupted after it had decided, or discards what an undecided one left.
/// Says whether there was anything to do.
///
/// # Errors
/// The system refuses.
pub fn recover(folder: &Path) -> Result<bool, SyncError> {
    swap::finish(folder)
}

/// A folder may be absent, empty, or a generated crate; anything else is somebody's.
fn check_home(folder: &Path) -> Result<(), SyncError> {
    if !folder.exists() {
        return Ok(());
    }
    if !folder.is_dir() {
        return Err(SyncError::NoFolder {
            path: folder.display().to_string(),
        });
    }
    let mut entries = fs::read_dir(folder).map_err(refused(folder))?;
    if entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == STAGING)) {
        return Ok(());
    }
    match fs::read(folder.join("Cargo.toml")) {
        Ok(manifest) if is_machine_written(&manifest) => Ok(()),
        Ok(_) => Err(foreign(folder, vec!["Cargo.toml".to_owned()])),
        Err(_) => Err(foreign(
            folder,
            vec!["it is no generated crate, for it has no Cargo.toml".to_owned()],
        )),
    }
}

fn foreign(folder: &Path, files: Vec<String>) -> SyncError {
    SyncError::Foreign {
        folder: folder.display().to_string(),
        files,
    }
}

/// Whether a file carries the mark near its start.
fn is_machine_written(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes)
        .lines()
        .take(MARK_LINES_MAX)
        .any(|line| line.contains(MARK))
}

/// Every file of the crate that is there, by path. Other people's files are none of our business,
/// except inside the folders that belong to the generator.
fn present(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, SyncError> {
    let tops = TOP_FILES.map(|name| folder.join(name));
    let mut paths: Vec<PathBuf> = tops
        .into_iter()
        .filter(|path| path.symlink_metadata().is_ok())
        .collect();
    for own in OWN_FOLDERS.map(|name| folder.join(name)) {
        match own.symlink_metadata() {
            Ok(found) if found.is_dir() => paths.extend(swap::files_below(&own)?),
            // A link or a file where a folder of ours belongs.
            Ok(_) => paths.push(own),
            Err(_) => {}
        }
    }
    let mut found = BTreeMap::new();
    for path in paths {
        // What is no plain file has no text of ours.
        let plain = path.symlink_metadata().is_ok_and(|found| found.is_file());
        let bytes = if plain {
            fs::read(&path).map_err(refused(&path))?
        } else {
            b"?".to_vec()
        };
        let relative = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy();
        found.insert(relative.replace('\\', "/"), bytes);
    }
    Ok(found)
}

fn compare(plan: &Plan, present: &BTreeMap<String, Vec<u8>>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (path, text) in &plan.files {
        match present.get(path) {
            None => changes.push(Change::Missing(path.clone())),
            Some(there) if there != text.as_bytes() => changes.push(Change::Stale(path.clone())),
            Some(_) => {}
        }
    }
    let stray = present
        .keys()
        .filter(|path| !plan.files.contains_key(*path));
    changes.extend(stray.map(|path| Change::Stray(path.clone())));
    changes.sort();
    changes
}

/// Refuses, in every mode, to replace or delete what does not carry the mark. An empty file holds nothing
/// that could be lost.
fn check_ownership(
    plan: &Plan,
    folder: &Path,
    present: &BTreeMap<String, Vec<u8>>,
    changes: &[Change],
) -> Result<(), SyncError> {
    let touched = changes
        .iter()
        .filter_map(|change| Some((change.path(), present.get(change.path())?)));
    let unmarked = touched.filter(|(_, bytes)| !bytes.is_empty() && !is_machine_written(bytes));
    let mut files: Vec<_> = unmarked.map(|(path, _)| path.to_owned()).collect();
    let blocked = plan.files.keys().filter(|path| folder.join(path).is_dir());
    files.extend(blocked.map(|path| format!("{path} (a folder)")));
    if files.is_empty() {
        Ok(())
    } else {
        Err(foreign(folder, files))
    }
}

fn swap_of<'a>(plan: &'a Plan, folder: &'a Path, changes: &'a [Change]) -> Swap<'a> {
    let mut swap = Swap {
        folder,
        write: BTreeMap::new(),
        delete: Vec::new(),
    };
    for change in changes {
        match plan.files.get(change.path()) {
            Some(text) => drop(swap.write.insert(change.path(), text)),
            None => swap.delete.push(change.path()),
        }
    }
    swap
}

/// Lines of the digest that go or come, without the header.
pub fn surface_changes(before: &str, after: &str) -> Vec<String> {
    let body = |text: &str| {
        text.split_once("-->")
            .map_or(text.to_owned(), |(_, body)| body.to_owned())
    };
    let (before, after) = (body(before), body(after));
    let diff = similar::TextDiff::from_lines(&before, &after);
    let changed = diff
        .iter_all_changes()
        .filter(|change| change.tag() != similar::ChangeTag::Equal);
    let lines = changed.map(|change| format!("{}{}", change.tag(), change.value().trim_end()));
    lines.filter(|line| line.len() > 1).collect()
}
