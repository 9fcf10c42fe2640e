//! Finds the files that a caller names.

use std::fs;
use std::io;
use std::path::Path;

use crate::Error;

/// The name of standard input.
pub const STDIN: &str = "-";

/// The endings of recordings in folders. A file that is named itself may have any name.
const ENDINGS: [&str; 6] = [".ndjson", ".jsonl", ".json", ".har", ".yaml", ".yml"];
/// Where WireMock keeps bodies.
const BODIES: &str = "__files";
const PACKED: [&str; 2] = [".gz", ".zst"];

/// Every file that the names stand for: files, folders with all below them, patterns (`2026-11/**/*.har`), `-` for
/// standard input. Each file is listed once, in the order of the names.
///
/// # Errors
/// A name that stands for no file; a folder that cannot be read.
pub fn sources(names: &[String]) -> Result<Vec<String>, Error> {
    let mut files = Vec::new();
    for name in names {
        let found = of_name(name)?;
        if found.is_empty() {
            return Err(Error::NoInput(name.clone()));
        }
        for file in found {
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }
    Ok(files)
}

fn of_name(name: &str) -> Result<Vec<String>, Error> {
    let path = Path::new(name);
    if name == STDIN || path.is_file() {
        return Ok(vec![name.to_owned()]);
    }
    if path.is_dir() {
        let mut files = Vec::new();
        below(path, &mut files)?;
        return Ok(files);
    }
    if !name.contains(['*', '?', '[']) {
        let missing = io::Error::new(io::ErrorKind::NotFound, "there is no such file");
        return Err(unreadable(name, missing));
    }
    let found = glob::glob(name).map_err(|error| Error::Pattern {
        pattern: name.to_owned(),
        reason: error.msg.to_owned(),
    })?;
    let mut files = Vec::new();
    for path in found {
        let path = path.map_err(|error| unreadable(name, error.into()))?;
        if path.is_file() {
            files.push(shown(&path));
        }
    }
    Ok(files)
}

fn below(folder: &Path, files: &mut Vec<String>) -> Result<(), Error> {
    let failed = |source| unreadable(&shown(folder), source);
    let mut entries: Vec<_> = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|it| it.path())).collect())
        .map_err(failed)?;
    entries.sort();
    for path in entries {
        if path.is_dir() && path.ends_with(BODIES) {
            continue;
        }
        if path.is_dir() {
            below(&path, files)?;
        } else if is_recording(&shown(&path)) {
            files.push(shown(&path));
        }
    }
    Ok(())
}

fn is_recording(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let unpacked = PACKED.iter().find_map(|packed| name.strip_suffix(packed));
    let name = unpacked.unwrap_or(&name);
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn shown(path: &Path) -> String {
    path.to_string_lossy()
        .replace(std::path::MAIN_SEPARATOR, "/")
}

pub(super) fn unreadable(file: &str, source: io::Error) -> Error {
    Error::Input {
        file: file.to_owned(),
        source,
    }
}
