//! Compares request bodies and responses as they are written: media types, statuses, headers.

use std::collections::BTreeSet;

use bpx_contract::Cursor;

use super::super::sites::resolved;
use super::headers::{headers, of};
use super::walk::{Root, Walk, holders};
use crate::rules::Rule;
use crate::side::Side;

/// Compares the request bodies of two operations.
pub(super) fn request<'a>(walk: &mut Walk<'a, '_>, side: Side, old: &Cursor<'a>, new: &Cursor<'a>) {
    let (before, after) = match (body_of(old), body_of(new)) {
        (Some(before), Some(after)) => (before, after),
        (None, None) => return,
        (before, after) => {
            let is_required = after.as_ref().is_some_and(|it| it.flag("required"));
            let rule = match (side, before.is_some(), is_required) {
                (Side::Response, true, _) => Rule::ResponseWidened,
                (Side::Response, false, _) => Rule::ResponseNarrowed,
                (_, true, _) => Rule::RequestBodyRemoved,
                (_, false, true) => Rule::RequestBodyAdded,
                (_, false, false) => Rule::RequestOptionalBodyAdded,
            };
            let places = (
                before.unwrap_or_else(|| old.clone()),
                after.unwrap_or_else(|| new.clone()),
            );
            return walk.add(side, rule, "body", String::new(), (&places.0, &places.1));
        }
    };
    let rules = match side {
        Side::Response => (Rule::ResponseFieldRequired, Rule::ResponseFieldOptional),
        _ => (Rule::RequestBodyRequired, Rule::RequestBodyOptional),
    };
    walk.flag(side, ("body", "required"), rules, (&before, &after));
    let label = match side {
        Side::Request => "request",
        _ => "event",
    };
    content(walk, side, label, &before, &after);
    walk.rest(&before, &after, &["content", "required"]);
}

fn body_of<'a>(at: &Cursor<'a>) -> Option<Cursor<'a>> {
    at.get("requestBody").map(resolved)
}

/// Compares the responses of two operations, status by status.
pub(super) fn responses<'a>(
    walk: &mut Walk<'a, '_>,
    side: Side,
    old: &Cursor<'a>,
    new: &Cursor<'a>,
) {
    let statuses = |at: &Cursor<'_>| -> BTreeSet<String> {
        let listed = at.entries("responses").into_iter();
        let listed = listed.filter(|(status, _)| !status.starts_with("x-"));
        listed.map(|(status, _)| status.to_uppercase()).collect()
    };
    if side == Side::Response && statuses(old) != statuses(new) {
        successes(walk, side, old, new);
    }
    for status in statuses(old).union(&statuses(new)) {
        let label = status.replace("DEFAULT", "default");
        match (of(old, "responses", status), of(new, "responses", status)) {
            (Some(before), Some(after)) => {
                let body = if status.starts_with('2') {
                    "response"
                } else {
                    "error"
                };
                content(walk, side, body, &before, &after);
                headers(walk, side, &before, &after);
                links(walk, &before, &after);
                walk.rest(&before, &after, &["content", "headers", "links"]);
            }
            (before, after) => {
                let (was, is) = (fallback(old, status), fallback(new, status));
                let effective = (before.clone().or(was), after.clone().or(is));
                if let (Some(before), Some(after)) = effective {
                    content(walk, side, "error", &before, &after);
                }
                let rule = status_rule(side, status, before.is_some());
                let at = (
                    before.unwrap_or_else(|| old.clone()),
                    after.unwrap_or_else(|| new.clone()),
                );
                walk.add(side, rule, &label, String::new(), (&at.0, &at.1));
            }
        }
    }
}

/// What describes a status that is not listed: its range, else `default` (OpenAPI 3.0.4, Responses Object).
fn fallback<'a>(at: &Cursor<'a>, status: &str) -> Option<Cursor<'a>> {
    let range = status.get(..1).map(|first| format!("{first}XX"));
    let range = range.filter(|range| *range != status && status != "DEFAULT");
    let ranged = range.and_then(|range| of(at, "responses", &range));
    ranged.or_else(|| of(at, "responses", "default").filter(|_| status != "DEFAULT"))
}

/// Adds the media types that no success has any more.
fn successes<'a>(walk: &mut Walk<'a, '_>, side: Side, old: &Cursor<'a>, new: &Cursor<'a>) {
    let media = |at: &Cursor<'_>| -> BTreeSet<String> {
        let listed = at.entries("responses").into_iter();
        let successes = listed.filter(|(status, _)| status.starts_with('2'));
        let content = successes.flat_map(|(_, it)| resolved(it).entries("content"));
        content.map(|(media, _)| essence(media)).collect()
    };
    let (before, after) = (media(old), media(new));
    let is_gone = |it: &&String| {
        !after
            .iter()
            .any(|now| includes(now, it) || includes(it, now))
    };
    for media in before.iter().filter(is_gone) {
        walk.add(
            side,
            Rule::ResponseMediaRemoved,
            media,
            "no success has it".to_owned(),
            (old, new),
        );
    }
}

fn status_rule(side: Side, status: &str, is_removed: bool) -> Rule {
    let is_success = status.starts_with('2');
    match (side, is_success, is_removed) {
        (Side::Response, true, true) => Rule::StatusRemoved,
        (Side::Response, true, false) => Rule::StatusAdded,
        (Side::Response, false, true) => Rule::FailureRemoved,
        (Side::Response, false, false) => Rule::FailureAdded,
        // What a listener may answer.
        (_, _, true) => Rule::RequestNarrowed,
        (_, _, false) => Rule::RequestWidened,
    }
}

/// A media type without the parameters that do not choose another format.
fn essence(media: &str) -> String {
    let media = media.to_ascii_lowercase();
    let (kind, parameters) = media.split_once(';').unwrap_or((&media, ""));
    let kept = parameters.split(';').map(str::trim);
    let kept = kept.filter(|it| !it.is_empty() && !it.starts_with("charset="));
    std::iter::once(kind.trim())
        .chain(kept)
        .collect::<Vec<_>>()
        .join(";")
}

/// Whether a media range includes a media type (RFC 9110, 12.5.1).
fn includes(range: &str, media: &str) -> bool {
    match range.split_once('/') {
        Some(("*", "*")) => true,
        Some((kind, "*")) => media.split_once('/').is_some_and(|(it, _)| it == kind),
        _ => range == media,
    }
}

fn content<'a>(
    walk: &mut Walk<'a, '_>,
    side: Side,
    label: &str,
    old: &Cursor<'a>,
    new: &Cursor<'a>,
) {
    let listed = |at: &Cursor<'_>| -> Vec<String> {
        at.entries("content")
            .into_iter()
            .map(|(media, _)| essence(media))
            .collect()
    };
    let (before, after) = (listed(old), listed(new));
    let (added, removed) = match side {
        Side::Response => (Rule::ResponseMediaAdded, Rule::ResponseMediaRemoved),
        _ => (Rule::RequestMediaAdded, Rule::RequestMediaRemoved),
    };
    for (media, entry) in old.entries("content") {
        let own = essence(media);
        let mut listed = new.entries("content").into_iter();
        let found = listed
            .clone()
            .find(|(it, _)| essence(it) == own)
            .or_else(|| {
                listed.find(|(it, _)| includes(&essence(it), &own) || includes(&own, &essence(it)))
            });
        match found {
            Some((now, after)) => {
                if essence(now) != own {
                    let rule = range_rule(side, includes(&own, &essence(now)));
                    let detail = format!("{media} becomes {now}");
                    walk.add(side, rule, media, detail, (&entry, &after));
                }
                media_type(walk, side, label, &entry, &after);
            }
            None if after.is_empty() && side == Side::Response => {
                walk.add(side, removed, media, "no body".to_owned(), (&entry, new));
            }
            None => walk.add(side, removed, media, String::new(), (&entry, new)),
        }
    }
    let is_known = |media: &str| {
        let media = essence(media);
        before
            .iter()
            .any(|it| includes(it, &media) || includes(&media, it))
    };
    for (media, entry) in new.entries("content") {
        if !is_known(media) {
            walk.add(side, added, media, String::new(), (old, &entry));
        }
    }
}

/// The rule for a media type in the place of a range, or a range in the place of a media type.
fn range_rule(side: Side, is_narrower: bool) -> Rule {
    match (side, is_narrower) {
        (Side::Response, true) => Rule::ResponseNarrowed,
        (Side::Response, false) => Rule::ResponseMediaAdded,
        (_, true) => Rule::RequestMediaRemoved,
        (_, false) => Rule::RequestMediaAdded,
    }
}

fn media_type<'a>(
    walk: &mut Walk<'a, '_>,
    side: Side,
    label: &str,
    old: &Cursor<'a>,
    new: &Cursor<'a>,
) {
    walk.schema(side, Root::Body, label, old, new);
    if let (Some(before), Some(after)) = (old.get("itemSchema"), new.get("itemSchema")) {
        let key = walk.schemas.compare(
            side,
            &format!("{label}[]"),
            &before,
            &after,
            &holders(old, new),
        );
        walk.roots.push((Root::Body, key));
    } else if old.value.get("itemSchema") != new.value.get("itemSchema") {
        walk.add(
            Side::Operation,
            Rule::Unread,
            "itemSchema",
            String::new(),
            (old, new),
        );
    }
    for key in ["encoding", "prefixEncoding", "itemEncoding"] {
        if old.value.get(key) != new.value.get(key) {
            walk.add(
                Side::Operation,
                Rule::Unread,
                key,
                new.pointer.clone(),
                (old, new),
            );
        }
    }
    walk.rest(
        old,
        new,
        &[
            "encoding",
            "itemEncoding",
            "itemSchema",
            "prefixEncoding",
            "schema",
        ],
    );
}

fn links<'a>(walk: &mut Walk<'a, '_>, old: &Cursor<'a>, new: &Cursor<'a>) {
    let names = |at: &Cursor<'_>| -> BTreeSet<String> {
        at.entries("links")
            .into_iter()
            .map(|(name, _)| name.to_owned())
            .collect()
    };
    for name in names(old).union(&names(new)) {
        let (before, after) = (of(old, "links", name), of(new, "links", name));
        let value = |it: &Option<Cursor<'_>>| it.as_ref().map(|it| it.value.clone());
        if value(&before) != value(&after) {
            let at = (
                before.unwrap_or_else(|| old.clone()),
                after.unwrap_or_else(|| new.clone()),
            );
            walk.add(
                Side::Operation,
                Rule::Unread,
                name,
                "a link".to_owned(),
                (&at.0, &at.1),
            );
        }
    }
}
