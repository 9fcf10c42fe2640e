//! JSON schemas of the wire types.

use std::collections::BTreeMap;

use bpx_runtime::schemars::{JsonSchema, schema_for};
use bpx_runtime::{As, Decimal, NaiveDateTime, serde_json};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::types::{OrderStatus, Side};

#[derive(Serialize, Deserialize, JsonSchema)]
struct Level {
    #[serde(with = "As::<Decimal>")]
    price: Decimal,
    #[serde(default, with = "As::<Option<Decimal>>")]
    quantity: Option<Decimal>,
    #[serde(with = "As::<BTreeMap<String, Vec<NaiveDateTime>>>")]
    times: BTreeMap<String, Vec<NaiveDateTime>>,
    side: Side,
    status: Option<OrderStatus>,
}

#[test]
fn the_notations_stand_inline() {
    let schema = schema_for!(Level).to_value();
    let decimal = json!({"type": "string", "format": "decimal", "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"});
    assert_eq!(schema.pointer("/properties/price"), Some(&decimal));
    assert_eq!(
        schema.pointer("/properties/quantity/anyOf/0"),
        Some(&decimal)
    );
    assert_eq!(
        schema.pointer("/properties/quantity/anyOf/1"),
        Some(&json!({"type": "null"}))
    );
    let time = schema.pointer("/properties/times/additionalProperties/items/format");
    assert_eq!(time, Some(&json!("naive-date-time")));
    assert_eq!(
        schema.get("required"),
        Some(&json!(["price", "times", "side"]))
    );
}

#[test]
fn a_closed_enum_lists_its_values_and_an_open_one_allows_others() {
    let closed = schema_for!(Side).to_value();
    assert_eq!(
        (&closed["type"], &closed["enum"]),
        (&json!("string"), &json!(["Bid", "Ask"]))
    );
    let open = schema_for!(OrderStatus).to_value();
    assert_eq!(
        open["anyOf"],
        json!([{"enum": ["New", "Filled"]}, {"type": "string"}])
    );
    assert_eq!(open.get("type"), None::<&Value>);
}
