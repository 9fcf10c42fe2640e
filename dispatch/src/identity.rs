//! By what a call is known again: its idempotency key, and the digest of what it asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use bpx_contract::api::{Body, Kind, Operation};
use bpx_runtime::reqwest::Url;
use bpx_runtime::{Decimal, plain_json};
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

/// The digest by which a call is known again: the operation and its arguments, however they are written.
pub(crate) fn hash(operation: &Operation, arguments: &Map<String, Value>) -> String {
    let text = json!([operation.id, canonical(operation, arguments)]).to_string();
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// The arguments of a call in one spelling: members in order of their names, whole numbers in plain digits, and decimals
/// without zeros at their end, so that `"0.10"` is `"0.1"`.
#[must_use]
pub fn canonical(operation: &Operation, arguments: &Map<String, Value>) -> Value {
    let of_each = match &operation.body {
        Body::Array { fields, .. } => fields.as_slice(),
        _ => &[],
    };
    let all = operation.arguments().chain(of_each);
    let decimals = all.filter(|argument| argument.kind == Kind::Decimal);
    let decimals: BTreeSet<_> = decimals.map(|argument| argument.name.as_str()).collect();
    let plain = plain_json(&Value::Object(arguments.clone()));
    spelled(&sorted(&plain), &decimals)
}

fn spelled(value: &Value, decimals: &BTreeSet<&str>) -> Value {
    let member = |(name, value): (&String, &Value)| {
        let decimal = value.as_str().filter(|_| decimals.contains(name.as_str()));
        let decimal = decimal.and_then(|text| Decimal::from_str_exact(text).ok());
        let value = match decimal {
            Some(decimal) => decimal.normalize().to_string().into(),
            None => spelled(value, decimals),
        };
        (name.clone(), value)
    };
    match value {
        Value::Object(members) => members.iter().map(member).collect(),
        Value::Array(items) => items.iter().map(|it| spelled(it, decimals)).collect(),
        other => other.clone(),
    }
}

/// By what a call without a key of its own is known again until its outcome is reported. No caller's key begins with a
/// space.
pub(crate) fn unreported(hash: &str) -> String {
    format!(" {hash}")
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
    hex::encode(Sha256::digest(place))
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

/// The exchange at a base URL, under one name however the URL spells it: the loopback names are one computer, and the
/// scheme's own port is the same written out or not.
pub(crate) fn exchange(base_url: &str) -> String {
    let Ok(url) = Url::parse(base_url) else {
        return base_url.to_owned();
    };
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let host = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(ip) if is_this_computer(ip) => "127.0.0.1",
        Err(_) if host == "localhost" || host.ends_with(".localhost") => "127.0.0.1",
        _ => host,
    };
    let port = match (url.scheme(), url.port_or_known_default()) {
        ("https", Some(443)) | (_, None) => String::new(),
        (_, Some(port)) => format!(":{port}"),
    };
    format!("{host}{port}{}", url.path().trim_end_matches('/'))
}

fn is_this_computer(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    ip.is_unspecified() || ip == IpAddr::from([127, 0, 0, 1]) || (ip.is_ipv6() && ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{exchange, journal};

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

    #[test]
    fn an_exchange_has_one_name_however_its_url_is_written() {
        for same in [
            "http://127.0.0.1:8800",
            "http://localhost:8800/",
            "http://LOCALHOST.:8800",
            "http://[::1]:8800",
            "http://[::ffff:127.0.0.1]:8800",
        ] {
            assert_eq!(exchange(same), "127.0.0.1:8800", "{same}");
        }
        for same in [
            "https://x.example",
            "https://X.example:443/",
            "https://x.example.",
        ] {
            assert_eq!(exchange(same), "x.example", "{same}");
        }
        assert_eq!(
            exchange("http://localhost"),
            exchange("http://127.0.0.1:80")
        );
        for other in [
            "http://127.0.0.2:8800",
            "http://127.0.0.1:8801",
            "http://127.0.0.1:8800/v2",
        ] {
            assert_ne!(exchange(other), "127.0.0.1:8800", "{other}");
        }
    }
}
