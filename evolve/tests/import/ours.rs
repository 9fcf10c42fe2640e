//! Our own contracts.

use bpx_evolve::Rule;
use serde_json::{Value, json};

use crate::support::{Ours, changed_lines, component, shown, wordless};

#[test]
fn the_same_facts_change_no_byte() {
    let ours = Ours::read();
    let (same, _) = ours.import(|_| {});
    assert_eq!(same.diff.changes, []);
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
    assert_eq!(
        shown(&result),
        ["risky response-value-added OrderStatus=PendingRelease: PendingRelease"]
    );
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
    assert_eq!(
        shown(&result),
        [
            "risky response-value-added TriggerBy=OraclePrice: OraclePrice",
            "safe request-value-added TriggerBy=OraclePrice: OraclePrice",
        ]
    );
    assert_eq!(result.schema.matches("\"OraclePrice\"").count(), 3);
}

#[test]
fn a_new_field_is_reported_as_undescribed() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        component(venue, "Order")["properties"]["reduceOnly"] = json!({"type": "boolean"});
    });
    assert_eq!(
        shown(&result),
        [
            "safe response-field-added Order.reduceOnly of get_order_history: reduce_only: Option<bool>"
        ]
    );
    assert_eq!(
        wordless(&result),
        [
            "backpack-order.openapi.yaml#/components/schemas/Order/properties/reduceOnly",
            "order.schema.json#/properties/reduceOnly",
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
    assert_eq!(
        shown(&result),
        ["risky request-field-removed OrderExecutePayload.brokerId: \
             A property was removed; the server may ignore or reject it"]
    );
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
        ["breaking response-widened OrderFill.clientId of get_fills: client_id: Option<u32>"]
    );
    assert_eq!(wordless(&result), Vec::<String>::new());
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
            "breaking response-field-became-optional Order.timeInForce of get_order_history: \
             time_in_force: Option<TimeInForce>",
            "safe response-field-became-required Order.executedQuantity of get_order_history: \
             executed_quantity: Decimal",
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
            "breaking parameter-became-required orderId of get_order: order_id: String",
            "risky parameter-removed from of get_fills: \
             A parameter was removed; the server may ignore or reject it",
            "safe parameter-added taker of get_fills: taker?: bool",
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
    assert_eq!(
        shown(&result),
        ["safe operation-added amend_order of amend_order: amend_order"]
    );
    assert_eq!(result.outside, ["cancel_strategy"]);
    let patch = "backpack-order.openapi.yaml#/paths/~1api~1v1~1order/patch";
    let own = ["", "/responses/200", "/responses/202", "/responses/404"];
    assert_eq!(wordless(&result), own.map(|it| format!("{patch}{it}")));
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
            "breaking operation-moved get_order_history of get_order_history: \
             An operation has another method or path: \
             GET /wapi/v1/history/orders becomes GET /wapi/v2/history/orders",
            "breaking instruction-changed get_order of get_order: \
             The signing string is built in another way: `orderQuery` becomes `orderQueryOne`",
            "safe response-failure-status-added 409 of get_order: \
             A failure can be reported with a new status",
            "safe response-failure-status-removed 503 of get_order: \
             A failure is no longer reported with this status",
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

#[test]
fn a_renamed_operation_keeps_its_words() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        let order = venue.pointer_mut("/paths/~1api~1v1~1order/get").unwrap();
        order["operationId"] = json!("find_order");
        order["responses"]["409"] = json!({"description": "Conflict."});
    });
    assert_eq!(
        shown(&result),
        [
            "safe operation-renamed get_order of find_order: find_order",
            "safe response-failure-status-added 409 of find_order: \
             A failure can be reported with a new status",
        ]
    );
    let status = "backpack-order.openapi.yaml#/paths/~1api~1v1~1order/get/responses/409";
    assert_eq!(wordless(&result), [status]);
    let lines = changed_lines(&ours.openapi_text, &result.openapi);
    assert_eq!(lines.first().unwrap(), "-operationId: get_order");
    assert_eq!(lines.iter().filter(|it| it.starts_with('-')).count(), 1);
}

#[test]
fn another_type_in_the_same_place_is_taken_with_everything_it_uses() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        let mut trade = component(venue, "OrderFill").clone();
        trade["properties"]["flags"] = json!({"$ref": "#/components/schemas/Flags"});
        let schemas = &mut venue["components"]["schemas"];
        schemas["Trade"] = trade;
        schemas["Flags"] = json!({"type": "object", "properties": {"hidden": {"type": "boolean"}}});
        let items = "/paths/~1wapi~1v1~1history~1fills/get/responses/200/content/\
                     application~1json; charset=utf-8/schema/items";
        *venue.pointer_mut(items).unwrap() = json!({"$ref": "#/components/schemas/Trade"});
    });
    let rules: Vec<_> = result.diff.changes.iter().map(|it| it.rule.id()).collect();
    assert_eq!(
        rules,
        ["response-field-added", "type-added", "type-renamed"]
    );
    assert!(!result.openapi.contains("OrderFill"));
}

#[test]
fn a_keyword_that_the_model_does_not_keep_is_copied() {
    let ours = Ours::read();
    let result = ours.settles(|venue| {
        component(venue, "Order")["additionalProperties"] = json!(false);
    });
    let rules = result.diff.changes.iter().map(|it| it.rule);
    assert_eq!(rules.collect::<Vec<_>>(), [Rule::ResponseNarrowed]);
    let lines = changed_lines(&ours.openapi_text, &result.openapi);
    assert_eq!(lines, ["+additionalProperties: false"]);
}
