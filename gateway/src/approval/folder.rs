//! Small files in a folder of this user's own: each appears complete, once, and readable by this user alone.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fs4::{FileExt, TryLockError};
use tempfile::NamedTempFile;

use crate::new_file;

const FILE_BYTES_MAX: u64 = 512 * 1024;
/// How old a file must be to be removed as left behind: older than it takes to make it.
const OLD: Duration = Duration::from_secs(60);

/// The folder.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
    /// The files that were said not to count.
    warned: Arc<Mutex<HashSet<String>>>,
}

impl Folder {
    /// Refuses a folder that another user made or may use, and a link.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let found = fs::symlink_metadata(path)?;
        if !found.is_dir() {
            return Err(io::Error::other(
                "it is a link or a file, and has to be a folder",
            ));
        }
        let own = NamedTempFile::new_in(path)?.as_file().metadata()?;
        if !is_private(&found) || !is_same_user(&found, &own) {
            return Err(io::Error::other(
                "other users may use it; remove it, or take their permissions (chmod 700)",
            ));
        }
        Ok(Self {
            path: path.to_owned(),
            warned: Arc::default(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a file; false if there is one of this name.
    pub(super) fn create(&self, name: &str, bytes: &[u8]) -> io::Result<bool> {
        new_file::create(&self.path.join(name), bytes)
    }

    /// Makes a file, in the place of one of this name.
    pub(super) fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(&self.path)?;
        file.write_all(bytes)?;
        file.persist(self.path.join(name))?;
        Ok(())
    }

    /// Locks a file, which is made where it is missing, until what this returns is dropped or its process ends; none if
    /// it is locked.
    pub(super) fn lock(&self, name: &str) -> io::Result<Option<File>> {
        let mut options = bpx_dispatch::private_file();
        let options = options.create(true).truncate(false).write(true);
        let file = options.open(self.path.join(name))?;
        match FileExt::try_lock(&file) {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    pub(super) fn is_locked(&self, name: &str) -> bool {
        let file = File::open(self.path.join(name));
        file.is_ok_and(|file| {
            matches!(
                FileExt::try_lock_shared(&file),
                Err(TryLockError::WouldBlock)
            )
        })
    }

    /// A file's content. None if there is none, or one that may be somebody else's.
    pub(super) fn read(&self, name: &str) -> Option<Vec<u8>> {
        let path = self.path.join(name);
        let found = fs::symlink_metadata(&path).ok()?;
        let folder = fs::symlink_metadata(&self.path).ok()?;
        let is_own = found.is_file() && is_private(&found) && is_same_user(&found, &folder);
        if !is_own || found.len() > FILE_BYTES_MAX {
            self.warn(
                name,
                "it is too large, a link, or other users may use it (chmod 600)",
            );
            return None;
        }
        fs::read(path).ok()
    }

    /// Says once that a file does not count.
    pub(super) fn warn(&self, name: &str, why: &'static str) {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.insert(name.to_owned()) {
            let path = self.path.join(name);
            tracing::warn!(path = %path.display(), why, "a file of the approvals does not count");
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        fs::symlink_metadata(self.path.join(name)).is_ok()
    }

    /// Removes a file; true if it was this call that did.
    pub(super) fn remove(&self, name: &str) -> bool {
        fs::remove_file(self.path.join(name)).is_ok()
    }

    pub(super) fn remove_if_old(&self, name: &str) {
        let written = fs::symlink_metadata(self.path.join(name)).and_then(|it| it.modified());
        let age = written.ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age > OLD) {
            self.remove(name);
        }
    }

    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(&self.path)?;
        let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        names.collect()
    }
}

#[cfg(unix)]
fn is_private(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    found.mode() & 0o077 == 0
}

#[cfg(unix)]
fn is_same_user(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    a.uid() == b.uid()
}

#[cfg(not(unix))]
fn is_private(_: &Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn is_same_user(_: &Metadata, _: &Metadata) -> bool {
    true
}
