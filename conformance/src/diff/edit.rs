//! Changes under construction: found, gathered by what they are about, and judged.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::Place;

use super::both::Both;
use super::witness::{Probe, Prover, Visit, Witness};
use super::{Answer, Change, Effect, Proof, Rule, Side, Step, Verdict};

/// A change as it is found.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    pub(super) rule: Rule,
    subject: String,
    detail: String,
    probe: Probe,
    place: Option<Place>,
    /// The same in the old document.
    old_place: Option<Place>,
    before: Option<String>,
    after: Option<String>,
    witness: Option<Witness>,
}

impl Edit {
    pub(super) fn new(rule: Rule, subject: &str) -> Self {
        Self {
            rule,
            subject: subject.to_owned(),
            detail: String::new(),
            probe: Probe::None,
            place: None,
            old_place: None,
            before: None,
            after: None,
            witness: None,
        }
    }

    pub(super) fn detail(self, detail: String) -> Self {
        Self { detail, ..self }
    }

    pub(super) fn probe(self, probe: Probe) -> Self {
        Self { probe, ..self }
    }

    /// Where it stands in the old and the new document.
    pub(super) fn places(self, (old, new): (Place, Place)) -> Self {
        Self {
            place: Some(new),
            old_place: Some(old),
            ..self
        }
    }

    /// What is gone stands in the old document alone.
    pub(super) fn of_old(self) -> Self {
        let place = self.old_place.clone();
        Self { place, ..self }
    }

    pub(super) fn lines(self, before: Option<String>, after: Option<String>) -> Self {
        Self {
            before,
            after,
            ..self
        }
    }

    /// The same change, where the value travels as a parameter.
    pub(super) fn of_parameter(self, name: &str) -> Self {
        let text = match &self.probe {
            Probe::Value(value) => value.as_str().map(|text| format!("{name}={text}")),
            _ => None,
        };
        self.witness(text.map(Witness::Parameter))
    }

    pub(super) fn witness(self, witness: Option<Witness>) -> Self {
        Self { witness, ..self }
    }
}

/// What the same change is known by, whichever operations it reaches.
type Key = (Side, Rule, String, String);

/// An edit, and the operations it reaches, with the place in their bodies.
#[derive(Debug)]
struct Gathered<'a> {
    edit: Edit,
    operations: BTreeMap<String, Option<Visit<'a>>>,
}

/// Every change that was found.
#[derive(Debug, Default)]
pub(super) struct Edits<'a>(BTreeMap<Key, Gathered<'a>>);

impl<'a> Edits<'a> {
    pub(super) fn add(
        &mut self,
        operation: &str,
        side: Side,
        edit: Edit,
        visit: Option<Visit<'a>>,
    ) {
        let key = (side, edit.rule, edit.subject.clone(), edit.detail.clone());
        let gathered = self.0.entry(key).or_insert_with(|| Gathered {
            edit,
            operations: BTreeMap::new(),
        });
        let first = gathered.operations.entry(operation.to_owned());
        first.or_insert(visit);
    }

    /// A change that may reach no operation.
    pub(super) fn add_to_all(&mut self, operations: Vec<&str>, side: Side, edit: Edit) {
        let key = (side, edit.rule, edit.subject.clone(), edit.detail.clone());
        let operations = operations.into_iter().map(|id| (id.to_owned(), None));
        let operations = operations.collect();
        self.0.insert(key, Gathered { edit, operations });
    }

    /// Where the changes are.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.0.values().filter_map(|it| it.edit.place.as_ref())
    }

    /// What goes and what comes in Rust by the changes of one rule.
    pub(super) fn lines_of(&self, rule: Rule) -> (BTreeSet<String>, BTreeSet<String>) {
        let edits = || {
            self.0
                .values()
                .map(|it| &it.edit)
                .filter(|it| it.rule == rule)
        };
        (
            edits().filter_map(|it| it.before.clone()).collect(),
            edits().filter_map(|it| it.after.clone()).collect(),
        )
    }

    /// The rules of an operation's changes in one direction.
    pub(super) fn of(&self, operation: &str, side: Side) -> impl Iterator<Item = Rule> {
        let reaches = move |it: &Gathered<'_>| it.operations.contains_key(operation);
        let edits = self.0.iter();
        edits
            .filter(move |((own, ..), gathered)| *own == side && reaches(gathered))
            .map(|((_, rule, ..), _)| *rule)
    }
}

/// Looks for witnesses and decides. A witness also answers for the whole body where the algebra does not.
pub(super) fn settle(
    both: &Both<'_>,
    proofs: &mut BTreeMap<String, Proof>,
    edits: Edits<'_>,
) -> Vec<Change> {
    let prover = Prover::new(both.old.model(), both.new.model());
    let mut settled = Vec::new();
    for ((side, ..), gathered) in edits.0 {
        let mut edit = gathered.edit;
        let mut is_proven = true;
        for (id, visit) in &gathered.operations {
            let proof = proofs.entry(id.clone()).or_default();
            is_proven &= proof.of(side) == Some(Answer::Yes);
            let is_open = proof.of(side) == Some(Answer::Undecided);
            let Some(visit) = visit.as_ref().filter(|_| is_open || edit.witness.is_none()) else {
                continue;
            };
            if let Some(body) = prover.witness(visit, &edit.probe) {
                proof.refute(side);
                edit.witness.get_or_insert(Witness::Body(body));
            }
        }
        if edit.witness.is_some() {
            edit.rule = with_witness(edit.rule);
        }
        let is_covered = is_proven && edit.probe != Probe::None && edit.witness.is_none();
        let verdict = match is_covered {
            true => Verdict::Safe,
            false => edit.rule.verdict(),
        };
        let operations = gathered.operations.into_keys().collect();
        settled.push(change(both, edit, side, verdict, operations));
    }
    settled
}

/// A counterexample decides what the algebra did not.
fn with_witness(rule: Rule) -> Rule {
    match rule {
        Rule::RequestUndecided => Rule::RequestNarrowed,
        Rule::ResponseUndecided => Rule::ResponseWidened,
        Rule::ParameterUndecided => Rule::ParameterNarrowed,
        decided => decided,
    }
}

fn change(
    both: &Both<'_>,
    edit: Edit,
    side: Side,
    verdict: Verdict,
    operations: BTreeSet<String>,
) -> Change {
    let mut problem = edit.rule.meaning().trim_end_matches('.').to_owned();
    if !edit.detail.is_empty() {
        problem.push_str(": ");
        problem.push_str(&edit.detail);
    }
    let place = edit.place.unwrap_or_else(|| Place::file(both.new.file()));
    Change {
        verdict,
        rule: edit.rule,
        side,
        subject: edit.subject,
        problem,
        operations,
        place,
        rust: effect(edit.rule, edit.before, edit.after),
        witness: edit.witness,
    }
}

/// A line that stays as it is asks for no more than a patch, one that changes unasked for a new major version.
fn effect(rule: Rule, before: Option<String>, after: Option<String>) -> Effect {
    let step = match (&before, &after) {
        (Some(before), Some(after)) if before == after => Step::Patch,
        (Some(_), Some(_)) if rule.step() == Step::Patch => Step::Major,
        _ => rule.step(),
    };
    let says = rule.effect();
    Effect {
        says,
        before,
        after,
        step,
    }
}
