//! By what a call is known again: its idempotency key, and the digest of what it asks for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bpx_runtime::reqwest::Url;
use bpx_runtime::table::Operation;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::Refused;

const KEY_CHARS_MAX: usize = 255;

pub(crate) fn check_key(key: Option<&str>) -> Result<(), Refused> {
    let Some(key) = key else {
        return Ok(());
    };
    let problem = match key.len() {
        0 => "empty",
        length if length > KEY_CHARS_MAX => "too long",
        _ if !key.bytes().all(|byte| byte.is_ascii_graphic()) => "not visible ASCII",
        _ => return Ok(()),
    };
    Err(Refused::BadKey { problem })
}

/// The digest by which a call is known again: the operation and its arguments, whatever the order of their members.
pub(crate) fn hash(operation: &Operation, arguments: &Map<String, Value>) -> String {
    let text = json!([operation.id, sorted(&Value::Object(arguments.clone()))]).to_string();
    hex(&Sha256::digest(text.as_bytes()))
}

/// The value with the members of each object in order of their names.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, member)| (name.clone(), sorted(member)));
            let members: BTreeMap<_, _> = members.collect();
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// The digest by which a journal's URL is known again. The password is not in it: it may change, and could be guessed
/// from a digest.
pub(crate) fn journal(url: &str) -> String {
    let place = Url::parse(url).map_or_else(|_| url.to_owned(), without_password);
    hex(&Sha256::digest(place))
}

fn without_password(mut url: Url) -> String {
    // Only a URL without a host refuses, which has no password either.
    let _ = url.set_password(None);
    let options: Vec<_> = url.query_pairs().into_owned().collect();
    let kept = options.into_iter().filter(|(name, _)| name != "password");
    let kept: Vec<_> = kept.collect();
    url.query_pairs_mut().clear().extend_pairs(kept);
    url.into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::journal;

    #[test]
    fn a_journal_is_known_again_by_its_place_and_not_by_its_password() {
        let digest = journal("postgres://desk:one@db.example/orders?sslmode=require");
        for same in [
            "postgres://desk:two@db.example/orders?sslmode=require",
            "postgres://desk@db.example/orders?password=two&sslmode=require",
        ] {
            assert_eq!(digest, journal(same), "{same}");
        }
        for other in [
            "postgres://desk:one@db.example/others?sslmode=require",
            "postgres://desk:one@other.example/orders?sslmode=require",
            "no URL",
        ] {
            assert_ne!(digest, journal(other), "{other}");
        }
    }
}
