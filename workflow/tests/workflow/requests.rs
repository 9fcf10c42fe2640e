//! What a request holds, and what criteria and outputs see of its response.

use bpx_runtime::Options;
use bpx_workflow::{Error, Library, SourceFiles};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Bench, catalog, document, is_done, object, parse};

#[tokio::test]
async fn outputs_can_hold_headers_of_a_response_that_came_through_dispatch() {
    let bench = Bench::new().await;
    bench.bid(json!({})).await;
    let read = json!({"stepId": "read", "operationId": "get_order_history",
        "outputs": {"total": "$response.header.X-TOTAL"}});
    let mut text = document(json!({}), json!([read]));
    text["workflows"][0]["outputs"] = json!({"total": "$steps.read.outputs.total"});
    let report = bench.run(&parse(&text), json!({})).await;
    is_done(&report);
    assert_eq!(report.outputs["total"], "1");
}

#[tokio::test]
async fn an_operation_of_a_service_whose_arguments_share_a_name_is_refused_before_anything_is_sent()
{
    let parameter = |location: &str| json!({"name": "id", "in": location, "required": true, "schema": {"type": "string"}});
    let operation = json!({"operationId": "read", "parameters": [parameter("path"), parameter("query")],
        "responses": {"200": {"description": ""}}});
    let contract = json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"},
        "paths": {"/things/{id}": {"get": operation}}});
    let arguments = json!([{"name": "id", "in": "path", "value": "1"}, {"name": "id", "in": "query", "value": "2"}]);
    let step = json!({"stepId": "read", "operationId": "read", "parameters": arguments});
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("venue.yaml"), contract.to_string()).unwrap();
    let path = folder.path().join("flow.json");
    std::fs::write(&path, document(json!({}), json!([step])).to_string()).unwrap();
    let library = Library::open(&path, &SourceFiles::default(), &catalog()).unwrap();

    let runner = Bench::new().await.runner();
    let runner = runner.with_service(None, "http://127.0.0.1:9", Options::default());
    let inputs = object(json!({}));
    let refused = runner
        .unwrap()
        .run(&library, "flow", None, inputs, &())
        .await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(&refused, Error::SameName { argument, .. } if argument == "id"),
        "{refused}"
    );
    assert_eq!(refused.location().as_deref(), Some("step `read`"));
}
