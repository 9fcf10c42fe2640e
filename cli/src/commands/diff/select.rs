//! A comparison of some operations only: those of `--only` and `--tag`.

use std::collections::BTreeSet;

use bpx_contract::{Api, Cursor, Diagnostics, Document, pointer};
use bpx_evolve::openapi_api;
use serde_json::Value;

use crate::failure::Failure;
use crate::output::plain;

/// Names that a suggestion lists. Of more, the first.
const NAMES_MAX: usize = 20;
const METHODS: [&str; 9] = [
    "delete", "get", "head", "options", "patch", "post", "put", "query", "trace",
];

/// What is asked for.
#[derive(Debug, Default)]
pub(super) struct Selection<'a> {
    pub(super) ids: &'a [String],
    pub(super) tags: &'a [String],
}

/// An operation of a document.
struct Listed<'a> {
    /// Its id in the model, or as it is written.
    id: String,
    tags: BTreeSet<&'a str>,
    /// Method and path, by which the two documents are matched.
    call: (String, String),
    pointer: String,
}

impl Selection<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.tags.is_empty()
    }

    /// Both documents with the wanted operations of either document. An operation that has another id or other tags in one of
    /// them is wanted in both.
    pub(super) fn restrict(&self, old: Api, new: Api) -> Result<(Api, Api), Failure> {
        let (before, after) = (listed(&old), listed(&new));
        let all = || before.iter().chain(&after);
        let known: BTreeSet<_> = all().map(|it| it.id.as_str()).collect();
        let tags: BTreeSet<_> = all().flat_map(|it| it.tags.iter().copied()).collect();
        check("operation", "--only", self.ids, &known)?;
        check("tag", "--tag", self.tags, &tags)?;
        let wanted: Vec<_> = all().filter(|it| self.wants(it)).collect();
        let ids: BTreeSet<_> = wanted.iter().map(|it| &it.id).collect();
        let calls: BTreeSet<_> = wanted.iter().map(|it| &it.call).collect();
        let is_left_out = |it: &&Listed<'_>| !ids.contains(&it.id) && !calls.contains(&it.call);
        let left_out = |of: &[Listed<'_>]| -> Vec<String> {
            of.iter()
                .filter(is_left_out)
                .map(|it| it.pointer.clone())
                .collect()
        };
        let (old_out, new_out) = (left_out(&before), left_out(&after));
        Ok((without(&old, &old_out)?, without(&new, &new_out)?))
    }

    fn wants(&self, operation: &Listed<'_>) -> bool {
        let is_tagged = |tag: &String| operation.tags.contains(tag.as_str());
        self.ids.contains(&operation.id) || self.tags.iter().any(is_tagged)
    }
}

fn check(what: &str, flag: &str, wanted: &[String], known: &BTreeSet<&str>) -> Result<(), Failure> {
    let unknown = wanted.iter().find(|it| !known.contains(it.as_str()));
    let Some(unknown) = unknown else {
        return Ok(());
    };
    let names: Vec<_> = known.iter().take(NAMES_MAX).map(|it| plain(it)).collect();
    let more = if known.len() > NAMES_MAX { ", …" } else { "" };
    Err(Failure::bad_input(
        format!("{flag}: neither document has the {what} `{unknown}`"),
        match names.is_empty() {
            true => format!("leave {flag} out: the documents have none"),
            false => format!("use one of {}{more}", names.join(", ")),
        },
    ))
}

fn listed(api: &Api) -> Vec<Listed<'_>> {
    let models = api.model().operations.iter();
    let models: Vec<_> = models
        .filter_map(|(id, it)| Some((it.place.pointer.as_deref()?, id)))
        .collect();
    let mut found = Vec::new();
    for (path, item) in Cursor::root(api.document()).entries("paths") {
        let item = item.follow().unwrap_or(item);
        let members = item.members().into_iter();
        for (method, at) in members.filter(|(method, _)| METHODS.contains(method)) {
            let id = models.iter().find(|(place, _)| *place == at.pointer);
            let written = || at.str("operationId").map(str::to_owned);
            let call = (method.to_uppercase(), path.to_owned());
            let id = id.map(|(_, id)| (*id).clone()).or_else(written);
            found.push(Listed {
                id: id.unwrap_or_else(|| format!("{} {path}", call.0)),
                tags: at
                    .value
                    .get("tags")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect(),
                call,
                pointer: at.pointer,
            });
        }
    }
    found
}

/// The document without the operations at these pointers, and without webhooks, which are not operations.
fn without(api: &Api, pointers: &[String]) -> Result<Api, Diagnostics> {
    let mut document: Document = api.document().clone();
    for at in pointers {
        let Some((item, method)) = at.rsplit_once('/') else {
            continue;
        };
        if let Some(Value::Object(item)) = document.value.pointer_mut(item) {
            item.remove(&*pointer::unescape(method));
        }
    }
    if let Value::Object(root) = &mut document.value {
        root.remove("webhooks");
    }
    openapi_api(document)
}
