//! Results of tool calls, over the life of an order.

use bpx_gateway::Confirm;
use bpx_sandbox::Fault;
use serde_json::{Value, json};

use super::support::{
    BATCH, CANCEL, CANCEL_ALL, EXECUTE, FILLS, Fixture, GET_ORDER, HISTORY, OPEN, Plan, Reply, bid,
    numbered,
};

/// Checks that the structured content is valid against the tool's output schema, and that the text is equal to it.
fn holds(tool: &str, reply: &Reply) {
    let mut tools = bpx_venue::exposed().tools();
    let found = tools.find(|found| found.name == tool).unwrap();
    let result = reply.result();
    let structured = &result["structuredContent"];
    let validator = jsonschema::validator_for(found.operation.output_schema()).unwrap();
    if let Err(error) = validator.validate(structured) {
        panic!("{tool}: {error}: {structured}");
    }
    let text = result["content"][0]["text"].as_str().unwrap();
    assert_eq!(&serde_json::from_str::<Value>(text).unwrap(), structured);
}

async fn called(fixture: &Fixture, tool: &str, arguments: Value) -> Reply {
    let reply = fixture.call(tool, arguments).await;
    holds(tool, &reply);
    reply
}

#[tokio::test]
async fn all_eight_tools_answer_as_their_schemas_promise() {
    let fixture = Fixture::unasked().await;
    let market = json!({"symbol": "SOL_USDC"});
    let placed = called(&fixture, EXECUTE, numbered("20", 7)).await;
    assert_eq!(placed.done()["clientId"], 7);
    assert_eq!(placed.about()["clientIds"], json!([7]));
    let id = placed.done()["id"].clone();
    let found = called(
        &fixture,
        GET_ORDER,
        json!({"symbol": "SOL_USDC", "clientId": 7}),
    )
    .await;
    assert_eq!(found.done()["id"], id);
    let both = json!({"orders": [numbered("21", 8), numbered("22", 9)]});
    let batch = called(&fixture, BATCH, both).await;
    assert_eq!(batch.done().as_array().unwrap().len(), 2);
    let open = called(&fixture, OPEN, market.clone()).await;
    assert_eq!(open.done().as_array().unwrap().len(), 3);
    let gone = called(
        &fixture,
        CANCEL,
        json!({"symbol": "SOL_USDC", "orderId": id}),
    )
    .await;
    assert_eq!(gone.done()["status"], "Cancelled");
    let all = called(&fixture, CANCEL_ALL, market.clone()).await;
    assert_eq!(all.done().as_array().unwrap().len(), 2);
    let history = called(&fixture, HISTORY, market.clone()).await;
    assert_eq!(history.done().as_array().unwrap().len(), 3);
    let fills = called(&fixture, FILLS, market).await;
    assert_eq!(fills.done(), &json!([]));
    fixture.gateway.shutdown().await;
}

#[tokio::test]
async fn a_number_that_is_left_out_is_chosen_and_told() {
    let fixture = Fixture::unasked().await;
    let placed = fixture.call(EXECUTE, bid("20")).await;
    let chosen = &placed.about()["clientIds"][0];
    assert!(chosen.as_u64().unwrap() > 0);
    assert_eq!(chosen, &placed.done()["clientId"]);
}

#[tokio::test]
async fn a_page_says_where_to_go_on() {
    let fixture = Fixture::unasked().await;
    for price in ["20", "21", "22"] {
        fixture.call(EXECUTE, bid(price)).await.done();
    }
    fixture
        .call(CANCEL_ALL, json!({"symbol": "SOL_USDC"}))
        .await
        .done();
    let page = json!({"limit": 2, "sortDirection": "Asc"});
    let first = fixture.call(HISTORY, page).await;
    assert_eq!(first.about()["nextOffset"], 2);
    let page = json!({"limit": 2, "offset": 2, "sortDirection": "Asc"});
    let second = fixture.call(HISTORY, page).await;
    assert_eq!(second.done().as_array().unwrap().len(), 1);
    assert_eq!(second.about()["rows"], 1);
    assert!(second.about()["nextOffset"].is_null());
}

#[tokio::test]
async fn a_list_that_is_too_long_is_cut_after_a_row_and_goes_on_from_there() {
    let fixture = Fixture::built(Plan {
        gateway: |settings| {
            settings.mcp_settings.confirm = Confirm::Never;
            settings.mcp_settings.result_bytes_max = 1_500;
        },
        ..Plan::default()
    })
    .await;
    for price in ["20", "21", "22", "23", "24", "25"] {
        fixture.call(EXECUTE, bid(price)).await.done();
    }
    let which = json!({"symbol": "SOL_USDC"});
    let open = fixture.call(OPEN, which.clone()).await;
    let rows = open.done().as_array().unwrap().len();
    assert!((1..6).contains(&rows), "{rows}");
    let cut = open.about()["cut"].as_str().unwrap().to_owned();
    assert!(
        cut.contains(&format!("cut after {rows} rows, {} more", 6 - rows)),
        "{cut}"
    );
    let prices = all_pages(&fixture, OPEN, which.clone()).await;
    assert_eq!(prices, ["20", "21", "22", "23", "24", "25"]);
    fixture.call(CANCEL_ALL, which).await.done();
    let prices = all_pages(&fixture, HISTORY, json!({"offset": 1})).await;
    assert_eq!(prices, ["24", "23", "22", "21", "20"]);
    assert_eq!(fixture.arrived("DELETE", "/api/v1/orders"), 1);
}

/// The prices of a list of orders, page after page.
async fn all_pages(fixture: &Fixture, tool: &str, mut arguments: Value) -> Vec<String> {
    let mut prices = Vec::new();
    loop {
        let page = fixture.call(tool, arguments.clone()).await;
        holds(tool, &page);
        let rows = page.done().as_array().unwrap();
        let price = |row: &Value| row["price"].as_str().unwrap().to_owned();
        prices.extend(rows.iter().map(price));
        match page.about()["nextOffset"].as_u64() {
            Some(next) => arguments["offset"] = next.into(),
            None => return prices,
        }
    }
}

#[tokio::test]
async fn a_part_of_the_open_orders_can_be_asked_for_and_nulls_are_left_out() {
    let fixture = Fixture::unasked().await;
    for price in ["20", "21", "22"] {
        fixture.call(EXECUTE, bid(price)).await.done();
    }
    let part = fixture.call(OPEN, json!({"limit": 1, "offset": "1"})).await;
    assert_eq!(part.done()[0]["price"], "21");
    assert_eq!(
        part.about(),
        json!({"offset": 1, "rows": 1, "total": 3, "nextOffset": 2})
    );
    let members = part.done()[0].as_object().unwrap();
    assert!(
        members.values().all(|value| !value.is_null()),
        "{members:?}"
    );
    let last = fixture
        .call(OPEN, json!({"offset": 3, "limit": null}))
        .await;
    assert_eq!(last.about(), json!({"offset": 3, "rows": 0, "total": 3}));
    let refused = fixture.call(OPEN, json!({"limit": "all"})).await.failed();
    assert_eq!(refused["code"], "INVALID_ARGUMENTS");
    assert_eq!(refused["findings"][0]["pointer"], "/limit");
}

#[tokio::test]
async fn a_row_that_does_not_fit_ends_no_list_in_a_circle() {
    let fixture = Fixture::built(Plan {
        gateway: |settings| {
            settings.mcp_settings.confirm = Confirm::Never;
            settings.mcp_settings.result_bytes_max = 900;
        },
        ..Plan::default()
    })
    .await;
    fixture.call(EXECUTE, bid("20")).await;
    let open = fixture.call(OPEN, json!({})).await;
    let size = open.result().to_string().len();
    assert!(size < 900 || open.code() == "RESULT_TOO_LARGE", "{size}");
}

#[tokio::test]
async fn the_same_order_under_the_same_number_is_one_order() {
    let fixture = Fixture::unasked().await;
    let first = fixture.call(EXECUTE, numbered("20", 7)).await;
    let again = fixture.call(EXECUTE, numbered("20", 7)).await;
    assert_eq!(first.done(), again.done());
    assert_eq!(again.about()["replayed"], true);
    assert!(first.about()["replayed"].is_null());
    let batch = json!({"orders": [numbered("21", 8), numbered("22", 9)]});
    fixture.call(BATCH, batch.clone()).await.done();
    assert_eq!(fixture.call(BATCH, batch).await.about()["replayed"], true);
    assert_eq!(fixture.placements(), 2);
    // Another order with the client order id of an open one is not a repetition.
    assert_eq!(
        fixture.call(EXECUTE, numbered("23", 7)).await.code(),
        "CLIENT_ID_IN_USE"
    );
}

#[tokio::test]
async fn a_number_whose_order_has_ended_is_not_answered_with_how_it_began() {
    let fixture = Fixture::unasked().await;
    let which = json!({"symbol": "SOL_USDC", "clientId": 1});
    fixture.call(EXECUTE, numbered("20", 1)).await.done();
    fixture.call(CANCEL, which).await.done();
    let again = fixture.call(EXECUTE, numbered("20", 1)).await.failed();
    assert_eq!(again["code"], "ORDER_ENDED");
    let detail = again["detail"].as_str().unwrap();
    assert!(detail.contains("(clientId 1) is `Cancelled`"), "{detail}");
    // A batch says so of each of its orders.
    let batch = json!({"orders": [numbered("21", 8), numbered("22", 9)]});
    fixture.call(BATCH, batch.clone()).await.done();
    let which = json!({"symbol": "SOL_USDC", "clientId": 9});
    fixture.call(CANCEL, which).await.done();
    let again = fixture.call(BATCH, batch).await.failed();
    let detail = again["detail"].as_str().unwrap();
    assert!(
        detail.contains("(clientId 8) is open") && detail.contains("(clientId 9) is `Cancelled`"),
        "{detail}"
    );
    assert_eq!(fixture.placements(), 2);
    // However it is written, and where nobody could be asked.
    let mut spelled = numbered("20.00", 1);
    spelled["clientId"] = json!(1.0);
    assert_eq!(fixture.call(EXECUTE, spelled).await.code(), "ORDER_ENDED");
    // Another order may have the number now.
    let other = fixture.call(EXECUTE, numbered("23", 1)).await;
    assert_eq!(other.done()["price"], "23");
    let again = fixture.call(EXECUTE, numbered("20", 1)).await;
    assert_eq!(again.code(), "ORDER_ENDED");
    // Whoever names the call by a key asks for the outcome that it had.
    let keyed = json!({
        "name": EXECUTE, "arguments": numbered("24", 5), "_meta": {"backpack/idempotencyKey": "k"},
    });
    fixture.send("tools/call", keyed.clone()).await.done();
    let which = json!({"symbol": "SOL_USDC", "clientId": 5});
    fixture.call(CANCEL, which).await.done();
    assert_eq!(
        fixture.send("tools/call", keyed).await.done()["status"],
        "New"
    );
}

#[tokio::test]
async fn a_repeated_call_shows_the_order_as_it_is_now_or_says_that_nobody_knows() {
    let fixture = Fixture::unasked().await;
    fixture.call(EXECUTE, numbered("20", 1)).await.done();
    let again = fixture.call(EXECUTE, numbered("20", 1)).await;
    assert_eq!(again.about()["source"], "open orders");
    let batch = json!({"orders": [numbered("10", 2), numbered("11", 3)]});
    fixture.call(BATCH, batch.clone()).await.done();
    let note = |reply: &Reply| {
        reply.about()["notes"][0]["text"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let open = note(&fixture.call(BATCH, batch.clone()).await);
    assert!(open.contains("(clientId 2) is open"), "{open}");
    // An order that is closed by its first response needs no asking; another does.
    let mut taking = numbered("150", 4);
    (taking["timeInForce"], taking["quantity"]) = ("IOC".into(), "0.5".into());
    assert_eq!(
        fixture.call(EXECUTE, taking.clone()).await.done()["status"],
        "Expired"
    );
    for operation in ["get_order", "get_order_history"] {
        let rule = Fault::Maintenance.on(operation);
        fixture.sandbox.arm(rule.always()).unwrap();
    }
    assert_eq!(fixture.call(EXECUTE, taking).await.code(), "ORDER_ENDED");
    let again = fixture.call(EXECUTE, numbered("20", 1)).await;
    assert_eq!(again.done()["status"], "New");
    let unknown = note(&again);
    assert!(unknown.contains("could not be found out"), "{unknown}");
}

#[tokio::test]
async fn two_orders_alike_without_a_number_are_two() {
    let fixture = Fixture::unasked().await;
    fixture.call(EXECUTE, bid("20")).await.done();
    fixture.call(EXECUTE, bid("20")).await.done();
    assert_eq!(fixture.placements(), 2);
}

#[tokio::test]
async fn a_key_in_the_meta_makes_calls_one() {
    let fixture = Fixture::unasked().await;
    let keyed = |key: Value, arguments: Value| {
        let meta = json!({"backpack/idempotencyKey": key});
        json!({"name": EXECUTE, "arguments": arguments, "_meta": meta})
    };
    let first = fixture
        .send("tools/call", keyed("k1".into(), bid("20")))
        .await;
    let again = fixture
        .send("tools/call", keyed("k1".into(), bid("20")))
        .await;
    assert_eq!(first.done(), again.done());
    assert_eq!(fixture.placements(), 1);
    let other = fixture
        .send("tools/call", keyed("k1".into(), bid("21")))
        .await;
    assert_eq!(other.code(), "IDEMPOTENCY_KEY_REUSED");
    let number = fixture.send("tools/call", keyed(5.into(), bid("21"))).await;
    assert_eq!(number.code(), "IDEMPOTENCY_KEY_INVALID");
    let empty = fixture
        .send("tools/call", keyed("".into(), bid("21")))
        .await;
    assert_eq!(empty.code(), "IDEMPOTENCY_KEY_INVALID");
    assert_eq!(fixture.placements(), 1);
}

#[tokio::test]
async fn a_refusal_of_the_exchange_keeps_its_code_and_says_what_to_do() {
    let fixture = Fixture::unasked().await;
    let mut order = numbered("20", 7);
    order["quantity"] = "1000000".into();
    let poor = fixture.call(EXECUTE, order.clone()).await.failed();
    let again = fixture.call(EXECUTE, order).await.failed();
    assert_eq!(
        (&again["code"], &again["replayed"]),
        (&poor["code"], &json!(true))
    );
    assert_eq!(fixture.placements(), 1);
    assert_eq!(poor["code"], "INSUFFICIENT_FUNDS");
    assert_eq!(poor["outcome"], "rejected");
    assert!(
        poor["fix"]
            .as_str()
            .unwrap()
            .ends_with("with a new `clientId`"),
        "{poor}"
    );
    let absent = fixture
        .call(GET_ORDER, json!({"symbol": "SOL_USDC", "clientId": 3}))
        .await;
    assert_eq!(absent.code(), "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn calls_are_counted_by_tool_and_outcome() {
    let fixture = Fixture::built(Plan {
        gateway: |settings| settings.rest = Some(([127, 0, 0, 1], 0).into()),
        ..Plan::default()
    })
    .await;
    fixture.call(OPEN, json!({})).await.done();
    fixture.call(EXECUTE, bid("20")).await.result();
    let url = format!("http://{}/metrics", fixture.gateway.rest_address().unwrap());
    let token = fixture.token(bpx_gateway::Scope::Read);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let text = http
        .get(url)
        .bearer_auth(token)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let account = fixture.dispatch.account();
    for labels in [
        r#"face="mcp",operation="get_open_orders",outcome="done""#,
        r#"face="mcp",operation="execute_order",outcome="ASKING""#,
    ] {
        let line = format!("bpx_calls_total{{account=\"{account}\",{labels}}} 1");
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}
