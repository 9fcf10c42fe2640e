//! What a document may say, a test for each row of the specification that no other file here has.

use bpx_arazzo::{Argument, Call, In, Payload, Target};
use bpx_contract::model::{Kind, Shape, StringFormat};
use serde_json::{Value, json};

use crate::support::{checked, passing, valid, with};

/// A document over the shop, with one step.
fn shop(step: Value) -> Value {
    json!({
        "arazzo": "1.0.1",
        "info": {"title": "Shop", "summary": "s", "description": "d", "version": "1"},
        "sourceDescriptions": [{"name": "shop", "url": "https://example.org/shop.json"}],
        "workflows": [{
            "workflowId": "visit",
            "inputs": {"type": "object", "properties": {"id": {"type": "integer", "default": 1}, "pet": {"$ref": "#/components/inputs/pet"}}, "required": ["id"]},
            "steps": [step],
        }],
        "components": {"inputs": {
            "pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "tags": {"$ref": "#/components/inputs/tags"}}},
            "tags": {"type": "array", "items": {"type": "string"}},
        }},
    })
}

fn call(document: &Value) -> (Vec<Argument>, Vec<String>) {
    match &passing(document).workflows[0].steps[0].call {
        Call::Operation {
            arguments,
            set_aside,
            ..
        } => (arguments.clone(), set_aside.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_source_without_a_type_is_openapi_and_the_description_is_kept() {
    let kept = passing(&shop(json!({"stepId": "a", "operationId": "motd"}))).description;
    assert_eq!((kept.title.as_str(), kept.doc.as_str()), ("Shop", "d"));
    assert_eq!(kept.sources[0].kind.as_str(), "openapi");
}

#[test]
fn a_credential_is_sent_as_given_where_nothing_is_signed() {
    let credential = json!({"name": "Authorization", "in": "header", "value": "$inputs.pet.name"});
    let step = json!({"stepId": "a", "operationId": "motd", "parameters": [credential]});
    let (arguments, set_aside) = call(&shop(step));
    assert_eq!(arguments[0].location, In::Header);
    assert!(set_aside.is_empty());

    let signed = with(
        valid(),
        "/workflows/0/steps/0/parameters/-",
        &json!({"name": "Authorization", "in": "header", "value": "x"}),
    );
    let refused = checked(&signed).unwrap_err().to_string();
    assert!(
        refused.contains("`get_order` has no header parameter `Authorization`"),
        "{refused}"
    );
}

#[test]
fn an_operation_is_named_bare_qualified_or_by_its_path() {
    let get = |key: &str, value: &str| {
        let parameter = json!({"name": "id", "in": "path", "value": "$inputs.id"});
        let mut step = json!({"stepId": "a", "parameters": [parameter]});
        step[key] = json!(value);
        passing(&shop(step))
    };
    let ways = [
        get("operationId", "getPet"),
        get("operationId", "$sourceDescriptions.shop.getPet"),
        get(
            "operationPath",
            "{$sourceDescriptions.shop.url}#/paths/~1pets~1{id}/get",
        ),
    ];
    for way in ways {
        let step = &way.workflows[0].steps[0];
        assert!(
            matches!(&step.call, Call::Operation { source, operation, .. } if source == "shop" && operation == "getPet")
        );
        assert!(!matches!(step.step.target, Target::Workflow(_)));
    }
}

#[test]
fn an_operation_path_without_a_method_names_the_only_operation_there() {
    let step = |path: &str| {
        checked(&shop(
            json!({"stepId": "a", "operationPath": format!("{{$sourceDescriptions.shop.url}}#/paths/{path}")}),
        ))
    };
    let only = step("~1motd").unwrap();
    assert!(
        matches!(&only.workflows[0].steps[0].call, Call::Operation { operation, .. } if operation == "motd")
    );
    let several = step("~1pets").unwrap_err().0;
    assert_eq!(
        several[0].problem,
        "step `a`: the source `shop` has several operations at /pets"
    );
    assert_eq!(
        several[0].fix,
        "end the path with the method, such as `/get`"
    );
    let none = step("~1mood").unwrap_err().0;
    assert_eq!(
        none[0].problem,
        "step `a`: the source `shop` has no operation /mood"
    );
}

#[test]
fn a_1_0_document_may_lead_into_a_body_with_dots_which_is_noted() {
    let outputs = json!({"name": "$response.body[0].name"});
    let document = shop(json!({"stepId": "a", "operationId": "listPets", "outputs": outputs}));
    let passed = passing(&document);
    assert_eq!(
        passed.workflows[0].steps[0].outputs[0].ty.shape,
        Shape::String(StringFormat::Plain)
    );
    let noted =
        "`$response.body[0].name` is read as a JSON Pointer; write it with `#/…`".to_owned();
    assert!(passed.notes.iter().any(|note| note.text == noted));
    assert!(checked(&with(document, "/arazzo", &json!("1.1.0"))).is_err());
}

#[test]
fn path_query_and_header_parameters_reach_the_operation_under_the_contracts_spelling() {
    let step = json!({"stepId": "a", "operationId": "listPets", "parameters": [
        {"name": "tag", "in": "query", "value": "dog"},
        {"name": "x-trace", "in": "header", "value": "visit {$inputs.id}"},
    ]});
    let (arguments, set_aside) = call(&shop(step));
    let spelled: Vec<_> = arguments
        .iter()
        .map(|it| (it.name.as_str(), it.location))
        .collect();
    assert_eq!(spelled, [("tag", In::Query), ("X-Trace", In::Header)]);
    assert!(
        set_aside.is_empty(),
        "an operation that is not signed has no headers to set aside"
    );
}

#[test]
fn workflow_parameters_are_inherited_and_overridden_by_name_and_place() {
    let step = json!({"stepId": "a", "operationId": "listPets", "parameters": [{"name": "tag", "in": "query", "value": "own"}]});
    let inherited = json!([{"name": "tag", "in": "query", "value": "handed down"}, {"name": "X-Trace", "in": "header", "value": "t"}]);
    let (arguments, _) = call(&with(shop(step), "/workflows/0/parameters", &inherited));
    let values: Vec<_> = arguments.iter().map(|it| it.value.clone()).collect();
    assert_eq!(
        values,
        [Payload::Literal(json!("own")), Payload::Literal(json!("t"))]
    );
}

#[test]
fn a_reusable_parameter_can_be_given_another_value() {
    let components = json!({"tag": {"name": "tag", "in": "query", "value": "cat"}});
    let step = |reusable: Value| {
        let step = json!({"stepId": "a", "operationId": "listPets", "parameters": [reusable]});
        call(&with(shop(step), "/components/parameters", &components)).0[0]
            .value
            .clone()
    };
    let reference = "$components.parameters.tag";
    assert_eq!(
        step(json!({"reference": reference})),
        Payload::Literal(json!("cat"))
    );
    assert_eq!(
        step(json!({"reference": reference, "value": "dog"})),
        Payload::Literal(json!("dog"))
    );
}

#[test]
fn reusable_actions_are_taken_as_if_they_stood_there() {
    let actions = json!({"stop": {"name": "stop", "type": "end"}});
    let step = json!({"stepId": "a", "operationId": "motd", "onSuccess": [{"reference": "$components.successActions.stop"}]});
    let passed = passing(&with(shop(step), "/components/successActions", &actions));
    assert_eq!(passed.workflows[0].steps[0].step.on_success[0].name, "stop");
}

#[test]
fn inputs_are_typed_through_references_and_their_schema_is_whole() {
    let passed = passing(&shop(json!({"stepId": "a", "operationId": "motd"})));
    let inputs = &passed.workflows[0].inputs;
    assert_eq!(inputs.root, "VisitInputs");
    let names: Vec<_> = inputs
        .fields()
        .iter()
        .map(|it| (it.name.as_str(), it.optional()))
        .collect();
    assert_eq!(names, [("id", false), ("pet", true)]);
    assert_eq!(inputs.fields()[1].shape, Shape::Named("pet".to_owned()));
    assert!(matches!(&inputs.types["pet"].kind, Kind::Object(fields) if fields.len() == 2));
    assert_eq!(
        inputs.schema.pointer("/components/inputs/tags/items/type"),
        Some(&json!("string"))
    );
}

#[test]
fn a_workflow_without_inputs_takes_none() {
    let mut document = shop(json!({"stepId": "a", "operationId": "motd"}));
    document["workflows"][0]
        .as_object_mut()
        .unwrap()
        .remove("inputs");
    assert!(passing(&document).workflows[0].inputs.fields().is_empty());
}

#[test]
fn outputs_have_the_types_of_the_contract() {
    let outputs = json!({
        "all": "$response.body", "first": "$response.body#/0/name", "tag": "$response.body#/0/tags/0",
        "email": "$response.body#/0/owner/email", "status": "$statusCode", "url": "$url", "text": "{$method} {$url}",
        "asked": "$request.query.tag", "sent": "$request.header.Accept",
    });
    let step = json!({"stepId": "a", "operationId": "listPets", "outputs": outputs});
    let passed = passing(&shop(step));
    let types: Vec<_> = passed.workflows[0].steps[0]
        .outputs
        .iter()
        .map(|it| (it.name.as_str(), it.ty.shape.clone(), it.ty.optional))
        .collect();
    let text = || Shape::String(StringFormat::Plain);
    let pets = Shape::Array(Box::new(Shape::Named("Pet".to_owned())));
    for (name, shape, optional) in [
        ("all", pets, false),
        ("first", text(), true),
        ("tag", text(), true),
        ("email", text(), true),
        ("url", text(), false),
        ("text", text(), false),
        ("asked", text(), true),
        ("sent", text(), true),
    ] {
        assert!(
            types.contains(&(name, shape, optional)),
            "{name}: {types:?}"
        );
    }
}

#[test]
fn a_204_beside_a_body_makes_outputs_optional_and_a_class_of_statuses_counts() {
    let step = |criteria: Value| {
        let parameter = json!({"name": "id", "in": "path", "value": 1});
        let step = json!({"stepId": "a", "operationId": "getPet", "parameters": [parameter], "successCriteria": criteria, "outputs": {"name": "$response.body#/name"}});
        checked(&shop(step))
    };
    let optional = |criteria: Value| {
        step(criteria).unwrap().workflows[0].steps[0].outputs[0]
            .ty
            .optional
    };
    assert!(optional(json!([])), "no criteria: any 2xx");
    assert!(!optional(json!([{"condition": "$statusCode == 200"}])));
    assert!(optional(json!([{"condition": "$statusCode < 300"}])));
    let none = step(json!([{"condition": "$statusCode == 204"}]))
        .unwrap_err()
        .0;
    assert_eq!(
        none[0].problem,
        "step `a`: `$response.body#/name`: no answer that is possible here has a body (204)"
    );
}

#[test]
fn text_answers_are_texts() {
    let step =
        json!({"stepId": "a", "operationId": "motd", "outputs": {"words": "$response.body"}});
    let passed = passing(&shop(step));
    assert_eq!(
        passed.workflows[0].steps[0].outputs[0].ty.shape,
        Shape::String(StringFormat::Plain)
    );
    let inside =
        json!({"stepId": "a", "operationId": "motd", "outputs": {"words": "$response.body#/a"}});
    let found = checked(&shop(inside)).unwrap_err().0;
    assert_eq!(
        found[0].problem,
        "step `a`: `$response.body#/a` names nothing: a text has no `a` (status 200)"
    );
}

#[test]
fn objects_handed_on_are_compared_by_what_they_must_hold() {
    let step = |pet: Value| {
        checked(&shop(
            json!({"stepId": "a", "operationId": "addPet", "requestBody": {"payload": pet}}),
        ))
    };
    assert!(step(json!({"id": "$inputs.id", "name": "Rex"})).is_ok());
    let whole = step(json!("$inputs.pet")).unwrap().warnings;
    assert_eq!(
        whole[0].problem,
        "step `a`: `$inputs.pet` may be missing, and a value is required here"
    );
    let name = step(json!({"id": 1, "name": "Rex", "owner": {"email": []}}))
        .unwrap_err()
        .0;
    assert_eq!(
        name[0].place.to_string(),
        "flow.json#/workflows/0/steps/0/requestBody/payload/owner/email"
    );
}

#[test]
fn a_document_in_yaml_reads_as_one_in_json() {
    let json = passing(&valid());
    assert_eq!(
        json.workflows[0].steps[0].step.parameters[0].location,
        Some(In::Query)
    );
    assert_eq!(json.sha256.len(), 64);
}
