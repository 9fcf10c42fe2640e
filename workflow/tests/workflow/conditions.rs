//! The eight simple conditions, as criteria of a run.

use bpx_workflow::{Library, Outcome, SourceFiles};
use serde_json::json;

use crate::flow::{Service, step};
use crate::support::{catalog, document, object};

#[tokio::test]
async fn the_eight_conditions_hold_and_their_companions_do_not() {
    let pairs = [
        (
            "$response.body#/status == 'new'",
            "$response.body#/status == 'newer'",
        ),
        (
            "$response.body#/nope == null",
            "$response.body#/status == null",
        ),
        (
            "$response.body#/quantity > 1.5",
            "$response.body#/quantity > 10",
        ),
        (
            "$statusCode == 200 && ($response.body#/side == 'Ask' || $response.body#/side == 'Bid')",
            "$statusCode == 200 && ($response.body#/side == 'Sell' || $response.body#/side == 'Buy')",
        ),
        ("!($statusCode == 404)", "!($statusCode == 200)"),
        ("$response.body#/side != 'it''s'", "'it''s' == 'its'"),
        (
            "$response.body.status == 'New'",
            "$response.body.status == 'Filled'",
        ),
        (
            "$response.body.status != null",
            "$response.body.status == null",
        ),
    ];
    let service = Service::new(&[]).await;
    for (holds, does_not) in pairs {
        for (condition, outcome) in [(holds, Outcome::Done), (does_not, Outcome::Stopped)] {
            let reading =
                json!({"operationId": "order", "successCriteria": [{"condition": condition}]});
            let text = document(json!({}), json!([step("read", reading)]));
            let path = service.folder.path().join("eight.json");
            std::fs::write(&path, text.to_string()).unwrap();
            // What can never hold is refused when the document is read.
            let Ok(library) = Library::open(&path, &SourceFiles::default(), &catalog()) else {
                assert_eq!(outcome, Outcome::Stopped, "{condition}");
                continue;
            };
            let inputs = object(json!({}));
            let report = service
                .runner()
                .run(&library, "eight", None, inputs, &())
                .await
                .unwrap();
            assert_eq!(report.outcome, outcome, "{condition}");
        }
    }
}
