//! Compares operations: id, method and path, signing, statuses, page headers, and everything inside.

use std::collections::BTreeSet;

use bpx_contract::model::{Content, Media, Operation};

use super::comparison::{Comparison, Pair, whole};
use super::drafts::{Draft, Drafts};
use super::surface::Surface;
use super::{bodies, params};
use crate::change::Witness;
use crate::element::Element;
use crate::rules::Rule;
use crate::side::Side;

/// Adds every change of every operation.
pub(super) fn compare<'a>(both: &Comparison<'a>, drafts: &mut Drafts<'a>) {
    let kept: BTreeSet<_> = both.pairs.values().map(|pair| pair.before).collect();
    let old = both.old.model().operations.iter();
    for (id, operation) in old.filter(|(id, _)| !kept.contains(id.as_str())) {
        let method = both.surfaces().0.method(id);
        let places = (operation.place.clone(), whole(both.new));
        let draft = Draft::new(Rule::OperationRemoved, id, places)
            .element(Element::Operation(id.clone()))
            .detail(request(operation))
            .removed()
            .lines(Some(method), None);
        drafts.add(id, Side::Operation, draft, None);
    }
    for (id, operation) in &both.new.model().operations {
        if let Some(pair) = both.pairs.get(id.as_str()) {
            compare_pair(both, pair, drafts);
            continue;
        }
        let method = both.surfaces().1.method(id);
        let places = (whole(both.old), operation.place.clone());
        let draft = Draft::new(Rule::OperationAdded, id, places)
            .element(Element::Operation(id.clone()))
            .detail(request(operation))
            .lines(None, Some(method));
        drafts.add(id, Side::Operation, draft, None);
    }
}

fn request(operation: &Operation) -> String {
    format!("{} {}", operation.method.as_str(), operation.path)
}

fn compare_pair<'a>(both: &Comparison<'a>, pair: &Pair<'a>, drafts: &mut Drafts<'a>) {
    identity(both, pair, drafts);
    signing(pair, drafts);
    params::compare(both, pair, drafts);
    request_body(both, pair, drafts);
    successes(both, pair, drafts);
    failures(both, pair, drafts);
    content(both, pair, drafts);
    for body in pair.bodies() {
        for (draft, visit) in bodies::changes(both, &body) {
            let side = match draft.rule {
                // Neither the name of a type nor the promise to add no values is sent.
                Rule::TypeRenamed | Rule::EnumClosed => Side::Operation,
                _ => body.side,
            };
            drafts.add(pair.id, side, draft, Some(visit));
        }
    }
}

/// A change of the operation itself.
fn of_operation(pair: &Pair<'_>, rule: Rule, subject: &str) -> Draft {
    Draft::new(rule, subject, pair.places()).element(Element::Operation(pair.id.to_owned()))
}

fn identity(both: &Comparison<'_>, pair: &Pair<'_>, drafts: &mut Drafts<'_>) {
    let (old, new) = both.surfaces();
    if pair.before != pair.id {
        let draft = of_operation(pair, Rule::OperationRenamed, pair.before)
            .detail(format!("`{}` becomes `{}`", pair.before, pair.id))
            .lines(Some(old.method(pair.before)), Some(new.method(pair.id)));
        drafts.add(pair.id, Side::Operation, draft, None);
    }
    let (before, after) = (request(pair.old), request(pair.new));
    if before != after && !pair.is_same_url {
        let draft = of_operation(pair, Rule::OperationMoved, pair.id);
        let draft = draft.detail(format!("{before} becomes {after}"));
        drafts.add(pair.id, Side::Operation, draft, None);
    }
}

fn signing(pair: &Pair<'_>, drafts: &mut Drafts<'_>) {
    let rule = match (&pair.old.signing, &pair.new.signing) {
        (None, Some(_)) => Rule::SigningAdded,
        (Some(_), None) => Rule::SigningRemoved,
        (old, new) if old != new => Rule::InstructionChanged,
        _ => return,
    };
    let word = |operation: &Operation| match &operation.signing {
        None => "unsigned".to_owned(),
        Some(signing) if signing.batch => format!("`{}` for each item", signing.instruction),
        Some(signing) => format!("`{}`", signing.instruction),
    };
    let detail = format!("{} becomes {}", word(pair.old), word(pair.new));
    let draft = of_operation(pair, rule, pair.id).detail(detail);
    drafts.add(pair.id, Side::Request, draft, None);
}

fn request_body(both: &Comparison<'_>, pair: &Pair<'_>, drafts: &mut Drafts<'_>) {
    let (old, new) = both.surfaces();
    let line = |surface: &Surface, operation: &Operation| {
        let body = operation.body.as_ref();
        body.map(|body| format!("body: {}", surface.shape(&body.shape)))
    };
    let (before, after) = (line(old, pair.old), line(new, pair.new));
    let is_required = |it: &Operation| it.body.as_ref().is_some_and(|body| body.required);
    let rule = match (&before, &after) {
        (None, Some(_)) if is_required(pair.new) => Rule::RequestBodyAdded,
        (None, Some(_)) => Rule::RequestOptionalBodyAdded,
        (Some(_), None) => Rule::RequestBodyRemoved,
        _ if media(pair.old) != media(pair.new) => Rule::RequestContentChanged,
        _ => return,
    };
    let draft = Draft::new(rule, "body", pair.places())
        .element(Element::RequestBody(pair.id.to_owned()))
        .lines(before, after);
    drafts.add(pair.id, Side::Request, draft, None);
}

fn media(operation: &Operation) -> Option<&Media> {
    operation.body.as_ref().map(|body| &body.media)
}

/// What `send` returns, in both clients.
fn returned(both: &Comparison<'_>, pair: &Pair<'_>) -> (Option<String>, Option<String>) {
    let (old, new) = both.surfaces();
    (Some(old.returned(pair.old)), Some(new.returned(pair.new)))
}

/// A change of one status.
fn of_status(both: &Comparison<'_>, pair: &Pair<'_>, rule: Rule, status: &str) -> Draft {
    let places = (
        both.status_place(pair.old, status, false),
        both.status_place(pair.new, status, true),
    );
    let draft = Draft::new(rule, status, places).element(Element::Response {
        operation: pair.id.to_owned(),
        status: status.to_owned(),
    });
    let (before, after) = returned(both, pair);
    let draft = match before == after {
        true => draft,
        false => draft.lines(before, after),
    };
    match rule {
        Rule::StatusRemoved | Rule::FailureRemoved => draft.removed(),
        Rule::AcceptedAdded => draft.witness(status.parse().ok().map(Witness::EmptyResponse)),
        _ => draft,
    }
}

fn successes<'a>(both: &Comparison<'a>, pair: &Pair<'a>, drafts: &mut Drafts<'a>) {
    let statuses = |it: &'a Operation| -> BTreeSet<&'a str> {
        let statuses = it.success.statuses.iter();
        statuses.map(|(status, _)| &**status).collect()
    };
    let mut add = |rule, status| {
        let draft = of_status(both, pair, rule, status);
        drafts.add(pair.id, Side::Response, draft, None);
    };
    let (old, new) = (statuses(pair.old), statuses(pair.new));
    for status in new.difference(&old) {
        match lacks_the_body(pair, status) {
            true => add(Rule::AcceptedAdded, status),
            false => add(Rule::StatusAdded, status),
        }
    }
    for status in old.difference(&new) {
        add(Rule::StatusRemoved, status);
    }
}

/// Whether a new status comes without the body that every success used to have.
fn lacks_the_body(pair: &Pair<'_>, status: &str) -> bool {
    let (old, new) = (&pair.old.success, &pair.new.success);
    let accepted = status == "202" && new.accepted && !old.accepted;
    let absent = status != "202" && new.absent && !old.absent;
    matches!(old.content, Content::Json(_)) && (accepted || absent)
}

fn failures<'a>(both: &Comparison<'a>, pair: &Pair<'a>, drafts: &mut Drafts<'a>) {
    let find =
        |it: &'a Operation, status: &str| it.errors.iter().find(|failure| failure.status == status);
    let mut add = |rule, status: &str| {
        let draft = of_status(both, pair, rule, status);
        drafts.add(pair.id, Side::Response, draft, None);
    };
    for failure in &pair.new.errors {
        match find(pair.old, &failure.status) {
            None => add(Rule::FailureAdded, &failure.status),
            Some(known) if kind(&known.content) != kind(&failure.content) => {
                add(Rule::ContentChanged, &failure.status);
            }
            Some(_) => {}
        }
    }
    let is_removed = |status: &str| find(pair.new, status).is_none();
    for failure in pair.old.errors.iter().filter(|it| is_removed(&it.status)) {
        add(Rule::FailureRemoved, &failure.status);
    }
}

fn content(both: &Comparison<'_>, pair: &Pair<'_>, drafts: &mut Drafts<'_>) {
    let (old, new) = (&pair.old.success, &pair.new.success);
    let (before, after) = (kind(&old.content), kind(&new.content));
    let draft = if before != after {
        Draft::new(Rule::ContentChanged, "success", pair.places())
            .element(Element::SuccessBody(pair.id.to_owned()))
            .detail(format!("{before} becomes {after}"))
    } else {
        let rule = match (old.paged(), new.paged()) {
            (false, true) => Rule::PagesAdded,
            (true, false) => Rule::PagesRemoved,
            _ => return,
        };
        of_operation(pair, rule, "headers")
    };
    let (before, after) = returned(both, pair);
    drafts.add(pair.id, Side::Response, draft.lines(before, after), None);
}

fn kind(content: &Content) -> &'static str {
    match content {
        Content::Empty => "no body",
        Content::Json(_) => "JSON",
        Content::Text => "text",
        Content::Bytes => "bytes",
        Content::Events(_) => "events",
    }
}
