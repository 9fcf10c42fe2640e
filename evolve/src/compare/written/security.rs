//! Compares what an operation demands of its callers to show who they are (OpenAPI 3.0.4, Security Requirement Object).

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::Cursor;
use serde_json::{Value, json};

use super::super::sites::{Site, resolved};
use super::walk::Walk;
use crate::rules::Rule;
use crate::side::Side;

/// Schemes, as they are used, with the scopes that are needed.
type Alternative = BTreeMap<String, BTreeSet<String>>;

/// What is sent, whatever a scheme is called.
const IDENTITY: [&str; 4] = ["in", "name", "scheme", "type"];

pub(super) fn compare<'a>(walk: &mut Walk<'a, '_>, old: &Site<'a>, new: &Site<'a>) {
    let (before, after) = (alternatives(old), alternatives(new));
    let covers = |loose: &Alternative, tight: &Alternative| {
        loose
            .iter()
            .all(|(scheme, scopes)| tight.get(scheme).is_some_and(|it| scopes.is_subset(it)))
    };
    let at = (&old.at, &new.at);
    let word = |all: &[Alternative]| all.iter().map(text).collect::<Vec<_>>().join(" or ");
    let detail = format!("{} becomes {}", word(&before), word(&after));
    let is_kept = |it: &Alternative| after.iter().any(|now| covers(now, it));
    let is_new = |it: &&Alternative| before.iter().all(|known| known != *it);
    if !before.iter().all(is_kept) {
        walk.add_at(
            Side::Request,
            Rule::SecurityTightened,
            ("security", "security"),
            detail,
            at,
        );
    } else if after.iter().any(|it| is_new(&it)) || before.len() != after.len() {
        walk.add_at(
            Side::Request,
            Rule::SecurityLoosened,
            ("security", "security"),
            detail,
            at,
        );
    }
    for scheme in before
        .iter()
        .chain(&after)
        .flat_map(BTreeMap::keys)
        .collect::<BTreeSet<_>>()
    {
        let (before, after) = (definition(&old.at, scheme), definition(&new.at, scheme));
        if let (Some(before), Some(after)) = (before, after) {
            for key in ["flows", "openIdConnectUrl", "oauth2MetadataUrl"] {
                if before.value.get(key) != after.value.get(key) {
                    walk.add(
                        Side::Operation,
                        Rule::Unread,
                        scheme,
                        format!("{key} of a security scheme"),
                        (&before, &after),
                    );
                }
            }
            walk.rest(
                &before,
                &after,
                &[
                    "flows",
                    "in",
                    "name",
                    "oauth2MetadataUrl",
                    "openIdConnectUrl",
                    "scheme",
                    "type",
                ],
            );
        }
    }
}

fn text(alternative: &Alternative) -> String {
    let schemes = alternative.iter().map(|(scheme, scopes)| {
        let name = scheme.split(' ').next().unwrap_or(scheme);
        match scopes.is_empty() {
            true => name.to_owned(),
            false => format!(
                "{name} ({})",
                scopes.iter().cloned().collect::<Vec<_>>().join(", ")
            ),
        }
    });
    let schemes: Vec<_> = schemes.collect();
    match schemes.is_empty() {
        true => "none".to_owned(),
        false => schemes.join(" and "),
    }
}

/// The alternatives of an operation; none at all is one that demands nothing.
fn alternatives(site: &Site<'_>) -> Vec<Alternative> {
    let root = Cursor::root(site.at.document);
    let listed = site.at.get("security").or_else(|| root.get("security"));
    let listed = listed.map(|it| it.elements()).unwrap_or_default();
    let all = listed.iter().map(|alternative| {
        let schemes = alternative.members().into_iter();
        schemes
            .map(|(name, scopes)| {
                let scopes = scopes.elements().into_iter();
                let scopes = scopes.filter_map(|it| it.value.as_str().map(str::to_owned));
                (identity(&root, name), scopes.collect())
            })
            .collect()
    });
    let all: Vec<Alternative> = all.collect();
    if all.is_empty() {
        vec![Alternative::new()]
    } else {
        all
    }
}

/// What a scheme sends. The name stands first, for people, where nothing else is known.
fn identity(root: &Cursor<'_>, name: &str) -> String {
    let Some(scheme) = named(root, name) else {
        return name.to_owned();
    };
    let value = |key: &str| match (key, scheme.value.get(key)) {
        ("name", Some(Value::String(name))) if scheme.str("in") == Some("header") => {
            json!(name.to_lowercase())
        }
        ("scheme", Some(Value::String(scheme))) => json!(scheme.to_lowercase()),
        (_, value) => value.cloned().unwrap_or_default(),
    };
    let words = IDENTITY.map(|key| value(key).as_str().unwrap_or_default().to_owned());
    words
        .iter()
        .filter(|it| !it.is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join("/")
}

fn named<'a>(root: &Cursor<'a>, name: &str) -> Option<Cursor<'a>> {
    let schemes = root.get("components")?.get("securitySchemes")?;
    schemes.get(name).map(resolved)
}

/// The definition of a scheme, by what it sends.
fn definition<'a>(at: &Cursor<'a>, wanted: &str) -> Option<Cursor<'a>> {
    let root = Cursor::root(at.document);
    let schemes = root
        .get("components")?
        .entries("securitySchemes")
        .into_iter();
    let mut schemes = schemes.filter(|(name, _)| identity(&root, name) == wanted);
    schemes.next().map(|(_, scheme)| resolved(scheme))
}
