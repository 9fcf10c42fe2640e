//! The seam for quick validators, and the rules that only other contracts can break.

use std::sync::Arc;

use bpx_conformance::{
    Contract, Counts, Quick, QuickValidator, RunOptions, Verdict, check as check_files,
};
use bpx_contract::Document;
use bpx_recording::sources;
use serde_json::{Value, json};

use crate::support::*;

/// Gives the same verdict on every body, and counts the first slot and a null in the second.
#[derive(Debug)]
struct Says(Verdict);

impl QuickValidator for Says {
    fn judge(
        &self,
        operation: &str,
        status: Option<u16>,
        _: &[u8],
        counts: &mut Counts,
    ) -> Verdict {
        assert_eq!((operation, status), ("get_order", Some(200)));
        if self.0 == Verdict::Ok {
            counts.seen[0] = 2;
            counts.nulls[1] = 1;
        }
        self.0
    }
}

fn reported(verdict: Verdict) -> Value {
    let (contract, folder) = (ours(), folder());
    let body = with(limit_order(), &[("price", json!("abc"))]).to_string();
    let file = file(folder.path(), "a.ndjson", line(GET_ORDER, 200, JSON, &body));
    let files = sources(&[file]).unwrap();
    let mut options = RunOptions::default();
    options.quick = Quick::Given(Arc::new(Says(verdict)));
    let report = check_files(&contract, files, &options);
    json_of(&contract, &report.unwrap())
}

#[test]
fn a_quick_ok_is_final_and_what_it_saw_is_counted() {
    let report = reported(Verdict::Ok);
    assert_eq!(rules(&report), Vec::<String>::new());
    assert_eq!(report["summary"]["validated"], 1);
    let contract = ours();
    let row = report["coverage"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["operation"] == "get_order")
        .unwrap();
    assert_eq!(row["seen"][&contract.slots()[0]]["count"], 2);
    assert_eq!(
        finding(&report, "null-undeclared")["pointer"],
        contract.slots()[1].as_str()
    );
}

#[test]
fn a_quick_fail_or_doubt_goes_to_the_oracle() {
    for verdict in [Verdict::Fail, Verdict::Unsure] {
        assert_eq!(rules(&reported(verdict)), ["format-decimal"], "{verdict:?}");
    }
}

#[test]
fn the_oracles_schema_can_be_asked_for() {
    let contract = ours();
    assert_eq!(
        contract.schema_of("get_open_orders", 200).unwrap()["type"],
        "array"
    );
    assert!(contract.schema_of("cancel_order", 202).is_none());
    assert!(contract.schema_of("get_order", 418).is_none());
    assert!(contract.schema_of("nothing", 200).is_none());
}

/// One operation `GET /value/{id}` with this schema, below a base path.
fn contract_of(schema: &Value) -> Contract {
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "servers": [{"url": "https://h/base"}],
        "paths": {"/value/{id}": {"get": {
            "operationId": "value",
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}, "4XX": {"description": ""}}
        }}}
    });
    let text = document.to_string();
    Contract::openapi(Document::parse("t.json", text.as_bytes()).unwrap()).unwrap()
}

fn rules_of(schema: &Value, body: &str) -> Vec<String> {
    let line = line("GET /value/17", 200, "application/json", body);
    rules(&checked(&contract_of(schema), &[line]))
}

#[test]
fn an_object_that_fits_two_arms_is_ambiguous_and_one_that_fits_none_is_none() {
    let arm = |name: &str| json!({"type": "object", "required": [name], "properties": {name: {"type": "string"}}});
    let schema = json!({"oneOf": [arm("a"), arm("b")]});
    assert_eq!(rules_of(&schema, r#"{"a":"1"}"#), Vec::<String>::new());
    assert_eq!(
        rules_of(&schema, r#"{"a":"1","b":"2"}"#),
        ["union-ambiguous"]
    );
    assert_eq!(rules_of(&schema, r#"{"c":"1"}"#), ["union-none"]);
}

#[test]
fn bounds_of_the_contract_are_not_bounds_of_a_format() {
    let field = |field: Value| json!({"type": "object", "properties": {"v": field}});
    let bounded = field(
        json!({"type": "integer", "format": "uint8", "minimum": 5, "exclusiveMinimum": true}),
    );
    assert_eq!(rules_of(&bounded, r#"{"v":6}"#), Vec::<String>::new());
    assert_eq!(rules_of(&bounded, r#"{"v":5}"#), ["constraint-violated"]);
    assert_eq!(rules_of(&bounded, r#"{"v":256}"#), ["format-integer"]);
    assert_eq!(rules_of(&bounded, r#"{"v":null}"#), ["type-wrong"]);
    let pattern = field(json!({"type": "string", "pattern": "^[a-z]+$"}));
    assert_eq!(rules_of(&pattern, r#"{"v":"A"}"#), ["constraint-violated"]);
    let nullable = json!({"type": "object", "required": ["v"], "properties": {"v": {"type": "integer", "nullable": true}}});
    assert_eq!(rules_of(&nullable, r#"{"v":null}"#), Vec::<String>::new());
    assert_eq!(rules_of(&nullable, r#"{"v":"x"}"#), ["type-wrong"]);
    assert_eq!(rules_of(&nullable, "{}"), ["required-missing"]);
}

#[test]
fn paths_match_by_template_below_any_host_and_base() {
    let contract = contract_of(&json!({"type": "integer"})).with_base_path("/gateway/");
    for url in [
        "/value/1",
        "/base/value/1",
        "/gateway/value/x",
        "/value/1/",
        "https://other/base/value/1?",
    ] {
        let line =
            format!("{{\"method\":\"get\",\"url\":\"{url}\",\"status\":200,\"response_body\":1}}");
        assert_eq!(
            rules(&checked(&contract, &[line])),
            Vec::<String>::new(),
            "{url}"
        );
    }
    for url in [
        "/value",
        "/value/",
        "/value/1/2",
        "/elsewhere/value/1",
        "https://other/value/1",
    ] {
        let line =
            format!("{{\"method\":\"GET\",\"url\":\"{url}\",\"status\":200,\"response_body\":1}}");
        assert_eq!(
            rules(&checked(&contract, &[line])),
            ["operation-undocumented"],
            "{url}"
        );
    }
}

#[test]
fn a_class_of_statuses_documents_each_of_them() {
    let contract = contract_of(&json!({"type": "integer"}));
    let report = checked(&contract, &[line("GET /value/1", 451, "", "")]);
    assert_eq!(
        (rules(&report), &report["summary"]["validated"]),
        (vec![], &json!(1))
    );
    assert_eq!(report["coverage"][0]["never"]["statuses"], json!(["200"]));
}
