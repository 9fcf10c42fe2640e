//! The Inspector's command line, in both eras.

use serde_json::{Value, json};

use crate::node::{Packages, said};
use crate::support::{
    BATCH, CANCEL, CANCEL_ALL, EXECUTE, FILLS, Fixture, GET_ORDER, HISTORY, OPEN, numbered,
};
use bpx_gateway::Scope;

/// Runs the Inspector, which must succeed, and parses its output.
async fn inspect(packages: &Packages, fixture: &Fixture, era: &str, arguments: &[&str]) -> Value {
    let bearer = format!("Authorization: Bearer {}", fixture.token(Scope::Trade));
    let url = fixture.url();
    let fixed = [
        "--cli",
        &url,
        "--transport",
        "http",
        "--protocol-era",
        era,
        "--header",
        &bearer,
    ];
    let all: Vec<_> = fixed
        .iter()
        .chain(arguments)
        .map(ToString::to_string)
        .collect();
    let output = packages.run(fixture, &packages.inspector(), &all).await;
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {}", said(&output)))
}

async fn call(
    packages: &Packages,
    fixture: &Fixture,
    era: &str,
    tool: &str,
    arguments: Value,
) -> Value {
    let arguments = arguments.to_string();
    let method = ["--method", "tools/call", "--tool-name", tool];
    let all = [&method[..], &["--tool-args-json", &arguments]].concat();
    let result = inspect(packages, fixture, era, &all).await;
    assert_ne!(result["isError"], true, "{tool}: {result}");
    result["structuredContent"]["result"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_calls_all_eight_tools_in_both_eras() {
    let Some(packages) = Packages::find() else {
        return;
    };
    let fixture = Fixture::unasked().await;
    let market = json!({"symbol": "SOL_USDC"});
    for (era, first) in [("legacy", 10), ("modern", 20)] {
        let use_tool = |tool, arguments| call(&packages, &fixture, era, tool, arguments);
        assert_eq!(
            use_tool(EXECUTE, numbered("20", first)).await["status"],
            "New"
        );
        let which = json!({"symbol": "SOL_USDC", "clientId": first});
        assert_eq!(use_tool(GET_ORDER, which.clone()).await["clientId"], first);
        let orders = json!({"orders": [numbered("21", first + 1), numbered("22", first + 2)]});
        assert_eq!(use_tool(BATCH, orders).await.as_array().unwrap().len(), 2);
        assert_eq!(
            use_tool(OPEN, market.clone())
                .await
                .as_array()
                .unwrap()
                .len(),
            3
        );
        assert_eq!(use_tool(CANCEL, which).await["status"], "Cancelled");
        assert_eq!(
            use_tool(CANCEL_ALL, market.clone())
                .await
                .as_array()
                .unwrap()
                .len(),
            2
        );
        assert!(
            use_tool(HISTORY, market.clone())
                .await
                .as_array()
                .unwrap()
                .len()
                >= 3
        );
        assert_eq!(use_tool(FILLS, market.clone()).await, json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_finds_the_tools_portable_and_the_skill_whole() {
    let Some(packages) = Packages::find() else {
        return;
    };
    let fixture = Fixture::unasked().await;
    for era in ["legacy", "modern"] {
        let list = inspect(
            &packages,
            &fixture,
            era,
            &["--method", "tools/list", "--strict"],
        )
        .await;
        assert_eq!(list["tools"].as_array().unwrap().len(), 8);
    }
    let checks = ["--method", "skills/list", "--verify", "--require-digests"];
    inspect(&packages, &fixture, "modern", &checks).await;
}
