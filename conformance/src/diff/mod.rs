//! Two contracts side by side: what a new document means for callers of the old one.
//!
//! Each change has a verdict on the wire, seen from callers that stay as they are: what they send is held against the
//! new document, what they read against the old one. Names that do not travel (types, operation ids) are no change on
//! the wire, but one for Rust callers. Bodies are walked pair by pair; whether one set of values lies in another is
//! decided by the algebra of the `jsonschema` crate, and a [`Witness`] is a value that both validators were asked about.
//! Where neither decides, the verdict is [`Verdict::Undecided`].
//!
//! It compares what the contract's model keeps. Response headers but those of pages, limits of whole bodies and of items
//! of lists, and `additionalProperties: false` are not in it; a change of those is told as [`Rule::Unread`].
//!
//! ```
//! use bpx_conformance::Contract;
//! use bpx_conformance::diff::{NAMES, Step, Verdict, diff};
//! use bpx_contract::Document;
//!
//! let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/backpack-order.openapi.yaml");
//! let old = Contract::read_openapi(file.as_ref())?;
//! let mut document = old.document().value.clone();
//! document["components"]["schemas"]["TimeInForce"]["enum"] = ["GTC", "IOC", "FOK", "GTD"].into();
//! let new = Contract::openapi(Document::parse("new.json", document.to_string().as_bytes())?)?;
//!
//! let found = diff(&old, &new, Some(NAMES))?;
//! assert_eq!(found.summary(), "1 breaking, 0 risky, 1 safe");
//! assert_eq!(found.step(), Some(Step::Major));
//! let change = &found.changes[0];
//! assert_eq!((change.verdict, change.rule.id()), (Verdict::Breaking, "response-closed-value-added"));
//! assert_eq!(change.place.to_string(), "new.json#/components/schemas/TimeInForce/enum");
//! assert_eq!(change.rust.after.as_deref(), Some("Gtd"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod algebra;
mod bodies;
mod both;
mod edit;
mod fields;
mod instances;
mod operations;
mod params;
mod proof;
mod replay;
mod report;
mod rules;
mod rust;
mod strict;
mod types;
mod unread;
mod variants;
mod witness;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::{Names, Place};
use serde::{Serialize, Serializer};

pub use self::algebra::Answer;
use self::both::Both;
use self::edit::{Edit, Edits};
pub use self::proof::Proof;
pub use self::replay::{Moved, Replay, Spot, Turn, replay};
pub use self::report::json;
pub use self::rules::{Rule, Step, Verdict};
pub use self::witness::Witness;
use crate::{Contract, Error};

/// The exceptions to the rule of Rust names that the client of this workspace is generated with.
pub const NAMES: (&str, &str) = (
    "openapi/names.toml",
    include_str!("../../contracts/names.toml"),
);

/// Which way what changed travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Neither: the operation itself, or a name.
    Operation,
    /// From callers to the server.
    Request,
    /// From the server to callers.
    Response,
}

/// What Rust callers see of a change, once the client is generated anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// In one sentence.
    pub says: &'static str,
    /// The line of the public surface that goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The line that comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// What it asks of the version.
    pub step: Step,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// What it means on the wire.
    pub verdict: Verdict,
    /// The kind of change.
    pub rule: Rule,
    /// Which way it travels.
    pub side: Side,
    /// What changed: `Order.price`, `Side=Bid`, `LiveOrder:Market`, a parameter's name, a status.
    pub subject: String,
    /// In words, with what became of what.
    pub problem: String,
    /// The operations it reaches.
    pub operations: BTreeSet<String>,
    /// Where it stands: in the new document, or in the old one if it is gone.
    #[serde(serialize_with = "as_text")]
    pub place: Place,
    /// What Rust callers see.
    pub rust: Effect,
    /// What proves it, where there is a proof by example.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
}

/// What became of an operation that both documents have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperationDiff {
    /// Its worst change.
    pub verdict: Verdict,
    /// What the algebra says of its bodies.
    #[serde(flatten)]
    pub proof: Proof,
}

/// Everything that changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff {
    /// The worst first.
    pub changes: Vec<Change>,
    /// Operations with changes.
    pub operations: BTreeMap<String, OperationDiff>,
    /// Descriptions that differ.
    pub descriptions: usize,
}

impl Diff {
    /// How many changes have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        let changes = self.changes.iter();
        changes.filter(|it| it.verdict == verdict).count()
    }

    /// The step of the version that the whole asks for; none where nothing changed but words.
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        self.changes.iter().map(|it| it.rust.step).max()
    }

    /// `2 breaking, 1 risky, 5 safe`.
    #[must_use]
    pub fn summary(&self) -> String {
        let counted = Verdict::ALL.into_iter().filter_map(|verdict| {
            let count = self.count(verdict);
            let always = verdict != Verdict::Undecided;
            (always || count > 0).then(|| format!("{count} {}", verdict.as_str()))
        });
        counted.collect::<Vec<_>>().join(", ")
    }
}

/// Compares two contracts. `names` is the table of exceptions to the rule of Rust names (file name and TOML text); rows
/// that do nothing for a document are passed over.
///
/// # Errors
/// A table of names that is none.
pub fn diff(old: &Contract, new: &Contract, names: Option<(&str, &str)>) -> Result<Diff, Error> {
    if let Some((file, text)) = names {
        Names::check_syntax(file, text)?;
    }
    let both = Both::new(old, new, names);
    let mut edits = Edits::default();
    operations::compare(&both, &mut edits);
    types::compare(&both, &mut edits);
    unread::compare(&both, &mut edits);
    let mut proofs = proof::proofs(&both, &edits);
    proof::unplaced(&both, &proofs, &mut edits);
    let mut changes = edit::settle(&both, &mut proofs, edits);
    proof::by_walk(&mut proofs, &changes);
    changes.sort_by(|a, b| {
        let key = |it: &Change| (std::cmp::Reverse(it.verdict), it.rule, it.side);
        (key(a), &a.subject, &a.problem).cmp(&(key(b), &b.subject, &b.problem))
    });
    Ok(Diff {
        operations: by_operation(&changes, &proofs),
        descriptions: words::differing(old.model(), new.model()),
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

fn as_text<S: Serializer>(place: &Place, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(place)
}
