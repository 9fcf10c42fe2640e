//! The lines of a contract's text on which its parts are written.
//!
//! ```
//! use bpx_contract::Lines;
//!
//! let lines = Lines::of("openapi: 3.0.3\npaths:\n  /pets:\n    get: {}\n");
//! assert_eq!(lines.line("/paths/~1pets/get"), Some(4));
//! // A part that the text does not have: its nearest parent.
//! assert_eq!(lines.line("/paths/~1pets/post"), Some(3));
//! assert_eq!(lines.line("/components"), None);
//! ```

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use crate::load::parse_spans;
use crate::pointer;

/// The lines of a YAML or JSON text.
#[derive(Debug, Default)]
pub struct Lines(Node);

#[derive(Debug, Default)]
enum Node {
    Object(Vec<(Spanned<String>, Node)>),
    List(Vec<Spanned<Node>>),
    #[default]
    Scalar,
}

impl Lines {
    /// Reads the lines of a text. Of a text with a fault of syntax, no line is known.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(parse_spans(text).unwrap_or_default())
    }

    /// The one-based line of the value at a JSON Pointer: that of its key, or of its first word in a list. If the text does
    /// not have the value, the line of the nearest parent that it has, other than the whole document.
    #[must_use]
    pub fn line(&self, pointer: &str) -> Option<usize> {
        let (mut at, mut line) = (&self.0, None);
        for token in pointer.split('/').skip(1) {
            let Some((found, child)) = at.child(&pointer::unescape(token)) else {
                break;
            };
            (at, line) = (child, usize::try_from(found).ok());
        }
        line
    }
}

impl Node {
    fn child(&self, key: &str) -> Option<(u64, &Self)> {
        match self {
            Self::Object(members) => {
                let (key, child) = members.iter().find(|(known, _)| known.value == key)?;
                Some((key.referenced.line(), child))
            }
            Self::List(items) => {
                let item = items.get(key.parse::<usize>().ok()?)?;
                Some((item.referenced.line(), &item.value))
            }
            Self::Scalar => None,
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = object.next_entry()? {
            members.push(member);
        }
        Ok(Node::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn lines_of_yaml_and_json_in_every_style() {
        let yaml = "%YAML 1.2\n---\n# A comment.\na: &x\n  'b/c': 1\n  200:\n  - one\n  -\n    two: {three: [4,\n      5]}\nd: *x\n";
        let json =
            "{\n\t\"a\": [\n\t\t1, {\"b\": \"\\ud83d\\ude00 \\/\"},\n\t\tnull\n\t]\n, \"c\": 1e3}";
        for (text, pointer, line) in [
            (yaml, "/a", Some(4)),
            (yaml, "/a/b~1c", Some(5)),
            (yaml, "/a/200/0", Some(7)),
            (yaml, "/a/200/1/two/three", Some(9)),
            (yaml, "/a/200/1/two/three/1", Some(10)),
            (yaml, "/d", Some(11)),
            (yaml, "", None),
            (json, "/a/1/b", Some(3)),
            (json, "/a/2", Some(4)),
            (json, "/a/9/x", Some(2)),
            (json, "/c", Some(6)),
            ("a: [", "/a", None),
            ("", "/a", None),
        ] {
            assert_eq!(Lines::of(text).line(pointer), line, "{pointer} of {text}");
        }
    }
}
