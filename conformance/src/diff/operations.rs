//! Operations side by side: their names, requests, statuses, and everything inside.

use std::collections::BTreeSet;

use bpx_contract::Place;
use bpx_contract::model::{Content, Operation};

use super::both::Both;
use super::edit::{Edit, Edits};
use super::witness::Witness;
use super::{Rule, Side, bodies, params, proof};

/// Every change of every operation.
pub(super) fn compare<'a>(both: &Both<'a>, edits: &mut Edits<'a>) {
    let kept: BTreeSet<_> = both.pairs.values().map(|(before, ..)| *before).collect();
    let old = both.old.model().operations.iter();
    for (id, operation) in old.filter(|(id, _)| !kept.contains(id.as_str())) {
        let method = both.surfaces().0.method(id);
        let edit = Edit::new(Rule::OperationRemoved, id)
            .detail(request(operation))
            .places((operation.place.clone(), Place::file(both.new.file())))
            .of_old()
            .lines(Some(method), None);
        edits.add(id, Side::Operation, edit, None);
    }
    for (id, operation) in &both.new.model().operations {
        match both.pairs.get(id.as_str()) {
            None => {
                let method = both.surfaces().1.method(id);
                let edit = Edit::new(Rule::OperationAdded, id)
                    .detail(request(operation))
                    .places((Place::file(both.old.file()), operation.place.clone()))
                    .lines(None, Some(method));
                edits.add(id, Side::Operation, edit, None);
            }
            Some((before, old, new)) => Pair {
                both,
                id,
                before,
                old,
                new,
            }
            .compare(edits),
        }
    }
}

fn request(operation: &Operation) -> String {
    format!("{} {}", operation.method.as_str(), operation.path)
}

/// One operation in both documents.
pub(super) struct Pair<'a, 'b> {
    pub(super) both: &'b Both<'a>,
    pub(super) id: &'b str,
    before: &'b str,
    pub(super) old: &'a Operation,
    pub(super) new: &'a Operation,
}

impl<'a> Pair<'a, '_> {
    fn compare(&self, edits: &mut Edits<'a>) {
        self.identity(edits);
        self.signing(edits);
        params::compare(self, edits);
        self.request_body(edits);
        self.successes(edits);
        self.failures(edits);
        self.content(edits);
        for (side, label, old, new) in proof::bodies(self.old, self.new) {
            for (edit, visit) in bodies::changes(self.both, side, label, old, new) {
                let side = match edit.rule {
                    // Names and promises do not travel.
                    Rule::TypeRenamed | Rule::EnumClosed => Side::Operation,
                    _ => side,
                };
                edits.add(self.id, side, edit, Some(visit));
            }
        }
    }

    /// A change of the operation itself.
    pub(super) fn edit(&self, rule: Rule, subject: &str) -> Edit {
        Edit::new(rule, subject).places((self.old.place.clone(), self.new.place.clone()))
    }

    fn identity(&self, edits: &mut Edits<'a>) {
        let (old, new) = self.both.surfaces();
        if self.before != self.id {
            let edit = self
                .edit(Rule::OperationRenamed, self.before)
                .detail(format!("`{}` becomes `{}`", self.before, self.id))
                .lines(Some(old.method(self.before)), Some(new.method(self.id)));
            edits.add(self.id, Side::Operation, edit, None);
        }
        let (before, after) = (request(self.old), request(self.new));
        if before != after {
            let edit = self.edit(Rule::OperationMoved, self.id);
            let edit = edit.detail(format!("{before} becomes {after}"));
            edits.add(self.id, Side::Operation, edit, None);
        }
    }

    fn signing(&self, edits: &mut Edits<'a>) {
        let rule = match (&self.old.signing, &self.new.signing) {
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
        let detail = format!("{} becomes {}", word(self.old), word(self.new));
        let edit = self.edit(rule, self.id).detail(detail);
        edits.add(self.id, Side::Request, edit, None);
    }

    fn request_body(&self, edits: &mut Edits<'a>) {
        let (old, new) = self.both.surfaces();
        let line = |surface: &super::rust::Surface, operation: &Operation| {
            let body = operation.body.as_ref();
            body.map(|body| format!("body: {}", surface.shape(&body.shape)))
        };
        let (before, after) = (line(old, self.old), line(new, self.new));
        let rule = match (&before, &after) {
            (None, Some(_)) => Rule::RequestBodyAdded,
            (Some(_), None) => Rule::RequestBodyRemoved,
            _ => return,
        };
        let edit = self.edit(rule, "body").lines(before, after);
        edits.add(self.id, Side::Request, edit, None);
    }

    /// What `send` returns, in both clients.
    fn returned(&self) -> (Option<String>, Option<String>) {
        let (old, new) = self.both.surfaces();
        (Some(old.returned(self.old)), Some(new.returned(self.new)))
    }

    fn status(&self, rule: Rule, status: &str, edits: &mut Edits<'a>) {
        let places = (
            self.both.status_place(self.old, status, false),
            self.both.status_place(self.new, status, true),
        );
        let is_gone = matches!(rule, Rule::StatusRemoved | Rule::FailureRemoved);
        let (before, after) = self.returned();
        let empty = status.parse().ok().filter(|_| rule == Rule::AcceptedAdded);
        let edit = Edit::new(rule, status).places(places);
        let edit = if is_gone { edit.of_old() } else { edit };
        let edit = match before == after {
            true => edit,
            false => edit.lines(before, after),
        };
        let edit = edit.witness(empty.map(Witness::EmptyAnswer));
        edits.add(self.id, Side::Response, edit, None);
    }

    fn successes(&self, edits: &mut Edits<'a>) {
        let statuses = |it: &'a Operation| -> BTreeSet<&'a str> {
            it.success
                .statuses
                .iter()
                .map(|(status, _)| &**status)
                .collect()
        };
        let (old, new) = (statuses(self.old), statuses(self.new));
        for status in new.difference(&old) {
            let rule = match self.comes_without_body(status) {
                true => Rule::AcceptedAdded,
                false => Rule::StatusAdded,
            };
            self.status(rule, status, edits);
        }
        for status in old.difference(&new) {
            self.status(Rule::StatusRemoved, status, edits);
        }
    }

    /// A status without the body that used to be there with every success.
    fn comes_without_body(&self, status: &str) -> bool {
        let (old, new) = (&self.old.success, &self.new.success);
        let is_json = |content: &Content| matches!(content, Content::Json(_));
        let accepted = status == "202" && new.accepted && !old.accepted;
        let absent = status != "202" && new.absent && !old.absent;
        is_json(&old.content) && (accepted || absent)
    }

    fn failures(&self, edits: &mut Edits<'a>) {
        let find = |it: &'a Operation, status: &str| {
            it.errors.iter().find(|failure| failure.status == status)
        };
        for failure in &self.new.errors {
            match find(self.old, &failure.status) {
                None => self.status(Rule::FailureAdded, &failure.status, edits),
                Some(known) if known.body != failure.body => {
                    self.status(Rule::ContentChanged, &failure.status, edits);
                }
                Some(_) => {}
            }
        }
        let gone = |status: &str| find(self.new, status).is_none();
        for failure in self.old.errors.iter().filter(|it| gone(&it.status)) {
            self.status(Rule::FailureRemoved, &failure.status, edits);
        }
    }

    fn content(&self, edits: &mut Edits<'a>) {
        let (old, new) = (&self.old.success, &self.new.success);
        let (before, after) = (kind(&old.content), kind(&new.content));
        let (line_before, line_after) = self.returned();
        if before != after {
            let edit = self.edit(Rule::ContentChanged, "success");
            let edit = edit.detail(format!("{before} becomes {after}"));
            let edit = edit.lines(line_before, line_after);
            edits.add(self.id, Side::Response, edit, None);
            return;
        }
        let rule = match (old.paged, new.paged) {
            (false, true) => Rule::PagesAdded,
            (true, false) => Rule::PagesRemoved,
            _ => return,
        };
        let edit = self.edit(rule, "headers").lines(line_before, line_after);
        edits.add(self.id, Side::Response, edit, None);
    }
}

fn kind(content: &Content) -> &'static str {
    match content {
        Content::Empty => "nothing",
        Content::Json(_) => "JSON",
        Content::Text => "text",
        Content::Bytes => "bytes",
    }
}
