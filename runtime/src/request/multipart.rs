//! `multipart/form-data` (RFC 7578).

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::plain::{plain_text, to_json};

/// A file of a form: its bytes, and how they are described to the server.
///
/// ```
/// use bpx_runtime::File;
///
/// let file = File::from(b"a,b".to_vec()).named("rows.csv").media("text/csv");
/// assert_eq!(file.name.as_deref(), Some("rows.csv"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The name, without folders. Many servers take a part for a file only if it has one; `file` is sent otherwise.
    pub name: Option<String>,
    /// The media type.
    pub media: String,
    /// The bytes.
    pub bytes: Bytes,
}

impl File {
    /// Gives the file a name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Gives the file a media type; `application/octet-stream` without one.
    #[must_use]
    pub fn media(mut self, media: impl Into<String>) -> Self {
        self.media = media.into();
        self
    }
}

impl<T: Into<Bytes>> From<T> for File {
    fn from(bytes: T) -> Self {
        Self {
            name: None,
            media: "application/octet-stream".to_owned(),
            bytes: bytes.into(),
        }
    }
}

/// One file, none, or several, as the contract has it.
pub trait Files {
    /// The files, in order.
    fn files(&self) -> Vec<&File>;
}

impl Files for File {
    fn files(&self) -> Vec<&File> {
        vec![self]
    }
}

impl<T: Files> Files for Option<T> {
    fn files(&self) -> Vec<&File> {
        self.iter().flat_map(Files::files).collect()
    }
}

impl<T: Files> Files for Vec<T> {
    fn files(&self) -> Vec<&File> {
        self.iter().flat_map(Files::files).collect()
    }
}

/// A form under construction.
#[derive(Debug)]
pub(super) struct Form {
    boundary: String,
    body: Vec<u8>,
}

impl Form {
    /// An empty form. The boundary is random, so that no content holds it but by an accident of 128 bits.
    pub(super) fn new() -> Self {
        let random = (fastrand::u64(..), fastrand::u64(..));
        Self {
            boundary: format!("part-{:016x}{:016x}", random.0, random.1),
            body: Vec::new(),
        }
    }

    pub(super) fn media(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// A value: text, JSON for an object, a part for each item of a list, nothing for null.
    pub(super) fn value<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
    ) -> serde_json::Result<()> {
        match serde_json::from_slice(&to_json(value)?)? {
            Value::Array(items) => items.iter().for_each(|item| self.one(name, item)),
            value => self.one(name, &value),
        }
        Ok(())
    }

    fn one(&mut self, name: &str, value: &Value) {
        match value {
            Value::Null => {}
            Value::Object(_) | Value::Array(_) => {
                self.part(
                    name,
                    None,
                    Some("application/json"),
                    value.to_string().as_bytes(),
                );
            }
            scalar => self.part(name, None, None, plain_text(scalar).as_bytes()),
        }
    }

    pub(super) fn file(&mut self, name: &str, file: &File) {
        let file_name = file.name.as_deref().unwrap_or("file");
        self.part(name, Some(file_name), Some(&file.media), &file.bytes);
    }

    fn part(&mut self, name: &str, file: Option<&str>, media: Option<&str>, content: &[u8]) {
        let mut head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{}\"",
            self.boundary,
            quoted(name)
        );
        if let Some(file) = file {
            head.push_str(&format!("; filename=\"{}\"", quoted(file)));
        }
        if let Some(media) = media {
            head.push_str(&format!(
                "\r\nContent-Type: {}",
                media.replace(['\r', '\n'], " ")
            ));
        }
        head.push_str("\r\n\r\n");
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(content);
        self.body.extend_from_slice(b"\r\n");
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.body
            .extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        self.body
    }
}

/// As browsers write names in quotes (HTML, multipart/form-data encoding algorithm).
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_has_a_part_for_each_value_and_file() {
        let mut form = Form::new();
        form.value("purpose", "train").unwrap();
        form.value("tags", &json!(["a", "b"])).unwrap();
        form.value("meta", &json!({"k": 1})).unwrap();
        form.value("none", &None::<u8>).unwrap();
        form.file(
            "file",
            &File::from("x").named("a\"b.txt").media("text/plain"),
        );
        let boundary = form.boundary.clone();
        assert_eq!(
            form.media(),
            format!("multipart/form-data; boundary={boundary}")
        );
        let text = String::from_utf8(form.finish())
            .unwrap()
            .replace(&boundary, "B");
        let disposition = "Content-Disposition: form-data; name=";
        assert_eq!(
            text,
            format!(
                "--B\r\n{disposition}\"purpose\"\r\n\r\ntrain\r\n\
                 --B\r\n{disposition}\"tags\"\r\n\r\na\r\n--B\r\n{disposition}\"tags\"\r\n\r\nb\r\n\
                 --B\r\n{disposition}\"meta\"\r\nContent-Type: application/json\r\n\r\n{{\"k\":1}}\r\n\
                 --B\r\n{disposition}\"file\"; filename=\"a%22b.txt\"\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--\r\n"
            )
        );
    }
}
