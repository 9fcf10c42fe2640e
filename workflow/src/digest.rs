//! Digests by which requests and subjects are known again, from one process to the next.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The digest by which a request is known again: its operation and arguments, whatever the order of their members.
pub(crate) fn request_digest(operation: &str, arguments: &Value) -> String {
    digest(&json!([operation, sorted(arguments)]).to_string())
}

/// The value with the members of each object in the order of their names.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, member)| (name.clone(), sorted(member)));
            let members: BTreeMap<_, _> = members.collect();
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_known_again_whatever_the_order_of_its_members() {
        let known = request_digest("add", &json!({"a": 1, "b": {"c": [true, null], "d": "x"}}));
        let same = request_digest("add", &json!({"b": {"d": "x", "c": [true, null]}, "a": 1}));
        assert_eq!(known, same);
        // Records keep it: another digest needs another version of the record.
        assert_eq!(
            known,
            "493a8dbf28e82aa81e4ba9b959f4f0d2db205b34b8fe2474287b7e8a4d7a1dcb"
        );
        for other in [
            request_digest("sub", &json!({"a": 1, "b": {"c": [true, null], "d": "x"}})),
            request_digest(
                "add",
                &json!({"a": "1", "b": {"c": [true, null], "d": "x"}}),
            ),
        ] {
            assert_ne!(known, other);
        }
    }
}
