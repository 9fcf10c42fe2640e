//! Which tables are written, and what is left to whoever parses.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers stop at the first thing that is wrong"
)]

mod support;

use serde_json::{Map, Value, json};
use support::{Folder, plan_of, small};

/// The tables of the small document whose `Order` has these properties, without blanks.
fn tables(properties: &Value) -> String {
    let mut document = small();
    document["components"]["schemas"]["Order"]["properties"] = properties.clone();
    let plan = plan_of(&Folder::new(), &document).unwrap();
    plan.files["src/validators.rs"].split_whitespace().collect()
}

#[test]
fn each_field_has_a_row_with_its_kind() {
    let tables = tables(&json!({
        "id": {"type": "string"},
        "price": {"type": "string", "format": "decimal"},
        "at": {"type": "string", "format": "naive-date-time"},
        "count": {"type": "integer", "format": "uint32", "nullable": true},
        "tags": {"type": "array", "items": {"type": "boolean"}},
        "side": {"$ref": "#/components/schemas/Side"},
    }));
    for row in [
        r#"Field::must("id",Text)"#,
        r#"Field::may("price",Decimal)"#,
        r#"Field::may("at",NaiveDateTime)"#,
        r#"Field::may("count",Whole(0,4294967295)).or_null()"#,
        r#"Field::may("tags",List(&Flag))"#,
        r#"Field::may("side",Named(1))"#,
        r#"Type::values("Side",6,crate::types::Side::KNOWN)"#,
    ] {
        assert!(tables.contains(row), "{row} in {tables}");
    }
}

#[test]
fn what_has_no_table_is_in_doubt() {
    let tables = tables(&json!({
        "id": {"type": "string", "pattern": "^[0-9]+$"},
        "ratio": {"type": "number"},
        "at": {"type": "string", "format": "date-time"},
        "any": {},
    }));
    for name in ["id", "ratio", "at", "any"] {
        let row = format!("(\"{name}\",Doubt)");
        assert!(tables.contains(&row), "{row} in {tables}");
    }
}

#[test]
fn an_object_of_more_fields_than_a_table_holds_has_none_and_no_counters() {
    let field = |number: usize| (format!("f{number}"), json!({"type": "string"}));
    let mut properties: Map<String, Value> = (0..63).map(field).collect();
    properties.insert("id".to_owned(), json!({"type": "string"}));
    properties.insert(
        "side".to_owned(),
        json!({"$ref": "#/components/schemas/Side"}),
    );
    let tables = tables(&Value::Object(properties));
    assert!(tables.contains(r#"Type::doubt("Order",0)"#), "{tables}");
    assert!(tables.contains(r#"Type::values("Side",0,"#), "{tables}");
}
