//! Verdicts: looks for witnesses, and settles what each change means.

use std::collections::{BTreeMap, BTreeSet};

use super::comparison::Comparison;
use super::drafts::{Draft, Drafts};
use super::steps::step;
use super::witness::{Probe, Prover, Visit};
use super::written::Written;
use crate::change::{Answer, Change, Effect, Proof, Witness};
use crate::rules::{Class, Rule, Verdict};
use crate::side::Side;

/// Settles every change. A witness also refutes the proof for the whole body where that is undecided.
pub(super) fn settle(
    both: &Comparison<'_>,
    proofs: &mut BTreeMap<String, Proof>,
    drafts: Drafts<'_>,
    written: &Written,
) -> Vec<Change> {
    let prover = Prover::new(both.old.model(), both.new.model());
    let mut settled = Vec::new();
    for (side, gathered) in drafts.into_sides() {
        let mut draft = gathered.draft;
        if is_silent(&gathered.operations, side, draft.rule, written) {
            if draft.before != draft.after {
                let operations = gathered.operations.into_keys().collect();
                settled.push(change(draft, side, Verdict::Safe, operations));
            }
            continue;
        }
        let mut is_proven = !gathered.operations.is_empty();
        for (id, visit) in &gathered.operations {
            let proof = proofs.entry(id.clone()).or_default();
            is_proven &= proof.of(side) == Some(Answer::Yes);
            let is_open = proof.of(side) == Some(Answer::Undecided);
            let Some(visit) = visit
                .as_ref()
                .filter(|_| is_open || draft.witness.is_none())
            else {
                continue;
            };
            if let Some(body) = prover.witness(visit, &draft.probe) {
                proof.raise(side, Answer::No);
                draft.witness.get_or_insert(Witness::Body(body));
            }
        }
        if draft.witness.is_some() {
            draft.rule = with_witness(draft.rule);
        }
        let is_covered = is_proven && draft.probe != Probe::None && draft.witness.is_none();
        let verdict = match is_covered {
            true => Verdict::Safe,
            false => draft.rule.verdict(),
        };
        let operations = gathered.operations.into_keys().collect();
        settled.push(change(draft, side, verdict, operations));
    }
    settled
}

/// Whether nothing differs that is sent: the change is one of names and types in Rust.
fn is_silent(
    operations: &BTreeMap<String, Option<Visit<'_>>>,
    side: Side,
    rule: Rule,
    written: &Written,
) -> bool {
    let is_of_bodies = !matches!(rule.class(), Class::Other | Class::Format);
    let mut ids = operations.keys();
    is_of_bodies
        && !operations.is_empty()
        && ids.all(|id| written.silent.contains(&(id.clone(), side)))
}

/// A counterexample decides an undecided rule.
fn with_witness(rule: Rule) -> Rule {
    match rule {
        Rule::RequestUndecided => Rule::RequestNarrowed,
        Rule::ResponseUndecided => Rule::ResponseWidened,
        Rule::ParameterUndecided => Rule::ParameterNarrowed,
        decided => decided,
    }
}

fn change(draft: Draft, side: Side, verdict: Verdict, operations: BTreeSet<String>) -> Change {
    let mut problem = draft.rule.meaning().trim_end_matches('.').to_owned();
    if !draft.detail.is_empty() {
        problem.push_str(": ");
        problem.push_str(&draft.detail);
    }
    Change {
        verdict,
        rule: draft.rule,
        side,
        subject: draft.subject,
        problem,
        operations,
        elements: draft.elements,
        place: draft.place,
        old: draft.old_place,
        new: draft.new_place,
        rust: effect(draft.rule, draft.before, draft.after),
        witness: draft.witness,
    }
}

fn effect(rule: Rule, before: Option<String>, after: Option<String>) -> Effect {
    Effect {
        text: rule.effect(),
        step: step(rule, &before, &after),
        before,
        after,
    }
}
