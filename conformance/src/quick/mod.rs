//! Judges most bodies in one pass over their bytes, without building a tree.
//!
//! The tables ([`Tables`]) are compiled from a contract's model. [`Tables::judge`] walks a body once. It answers
//! [`Verdict::Ok`] and [`Verdict::Fail`] only where it is certain. Everything it does not follow is [`Verdict::Unsure`],
//! and the oracle decides: escapes in names, `\u` in strings, names that occur twice, exponents in integers, patterns,
//! objects that may fit several arms of a union, objects of more than 64 fields, nesting beyond 32 levels.
//!
//! It counts what it sees on the way: each field, each value of an enumeration, each arm of a union, and each `null` that
//! the contract does not declare.

mod compile;
mod nodes;
mod open;
mod scalar;
mod scan;
mod table;
#[cfg(test)]
mod tests;
mod unions;
mod untagged;
mod words;

use std::fmt;
use std::sync::Arc;

use bpx_contract::model::{Model, Shape};
use bpx_contract::oracle::Schemas;

use self::compile::Compiler;

pub(crate) use self::table::Kind;
use self::table::Type;
use crate::leniency::Leniency;

/// What a quick validator decides about a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The body is valid JSON of the documented form, has no undocumented member, and no name twice in an object.
    Ok,
    /// The body is not.
    Fail,
    /// The validator does not decide.
    Unsure,
}

/// How often something was seen in a body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Fields, values and arms, by the numbers of [`Contract::slots`](crate::Contract::slots).
    pub seen: Vec<u32>,
    /// Nulls that the contract does not declare, by the slots of their fields.
    pub nulls: Vec<u32>,
}

impl Counts {
    /// So many counters, all zero.
    pub(crate) fn new(slots: usize) -> Self {
        Self {
            seen: vec![0; slots],
            nulls: vec![0; slots],
        }
    }

    /// Sets all counters to zero.
    pub(crate) fn clear(&mut self) {
        self.seen.fill(0);
        self.nulls.fill(0);
    }
}

/// A quick validator other than the contract's own.
pub trait QuickValidator: Send + Sync + fmt::Debug {
    /// Judges the body of a response. The status is `None` where lines are bare documents of a schema.
    ///
    /// [`Verdict::Ok`] is final, so it must agree with the oracle ([`Contract::schema_of`](crate::Contract::schema_of)).
    /// The counts are used after [`Verdict::Ok`] only.
    fn judge(
        &self,
        operation: &str,
        status: Option<u16>,
        body: &[u8],
        counts: &mut Counts,
    ) -> Verdict;
}

/// Who judges bodies before the oracle does.
#[derive(Debug, Clone, Default)]
pub enum Quick {
    /// The tables of the contract.
    #[default]
    Contract,
    /// Nobody: the oracle judges every body.
    Off,
    /// This validator.
    Given(Arc<dyn QuickValidator>),
}

/// A contract's types as tables.
#[derive(Debug)]
pub(crate) struct Tables {
    types: Vec<Type>,
}

impl Tables {
    /// The tables of a model and the schemas it was lowered from. `slots` are the numbers of each type's first counter.
    pub(crate) fn new(
        model: &Model,
        slots: &[usize],
        schemas: &Schemas,
        leniency: Leniency,
    ) -> Self {
        let compiler = Compiler {
            model,
            schemas,
            leniency,
        };
        Self {
            types: compiler.types(slots),
        }
    }

    /// Checks a body against a kind of value, and counts the members and nulls it has.
    pub(crate) fn judge(&self, kind: &Kind, body: &[u8], counts: &mut Counts) -> Verdict {
        scan::judge(&self.types, kind, body, counts)
    }
}

/// What a value of this shape must be, where its schema stands at this pointer.
pub(crate) fn kind(
    model: &Model,
    shape: &Shape,
    schemas: &Schemas,
    pointer: &str,
    leniency: Leniency,
) -> Kind {
    let compiler = Compiler {
        model,
        schemas,
        leniency,
    };
    let schema = schemas.get(pointer);
    schema.map_or(Kind::Doubt, |schema| compiler.kind(shape, schema))
}
