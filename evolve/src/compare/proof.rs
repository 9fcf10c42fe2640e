//! Proofs for whole bodies: a second opinion beside the walk.

use std::collections::BTreeMap;

use super::comparison::Comparison;
use super::drafts::{Draft, Drafts};
use super::written::Written;
use crate::change::{Answer, Change, Proof};
use crate::rules::{Rule, Verdict};
use crate::side::Side;

/// The proofs of every operation that both documents have.
pub(super) fn proofs(
    both: &Comparison<'_>,
    drafts: &Drafts<'_>,
    written: &Written,
) -> BTreeMap<String, Proof> {
    let rows = both.pairs.iter().map(|(id, pair)| {
        let mut proof = Proof::default();
        for body in pair.bodies() {
            let asked = written.answers.get(&((*id).to_owned(), body.side));
            let answer = match (drafts.of(id, body.side).next(), asked) {
                (None, _) => Answer::Yes,
                (_, Some(answer)) => *answer,
                (_, None) => Answer::Undecided,
            };
            proof.raise(body.side, answer);
        }
        ((*id).to_owned(), proof)
    });
    rows.collect()
}

/// Where the algebra is undecided, safe changes alone are a proof: the walk skips nothing.
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

/// Adds a change where the algebra refutes what the walk found to be safe.
pub(super) fn unexplained(
    both: &Comparison<'_>,
    proofs: &BTreeMap<String, Proof>,
    drafts: &mut Drafts<'_>,
) {
    for (id, proof) in proofs {
        for (side, rule) in [
            (Side::Request, Rule::RequestRefused),
            (Side::Response, Rule::ResponseUnexpected),
        ] {
            let mut found = drafts.of(id, side);
            let is_unexplained = proof.of(side) == Some(Answer::No)
                && found.all(|rule| rule.verdict() == Verdict::Safe);
            drop(found);
            if let (true, Some(pair)) = (is_unexplained, both.pairs.get(id.as_str())) {
                drafts.add(id, side, Draft::new(rule, id, pair.places()), None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bpx_contract::{Api, Document};

    use super::*;

    const ECHO: &[u8] = b"
openapi: 3.0.3
info: {title: Echo, version: '1'}
paths:
  /echo:
    post:
      operationId: echo
      responses: {'200': {description: The same.}}
";

    #[test]
    fn a_refutation_that_the_walk_does_not_explain_is_a_change()
    -> Result<(), bpx_contract::Diagnostics> {
        let api = Api::from_document(Document::parse("echo.yaml", ECHO)?)?;
        let both = Comparison::new(&api, &api, None);
        let refuted = Proof {
            request: Some(Answer::No),
            response: Some(Answer::Yes),
        };
        let proofs = BTreeMap::from([("echo".to_owned(), refuted)]);
        let mut drafts = Drafts::default();
        unexplained(&both, &proofs, &mut drafts);
        let found: Vec<_> = drafts.of("echo", Side::Request).collect();
        assert_eq!(found, [Rule::RequestRefused]);
        assert_eq!(drafts.of("echo", Side::Response).count(), 0);
        Ok(())
    }
}
