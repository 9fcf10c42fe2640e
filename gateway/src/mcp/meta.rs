//! The names of this server's own members of `_meta`.
//!
//! They begin with the first word of the MCP server's namespace in the capability file: a server `pets-mcp` has
//! `pets/call` and `pets/idempotencyKey`.

use bpx_capability::Exposed;

/// The prefix of a capability whose namespace gives none.
const DEFAULT_PREFIX: &str = "gateway";

#[derive(Debug)]
pub(super) struct MetaNames {
    /// What a result says about its call.
    pub(super) call: String,
    /// The idempotency key of a request.
    pub(super) idempotency_key: String,
}

impl MetaNames {
    pub(super) fn of(exposed: &Exposed) -> Self {
        let namespace = exposed.mcp.first().map(|server| server.namespace.as_str());
        let prefix = namespace.and_then(first_word).unwrap_or(DEFAULT_PREFIX);
        Self {
            call: format!("{prefix}/call"),
            idempotency_key: format!("{prefix}/idempotencyKey"),
        }
    }
}

/// A label as the protocol wants it: it begins with a letter, and letters and digits follow.
fn first_word(namespace: &str) -> Option<&str> {
    let word = namespace
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()?;
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_the_first_word_of_the_namespace() {
        let mut exposed = bpx_venue::exposed().clone();
        for (namespace, name) in [
            ("pets-mcp", "pets/call"),
            ("pets", "pets/call"),
            ("2pets", "gateway/call"),
            ("-mcp", "gateway/call"),
        ] {
            exposed.mcp[0].namespace = namespace.to_owned();
            assert_eq!(MetaNames::of(&exposed).call, name);
        }
        exposed.mcp.clear();
        let names = MetaNames::of(&exposed);
        assert_eq!(names.idempotency_key, "gateway/idempotencyKey");
    }
}
