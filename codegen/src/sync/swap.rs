//! From staged files to files in place, so that an interrupted run leaves no mixture behind.
//!
//! Everything new is written beside the crate's files first, whole and on disk. One rename of the staging
//! folder then decides: before it the old crate stands untouched, after it the new one is bound to come,
//! and whoever runs next moves what is left into place before doing anything else.
//!
//! Swapping the whole folder by rename would need no second step, but it leaves an instant without a
//! folder, in which cargo cannot load the workspace that holds the generator; and it would take along files
//! that are not ours, such as `target`. Exchanging two folders at once is not portable.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{SyncError, is_machine_written, refused};

/// The folder inside the crate that exists only while a run writes.
pub(super) const STAGING: &str = ".bpx-generate";

/// What is to be written and deleted, by path inside the crate.
pub(super) struct Swap<'a> {
    pub(super) folder: &'a Path,
    pub(super) write: BTreeMap<&'a str, &'a str>,
    pub(super) delete: Vec<&'a str>,
}

impl Swap<'_> {
    /// Stages, decides, moves.
    pub(super) fn run(&self) -> Result<(), SyncError> {
        let staging = self.folder.join(STAGING);
        if let Err(error) = self.stage(&staging) {
            // Nothing is decided yet; what cannot be removed here is removed by the next run.
            drop(fs::remove_dir_all(&staging));
            return Err(error);
        }
        let decided = staging.join("decided");
        fs::rename(staging.join("new"), &decided).map_err(refused(&decided))?;
        finish(self.folder).map(drop)
    }

    fn stage(&self, staging: &Path) -> Result<(), SyncError> {
        let new = staging.join("new");
        make_folder(&new.join("files"))?;
        for (path, text) in &self.write {
            write_whole(&new.join("files").join(path), text)?;
        }
        write_whole(&new.join("delete"), &self.delete.join("\n"))
    }
}

/// Completes or discards what an interrupted run left in `folder`; says whether there was anything.
pub(super) fn finish(folder: &Path) -> Result<bool, SyncError> {
    let staging = folder.join(STAGING);
    if !staging.is_dir() {
        return Ok(false);
    }
    let decided = staging.join("decided");
    if decided.is_dir() {
        let files = decided.join("files");
        for staged in files_below(&files)? {
            let target = folder.join(staged.strip_prefix(&files).unwrap_or(&staged));
            make_folder(target.parent().unwrap_or(folder))?;
            fs::rename(&staged, &target).map_err(refused(&target))?;
        }
        let list = decided.join("delete");
        let listed = fs::read_to_string(&list).map_err(refused(&list))?;
        for path in listed.lines() {
            delete(folder, path)?;
        }
    }
    fs::remove_dir_all(&staging).map_err(refused(&staging))?;
    Ok(true)
}

/// Deletes a machine-written file, and the folders that it leaves empty.
fn delete(folder: &Path, path: &str) -> Result<(), SyncError> {
    let target = folder.join(path);
    match fs::read(&target) {
        Ok(bytes) if bytes.is_empty() || is_machine_written(&bytes) => {
            fs::remove_file(&target).map_err(refused(&target))?
        }
        _ => return Ok(()),
    }
    let parents = target
        .ancestors()
        .skip(1)
        .take_while(|parent| *parent != folder);
    for parent in parents {
        if fs::remove_dir(parent).is_err() {
            break;
        }
    }
    Ok(())
}

/// Every file below a folder, sorted.
pub(super) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, SyncError> {
    let mut open = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(refused(&folder))? {
            let entry = entry.map_err(refused(&folder))?;
            let kind = entry.file_type().map_err(refused(&entry.path()))?;
            // A link is no folder of ours: it is listed, and judged as a file.
            if kind.is_dir() {
                open.push(entry.path())
            } else {
                files.push(entry.path())
            }
        }
    }
    files.sort();
    Ok(files)
}

fn write_whole(path: &Path, text: &str) -> Result<(), SyncError> {
    make_folder(path.parent().unwrap_or(path))?;
    let write = || -> io::Result<()> {
        let mut file = fs::File::create(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(refused(path))
}

fn make_folder(path: &Path) -> Result<(), SyncError> {
    fs::create_dir_all(path).map_err(refused(path))
}
