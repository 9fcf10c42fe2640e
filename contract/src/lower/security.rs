//! Security schemes, and which of them an operation needs (OpenAPI 3.0.4, 4.8.27 and 4.8.30).

use std::collections::BTreeMap;

use super::Lowerer;
use super::signing::is_signing_header;
use crate::cursor::Cursor;
use crate::model::{ApiKeyIn, Scheme};

impl Lowerer<'_> {
    /// The schemes that a client can use, by name. A signature is none of them: it has a table of its own.
    pub(super) fn schemes(&mut self, root: &Cursor<'_>) -> BTreeMap<String, Scheme> {
        let components = root.get("components");
        let declared = components.map(|it| it.entries("securitySchemes"));
        let mut schemes = BTreeMap::new();
        for (name, at) in declared.unwrap_or_default() {
            let Some(at) = self.ok(at.follow()) else {
                continue;
            };
            if self.signs && at.str("name").is_some_and(is_signing_header) {
                continue;
            }
            match scheme(&at) {
                Some(scheme) => {
                    schemes.insert(name.to_owned(), scheme);
                }
                None => self.widened(
                    &at,
                    format!("the security scheme `{name}` is left to the caller, who can set headers of every request"),
                ),
            }
        }
        schemes
    }

    /// The alternatives of an operation, without schemes that no client can use.
    pub(super) fn security(&mut self, root: &Cursor<'_>, at: &Cursor<'_>) -> Vec<Vec<String>> {
        let own = at.value.get("security").is_some();
        let requirements = if own { at } else { root }.items("security");
        let schemes = root
            .get("components")
            .map(|it| it.entries("securitySchemes"));
        let schemes = schemes.unwrap_or_default();
        let usable = |name: &str| {
            let found = schemes.iter().find(|(known, _)| *known == name)?;
            let scheme_at = found.1.follow().ok()?;
            let is_signature = self.signs && scheme_at.str("name").is_some_and(is_signing_header);
            (!is_signature).then(|| scheme(&scheme_at)).flatten()
        };
        // An alternative that no client can fulfil is none.
        let alternatives = requirements.iter().filter_map(|requirement| {
            let names: Vec<_> = requirement
                .members()
                .into_iter()
                .map(|(name, _)| name)
                .collect();
            let is_usable = names.iter().all(|name| usable(name).is_some());
            is_usable.then(|| names.into_iter().map(str::to_owned).collect::<Vec<_>>())
        });
        let mut distinct: Vec<Vec<String>> = Vec::new();
        for alternative in alternatives {
            if !distinct.contains(&alternative) {
                distinct.push(alternative);
            }
        }
        if distinct.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        distinct
    }
}

fn scheme(at: &Cursor<'_>) -> Option<Scheme> {
    let doc = at.text("description");
    match (
        at.str("type")?,
        at.str("scheme").map(str::to_ascii_lowercase).as_deref(),
    ) {
        ("http", Some("bearer")) | ("oauth2" | "openIdConnect", _) => Some(Scheme::Bearer { doc }),
        ("http", Some("basic")) => Some(Scheme::Basic { doc }),
        ("apiKey", _) => {
            let location = match at.str("in")? {
                "header" => ApiKeyIn::Header,
                "query" => ApiKeyIn::Query,
                "cookie" => ApiKeyIn::Cookie,
                _ => return None,
            };
            let name = at.str("name")?.to_owned();
            Some(Scheme::ApiKey {
                doc,
                location,
                name,
            })
        }
        _ => None,
    }
}
