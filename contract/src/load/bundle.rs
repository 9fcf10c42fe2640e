//! Other files that a document refers to, brought into it.
//!
//! Each file is read once and stands under [`EXTERNAL`], and every reference into it points there, so the rest of the
//! crate knows local references only. References by URL are left as they are: nothing is fetched.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Component, Path, PathBuf};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::{Document, name_of, read_bytes, sha256_hex};
use crate::{Diagnostics, Place, pointer};

/// The key of the root under which other files stand.
const EXTERNAL: &str = "$external";
/// Far above any contract, and an end to files that lead to ever more files.
const FILES_MAX: usize = 1_000;

/// Brings every file that the document at `path` refers to into it. `read` gives the name and bytes of a file, or none if
/// there is no such file.
pub(super) fn bundled(
    mut document: Document,
    path: &Path,
    read: &ReadFile<'_>,
) -> Result<Document, Diagnostics> {
    let mut files = Files {
        read,
        root: normal(path),
        known: BTreeMap::new(),
        waiting: VecDeque::new(),
    };
    let root = files.root.clone();
    files.redirect(&mut document.value, &root, "", false);
    if files.known.is_empty() {
        return Ok(document);
    }
    let mut external = Map::new();
    let mut digests = document.sha256.clone();
    while let Some((path, file)) = files.waiting.pop_front() {
        if external.len() == FILES_MAX {
            let problem = format!("the document refers to more than {FILES_MAX} other files");
            let place = Place::file(document.file);
            return Err(Diagnostics::one(
                place,
                problem,
                "bundle them into one, for instance with `npx @redocly/cli bundle`",
            ));
        }
        let Some(key) = files.known.get(&path).cloned() else {
            continue;
        };
        let (name, bytes) = file?;
        let mut part = Document::parse(name, &bytes)?;
        let prefix = pointer::join(&format!("/{EXTERNAL}"), &key);
        files.redirect(&mut part.value, &path, &prefix, false);
        digests.push_str(&part.sha256);
        external.insert(key, part.value);
    }
    if let Value::Object(root) = &mut document.value {
        root.insert(EXTERNAL.to_owned(), Value::Object(external));
    }
    document.sha256 = sha256_hex(digests.as_bytes());
    Ok(document)
}

/// A file that may not be there.
pub(super) fn on_disk(path: &Path) -> Option<NamedBytes> {
    let name = name_of(path);
    let read = || read_bytes(&name, path);
    path.is_file()
        .then(read)
        .map(|bytes| Ok((name.clone(), bytes?)))
}

/// The name of a file for messages, and what it holds.
pub type NamedBytes = Result<(String, Vec<u8>), Diagnostics>;
/// Reads a file, if it is there.
pub type ReadFile<'a> = dyn Fn(&Path) -> Option<NamedBytes> + 'a;

struct Files<'a> {
    read: &'a ReadFile<'a>,
    root: PathBuf,
    /// The key of each file that is referred to.
    known: BTreeMap<PathBuf, String>,
    waiting: VecDeque<(PathBuf, NamedBytes)>,
}

impl Files<'_> {
    /// Points the references of a value in the file `at`, which itself stands behind `prefix`, to where their files will
    /// stand. `is_mapping`: the value maps tags to references.
    fn redirect(&mut self, value: &mut Value, at: &Path, prefix: &str, is_mapping: bool) {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    match member {
                        Value::String(text) if key == "$ref" => {
                            if let Some(target) = self.target(text, at, prefix) {
                                *text = target;
                            }
                        }
                        Value::String(text) if is_mapping && is_reference(text) => {
                            if let Some(target) = self.target(text, at, prefix) {
                                *text = target;
                            }
                        }
                        // These are data, and extensions are nobody's business but their reader's.
                        _ if key.starts_with("x-") || matches!(&**key, "example" | "examples") => {}
                        member => self.redirect(member, at, prefix, key == "mapping"),
                    }
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.redirect(item, at, prefix, false);
                }
            }
            _ => {}
        }
    }

    /// Where a reference of the file `at` points in the whole; none if it stays as it is.
    fn target(&mut self, reference: &str, at: &Path, prefix: &str) -> Option<String> {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if file.is_empty() {
            return (!prefix.is_empty()).then(|| format!("#{prefix}{fragment}"));
        }
        if file.contains("://") {
            return None;
        }
        let file = percent_decode_str(file).decode_utf8_lossy();
        let path = normal(&at.parent().unwrap_or(Path::new("")).join(&*file));
        if path == self.root {
            return Some(format!("#{fragment}"));
        }
        if !self.known.contains_key(&path) {
            let file = (self.read)(&path)?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let key = format!("{name}-{}", self.known.len() + 1);
            self.known.insert(path.clone(), key);
            self.waiting.push_back((path.clone(), file));
        }
        let key = self.known.get(&path)?;
        let prefix = pointer::join(&format!("/{EXTERNAL}"), key);
        Some(format!("#{prefix}{fragment}"))
    }
}

/// A name of a definition has neither of these.
fn is_reference(text: &str) -> bool {
    text.contains(['#', '/'])
}

/// The path without `.` and without `..` after a folder.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}
