//! What the algebra says of whole bodies: a second opinion beside the walk.

use std::collections::BTreeMap;

use bpx_contract::model::{Content, Operation, Shape};
use serde::Serialize;

use super::algebra::covers;
use super::both::Both;
use super::edit::{Edit, Edits};
use super::{Answer, Change, Rule, Side, Verdict};

/// Pairs of bodies that the algebra is asked about; more are left undecided.
const PAIRS_MAX: usize = 500;

/// Whether callers that stay as they are get along, by bodies alone. None where there is no body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Every body that was valid is still accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Answer>,
    /// Every body that comes could come before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Answer>,
}

impl Proof {
    /// The answer for one direction.
    #[must_use]
    pub fn of(&self, side: Side) -> Option<Answer> {
        match side {
            Side::Operation => None,
            Side::Request => self.request,
            Side::Response => self.response,
        }
    }
}

impl Proof {
    /// A counterexample was found.
    pub(super) fn refute(&mut self, side: Side) {
        let known = match side {
            Side::Operation => return,
            Side::Request => &mut self.request,
            Side::Response => &mut self.response,
        };
        *known = Some(Answer::No);
    }
}

/// Two bodies of one operation, with what they are called.
pub(super) type Bodies<'a> = (Side, &'static str, &'a Shape, &'a Shape);

/// The bodies that an operation has in both documents.
pub(super) fn bodies<'a>(old: &'a Operation, new: &'a Operation) -> Vec<Bodies<'a>> {
    let sent = |it: &'a Operation| it.body.as_ref().map(|body| &body.shape);
    let read = |it: &'a Operation| match &it.success.content {
        Content::Json(shape) => Some(shape),
        _ => None,
    };
    let failed = |it: &'a Operation| it.error.as_ref();
    let pairs = [
        (Side::Request, "request", sent(old).zip(sent(new))),
        (Side::Response, "response", read(old).zip(read(new))),
        (Side::Response, "error", failed(old).zip(failed(new))),
    ];
    let there = pairs.into_iter();
    there
        .filter_map(|(side, label, pair)| pair.map(|(old, new)| (side, label, old, new)))
        .collect()
}

/// For every operation with changes.
pub(super) fn proofs(both: &Both<'_>, edits: &Edits<'_>) -> BTreeMap<String, Proof> {
    let mut asked = BTreeMap::new();
    let rows = both.pairs.iter().map(|(id, (_, old, new))| {
        let mut proof = Proof::default();
        for (side, _, old, new) in bodies(old, new) {
            let answer = match edits.of(id, side).next() {
                None => Answer::Yes,
                Some(_) => ask(both, &mut asked, side, old, new),
            };
            let known = match side {
                Side::Request => &mut proof.request,
                _ => &mut proof.response,
            };
            *known = (*known).max(Some(answer));
        }
        ((*id).to_owned(), proof)
    });
    rows.collect()
}

fn ask<'a>(
    both: &Both<'a>,
    asked: &mut BTreeMap<(Side, &'a Shape, &'a Shape), Answer>,
    side: Side,
    old: &'a Shape,
    new: &'a Shape,
) -> Answer {
    let key = (side, old, new);
    if let Some(known) = asked.get(&key) {
        return *known;
    }
    if asked.len() >= PAIRS_MAX {
        return Answer::Undecided;
    }
    let (old_schema, new_schema) = both.strict(side);
    let (before, after) = (old_schema.shape(old), new_schema.shape(new));
    let (before, after) = (before.as_ref(), after.as_ref());
    let answer = match side {
        Side::Request => covers(after, before),
        _ => covers(before, after),
    };
    asked.insert(key, answer);
    answer
}

/// Where the algebra is undecided, the walk is not if it found nothing but safe changes: it passes over no member.
pub(super) fn by_walk(proofs: &mut BTreeMap<String, Proof>, changes: &[Change]) {
    for (id, proof) in proofs {
        for (side, answer) in [
            (Side::Request, &mut proof.request),
            (Side::Response, &mut proof.response),
        ] {
            let reaches = |it: &&Change| it.side == side && it.operations.contains(id);
            let mut changes = changes.iter().filter(reaches);
            if *answer == Some(Answer::Undecided) && changes.all(|it| it.verdict == Verdict::Safe) {
                *answer = Some(Answer::Yes);
            }
        }
    }
}

/// Where the algebra refutes what the walk found safe, that is a change of its own.
pub(super) fn unplaced(both: &Both<'_>, proofs: &BTreeMap<String, Proof>, edits: &mut Edits<'_>) {
    for (id, proof) in proofs {
        for (side, rule) in [
            (Side::Request, Rule::RequestRefused),
            (Side::Response, Rule::ResponseUnexpected),
        ] {
            let mut found = edits.of(id, side);
            let is_unexplained = proof.of(side) == Some(Answer::No)
                && found.all(|rule| rule.verdict() == Verdict::Safe);
            drop(found);
            if let (true, Some((_, old, new))) = (is_unexplained, both.pairs.get(id.as_str())) {
                let places = (old.place.clone(), new.place.clone());
                edits.add(id, side, Edit::new(rule, id).places(places), None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Contract;

    #[test]
    fn what_the_algebra_refutes_and_the_walk_did_not_see_is_told() -> Result<(), crate::Error> {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../openapi/backpack-order.openapi.yaml"
        );
        let contract = Contract::read_openapi(file.as_ref())?;
        let both = Both::new(&contract, &contract, None);
        let refuted = Proof {
            request: Some(Answer::No),
            response: Some(Answer::Yes),
        };
        let proofs = BTreeMap::from([("execute_order".to_owned(), refuted)]);
        let mut edits = Edits::default();
        unplaced(&both, &proofs, &mut edits);
        let found: Vec<_> = edits.of("execute_order", Side::Request).collect();
        assert_eq!(found, [Rule::RequestRefused]);
        assert_eq!(edits.of("execute_order", Side::Response).count(), 0);
        Ok(())
    }
}
