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
        ("+1", "plus_1"),
        ("-1", "minus_1"),
        ("<=", "less_equal"),
        ("_", "underscore"),
        ("\u{540d}", "u540d"),
    ] {
        let object = json!({"O": {"type": "object", "properties": {(wire): {"type": "string"}}}});
        let names = Names::resolve(&types(&object), None).unwrap();
        assert_eq!(names.field("O", wire), rust);
    }
    let param =
        |name: &str, place: &str| json!({"name": name, "in": place, "schema": {"type": "string"}});
    for (wire, place, rust) in [
        ("X-Broker-Id", "header", "broker_id"),
        ("X-Broker-Id", "query", "x_broker_id"),
        ("url", "query", "url_"),
    ] {
        let model = model(&json!({}), &json!([param(wire, place)]), &json!([]));
        let names = Names::resolve(&model, None).unwrap();
        let location = Location::parse(place).unwrap();
        assert_eq!(names.param("getIt", wire, location), rust);
    }
    let more = json!(["getOrder", "page", "operations"]);
    let names = Names::resolve(&model(&json!({}), &json!([]), &more), None).unwrap();
    assert_eq!(
        (
            names.method("getOrder"),
            names.builder("getOrder"),
            names.constant("getOrder")
        ),
        ("get_order", "GetOrder", "GET_ORDER".into())
    );
    assert_eq!(
        (names.builder("page"), names.constant("operations")),
        ("PageValue", "OPERATIONS_".into())
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
            "the row for `Side` gives a name that is reserved or not in the form of its kind (`PascalCase`, `snake_case`)",
        ),
        (
            row("Side", "Option", "r"),
            "/type/0",
            "the row for `Side` gives a name that is reserved or not in the form of its kind (`PascalCase`, `snake_case`)",
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
fn of_names_that_meet_in_rust_one_keeps_it_and_the_others_get_a_number() {
    let none = json!([]);
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let query = |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string"}});
    let names = |model: &Model| {
        let names = Names::resolve(model, None).unwrap();
        assert_eq!(names.notes.len(), 1, "{:?}", names.notes);
        assert!(names.notes[0].place.pointer.is_some());
        names
    };
    let types_of = |names: &Names| ["AB", "Ab"].map(|name| names.ty(name).to_owned());
    let found = names(&types(&json!({"AB": object, "Ab": object})));
    assert_eq!(types_of(&found), ["Ab2", "Ab"]);

    let found = names(&types(&json!({"S": {"enum": ["a b", "a-b"]}})));
    let variants = ["a b", "a-b"].map(|value| found.variant("S", value).to_owned());
    assert_eq!(variants, ["Ab", "Ab2"]);

    let text = json!({"type": "string"});
    let properties = json!({"T": text, "t": text});
    let found = names(&types(
        &json!({"O": {"type": "object", "properties": properties}}),
    ));
    assert_eq!(
        ["t", "T"].map(|wire| found.field("O", wire).to_owned()),
        ["t", "t_2"]
    );

    let found = names(&model(
        &json!({}),
        &json!([query("a-b"), query("a_b")]),
        &none,
    ));
    let param = |wire: &str| found.param("getIt", wire, Location::Query).to_owned();
    assert_eq!(["a_b", "a-b"].map(param), ["a_b", "a_b_2"]);

    let found = names(&model(&json!({}), &none, &json!(["get-it"])));
    assert_eq!(
        ["get-it", "getIt"].map(|id| found.method(id).to_owned()),
        ["get_it", "get_it_2"]
    );

    let found = names(&model(&json!({}), &none, &json!(["a_1b", "a1b"])));
    assert_eq!(
        ["a1b", "a_1b"].map(|id| found.builder(id).to_owned()),
        ["A1b", "A1b2"]
    );
}

#[test]
fn a_row_of_each_kind_gives_a_name_and_comes_before_the_rule() {
    let object = json!({"O": {"type": "object", "properties": {"T": {"type": "string"}, "t": {"type": "string"}}}});
    let query = json!([{"name": "q", "in": "query", "schema": {"type": "string"}}]);
    let model = model(&object, &query, &json!([]));
    let table = "
[[field]]
component = 'O'
wire = 'T'
rust = 'upper_t'
reason = 'r'
[[operation]]
operation = 'getIt'
rust = 'fetch'
reason = 'r'
[[parameter]]
operation = 'getIt'
wire = 'q'
in = 'query'
rust = 'words'
reason = 'r'
";
    let names = Names::resolve(&model, Some(("names.toml", table))).unwrap();
    assert_eq!(names.field("O", "T"), "upper_t");
    assert_eq!(
        (names.method("getIt"), names.builder("getIt")),
        ("fetch", "Fetch")
    );
    assert_eq!(names.param("getIt", "q", Location::Query), "words");
    assert!(names.notes.is_empty());

    let twice = table.replace("upper_t", "t2")
        + "[[field]]\ncomponent = 'O'\nwire = 't'\nrust = 't2'\nreason = 'r'\n";
    let Diagnostics(faults) = Names::resolve(&model, Some(("names.toml", &twice))).unwrap_err();
    assert_eq!(
        faults[0].problem,
        "two rows name the fields `T` and `t` both `t2`"
    );
}

#[test]
fn a_row_of_a_member_gives_its_type_where_it_is_sent_and_a_lenient_one_where_it_is_only_read() {
    let object = json!({"O": {"type": "object", "properties": {
        "at": {"type": "string"}, "id": {"type": "integer", "format": "uint32"}, "list": {"type": "array"}
    }}});
    let mut model = types(&object);
    let row = |wire: &str, rust: &str| {
        format!("[[member]]\nwire = '{wire}'\nrust = '{rust}'\nreason = 'r'\n")
    };
    let table = row("at", "Decimal") + &row("id", "u32") + &row("list", "u64");
    let given = |model: &Model| {
        let names = Names::resolve(model, Some(("names.toml", &table))).unwrap();
        ["at", "id", "list"].map(|wire| names.member_type("O", wire).unwrap_or("").to_owned())
    };
    assert_eq!(given(&model), ["Lenient<Decimal>", "Lenient<u32>", ""]);
    model.types.get_mut("O").unwrap().sent = true;
    assert_eq!(given(&model), ["Decimal", "", ""]);
    for (wire, rust) in [("none", "u32"), ("at", "String"), ("at", "f64")] {
        let table = row(wire, rust);
        assert!(Names::resolve(&model, Some(("names.toml", &table))).is_err());
    }
}
