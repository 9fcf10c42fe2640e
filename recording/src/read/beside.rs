//! Files with bodies that a recording refers to.

use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path};

use super::body::BODY_BYTES_MAX;

/// Where the files that a recording refers to are looked for: its own folder, if it has one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside<'a>(pub(super) Option<&'a Path>);

impl Beside<'_> {
    /// No file may be referred to.
    pub(super) const NOTHING: Self = Self(None);

    /// Reads a file in one of these folders, which are relative to the recording's. Its name leads out of none of them.
    pub(super) fn read(self, name: &str, folders: &[&str]) -> Result<Vec<u8>, &'static str> {
        let own = self
            .0
            .ok_or("the body is in another file, which is not beside this recording")?;
        let name = Path::new(name);
        let is_below =
            |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if !name.components().all(is_below) {
            return Err("the body is in a file outside the recording's folder, which is not read");
        }
        let paths = folders.iter().map(|folder| own.join(folder).join(name));
        let mut files = paths.filter(|path| path.is_file());
        let path = files
            .next()
            .ok_or("the file with the body is not beside the recording; copy it there")?;
        let mut bytes = Vec::new();
        let read =
            File::open(path).and_then(|file| file.take(BODY_BYTES_MAX + 1).read_to_end(&mut bytes));
        match read {
            Err(_) => Err("the file with the body cannot be read"),
            Ok(count) if count as u64 > BODY_BYTES_MAX => {
                Err("the file with the body is larger than 64 MiB")
            }
            Ok(_) => Ok(bytes),
        }
    }
}
