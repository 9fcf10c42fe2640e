//! Files that appear complete, once, and readable by this user alone.

use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

/// Makes a file; false if there is one at the path, which stays, for another process may have been faster.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}
