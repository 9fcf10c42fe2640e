//! Where the type differs from the schema on purpose. Everything is in these tables; a row that nothing needs fails.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::mutants::{Mutant, Mutation};
use crate::schema::Schema;

/// What encoding changes about a valid value, and why.
const NORMALISATIONS: [(&str, &str); 2] = [
    (
        UNKNOWN_DROPPED,
        "a struct has no place for members the contract does not name",
    ),
    (
        FRACTION_DIGITS,
        "a date-time is a point in time; it is written with 0, 3, 6 or 9 fraction digits",
    ),
];
const UNKNOWN_DROPPED: &str = "members that the schema does not name are dropped";
const FRACTION_DIGITS: &str =
    "date-times are written with as many fraction digits as they need, in threes";

/// A mutation on which schema and type disagree.
struct Difference {
    mutation: Mutation,
    fields: Fields,
    /// Who takes the value.
    taken_by: TakenBy,
    #[allow(dead_code, reason = "for who reads the table")]
    reason: &'static str,
}

#[derive(Debug, PartialEq)]
enum TakenBy {
    Schema,
    Type,
}

enum Fields {
    Optional,
    OfFormat(&'static str),
    Named(&'static [&'static str]),
}

const DIFFERENCES: [Difference; 4] = [
    Difference {
        mutation: Mutation::Null,
        fields: Fields::Optional,
        taken_by: TakenBy::Type,
        reason: "the venue sends null for what does not apply; it is read as absent",
    },
    Difference {
        mutation: Mutation::Enum,
        fields: Fields::Named(&[
            "expiryReason",
            "orderType",
            "slippageToleranceType",
            "status",
            "stopLossTriggerBy",
            "systemOrderType",
            "takeProfitTriggerBy",
            "triggerBy",
        ]),
        taken_by: TakenBy::Type,
        reason: "the venue adds values to these lists; a new one must not spoil an answer",
    },
    Difference {
        mutation: Mutation::Fraction,
        fields: Fields::OfFormat("uint32"),
        taken_by: TakenBy::Schema,
        reason: "JSON Schema counts 7.0 as an integer; no server writes a 32-bit number so",
    },
    Difference {
        mutation: Mutation::Size,
        fields: Fields::OfFormat("decimal"),
        taken_by: TakenBy::Schema,
        reason: "the format has no size; a decimal that does not fit is refused instead of rounded",
    },
];

/// The use of [`DIFFERENCES`].
#[derive(Default)]
pub(crate) struct Differences {
    used: RefCell<BTreeSet<(usize, String)>>,
}

impl Differences {
    /// Fails unless the table has the difference.
    pub(crate) fn allow(&self, schema: &Schema, mutant: &Mutant, valid: bool) {
        let taken_by = if valid {
            TakenBy::Schema
        } else {
            TakenBy::Type
        };
        let row = DIFFERENCES.iter().position(|row| {
            row.mutation == mutant.mutation
                && row.taken_by == taken_by
                && row.fields.hold(schema, &mutant.field)
        });
        let Mutant {
            mutation,
            field,
            instance,
        } = mutant;
        let row = row.unwrap_or_else(|| {
            panic!("only the {taken_by:?} takes {mutation:?} of {field}: {instance}")
        });
        self.used.borrow_mut().insert((row, field.clone()));
    }

    pub(crate) fn check_all_used(&self) {
        let used = self.used.borrow();
        for (index, row) in DIFFERENCES.iter().enumerate() {
            let fields: Vec<_> = used
                .iter()
                .filter(|(row, _)| *row == index)
                .map(|(_, field)| &**field)
                .collect();
            assert!(
                !fields.is_empty(),
                "the row for {:?} is not needed",
                row.mutation
            );
            if let Fields::Named(named) = row.fields {
                assert_eq!(
                    fields, named,
                    "fields that the row for {:?} needs",
                    row.mutation
                );
            }
        }
    }
}

impl Fields {
    fn hold(&self, schema: &Schema, field: &str) -> bool {
        match self {
            Self::Optional => !schema.required().contains(&field),
            Self::OfFormat(format) => schema.properties()[field]["format"] == *format,
            Self::Named(names) => names.contains(&field),
        }
    }
}

/// The use of [`NORMALISATIONS`].
#[derive(Default)]
pub(crate) struct Normalisations {
    used: RefCell<BTreeSet<&'static str>>,
}

impl Normalisations {
    /// The value that a valid instance is encoded to after it was decoded.
    pub(crate) fn apply(&self, schema: &Schema, instance: &Value) -> Value {
        let mut normal = Map::new();
        for (name, value) in instance.as_object().unwrap() {
            let Some(property) = schema.properties().get(name) else {
                self.used.borrow_mut().insert(UNKNOWN_DROPPED);
                continue;
            };
            let is_time = property["format"] == "naive-date-time";
            let value = if is_time {
                self.in_threes(value)
            } else {
                value.clone()
            };
            normal.insert(name.clone(), value);
        }
        Value::Object(normal)
    }

    fn in_threes(&self, value: &Value) -> Value {
        let text = value.as_str().unwrap();
        let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
        let fraction = fraction.trim_end_matches('0');
        let width = fraction.len().next_multiple_of(3);
        let point = if width > 0 { "." } else { "" };
        let normal = format!("{seconds}{point}{fraction:0<width$}");
        if normal != text {
            self.used.borrow_mut().insert(FRACTION_DIGITS);
        }
        Value::from(normal)
    }

    pub(crate) fn check_all_used(&self) {
        for (name, reason) in NORMALISATIONS {
            assert!(
                self.used.borrow().contains(name),
                "not needed: {name} ({reason})"
            );
        }
    }
}
