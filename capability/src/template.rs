//! Texts with references to bound variables.

use std::fmt;

/// A text of the capability file in which `{{namespace.VARIABLE}}` or `{{VARIABLE}}` stands for a bound variable.
///
/// Only the reader of capability files makes one, so no text of a caller can be one:
///
/// ```compile_fail
/// let argument = "{{env.BACKPACK_API_KEY}}";
/// let template = bpx_capability::Template::from(argument);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Template {
    pub(super) pieces: Vec<Piece>,
    text: String,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Variable {
        /// As written; none in the short form.
        namespace: Option<String>,
        name: String,
    },
}

impl Template {
    /// Takes a text apart; the braces of something that is no reference are a fault.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let Some((inside, after)) = after.split_once("}}") else {
                return Err("`{{` is never closed".to_owned());
            };
            pieces.push(variable(inside.trim())?);
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self {
            pieces,
            text: text.to_owned(),
        })
    }

    /// The text as the file has it, references included.
    pub fn as_written(&self) -> &str {
        &self.text
    }

    /// The variables it refers to, each with its namespace if that is written.
    pub fn variables(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Variable { namespace, name } => Some((namespace.as_deref(), name.as_str())),
        })
    }
}

/// References, and nothing that could be a secret written into the file.
impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Text(_) => "…".to_owned(),
            Piece::Variable { namespace, name } => match namespace {
                Some(namespace) => format!("{{{{{namespace}.{name}}}}}"),
                None => format!("{{{{{name}}}}}"),
            },
        });
        write!(f, "Template({})", pieces.collect::<String>())
    }
}

fn variable(inside: &str) -> Result<Piece, String> {
    let (namespace, name) = match inside.split_once('.') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, inside),
    };
    let word = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    if !word(name) || !namespace.is_none_or(word) {
        return Err(format!("`{{{{{inside}}}}}` is no reference to a variable"));
    }
    Ok(Piece::Variable {
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
    })
}
