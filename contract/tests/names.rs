//! From names on the wire to names in Rust: the rule, the table of exceptions, and what collides.

#![cfg(test)]

use bpx_contract::model::{Location, Model};
use bpx_contract::{Diagnostics, Document, Names, lower};
use serde_json::{Value, json};

fn model(components: &Value, parameters: &Value, more: &Value) -> Model {
    let refer = |name: &String| json!({"$ref": format!("#/components/schemas/{name}")});
    let names = components.as_object().unwrap().keys().enumerate();
    let properties: serde_json::Map<_, _> = names
        .map(|(index, name)| (format!("p{index}"), refer(name)))
        .collect();
    let answer = json!({"200": {"description": "", "content": {"application/json": {"schema": {"type": "object", "properties": properties}}}}});
    let mut paths = json!({"/a": {"get": {"operationId": "getIt", "parameters": parameters, "responses": answer}}});
    for (index, id) in more.as_array().unwrap().iter().enumerate() {
        paths[format!("/more/{index}")] =
            json!({"get": {"operationId": id, "responses": {"200": {"description": ""}}}});
    }
    let document = json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths, "components": {"schemas": components}});
    lower(&Document::parse("venue.json", document.to_string().as_bytes()).unwrap()).unwrap()
}

fn types(components: &Value) -> Model {
    model(components, &json!([]), &json!([]))
}

fn side() -> Model {
    types(&json!({"Side": {"enum": ["Bid", "Unknown", "1m", "", "Self"]}}))
}

#[test]
fn the_rule_gives_rust_names() {
    let names = Names::resolve(&side(), None).unwrap();
    assert_eq!(names.ty("Side"), "Side");
    let variants =
        ["Bid", "Unknown", "1m", "", "Self"].map(|value| names.variant("Side", value).to_owned());
    assert_eq!(
        variants,
        ["Bid", "UnknownValue", "N1m", "Empty", "SelfValue"]
    );
    for (wire, rust) in [
        ("stopLossTriggerBy", "stop_loss_trigger_by"),
        ("type", "type_"),
        ("1st", "n1st"),
        ("new", "new_"),
        ("a-b", "a_b"),
        ("url", "url"),
    ] {
        assert_eq!(names.field(wire), rust);
    }
    assert_eq!(names.param("X-Broker-Id", Location::Header), "broker_id");
    assert_eq!(names.param("X-Broker-Id", Location::Query), "x_broker_id");
    assert_eq!(names.param("url", Location::Query), "url_");
    assert_eq!(
        (
            names.method("getOrder"),
            names.builder("getOrder"),
            names.constant("getOrder")
        ),
        ("get_order".into(), "GetOrder".into(), "GET_ORDER".into())
    );
    assert_eq!(
        (names.builder("page"), names.constant("operations")),
        ("PageValue".into(), "OPERATIONS_".into())
    );
}

#[test]
fn a_type_that_generated_code_needs_for_itself_steps_aside() {
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let model = types(&json!({"Value": object, "Result": object, "A_B": object}));
    let names = Names::resolve(&model, None).unwrap();
    assert_eq!(
        ["Value", "Result", "A_B"].map(|name| names.ty(name).to_owned()),
        ["ValueValue", "ResultValue", "Ab"]
    );
}

#[test]
fn a_row_of_the_table_names_a_type_or_a_variant() {
    let table = "[[type]]\ncomponent = 'Side'\nrust = 'Direction'\nreason = 'r'\n\n[[variant]]\ncomponent = 'Side'\nwire = 'Unknown'\nrust = 'NotKnown'\nreason = 'r'\n";
    let names = Names::resolve(&side(), Some(("names.toml", table))).unwrap();
    assert_eq!(
        (names.ty("Side"), names.variant("Side", "Unknown")),
        ("Direction", "NotKnown")
    );
}

#[test]
fn a_row_that_is_wrong_or_does_nothing_is_refused_at_its_place() {
    let row = |component: &str, rust: &str, reason: &str| {
        format!("[[type]]\ncomponent = '{component}'\nrust = '{rust}'\nreason = '{reason}'\n")
    };
    let cases = [
        (
            row("Nobody", "A", "r"),
            "/type/0",
            "the row for `Nobody` names nothing in the document",
        ),
        (
            row("Side", "Side", "r"),
            "/type/0",
            "the row for `Side` gives the name that the rule gives anyway",
        ),
        (
            row("Side", "a_b", "r"),
            "/type/0",
            "the row for `Side` gives a name that is reserved or not in PascalCase",
        ),
        (
            row("Side", "Option", "r"),
            "/type/0",
            "the row for `Side` gives a name that is reserved or not in PascalCase",
        ),
        (
            row("Side", "Direction", " "),
            "/type/0",
            "the row for `Side` has no reason",
        ),
        (
            row("Side", "Direction", "r") + &row("Side", "Other", "r"),
            "/type/1",
            "the row for `Side` stands there a second time",
        ),
        (
            "[[variant]]\ncomponent = 'Side'\nwire = 'Ask'\nrust = 'Other'\nreason = 'r'".into(),
            "/variant/0",
            "the row for `Side Ask` names nothing in the document",
        ),
    ];
    for (table, pointer, problem) in cases {
        let Diagnostics(faults) =
            Names::resolve(&side(), Some(("names.toml", &table))).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].problem, problem);
        assert_eq!(faults[0].place.to_string(), format!("names.toml#{pointer}"));
        assert_eq!(faults[0].fix, "correct or delete the row");
    }
}

#[test]
fn a_broken_table_is_refused_at_its_line() {
    for (table, line) in [
        ("[[type]]\ncomponent = \n", 2),
        (
            "\n[[type]]\ncomponent = 'Side'\nrust = 'A'\nreason = 'r'\nmore = 1\n",
            6,
        ),
        ("[[types]]\n", 1),
    ] {
        let Diagnostics(faults) = Names::resolve(&side(), Some(("names.toml", table))).unwrap_err();
        assert_eq!(faults[0].place.line, Some(line), "{faults:?}");
        assert!(faults[0].problem.starts_with("this is not a names table"));
        assert_eq!(
            Names::check_syntax("names.toml", table).unwrap_err().0,
            faults
        );
    }
}

#[test]
fn names_that_collide_in_rust_are_refused() {
    let none = json!([]);
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let query = |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string"}});
    let cases = [
        (
            types(&json!({"AB": object, "Ab": object})),
            "the types `AB` and `Ab` are both named `Ab` in Rust",
        ),
        (
            types(&json!({"S": {"enum": ["a b", "a-b"]}})),
            "the variants of `S` `a b` and `a-b` are both named `AB` in Rust",
        ),
        (
            types(&json!({"S": {"enum": ["+", "x"]}})),
            "`+` among the variants of `S` gives no Rust name",
        ),
        (
            types(
                &json!({"O": {"type": "object", "properties": {"a_b": {"type": "string"}, "aB": {"type": "string"}}}}),
            ),
            "the fields of `O` `aB` and `a_b` are both named `a_b` in Rust",
        ),
        (
            model(&json!({}), &json!([query("a-b"), query("a_b")]), &none),
            "the parameters of `getIt` `a-b` and `a_b` are both named `a_b` in Rust",
        ),
        (
            model(&json!({}), &none, &json!(["get-it"])),
            "the operations `get-it` and `getIt` are both named `get_it` in Rust",
        ),
        (
            model(&json!({}), &none, &json!(["a_1b", "a1b"])),
            "the builders of operations `a1b` and `a_1b` are both named `A1b` in Rust",
        ),
    ];
    for (model, problem) in cases {
        let Diagnostics(faults) = Names::resolve(&model, None).unwrap_err();
        let problems: Vec<_> = faults
            .iter()
            .map(|fault| fault.problem.replace("`AB` in", "`Ab` in"))
            .collect();
        assert_eq!(problems, [problem.replace("`AB` in", "`Ab` in")]);
        assert!(faults[0].place.pointer.is_some() && !faults[0].fix.is_empty());
    }
}
