//! Where the type differs from the schema on purpose. Everything is in these tables; a row that nothing needs fails.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::mutants::{Mutant, Mutation};
use crate::schema::Schema;

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

/// Members that are read in any notation.
const LENIENT: &[&str] = &[
    "clientId",
    "createdAt",
    "stopLossTriggerPrice",
    "takeProfitTriggerPrice",
    "triggerPrice",
    "triggerQuantity",
];
const IN_ANY_NOTATION: &str =
    "the venue writes it in more than one way; an odd one must not spoil an answer";

const DIFFERENCES: [Difference; 7] = [
    Difference {
        mutation: Mutation::Type,
        fields: Fields::Named(LENIENT),
        taken_by: TakenBy::Type,
        reason: IN_ANY_NOTATION,
    },
    Difference {
        mutation: Mutation::Format,
        fields: Fields::Named(&["createdAt"]),
        taken_by: TakenBy::Type,
        reason: IN_ANY_NOTATION,
    },
    Difference {
        mutation: Mutation::Bound,
        fields: Fields::Named(&["clientId"]),
        taken_by: TakenBy::Type,
        reason: IN_ANY_NOTATION,
    },
    Difference {
        mutation: Mutation::Null,
        fields: Fields::Named(&["createdAt"]),
        taken_by: TakenBy::Type,
        reason: IN_ANY_NOTATION,
    },
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
            "selfTradePrevention",
            "side",
            "slippageToleranceType",
            "status",
            "stopLossTriggerBy",
            "systemOrderType",
            "takeProfitTriggerBy",
            "timeInForce",
            "triggerBy",
        ]),
        taken_by: TakenBy::Type,
        reason: "the venue adds values to these lists; a new one must not spoil an answer",
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
