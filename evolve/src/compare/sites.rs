//! The operations of a document as they are written, and which of two documents belong together.

use std::collections::BTreeMap;

use bpx_contract::model::Operation;
use bpx_contract::{Api, Cursor, Document};

pub(super) const METHODS: [&str; 9] = [
    "delete", "get", "head", "options", "patch", "post", "put", "query", "trace",
];

/// An operation where it is written.
#[derive(Debug, Clone)]
pub(super) struct Site<'a> {
    /// Its id in the model; method and path of an operation that the model lacks.
    pub(super) id: String,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) item: Cursor<'a>,
    pub(super) at: Cursor<'a>,
}

/// Every operation of a document, `paths` or `webhooks`.
pub(super) fn sites<'a>(api: &Api, document: &'a Document, under: &str) -> Vec<Site<'a>> {
    let ids: BTreeMap<_, _> = api
        .model()
        .operations
        .iter()
        .filter_map(|(id, it)| Some((it.place.pointer.as_deref()?, id)))
        .collect();
    let root = Cursor::root(document);
    let mut sites = Vec::new();
    for (path, item) in root.entries(under) {
        of_item(path, item, &ids, &mut sites);
    }
    sites
}

fn of_item<'a>(
    path: &'a str,
    item: Cursor<'a>,
    ids: &BTreeMap<&str, &String>,
    sites: &mut Vec<Site<'a>>,
) {
    let item = item.follow().unwrap_or(item);
    let own = item
        .members()
        .into_iter()
        .filter(|(method, _)| METHODS.contains(method));
    for (method, at) in own.chain(item.entries("additionalOperations")) {
        let known = ids.get(&*at.pointer);
        let id = known.map_or_else(
            || format!("{} {path}", method.to_uppercase()),
            |id| (*id).clone(),
        );
        sites.push(Site {
            id,
            method,
            path,
            item: item.clone(),
            at,
        });
    }
}

/// The path items of a callback.
pub(super) fn of_callback<'a>(callback: &Cursor<'a>) -> Vec<Site<'a>> {
    let mut sites = Vec::new();
    for (expression, item) in callback.members() {
        of_item(expression, item, &BTreeMap::new(), &mut sites);
    }
    sites
}

impl<'a> Site<'a> {
    /// The URLs of the servers of the operation, each without a slash at its end.
    pub(super) fn servers(&self) -> Vec<String> {
        let root = Cursor::root(self.at.document);
        let lists = [&self.at, &self.item, &root].map(|it| it.items("servers"));
        let listed = lists
            .into_iter()
            .find(|it| !it.is_empty())
            .unwrap_or_default();
        let urls = listed.iter().map(|server| {
            let mut url = server.str("url").unwrap_or_default().to_owned();
            for (name, variable) in server.entries("variables") {
                let default = variable.str("default").unwrap_or_default();
                url = url.replace(&format!("{{{name}}}"), default);
            }
            url.trim_end_matches('/').to_owned()
        });
        let urls: Vec<_> = urls.collect();
        if urls.is_empty() {
            vec![String::new()]
        } else {
            urls
        }
    }

    /// Its path below that of its first server, without the names of parameters.
    pub(super) fn full_path(&self) -> String {
        let server = self.servers().into_iter().next().unwrap_or_default();
        format!("{}{}", base_path(&server), shape(self.path))
    }

    /// The parameters of the operation and of its path. Of those declared twice the last counts; a header in other letters
    /// is the same header (RFC 9110, 5.1), of which the first counts.
    pub(super) fn parameters(&self) -> Vec<Cursor<'a>> {
        let mut all: Vec<Cursor<'a>> = Vec::new();
        let listed = [&self.item, &self.at].map(|it| it.items("parameters"));
        for parameter in listed
            .into_iter()
            .flatten()
            .map(resolved)
            .filter(is_declared)
        {
            let known = all.iter_mut().find(|it| is_same_parameter(it, &parameter));
            match known {
                Some(known) if known.str("name") == parameter.str("name") => *known = parameter,
                Some(_) => {}
                None => all.push(parameter),
            }
        }
        all
    }
}

/// Parameters with the names of these headers are ignored (OpenAPI 3.0.4, Parameter Object).
fn is_declared(parameter: &Cursor<'_>) -> bool {
    let name = parameter.str("name").unwrap_or_default();
    let is_own = ["Accept", "Content-Type"]
        .iter()
        .any(|it| it.eq_ignore_ascii_case(name));
    !(is_own && parameter.str("in") == Some("header"))
}

fn is_same_parameter(one: &Cursor<'_>, other: &Cursor<'_>) -> bool {
    let names = (
        one.str("name").unwrap_or_default(),
        other.str("name").unwrap_or_default(),
    );
    let is_same = match one.str("in") {
        Some("header") => names.0.eq_ignore_ascii_case(names.1),
        _ => names.0 == names.1,
    };
    is_same && one.str("in") == other.str("in")
}

/// What a reference leads to; the reference itself if it leads nowhere.
pub(super) fn resolved(at: Cursor<'_>) -> Cursor<'_> {
    at.follow().unwrap_or(at)
}

fn base_path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    match url.contains("://") {
        true => rest.find('/').map_or("", |start| &rest[start..]),
        false => rest,
    }
}

/// A path without the names of its parameters.
fn shape(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| {
        let rest = part.split_once('}').map_or(part, |(_, rest)| rest);
        path + "{}" + rest
    })
}

/// Operations that belong together, and those that only one document has.
pub(super) struct Matched<'a> {
    pub(super) pairs: Vec<(Site<'a>, Site<'a>)>,
    pub(super) removed: Vec<Site<'a>>,
    pub(super) added: Vec<Site<'a>>,
}

/// Matches by method and whole path, then by method and path, then by id, then without the slash at the end.
pub(super) fn matched<'a>(old: Vec<Site<'a>>, new: Vec<Site<'a>>) -> Matched<'a> {
    let mut found = Matched {
        pairs: Vec::new(),
        removed: old,
        added: new,
    };
    let keys: [fn(&Site<'_>) -> Option<String>; 4] = [
        |it| Some(format!("{} {}", it.method, it.full_path())),
        |it| Some(format!("{} {}", it.method, shape(it.path))),
        |it| it.at.str("operationId").map(str::to_owned),
        |it| {
            Some(format!(
                "{} {}",
                it.method,
                shape(it.path).trim_end_matches('/')
            ))
        },
    ];
    for key in keys {
        let mut before: BTreeMap<_, _> = BTreeMap::new();
        for site in std::mem::take(&mut found.removed) {
            match key(&site) {
                Some(name) if !before.contains_key(&name) => drop(before.insert(name, site)),
                _ => found.removed.push(site),
            }
        }
        for site in std::mem::take(&mut found.added) {
            match key(&site).and_then(|name| before.remove(&name)) {
                Some(known) => found.pairs.push((known, site)),
                None => found.added.push(site),
            }
        }
        found.removed.extend(before.into_values());
    }
    found
}

/// The operation of the model that is written here.
pub(super) fn operation<'a>(api: &'a Api, site: &Site<'_>) -> Option<(&'a str, &'a Operation)> {
    let (id, operation) = api.model().operations.get_key_value(&site.id)?;
    Some((id, operation))
}
