//! The only writer: compares a plan with a folder, and makes them equal or says where they differ.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::Plan;
use crate::format::MARK;

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
    /// Lines of `SURFACE.md` that go (`-`) or come (`+`).
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
        "error: `{folder}` is not a generated crate: `{file}` does not carry the mark `@generated`\n   at: {folder}\n  \
         fix: name an empty or new folder with --out; nothing was written"
    )]
    Foreign {
        /// The folder.
        folder: String,
        /// The file that gives it away.
        file: String,
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
/// Writing happens last and file by file through renames: whoever interrupts a run finds each file
/// whole, and the old ones until everything new is on disk.
///
/// # Errors
/// The folder is not a generated crate, or the system refuses.
pub fn sync(plan: &Plan, folder: &Path, mode: Mode) -> Result<Report, SyncError> {
    check_home(folder)?;
    let present = present(folder)?;
    let changes = compare(plan, &present);
    let before = present.get("SURFACE.md").map_or("", String::as_str);
    let after = plan.files.get("SURFACE.md").map_or("", String::as_str);
    let surface = surface_changes(before, after);
    if mode == Mode::Write && !changes.is_empty() {
        write(plan, folder, &changes)?;
    }
    Ok(Report {
        changes,
        surface,
        files: plan.files.len(),
    })
}

/// A folder may be absent, empty, or a generated crate; anything else is somebody's.
fn check_home(folder: &Path) -> Result<(), SyncError> {
    let foreign = |file: &str| SyncError::Foreign {
        folder: folder.display().to_string(),
        file: file.to_owned(),
    };
    if !folder.exists() {
        return Ok(());
    }
    let mut entries = fs::read_dir(folder).map_err(refused(folder))?;
    if entries.next().is_none() {
        return Ok(());
    }
    match fs::read_to_string(folder.join("Cargo.toml")) {
        Ok(manifest) if marked(&manifest) => Ok(()),
        _ => Err(foreign("Cargo.toml")),
    }
}

fn marked(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.contains(MARK))
}

/// Every machine-written file that is there, by path. Other people's files are none of our business,
/// except inside `src`, where cargo would compile them.
fn present(folder: &Path) -> Result<BTreeMap<String, String>, SyncError> {
    let mut found = BTreeMap::new();
    for name in ["Cargo.toml", "SURFACE.md"] {
        if let Ok(text) = fs::read_to_string(folder.join(name)) {
            found.insert(name.to_owned(), text);
        }
    }
    for top in ["src", "skills"] {
        let top = folder.join(top);
        if top.is_dir() {
            walk(folder, &top, &mut found)?;
        }
    }
    Ok(found)
}

fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, String>) -> Result<(), SyncError> {
    for entry in fs::read_dir(folder).map_err(refused(folder))? {
        let path = entry.map_err(refused(folder))?.path();
        if path.is_dir() {
            walk(root, &path, found)?;
            continue;
        }
        let bytes = fs::read(&path).map_err(refused(&path))?;
        let relative = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string()
            .replace('\\', "/");
        found.insert(relative, String::from_utf8_lossy(&bytes).into_owned());
    }
    Ok(())
}

fn compare(plan: &Plan, present: &BTreeMap<String, String>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (path, text) in &plan.files {
        match present.get(path) {
            None => changes.push(Change::Missing(path.clone())),
            Some(there) if there != text => changes.push(Change::Stale(path.clone())),
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

fn write(plan: &Plan, folder: &Path, changes: &[Change]) -> Result<(), SyncError> {
    // A stray file without our mark is somebody's work: refuse before anything is touched.
    for change in changes {
        if let Change::Stray(path) = change {
            let text = fs::read(folder.join(path)).map_err(refused(&folder.join(path)))?;
            if !marked(&String::from_utf8_lossy(&text)) {
                return Err(SyncError::Foreign {
                    folder: folder.display().to_string(),
                    file: path.clone(),
                });
            }
        }
    }
    let mut staged: Vec<(PathBuf, PathBuf)> = Vec::new();
    for change in changes {
        if let Some(text) = plan.files.get(change.path()) {
            let target = folder.join(change.path());
            let result = stage(&target, text);
            match result {
                Ok(temporary) => staged.push((temporary, target)),
                Err(error) => {
                    staged
                        .iter()
                        .for_each(|(temporary, _)| drop(fs::remove_file(temporary)));
                    return Err(error);
                }
            }
        }
    }
    for (temporary, target) in &staged {
        fs::rename(temporary, target).map_err(refused(target))?;
    }
    for change in changes {
        if let Change::Stray(path) = change {
            fs::remove_file(folder.join(path)).map_err(refused(&folder.join(path)))?;
        }
    }
    Ok(())
}

/// Writes a file beside its target, whole and on disk.
fn stage(target: &Path, text: &str) -> Result<PathBuf, SyncError> {
    let parent = target.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(refused(parent))?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let temporary = parent.join(format!(".{name}.{}.new", std::process::id()));
    let mut file = fs::File::create(&temporary).map_err(refused(&temporary))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(refused(&temporary))?;
    Ok(temporary)
}

/// Lines of the digest that go or come, without the header.
fn surface_changes(before: &str, after: &str) -> Vec<String> {
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
