//! Bound variables, from a lookup and from nowhere else.

use std::fmt;

use zeroize::Zeroizing;

use super::model::Bind;
use super::template::{Piece, Template};

/// Fills templates of the capability file with bound variables.
///
/// It reads from its lookup alone, usually the environment, and takes no arguments of a call: a caller has no way to
/// it. What was filled in is not read again, so a value that looks like a reference stays what it is.
pub struct Resolver<'a, L> {
    binds: &'a [Bind],
    lookup: L,
}

impl<L> fmt::Debug for Resolver<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binds = self.binds.iter().map(|bind| &bind.namespace);
        f.debug_tuple("Resolver")
            .field(&binds.collect::<Vec<_>>())
            .finish()
    }
}

impl<'a, L: Fn(&str) -> Option<String>> Resolver<'a, L> {
    /// Resolves the variables of these binds with `lookup`, which is asked for names of the environment.
    pub fn new(binds: &'a [Bind], lookup: L) -> Self {
        Self { binds, lookup }
    }

    /// The template with every reference replaced.
    ///
    /// # Errors
    /// A variable that no bind declares, or that is not set; an empty one is not.
    pub fn fill(&self, template: &Template) -> Result<Secret, Unresolved> {
        let mut text = Zeroizing::new(String::new());
        for piece in &template.pieces {
            match piece {
                Piece::Text(own) => text.push_str(own),
                Piece::Variable { namespace, name } => {
                    text.push_str(self.variable(namespace.as_deref(), name)?.expose());
                }
            }
        }
        Ok(Secret(text))
    }

    /// One variable, of this namespace or, without one, of the bind that declares it.
    ///
    /// # Errors
    /// As [`Resolver::fill`].
    pub fn variable(&self, namespace: Option<&str>, name: &str) -> Result<Secret, Unresolved> {
        let Some(key) = find(self.binds, namespace, name) else {
            return Err(Unresolved::Undeclared {
                variable: shown(namespace, name),
            });
        };
        let value = (self.lookup)(key).map(Zeroizing::new);
        match value.filter(|value| !value.is_empty()) {
            Some(value) => Ok(Secret(value)),
            None => Err(Unresolved::Unset {
                variable: shown(namespace, name),
                key: key.to_owned(),
            }),
        }
    }
}

/// The name in the environment of a variable.
pub(super) fn find<'a>(binds: &'a [Bind], namespace: Option<&str>, name: &str) -> Option<&'a str> {
    let mut fitting = binds
        .iter()
        .filter(|bind| namespace.is_none_or(|wanted| wanted == bind.namespace));
    fitting.find_map(|bind| bind.keys.get(name).map(String::as_str))
}

pub(super) fn shown(namespace: Option<&str>, name: &str) -> String {
    match namespace {
        Some(namespace) => format!("{namespace}.{name}"),
        None => name.to_owned(),
    }
}

/// A text that may hold a secret: it is shown nowhere, and wiped when dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A variable without a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unresolved {
    /// The capability file declares no such variable.
    #[error(
        "no bind of the capability file declares the variable `{variable}`; add it to the `keys` of one"
    )]
    Undeclared {
        /// As it was asked for.
        variable: String,
    },
    /// The environment has no value for it.
    #[error("`{key}` is not set, which the variable `{variable}` stands for; export `{key}`")]
    Unset {
        /// As it was asked for.
        variable: String,
        /// Its name in the environment.
        key: String,
    },
}
