//! Which operation a request belongs to, by its method and path.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use regex::Regex;

use crate::model::Model;
use crate::written::{WrittenOperation, base_path};

/// Finds the operation of a request.
///
/// ```
/// use bpx_contract::{Document, Matcher, lower};
///
/// let model = lower(&Document::parse("pets.yaml", br#"
/// openapi: 3.0.3
/// info: {title: Pets, version: '1'}
/// servers: [{url: https://pets.example/v1}]
/// paths:
///   /pets/{id}:
///     get:
///       operationId: getPet
///       parameters: [{name: id, in: path, required: true, schema: {type: string}}]
///       responses: {'200': {description: The pet.}}
/// "#)?)?;
/// let matcher = Matcher::new(&model);
/// assert_eq!(matcher.find("GET", "/v1/pets/17"), Some("getPet"));
/// assert_eq!(matcher.find("GET", "/pets/17"), Some("getPet"));
/// assert_eq!(matcher.find("POST", "/pets/17"), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Matcher {
    /// By method and path with its base.
    constant: HashMap<String, HashMap<String, String>>,
    /// Those with fewer parameters first, then those with more text.
    templates: Vec<Template>,
    /// Paths that the paths of requests may begin with besides, as behind a gateway.
    bases: Vec<String>,
}

#[derive(Debug)]
struct Template {
    method: String,
    /// Parameters in one segment are told apart by the text between them.
    pattern: Regex,
    names: Vec<String>,
    /// How many parameters, and how much text less.
    order: (usize, isize),
    id: String,
}

impl Matcher {
    /// A matcher of the operations of a model; the base path of its server may be there or not.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let mut this = Self::default();
        let base = model.server.as_deref().map(base_path).unwrap_or_default();
        for (id, operation) in &model.operations {
            this.add(operation.method.as_str(), &operation.path, id);
        }
        this.bases.push(base);
        this.sort();
        this
    }

    /// A matcher of the operations of a document, below the base paths of their servers.
    #[must_use]
    pub fn of(operations: &[WrittenOperation]) -> Self {
        let mut this = Self::default();
        for operation in operations {
            for base in &operation.bases {
                let path = format!("{base}{}", operation.path);
                this.add(&operation.method, &path, &operation.id);
            }
        }
        this.sort();
        this
    }

    /// As [`Matcher::of`], for paths that may have been recorded without the base path.
    #[must_use]
    pub fn relative(operations: &[WrittenOperation]) -> Self {
        let mut this = Self::of(operations);
        for operation in operations {
            this.add(&operation.method, &operation.path, &operation.id);
        }
        this.sort();
        this
    }

    fn add(&mut self, method: &str, path: &str, id: &str) {
        match template(path) {
            None => {
                let of_method = self.constant.entry(method.to_owned()).or_default();
                for path in [path.to_owned(), as_sent(path)] {
                    of_method.entry(path).or_insert_with(|| id.to_owned());
                }
            }
            Some((pattern, names)) => {
                let text: usize = path.len() - names.iter().map(String::len).sum::<usize>();
                self.templates.push(Template {
                    method: method.to_owned(),
                    order: (names.len(), -text.try_into().unwrap_or(isize::MAX)),
                    pattern,
                    names,
                    id: id.to_owned(),
                });
            }
        }
    }

    fn sort(&mut self) {
        self.templates.sort_by_key(|template| template.order);
    }

    /// Lets the paths of requests begin with this one, as behind a gateway.
    pub fn add_base(&mut self, path: &str) {
        self.bases.push(path.trim_end_matches('/').to_owned());
    }

    /// The id of the operation; the case of the method, and one slash at the end of the path, do not count.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Option<&str> {
        let bare = path.strip_suffix('/').filter(|it| !it.is_empty());
        let found = self.find_exact(method, path);
        found
            .or_else(|| self.find_exact(method, bare?))
            .or_else(|| {
                self.rests(path)
                    .find_map(|rest| self.find_exact(method, rest))
            })
    }

    /// What is left of a path behind one of the further bases.
    fn rests<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a str> {
        let bases = self.bases.iter();
        let rests = bases.filter_map(move |base| path.strip_prefix(&**base));
        rests.flat_map(|rest| [rest, rest.strip_suffix('/').unwrap_or(rest)])
    }

    /// The values of an operation's path parameters, as they are written in the path.
    #[must_use]
    pub fn values<'a>(&'a self, id: &str, path: &'a str) -> Vec<(&'a str, &'a str)> {
        let of_operation = self.templates.iter().filter(|it| it.id == id);
        let bare = path.strip_suffix('/').unwrap_or(path);
        for template in of_operation {
            let mut spellings = [path, bare].into_iter().chain(self.rests(path));
            if let Some(found) = spellings.find_map(|path| template.pattern.captures(path)) {
                let values = template.names.iter().enumerate();
                let values =
                    values.filter_map(|(at, name)| Some((&**name, found.get(at + 1)?.as_str())));
                return values.collect();
            }
        }
        Vec::new()
    }

    fn find_exact(&self, method: &str, path: &str) -> Option<&str> {
        let constant = match self.constant.get(method) {
            Some(paths) => paths.get(path),
            None => self
                .constant
                .get(&method.to_ascii_uppercase())
                .and_then(|it| it.get(path)),
        };
        if let Some(id) = constant {
            return Some(id);
        }
        let mut templates = self.templates.iter();
        templates
            .find(|it| it.method.eq_ignore_ascii_case(method) && it.pattern.is_match(path))
            .map(|it| it.id.as_str())
    }
}

/// The pattern of a path with parameters, and their names in its order.
fn template(path: &str) -> Option<(Regex, Vec<String>)> {
    let mut pattern = "^".to_owned();
    let mut names = Vec::new();
    let mut rest = path;
    while let Some((text, name, behind)) = next(rest) {
        pattern.push_str(&text_pattern(text));
        pattern.push_str("([^/]+?)");
        names.push(name.to_owned());
        rest = behind;
    }
    pattern.push_str(&text_pattern(rest));
    pattern.push('$');
    let pattern = Regex::new(&pattern).ok()?;
    (!names.is_empty()).then_some((pattern, names))
}

/// A text as it is written or as it is sent.
fn text_pattern(text: &str) -> String {
    let (written, sent) = (regex::escape(text), regex::escape(&as_sent(text)));
    match written == sent {
        true => written,
        false => format!("(?:{written}|{sent})"),
    }
}

/// A path with what is not ASCII, and spaces, percent-encoded.
fn as_sent(path: &str) -> String {
    const WRITTEN: &AsciiSet = &CONTROLS.add(b' ');
    utf8_percent_encode(path, WRITTEN).to_string()
}

/// Text, the name of the parameter after it, and what is behind.
fn next(path: &str) -> Option<(&str, &str, &str)> {
    let (text, rest) = path.split_once('{')?;
    let (name, behind) = rest.split_once('}')?;
    Some((text, name, behind))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Document;

    #[test]
    fn paths_are_matched_as_they_are_written_below_their_servers() {
        let operation = |id: &str| json!({"operationId": id, "responses": {}});
        let document = json!({
            "openapi": "3.0.3", "info": {"title": "t", "version": "1"},
            "servers": [{"url": "https://h/{v}", "variables": {"v": {"default": "v2", "enum": ["v1", "v2"]}}}],
            "paths": {
                "/a/{n}.json": {"get": operation("suffix")},
                "/r/{a}-{b}": {"get": operation("two")},
                "/r/mine": {"get": operation("constant")},
                "/s/": {"get": operation("slash")},
                "/räume/{r}": {"get": operation("encoded")},
                "/up": {"servers": [{"url": "/files"}], "get": operation("other")},
            },
        });
        let document = Document::parse("t.json", document.to_string().as_bytes()).unwrap();
        let matcher = Matcher::of(&crate::written::operations(&document));
        for (path, id) in [
            ("/v1/a/x.json", Some("suffix")),
            ("/v1/a/x.csv", None),
            ("/v2/r/x-y", Some("two")),
            ("/v2/r/xy", None),
            ("/v2/r/mine", Some("constant")),
            ("/v2/s/", Some("slash")),
            ("/files/up", Some("other")),
            ("/v2/r%C3%A4ume/1", Some("encoded")),
            ("/v2/räume/1", Some("encoded")),
            ("/v2/up", None),
            ("/r/x-y", None),
            ("/v3/r/x-y", None),
        ] {
            assert_eq!(matcher.find("GET", path), id, "{path}");
        }
        assert_eq!(matcher.values("two", "/v2/r/x-y"), [("a", "x"), ("b", "y")]);
    }
}
