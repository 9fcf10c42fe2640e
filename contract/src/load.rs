//! The only reader of files: a path or bytes become a [`Document`].

mod bundle;
mod identity;
mod swagger;
mod value;
mod yaml;

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use serde::de::DeserializeSeed as _;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

pub use self::bundle::{NamedBytes, ReadFile};
pub(crate) use self::value::DEPTH_MAX;
use self::value::Node;
pub use self::value::kind;
pub(crate) use self::yaml::parse_spans;
use crate::dialect::as_2020_12;
use crate::{Diagnostics, Place};

/// Far above any contract, far below what would hurt.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What to do about a fault, by the words it contains; the first match counts.
const FIXES: [(&str, &str); 11] = [
    ("occurs twice", "keep one of the two"),
    (
        "deeper than",
        "move inner parts into definitions of their own and refer to them",
    ),
    ("too large", "name a file that holds a contract"),
    ("more than one document", "keep one document per file"),
    ("is no text", "write the key in quotes"),
    (
        "alias",
        "write the repeated part out, or refer to it with `$ref`",
    ),
    ("unsupported tag", "remove the tag"),
    (
        "is no JSON number",
        "write it in quotes, or give a finite number",
    ),
    ("no thread", "free some memory and try again"),
    (
        "gave up",
        "look for what is unusual in this file, and report it",
    ),
    ("", "correct the syntax here"),
];

/// One contract file as read.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file as the caller named it, with `/` between folders.
    pub file: String,
    /// What it says: an object, its members in the order of the file, nested at most 128 deep.
    pub value: Value,
    /// SHA-256 of the bytes, in lower-case hexadecimal.
    pub sha256: String,
}

impl Document {
    /// The same document with its schemas in the dialect of OpenAPI 3.1, JSON Schema 2020-12: `nullable` is a type, an
    /// exclusive bound a number, an integer format its bounds. Everything keeps its location.
    #[must_use]
    pub fn in_2020_12(&self) -> Self {
        Self {
            value: as_2020_12(&self.value),
            ..self.clone()
        }
    }

    /// Reads and parses a file, and brings in those that it refers to by relative `$ref`s. Nothing is fetched.
    ///
    /// # Errors
    /// The file cannot be read, or one of the faults of [`Document::parse`] in it or in another one. A reference to a file
    /// that is not there stays, and is a fault of the reference.
    pub fn read(path: &Path) -> Result<Self, Diagnostics> {
        let file = name_of(path);
        let bytes = read_bytes(&file, path)?;
        bundle::bundled(Self::parse(file, &bytes)?, path, &bundle::on_disk)
    }

    /// Parses a file of another place than the file system, such as a commit, as [`Document::read`] does. `path` is its path
    /// there, which relative `$ref`s start from; `read` gives the name and bytes of another file, or none if there is no such
    /// file.
    ///
    /// # Errors
    /// As [`Document::read`].
    pub fn parse_at(
        file: impl Into<String>,
        bytes: &[u8],
        path: &Path,
        read: &ReadFile<'_>,
    ) -> Result<Self, Diagnostics> {
        bundle::bundled(Self::parse(file, bytes)?, path, read)
    }

    /// Parses the bytes of a file: JSON if the name ends in `.json` or the text begins with `{`, else YAML 1.2.
    ///
    /// References to an `$id` or `$anchor` of the same file become pointers, the schema `true` an empty object, and a document of
    /// Swagger 2.0 one of OpenAPI 3.0.3 that says the same.
    ///
    /// # Errors
    /// The bytes are not UTF-8 or hold nothing, the syntax is broken, a key occurs twice or is no text,
    /// the nesting is deeper than 128 levels, aliases expand to too much, there is more than one document,
    /// or the document is not an object.
    pub fn parse(file: impl Into<String>, bytes: &[u8]) -> Result<Self, Diagnostics> {
        let file = file.into();
        let text = text_of(&file, bytes)?;
        if text.trim().is_empty() {
            return Err(Diagnostics::one(
                Place::file(file),
                "the file is empty",
                "write the contract into it, or name another file",
            ));
        }
        let parsed = if is_json(&file, text) {
            parse_json(text)
        } else {
            yaml::parse(text)
        };
        let mut value = parsed.map_err(|fault| fault.in_file(&file))?;
        if value == Value::Bool(true) {
            // As a schema, these two say the same.
            value = Value::Object(Map::new());
        }
        identity::resolve(&mut value);
        swagger::as_openapi(&mut value);
        if !value.is_object() {
            return Err(Diagnostics::one(
                Place::file(file),
                format!("the document is {}, not an object", kind(&value)),
                "name a file that holds a contract",
            ));
        }
        Ok(Self {
            file,
            value,
            sha256: sha256_hex(bytes),
        })
    }
}

/// Reads a text file that is no contract document, such as the table of names.
///
/// # Errors
/// The file cannot be read or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, Diagnostics> {
    let file = name_of(path);
    let bytes = read_bytes(&file, path)?;
    text_of(&file, &bytes).map(str::to_owned)
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A fault of syntax before its file is known.
#[derive(Debug)]
struct Fault {
    line: Option<usize>,
    problem: String,
}

impl Fault {
    fn new(line: usize, column: usize, problem: impl Into<String>) -> Self {
        let mut problem = problem.into();
        if problem.starts_with("recursion limit") {
            problem = value::too_deep();
        }
        if line == 0 {
            return Self {
                line: None,
                problem,
            };
        }
        Self {
            line: Some(line),
            problem: format!("{problem} (column {column})"),
        }
    }

    fn in_file(self, file: &str) -> Diagnostics {
        let place = match self.line {
            Some(line) => Place::line(file, line),
            None => Place::file(file),
        };
        let known = FIXES.iter().find(|(words, _)| self.problem.contains(words));
        Diagnostics::one(
            place,
            self.problem.as_str(),
            known.map_or("", |(_, fix)| *fix),
        )
    }
}

fn name_of(path: &Path) -> String {
    path.to_string_lossy()
        .replace(std::path::MAIN_SEPARATOR, "/")
}

fn read_bytes(file: &str, path: &Path) -> Result<Vec<u8>, Diagnostics> {
    let fault = |problem: &str, fix: &str| Diagnostics::one(Place::file(file), problem, fix);
    if path.is_dir() {
        return Err(fault("this is a folder, not a file", "name a file in it"));
    }
    let mut bytes = Vec::new();
    let read =
        File::open(path).and_then(|open| open.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) if bytes.len() as u64 > FILE_BYTES_MAX => Err(fault(
            "the file is larger than 64 MiB",
            "name a file that holds a contract",
        )),
        Ok(_) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(fault(
            "there is no such file",
            "correct the path, or create the file",
        )),
        Err(error) => Err(fault(
            &format!("the file cannot be read: {error}"),
            "make it readable",
        )),
    }
}

/// The text without a byte order mark.
fn text_of<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Diagnostics> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let offset = error.valid_up_to();
            let before = bytes.iter().take(offset);
            let line = before.filter(|byte| **byte == b'\n').count() + 1;
            Err(Diagnostics::one(
                Place::line(file, line),
                format!("the file is not UTF-8: byte {offset} starts no character"),
                "save the file as UTF-8",
            ))
        }
    }
}

fn is_json(file: &str, text: &str) -> bool {
    let extension = Path::new(file).extension();
    extension.is_some_and(|it| it.eq_ignore_ascii_case("json"))
        || text.trim_start().starts_with('{')
}

/// Reads JSON in which no object names a member twice: readers disagree on which of the two counts (RFC 8259,
/// section 4).
///
/// # Errors
/// What is not JSON, a repeated member, and nesting deeper than 128 levels.
pub fn strict_json(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let value = Node::default().deserialize(&mut parser)?;
    parser.end().map(|()| value)
}

fn parse_json(text: &str) -> Result<Value, Fault> {
    strict_json(text.as_bytes()).map_err(|error| {
        let problem = error.to_string();
        let problem = problem
            .rsplit_once(" at line ")
            .map_or(problem.as_str(), |(words, _)| words);
        Fault::new(error.line(), error.column(), problem)
    })
}
