//! The comparison engine: two contracts in, every change with its verdict out.
//!
//! Four steps. [`operations`] and [`types`] find the changes, walking both models side by side; [`written`] walks through
//! the documents and adds what the models do not show. [`proof`] asks for whole bodies whether one set of values includes
//! the other. [`judge`] looks for witnesses and settles the verdicts.

mod algebra;
mod bodies;
mod comparison;
mod drafts;
mod fields;
mod instances;
mod judge;
mod kept;
mod operations;
mod params;
mod proof;
mod sites;
mod steps;
mod strict;
mod surface;
mod types;
mod variants;
mod walk;
mod witness;
mod written;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use bpx_contract::{Api, Diagnostics, Names};

use self::comparison::Comparison;
use self::drafts::Drafts;
use crate::change::{Change, Diff, OperationDiff, Proof};
use crate::rules::Verdict;

/// Compares two contracts, from the point of view of callers that were written for `old`.
///
/// `names` is a table of exceptions to the rule of Rust names (file name and TOML text), as the client is generated with.
/// Rows that do not apply to a document are ignored.
///
/// # Errors
/// A table of names that cannot be read.
pub fn diff(old: &Api, new: &Api, names: Option<(&str, &str)>) -> Result<Diff, Diagnostics> {
    if let Some((file, text)) = names {
        Names::check_syntax(file, text)?;
    }
    let both = Comparison::new(old, new, names);
    let mut drafts = Drafts::default();
    operations::compare(&both, &mut drafts);
    types::compare(&both, &mut drafts);
    let written = written::compare(old, new, &mut drafts);
    kept::compare(&both, &mut drafts);
    let mut proofs = proof::proofs(&both, &drafts, &written);
    proof::unexplained(&both, &proofs, &mut drafts);
    let mut changes = judge::settle(&both, &mut proofs, drafts, &written);
    proof::by_walk(&mut proofs, &changes);
    changes.sort_by(|a, b| {
        let key = |it: &Change| (Reverse(it.verdict), it.rule, it.side);
        (key(a), &a.subject, &a.problem).cmp(&(key(b), &b.subject, &b.problem))
    });
    Ok(Diff {
        operations: by_operation(&changes, &proofs),
        descriptions: written.descriptions,
        examples: written.examples,
        uncompared: written.uncompared,
        changes,
    })
}

fn by_operation(
    changes: &[Change],
    proofs: &BTreeMap<String, Proof>,
) -> BTreeMap<String, OperationDiff> {
    let mut worst: BTreeMap<&str, Verdict> = BTreeMap::new();
    for change in changes {
        for id in &change.operations {
            let verdict = worst.entry(id).or_insert(Verdict::Safe);
            *verdict = change.verdict.max(*verdict);
        }
    }
    let rows = worst.into_iter().map(|(id, verdict)| {
        let proof = proofs.get(id).copied().unwrap_or_default();
        (id.to_owned(), OperationDiff { verdict, proof })
    });
    rows.collect()
}
