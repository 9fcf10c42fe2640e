//! The files of a SQLite journal: whether those at their paths are still those that are open.
//!
//! SQLite goes on writing to a file that was deleted, renamed or replaced. The next process would find another journal,
//! which knows nothing of what was sent.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::failure::{Failure, Sql};

/// Which file it is, whatever its name: its device and its number there.
type Id = (u64, u64);

/// The journal's file, the log with what is not in it yet (`-wal`), and the log's index (`-shm`).
#[derive(Debug, Default)]
pub(super) struct Files(Vec<(PathBuf, Id)>);

impl Files {
    /// The files of the journal at this path, once they are open.
    pub(super) fn opened(path: &Path) -> io::Result<Self> {
        let [log, index] = beside(path);
        let all = [path.to_owned(), log, index];
        let known = all.into_iter().map(|path| Ok((id(&path)?, path)));
        let known = known.map(|it: io::Result<_>| it.map(|(id, path)| (path, id)));
        known.collect::<io::Result<_>>().map(Self)
    }

    /// Whether they are still there.
    pub(super) fn check(&self) -> Sql<()> {
        let moved = self.0.iter().find(|(path, opened)| !is(path, *opened));
        moved.map_or(Ok(()), |(path, _)| Err(Failure::Moved(path.clone())))
    }

    /// Whether the journal's own file is; those beside it come and go with the connections.
    pub(super) fn check_first(&self) -> Sql<()> {
        match self.0.first() {
            Some((path, opened)) if !is(path, *opened) => Err(Failure::Moved(path.clone())),
            _ => Ok(()),
        }
    }
}

/// The log with what is not in the journal's own file yet, and the log's index.
pub(super) fn beside(path: &Path) -> [PathBuf; 2] {
    ["-wal", "-shm"].map(|end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    })
}

fn is(path: &Path, opened: Id) -> bool {
    id(path).is_ok_and(|now| now == opened)
}

#[cfg(unix)]
fn id(path: &Path) -> io::Result<Id> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Whether there is one is all that this platform tells.
#[cfg(not(unix))]
fn id(path: &Path) -> io::Result<Id> {
    fs::metadata(path).map(|_| (0, 0))
}
