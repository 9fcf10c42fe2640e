//! What the types take beyond the schema. Everything is in this table; a row that nothing needs fails.

use serde_json::{Value, json};

use crate::schema::Schema;

/// Members of which the types take more than the schema says.
pub(crate) struct Opening {
    fields: Fields,
    kind: Kind,
    #[allow(dead_code, reason = "for who reads the table")]
    reason: &'static str,
}

enum Fields {
    Optional,
    Named(&'static [&'static str]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `null`.
    Null,
    /// Any text, listed or not.
    Text,
    /// Anything.
    Any,
}

/// Members that are read in any notation.
pub(crate) const LENIENT: &[&str] = &[
    "clientId",
    "createdAt",
    "stopLossTriggerPrice",
    "takeProfitTriggerPrice",
    "triggerPrice",
    "triggerQuantity",
    "triggeredAt",
    "timestamp",
];

const OPENNESS: [Opening; 3] = [
    Opening {
        fields: Fields::Named(LENIENT),
        kind: Kind::Any,
        reason: "the venue writes them in more than one way; an odd one must not spoil an answer",
    },
    Opening {
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
        kind: Kind::Text,
        reason: "the venue adds values to these lists; a new one must not spoil an answer",
    },
    Opening {
        fields: Fields::Optional,
        kind: Kind::Null,
        reason: "the venue sends null for what does not apply; it is read as absent",
    },
];

/// One row of the table at one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) field: String,
    kind: Kind,
}

/// The table written out, in its order.
pub(crate) fn openings(schema: &Schema) -> Vec<Opened> {
    let rows = OPENNESS.iter().flat_map(|row| {
        let kind = row.kind;
        let fields = row.fields.of(schema).into_iter();
        fields.map(move |field| Opened { field, kind })
    });
    rows.collect()
}

/// The schema's document, opened so.
pub(crate) fn opened(schema: &Schema, openings: &[Opened]) -> Value {
    let mut document = schema.root.clone();
    for opened in openings {
        let property = &mut document["properties"][&opened.field];
        *property = match opened.kind {
            Kind::Text => json!({"type": "string"}),
            Kind::Any => json!(true),
            Kind::Null => json!({"anyOf": [property, {"type": "null"}]}),
        };
    }
    document
}

impl Opened {
    /// An instance that only this lets in.
    pub(crate) fn witness(&self, valid: &Value) -> Value {
        let mut instance = valid.clone();
        instance[&self.field] = match self.kind {
            Kind::Text => json!("NoSuchValue"),
            Kind::Any => json!({"odd": []}),
            Kind::Null => Value::Null,
        };
        instance
    }
}

impl Fields {
    fn of(&self, schema: &Schema) -> Vec<String> {
        let required = schema.required();
        let all = schema.properties().keys();
        let is_meant = |name: &&String| match self {
            Self::Optional => {
                !required.contains(&name.as_str()) && !LENIENT.contains(&name.as_str())
            }
            Self::Named(names) => names.contains(&name.as_str()),
        };
        all.filter(is_meant).cloned().collect()
    }
}
