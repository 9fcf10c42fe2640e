//! Types of workflows: what each takes and gives, whose names they have, and what stops the generation.

#![cfg(test)]

mod support;

use std::fs;
use std::path::PathBuf;

use bpx_codegen::{Inputs, Plan, plan};
use serde_json::{Value, json};
use support::{Folder, alone, checked_in, fixture, root, small};

/// A document with these workflows over the only source `venue`.
fn flows(workflows: Value) -> Value {
    json!({
        "arazzo": "1.0.1", "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "venue", "url": "./venue.json", "type": "openapi"}],
        "workflows": workflows,
    })
}

/// A workflow that reads the order of the small document.
fn reading(id: &str, inputs: Value, outputs: Value) -> Value {
    json!({
        "workflowId": id, "inputs": {"type": "object", "properties": inputs},
        "steps": [{"stepId": "one", "operationId": "getOrder", "outputs": {"id": "$response.body#/id", "side": "$response.body#/side"}}],
        "outputs": outputs,
    })
}

fn with(workflows: Vec<PathBuf>, openapi: PathBuf) -> Result<Plan, String> {
    let inputs = Inputs {
        workflows,
        ..alone(openapi)
    };
    plan(&inputs).map_err(|error| error.to_string())
}

/// The small document with a file of these workflows.
fn typed(folder: &Folder, workflows: Value) -> Result<Plan, String> {
    let openapi = folder.json("venue.json", &small());
    with(vec![folder.json("flow.json", &flows(workflows))], openapi)
}

/// The lines of the digest under a heading.
fn members(plan: &Plan, heading: &str) -> Vec<String> {
    let surface = &plan.files["SURFACE.md"];
    let below = surface.split_once(&format!("### `{heading}` ")).unwrap().1;
    let lines = below.lines().skip(2).take_while(|it| !it.is_empty());
    lines.map(str::to_owned).collect()
}

#[test]
fn inputs_and_outputs_of_our_workflow_have_the_contracts_types() {
    let plan = plan(&checked_in()).unwrap();
    assert_eq!(plan.workflows, 1);
    assert_eq!(
        members(&plan, "CancelReplaceOrderInputs"),
        [
            "- `client_id: Option<u32>` = `clientId`",
            "- `new_price: Decimal` = `newPrice`",
            "- `new_quantity: Decimal` = `newQuantity`",
            "- `order_id: String` = `orderId`",
            "- `partial_fill: CancelReplaceOrderPartialFill` = `partialFill`",
            "- `side: Option<Side>`",
            "- `symbol: String`",
        ]
    );
    let outputs = members(&plan, "CancelReplaceOrderOutputs");
    for expected in [
        "- `cancelled_order_id: String` = `cancelledOrderId`",
        "- `executed_quantity: Decimal` = `executedQuantity`",
        "- `new_order_id: String` = `newOrderId`",
        "- `new_status: OrderStatus` = `newStatus`",
        "- `final_status: Option<OrderStatus>` = `finalStatus`",
    ] {
        assert!(outputs.contains(&expected.to_owned()), "{outputs:?}");
    }
}

#[test]
fn the_published_workflow_takes_no_signature_and_what_a_202_leaves_empty_is_optional() {
    let upstream = root().join("../shared/upstream");
    let workflow = upstream.join("cancel-replace-order.arazzo.yml");
    if !workflow.is_file() {
        println!("skipped: {} is not there", workflow.display());
        return;
    }
    let openapi = upstream.join("backpack-order-api-openapi.yml");
    let plan = with(vec![workflow], openapi).unwrap();
    let inputs = members(&plan, "CancelReplaceOrderInputs");
    let names: Vec<_> = inputs
        .iter()
        .map(|it| it.split(':').next().unwrap())
        .collect();
    let expected = ["new_price", "new_quantity", "order_id", "side", "symbol"];
    assert_eq!(names, expected.map(|it| format!("- `{it}")));
    let outputs = members(&plan, "CancelReplaceOrderOutputs");
    assert_eq!(
        outputs[0],
        "- `cancelled_order_id: Option<String>` = `cancelledOrderId`"
    );
    let note = "the contract stands for the source `backpackApi`";
    assert!(plan.notes.iter().any(|it| it.text.contains(note)));
}

#[test]
fn what_is_run_is_what_the_types_were_made_from() {
    let plan = plan(&checked_in()).unwrap();
    let path = &checked_in().workflows[0];
    let sha256 = bpx_contract::Document::read(path).unwrap().sha256;
    let mut file = syn::parse_file(&plan.files["src/workflows.rs"]).unwrap();
    let mut texts = Texts::default();
    syn::visit_mut::visit_file_mut(&mut texts, &mut file);
    let text = fs::read_to_string(path).unwrap();
    for expected in ["cancel-replace-order.arazzo.yaml", &sha256, &text] {
        assert!(texts.0.iter().any(|it| it == expected), "{expected}");
    }
}

/// Every text of a file.
#[derive(Default)]
struct Texts(Vec<String>);

impl syn::visit_mut::VisitMut for Texts {
    fn visit_lit_str_mut(&mut self, text: &mut syn::LitStr) {
        self.0.push(text.value());
    }
}

#[test]
fn an_output_that_a_way_to_the_end_leaves_out_is_optional() {
    let folder = Folder::new();
    let end = json!({"name": "end", "type": "end", "x-bpx-outcome": "done", "criteria": [{"condition": "$statusCode == 200"}]});
    let mut early = reading(
        "early",
        json!({}),
        json!({"id": "$steps.one.outputs.id", "again": "$steps.two.outputs.id", "side": "$steps.one.outputs.side"}),
    );
    let mut second = early["steps"][0].clone();
    second["stepId"] = "two".into();
    early["steps"][0]["onSuccess"] = json!([end]);
    early["steps"].as_array_mut().unwrap().push(second);
    let plan = typed(&folder, json!([early])).unwrap();
    assert_eq!(
        members(&plan, "EarlyOutputs"),
        [
            "- `again: Option<String>`",
            "- `id: String`",
            "- `side: Option<Side>`"
        ]
    );
}

#[test]
fn what_must_equal_a_required_input_is_there() {
    let folder = Folder::new();
    let outputs = json!({"side": "$steps.one.outputs.side"});
    let mut workflow = reading("look", json!({"wanted": {"type": "string"}}), outputs);
    workflow["steps"][0]["successCriteria"] = json!([
        {"condition": "$statusCode == 200"},
        {"condition": "$response.body#/side == $inputs.wanted"},
    ]);
    let plan = typed(&folder, json!([workflow])).unwrap();
    assert_eq!(members(&plan, "LookOutputs"), ["- `side: Option<Side>`"]);
    workflow["inputs"]["required"] = json!(["wanted"]);
    let plan = typed(&folder, json!([workflow])).unwrap();
    assert_eq!(members(&plan, "LookOutputs"), ["- `side: Side`"]);
}

#[test]
fn another_workflow_that_takes_over_gives_outputs_of_its_own() {
    let folder = Folder::new();
    let outputs = json!({"id": "$steps.one.outputs.id"});
    let mut over = reading("over", json!({}), outputs.clone());
    over["steps"][0]["onFailure"] = json!([{"name": "go", "type": "goto", "workflowId": "other"}]);
    let plan = typed(&folder, json!([over, reading("other", json!({}), outputs)])).unwrap();
    assert_eq!(members(&plan, "OverOutputs"), ["- `id: Option<String>`"]);
    assert_eq!(members(&plan, "OtherOutputs"), ["- `id: String`"]);
}

#[test]
fn names_that_collide_get_a_number_and_those_of_the_contract_stay() {
    let folder = Folder::new();
    let input =
        json!({"mode": {"enum": ["a", "b"]}, "free": {}, "sides": {"enum": ["Ask", "Bid"]}});
    let ids = ["order", "a-b", "aB", "type", "Self"];
    let workflows: Vec<_> = ids
        .map(|it| reading(it, input.clone(), json!({"mode": "$inputs.mode"})))
        .into();
    let plan = typed(&folder, workflows.into()).unwrap();
    let surface = &plan.files["SURFACE.md"];
    for expected in [
        "`Order2` = `order`",
        "`Ab` = `a-b`",
        "`Ab2` = `aB`",
        "`Type` = `type`",
        "`SelfValue` = `Self`",
    ] {
        assert!(surface.contains(expected), "{expected}\n{surface}");
    }
    let numbered = plan.notes.iter().filter(|it| it.text.contains("is taken"));
    assert_eq!(numbered.count(), 2, "{:?}", plan.notes);
    assert_eq!(
        members(&plan, "Ab2Inputs"),
        [
            "- `free: Option<Value>`",
            "- `mode: Option<Ab2Mode>`",
            "- `sides: Option<Side>`"
        ]
    );
}

#[test]
fn a_row_of_the_names_table_names_a_type_of_a_workflow() {
    let folder = Folder::new();
    let input = json!({"mode": {"enum": ["a", "b"]}, "part": {"type": "object", "properties": {"x": {"type": "string"}}}});
    let flow = flows(json!([reading("look", input, json!({}))]));
    let row = "[[type]]\ncomponent = 'LookMode'\nrust = 'Mode'\nreason = 'r'\n";
    let inputs = Inputs {
        workflows: vec![folder.json("flow.json", &flow)],
        names: Some(folder.write("names.toml", row)),
        ..alone(folder.json("venue.json", &small()))
    };
    assert_eq!(
        members(&plan(&inputs).unwrap(), "LookInputs"),
        ["- `mode: Option<Mode>`", "- `part: Option<LookPart>`"]
    );
}

#[test]
fn a_required_input_that_may_be_null_is_sent_as_null() {
    let folder = Folder::new();
    let nullable = json!({"type": ["string", "null"]});
    let mut workflow = reading(
        "look",
        json!({"note": nullable, "other": nullable}),
        json!({}),
    );
    workflow["inputs"]["required"] = json!(["note"]);
    let plan = typed(&folder, json!([workflow])).unwrap();
    let text = &plan.files["src/workflows.rs"];
    let fields = text.split_once("pub struct LookInputs {").unwrap().1;
    let (note, other) = fields.split_once("pub note: Option<String>").unwrap();
    assert!(!note.contains("skip_serializing_if"), "{note}");
    let (other, _) = other
        .split_once("pub other: Option<Option<String>>")
        .unwrap();
    assert!(other.contains("skip_serializing_if"), "{other}");
}

#[test]
fn an_input_that_nobody_may_see_is_not_shown() {
    let folder = Folder::new();
    let text = json!({"type": "string"});
    let inputs =
        json!({"apiToken": text, "pin": {"type": "string", "format": "password"}, "symbol": text});
    let plan = typed(&folder, json!([reading("look", inputs, json!({}))])).unwrap();
    let text = &plan.files["src/workflows.rs"];
    let flat: String = text.split_whitespace().collect();
    for expected in [
        "#[derive(Clone,PartialEq,Serialize,Deserialize)]#[cfg_attr(feature=\"schemars\",derive(schemars::JsonSchema))]#[non_exhaustive]pubstructLookInputs",
        ".field(\"api_token\",&\"[redacted]\").field(\"pin\",&\"[redacted]\").field(\"symbol\",&self.symbol)",
    ] {
        assert!(flat.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn a_workflow_that_fails_the_checker_fails_the_generation_beside_other_faults() {
    let folder = Folder::new();
    let flow = reading("look", json!({}), json!({"id": "$steps.one.outputs.idd"}));
    let inputs = Inputs {
        workflows: vec![
            folder.json("flow.json", &flows(json!([flow]))),
            folder.path("missing.yaml"),
        ],
        names: Some(folder.write("names.toml", "[[type]]")),
        ..alone(folder.json("venue.json", &small()))
    };
    let message = plan(&inputs).unwrap_err().to_string();
    for expected in [
        "flow.json#/workflows/0/outputs/id\n  fix: the nearest is `id`",
        "step `one` has no output `idd`",
        "missing.yaml\n  fix:",
        "names.toml",
    ] {
        assert!(message.contains(expected), "{expected}\n{message}");
    }
}

#[test]
fn inputs_that_would_have_one_name_get_a_number_and_a_note() {
    let folder = Folder::new();
    let text = json!({"type": "string"});
    let inputs = json!({"newPrice": text, "new_price": text});
    let plan = typed(&folder, json!([reading("look", inputs, json!({}))])).unwrap();
    let message: Vec<_> = plan.notes.iter().map(ToString::to_string).collect();
    let named = "the field `newPrice` is named `new_price_2`: `new_price` is taken by `new_price`";
    let is_told = |note: &String| note.contains("flow.json#/workflows/0") && note.ends_with(named);
    assert!(message.iter().any(is_told), "{message:?}");
}

#[test]
fn of_several_sources_each_is_read_from_its_file_and_foreign_types_are_any_value() {
    let folder = Folder::new();
    let mut other = small();
    other["paths"]["/order"]["get"]["operationId"] = "otherOrder".into();
    other["components"]["schemas"]["Order"]["properties"]["depth"] = json!({"type": "integer"});
    folder.json("other.json", &other);
    let mut document = flows(json!([{
        "workflowId": "two",
        "steps": [
            {"stepId": "ours", "operationId": "$sourceDescriptions.venue.getOrder", "outputs": {"all": "$response.body"}},
            {"stepId": "theirs", "operationId": "$sourceDescriptions.other.otherOrder",
             "outputs": {"all": "$response.body", "depth": "$response.body#/depth"}}],
        "outputs": {"ours": "$steps.ours.outputs.all", "theirs": "$steps.theirs.outputs.all", "depth": "$steps.theirs.outputs.depth"},
    }]));
    let source = json!({"name": "other", "url": "./other.json", "type": "openapi"});
    document["sourceDescriptions"]
        .as_array_mut()
        .unwrap()
        .push(source);
    let openapi = folder.json("venue.json", &small());
    let plan = with(vec![folder.json("flow.json", &document)], openapi).unwrap();
    assert_eq!(
        members(&plan, "TwoOutputs"),
        [
            "- `depth: Option<i64>`",
            "- `ours: Order`",
            "- `theirs: Value`"
        ]
    );
}

/// Forms, parts, selectors, objects and lists as inputs, doubts, and a document whose own source has our source's name.
#[test]
fn workflows_of_other_apis_have_types_too() {
    let shop = vec![fixture("shop.arazzo.yaml")];
    let plan = with(shop, fixture("shop.openapi.yaml")).unwrap();
    assert_eq!(
        members(&plan, "PublishInputs").join(" "),
        "- `address: PublishAddress` - `copies: Option<i64>` - `id: Option<String>` - `login: Option<PublishLogin>` - `tags: Option<Vec<PublishTagsItem>>`"
    );
    assert_eq!(
        members(&plan, "PublishOutputs").join(" "),
        "- `access: String` - `first: Option<String>` - `made: Picture` - `size: Option<i64>` - `tags: Option<Value>` - `wood: String`"
    );
    let doubts = plan.notes.iter().map(ToString::to_string);
    let doubts = doubts.filter(|it| it.contains("may be missing, and a value is required"));
    assert!(doubts.count() > 0, "{:?}", plan.notes);
}

#[test]
fn a_document_that_leads_back_to_itself_is_told() {
    let folder = Folder::new();
    let mut document = flows(json!([reading("look", json!({}), json!({}))]));
    let source = json!({"name": "again", "url": "./flow.json", "type": "arazzo"});
    document["sourceDescriptions"]
        .as_array_mut()
        .unwrap()
        .push(source);
    let openapi = folder.json("venue.json", &small());
    let message = with(vec![folder.json("flow.json", &document)], openapi).unwrap_err();
    assert!(message.contains("reached again"), "{message}");
}

#[test]
fn without_a_workflow_there_is_nothing_of_them_and_every_odd_one_has_a_surface() {
    let plan = with(Vec::new(), fixture("odd.openapi.yaml")).unwrap();
    assert!(!plan.files.contains_key("src/workflows.rs"));
    assert!(!plan.files["src/lib.rs"].contains("workflows"));
    let odd = vec![fixture("odd.arazzo.yaml")];
    let plan = with(odd, fixture("odd.openapi.yaml")).unwrap();
    assert_eq!(plan.workflows, 17);
    let inputs = members(&plan, "TypeInputs");
    for expected in [
        "- `type_: String` = `type`",
        "- `n1st: Value` = `1st`",
        "- `known_: Option<NaiveDateTime>` = `known`",
        "- `new_: Option<DateTime<Utc>>` = `new`",
        "- `list: Vec<Decimal>`",
        "- `map: Option<BTreeMap<String, Vec<i64>>>`",
        "- `node: TypeNode`",
        "- `side: Option<Side>` = `Side`",
    ] {
        assert!(
            inputs.contains(&expected.to_owned()),
            "{expected}: {inputs:?}"
        );
    }
    assert_eq!(members(&plan, "TypeAb"), ["- `one: String`"]);
    assert_eq!(members(&plan, "TypeAb2"), ["- `two: i64`"]);
    assert_eq!(members(&plan, "TypeInputs2"), ["- `three: Option<bool>`"]);
    // A name in capitals does not move the types of its neighbours.
    for expected in ["pub side: Option<Side>", "pub price: Decimal"] {
        assert!(plan.files["src/workflows.rs"].contains(expected));
    }
}
