//! A venue document that says something new changes our contracts there, and nowhere else.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong, in its helpers too"
)]

use std::path::{Path, PathBuf};

use bpx_contract::import::{Contracts, Import, import};
use bpx_contract::{Document, read_text};
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

struct Ours {
    openapi: Document,
    openapi_text: String,
    schema: Document,
    schema_text: String,
}

impl Ours {
    fn read() -> Self {
        let openapi = root().join("openapi/backpack-order.openapi.yaml");
        let schema = root().join("schemas/order.schema.json");
        Self {
            openapi: Document::read(&openapi).unwrap(),
            openapi_text: read_text(&openapi).unwrap(),
            schema: Document::read(&schema).unwrap(),
            schema_text: read_text(&schema).unwrap(),
        }
    }

    /// Imports our own document after `edit`, as if the venue had published it.
    fn import(&self, edit: impl Fn(&mut Value)) -> (Import, Document) {
        let mut venue = self.openapi.clone();
        venue.file = "venue.yml".to_owned();
        edit(&mut venue.value);
        let contracts = Contracts {
            openapi: &self.openapi,
            openapi_text: &self.openapi_text,
            schema: &self.schema,
            schema_text: &self.schema_text,
        };
        (import(&contracts, &venue).unwrap(), venue)
    }

    /// The same, and then: nothing is left to do by hand, and a second import finds nothing.
    fn settles(&self, edit: impl Fn(&mut Value)) -> Import {
        let (first, venue) = self.import(edit);
        assert_eq!(first.by_hand, []);
        let openapi = Document::parse("openapi.yaml", first.openapi.as_bytes()).unwrap();
        let schema = Document::parse("order.schema.json", first.schema.as_bytes()).unwrap();
        let again = Contracts {
            openapi: &openapi,
            openapi_text: &first.openapi,
            schema: &schema,
            schema_text: &first.schema,
        };
        let second = import(&again, &venue).unwrap();
        assert_eq!(second.changes, []);
        assert_eq!(second.openapi, first.openapi);
        assert_eq!(second.schema, first.schema);
        first
    }
}

fn shown(import: &Import) -> Vec<String> {
    import.changes.iter().map(ToString::to_string).collect()
}

/// Lines that one text has and the other has not, both ways.
fn changed_lines(before: &str, after: &str) -> Vec<String> {
    // JSON puts a comma behind a line once another follows.
    let lines = |text: &str| -> Vec<String> {
        let trimmed = text.lines().map(|line| line.trim_end_matches(',').trim());
        trimmed.map(str::to_owned).collect()
    };
    let (before, after) = (lines(before), lines(after));
    let minus = before.iter().filter(|line| !after.contains(line));
    let plus = after.iter().filter(|line| !before.contains(line));
    let minus = minus.map(|line| format!("-{line}"));
    minus.chain(plus.map(|line| format!("+{line}"))).collect()
}

/// A component that is there: an edit of one that is not would mean nothing.
fn component<'a>(value: &'a mut Value, name: &str) -> &'a mut Value {
    value["components"]["schemas"].get_mut(name).unwrap()
}

#[test]
fn the_same_facts_change_no_byte() {
    let ours = Ours::read();
    let (same, _) = ours.import(|_| {});
    assert_eq!(same.changes, []);
    assert_eq!(same.openapi, ours.openapi_text);
    assert_eq!(same.schema, ours.schema_text);
}

#[test]
fn a_new_enum_value_is_one_word_in_each_contract_that_lists_it() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        let values = component(venue, "OrderStatus")["enum"]
            .as_array_mut()
            .unwrap();
        values.push(json!("PendingRelease"));
    });
    assert_eq!(shown(&result), ["+ value OrderStatus::PendingRelease"]);
    let lines = changed_lines(&ours.openapi_text, &result.openapi);
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(
        lines[1].ends_with("TriggerFailed, PendingRelease]"),
        "{lines:#?}"
    );
    assert_eq!(
        changed_lines(&ours.schema_text, &result.schema),
        ["+\"PendingRelease\""]
    );
}

#[test]
fn a_new_value_of_an_enum_that_the_schema_writes_out_is_added_at_every_place() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        let values = component(venue, "TriggerBy")["enum"]
            .as_array_mut()
            .unwrap();
        values.push(json!("OraclePrice"));
    });
    assert_eq!(shown(&result), ["+ value TriggerBy::OraclePrice"]);
    assert_eq!(result.schema.matches("\"OraclePrice\"").count(), 3);
}

#[test]
fn a_new_field_comes_without_words_and_says_so() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        component(venue, "Order")["properties"]["reduceOnly"] = json!({"type": "boolean"});
    });
    assert_eq!(
        shown(&result),
        ["+ field Order.reduceOnly: boolean, optional"]
    );
    assert_eq!(
        result.wordless,
        [
            "/components/schemas/Order/properties/reduceOnly",
            &format!("{}#/properties/reduceOnly", ours.schema.file),
        ]
    );
}

#[test]
fn a_field_that_may_be_null_says_so_in_the_words_of_each_dialect() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        let properties = &mut component(venue, "Order")["properties"];
        properties["note"] = json!({"type": "string", "nullable": true});
        properties["lastSide"] =
            json!({"nullable": true, "allOf": [{"$ref": "#/components/schemas/Side"}]});
    });
    let schema: Value = serde_json::from_str(&result.schema).unwrap();
    let properties = &schema["properties"];
    assert_eq!(properties["note"]["type"], json!(["string", "null"]));
    assert_eq!(
        properties["lastSide"]["anyOf"],
        json!([{"$ref": "#/$defs/Side"}, {"type": "null"}])
    );
    assert!(!result.schema.contains("nullable"));
}

#[test]
fn a_field_that_is_gone_goes_with_its_prose_and_nothing_else() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        let properties = component(venue, "OrderExecutePayload")["properties"]
            .as_object_mut()
            .unwrap();
        properties.shift_remove("brokerId").unwrap();
    });
    assert_eq!(shown(&result), ["- field OrderExecutePayload.brokerId"]);
    assert!(result.openapi.lines().count() < ours.openapi_text.lines().count());
    assert_eq!(result.schema, ours.schema_text);
    let added = changed_lines(&ours.openapi_text, &result.openapi);
    assert!(added.iter().all(|line| line.starts_with('-')), "{added:#?}");
}

#[test]
fn a_changed_type_keeps_the_words_around_it() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        let field = &mut component(venue, "OrderFill")["properties"]["clientId"];
        field["type"] = json!("integer");
        field["format"] = json!("uint32");
    });
    assert_eq!(
        shown(&result),
        ["~ field OrderFill.clientId: uint32, optional"]
    );
    assert_eq!(result.wordless, Vec::<String>::new());
    let lines = changed_lines(&ours.openapi_text, &result.openapi);
    assert!(lines.len() <= 2, "{lines:#?}");
}

#[test]
fn required_moves_in_both_contracts() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        let required = component(venue, "Order")["required"]
            .as_array_mut()
            .unwrap();
        required.retain(|name| name != "timeInForce");
        required.push(json!("executedQuantity"));
    });
    assert_eq!(
        shown(&result),
        [
            "~ field Order.executedQuantity: decimal, required",
            "~ field Order.timeInForce: TimeInForce, optional",
        ]
    );
}

#[test]
fn parameters_come_change_and_go() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        let fills = venue
            .pointer_mut("/paths/~1wapi~1v1~1history~1fills/get/parameters")
            .unwrap();
        let list = fills.as_array_mut().unwrap();
        list.retain(|param| param["name"] != "from");
        list.push(json!({"name": "taker", "in": "query", "schema": {"type": "boolean"}}));
        let order = venue
            .pointer_mut("/paths/~1api~1v1~1order/get/parameters/1")
            .unwrap();
        order["required"] = json!(true);
    });
    assert_eq!(
        shown(&result),
        [
            "+ parameter get_fills.taker: boolean",
            "- parameter get_fills.from",
            "~ parameter get_order.orderId: string, required",
        ]
    );
}

#[test]
fn a_new_operation_under_our_tag_is_taken_and_one_under_another_is_named() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        let cancel = venue
            .pointer("/paths/~1api~1v1~1order/delete")
            .unwrap()
            .clone();
        let mut amend = cancel.clone();
        amend["operationId"] = json!("amend_order");
        amend["x-instruction"] = json!("orderAmend");
        venue["paths"]["/api/v1/order"]["patch"] = amend;
        let mut strategy = cancel;
        strategy["operationId"] = json!("cancel_strategy");
        strategy["tags"] = json!(["Strategy"]);
        venue["paths"]["/api/v1/strategy"] = json!({"delete": strategy});
    });
    assert_eq!(shown(&result), ["+ operation amend_order"]);
    assert_eq!(result.outside, ["cancel_strategy"]);
    assert_eq!(result.wordless, ["/paths/~1api~1v1~1order/patch"]);
}

#[test]
fn statuses_instructions_paths_and_answers_follow() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        let order = venue.pointer_mut("/paths/~1api~1v1~1order/get").unwrap();
        order["responses"]
            .as_object_mut()
            .unwrap()
            .shift_remove("503")
            .unwrap();
        order["responses"]["409"] = json!({"description": "Conflict."});
        order["x-instruction"] = json!("orderQueryOne");
        let moved = venue["paths"]
            .as_object_mut()
            .unwrap()
            .shift_remove("/wapi/v1/history/orders")
            .unwrap();
        venue["paths"]["/wapi/v2/history/orders"] = moved;
    });
    assert_eq!(
        shown(&result),
        [
            "~ operation get_order: instruction orderQueryOne",
            "+ status get_order 409",
            "- status get_order 503",
            "~ operation get_order_history is now GET /wapi/v2/history/orders",
        ]
    );
}

#[test]
fn comments_stay_where_they_were() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        component(venue, "OrderFill")["properties"]["venue"] = json!({"type": "string"});
        let values = component(venue, "Side")["enum"].as_array_mut().unwrap();
        values.push(json!("Both"));
    });
    let comments = |text: &str| {
        text.lines()
            .filter(|line| line.trim_start().starts_with('#'))
            .count()
    };
    assert_eq!(comments(&result.openapi), comments(&ours.openapi_text));
}
