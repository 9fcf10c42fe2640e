//! Consent: a form for the person, bound to the call it was shown for.

use std::time::Duration;

use bpx_gateway::{Confirm, Scope};
use serde_json::{Value, json};

use super::support::{
    CANCEL, CANCEL_ALL, EXECUTE, Fixture, Plan, Reply, assert_shows_the_order, bid, numbered,
};

/// The person's response to the form.
pub(crate) fn answer(action: &str, content: Value) -> Value {
    json!({"confirm": {"action": action, "content": content}})
}

pub(crate) fn yes() -> Value {
    answer("accept", json!({"confirm": true}))
}

/// The text of the form that a call results in, and the state to send back.
pub(crate) fn asked(reply: &Reply) -> (String, String) {
    let result = reply.result();
    assert_eq!(result["resultType"], "input_required", "{result}");
    let form = &result["inputRequests"]["confirm"];
    assert_eq!(form["method"], "elicitation/create");
    assert_eq!(
        form["params"]["requestedSchema"]["required"],
        json!(["confirm"])
    );
    let message = form["params"]["message"].as_str().unwrap().to_owned();
    (message, result["requestState"].as_str().unwrap().to_owned())
}

pub(crate) async fn hand_in(
    fixture: &Fixture,
    tool: &str,
    arguments: Value,
    state: &str,
    answer: Value,
) -> Reply {
    let params = json!({
        "name": tool, "arguments": arguments, "requestState": state, "inputResponses": answer,
    });
    fixture.send("tools/call", params).await
}

#[tokio::test]
async fn nothing_is_sent_before_the_person_agrees_and_the_form_shows_the_order() {
    let fixture = Fixture::built(Plan::default()).await;
    let (message, state) = asked(&fixture.call(EXECUTE, bid("20")).await);
    assert_shows_the_order(&message);
    assert_eq!(fixture.placements(), 0);
    let placed = hand_in(&fixture, EXECUTE, bid("20"), &state, yes()).await;
    assert_eq!(placed.done()["price"], "20");
    assert_eq!(fixture.placements(), 1);
}

#[tokio::test]
async fn the_second_use_of_a_consent_sends_nothing() {
    let fixture = Fixture::built(Plan::default()).await;
    let (_, state) = asked(&fixture.call(EXECUTE, bid("20")).await);
    let first = hand_in(&fixture, EXECUTE, bid("20"), &state, yes()).await;
    let second = hand_in(&fixture, EXECUTE, bid("20"), &state, yes()).await;
    assert_eq!(second.about()["replayed"], true);
    assert_eq!(first.done(), second.done());
    assert_eq!(fixture.placements(), 1);
    // The same holds for cancellations: orders opened since stay open.
    let market = json!({"symbol": "SOL_USDC"});
    let (_, state) = asked(&fixture.call(CANCEL_ALL, market.clone()).await);
    hand_in(&fixture, CANCEL_ALL, market.clone(), &state, yes())
        .await
        .done();
    let second = hand_in(&fixture, CANCEL_ALL, market, &state, yes()).await;
    assert_eq!(second.about()["replayed"], true);
    assert_eq!(fixture.arrived("DELETE", "/api/v1/orders"), 1);
}

#[tokio::test]
async fn consents_at_one_moment_send_once() {
    let fixture = Fixture::built(Plan::default()).await;
    let (_, state) = asked(&fixture.call(EXECUTE, bid("20")).await);
    let use_it = || hand_in(&fixture, EXECUTE, bid("20"), &state, yes());
    let (a, b, c) = tokio::join!(use_it(), use_it(), use_it());
    assert_eq!(a.done()["id"], b.done()["id"]);
    assert_eq!(b.done()["id"], c.done()["id"]);
    assert_eq!(fixture.placements(), 1);
}

#[tokio::test]
async fn a_consent_is_worth_nothing_for_another_call() {
    let fixture = Fixture::built(Plan::default()).await;
    let (_, state) = asked(&fixture.call(EXECUTE, bid("20")).await);
    let mut dearer = bid("20");
    dearer["quantity"] = "2".into();
    let mut more = bid("20");
    more["postOnly"] = true.into();
    for arguments in [dearer, more, numbered("20", 7)] {
        let refused = hand_in(&fixture, EXECUTE, arguments, &state, yes()).await;
        assert_eq!(refused.code(), "CONFIRMATION_INVALID");
    }
    let market = json!({"symbol": "SOL_USDC"});
    let (_, of_market) = asked(&fixture.call(CANCEL_ALL, market.clone()).await);
    let by_number = json!({"symbol": "SOL_USDC", "clientId": 7});
    let refused = hand_in(&fixture, CANCEL, by_number, &of_market, yes()).await;
    assert_eq!(refused.code(), "CONFIRMATION_INVALID");
    let keyed = json!({
        "name": EXECUTE, "arguments": bid("20"), "requestState": state, "inputResponses": yes(),
        "_meta": {"backpack/idempotencyKey": "another"},
    });
    let refused = fixture.send("tools/call", keyed).await;
    assert_eq!(refused.code(), "CONFIRMATION_INVALID");
    assert_eq!(fixture.placements(), 0);
    assert_eq!(fixture.arrived("DELETE", "/api/v1/orders"), 0);
}

#[tokio::test]
async fn a_consent_of_one_caller_is_worth_nothing_for_another() {
    let fixture = Fixture::built(Plan::default()).await;
    let (_, state) = asked(&fixture.call(EXECUTE, bid("20")).await);
    let params = json!({
        "name": EXECUTE, "arguments": bid("20"), "requestState": state, "inputResponses": yes(),
    });
    let forms = json!({"elicitation": {}});
    let reply = fixture
        .send_as(Scope::Read, "tools/call", params, &forms)
        .await;
    assert_eq!(reply.code(), "CONFIRMATION_INVALID");
    assert_eq!(fixture.placements(), 0);
}

#[tokio::test]
async fn the_order_of_members_does_not_matter_to_a_consent() {
    let fixture = Fixture::built(Plan::default()).await;
    let (_, state) = asked(&fixture.call(EXECUTE, bid("20")).await);
    let turned = json!({
        "quantity": "1", "price": "20", "orderType": "Limit", "side": "Bid", "symbol": "SOL_USDC",
    });
    hand_in(&fixture, EXECUTE, turned, &state, yes())
        .await
        .done();
}

#[tokio::test]
async fn a_consent_that_is_too_old_or_made_up_or_of_another_start_is_refused() {
    let quick = |settings: &mut bpx_gateway::GatewaySettings| {
        settings.mcp_settings.confirm_lifetime = Duration::from_millis(1);
    };
    let fixture = Fixture::built(Plan {
        gateway: quick,
        ..Plan::default()
    })
    .await;
    let (_, state) = asked(&fixture.call(EXECUTE, bid("20")).await);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let late = hand_in(&fixture, EXECUTE, bid("20"), &state, yes()).await;
    assert_eq!(late.code(), "CONFIRMATION_INVALID");

    let other = Fixture::built(Plan::default()).await;
    let (_, state) = asked(&other.call(EXECUTE, bid("20")).await);
    let changed = format!("{}A", &state[..state.len() - 1]);
    let changed = if changed == state {
        format!("{}B", &state[..state.len() - 1])
    } else {
        changed
    };
    for state in [
        state.clone(),
        changed,
        String::new(),
        "rs1.AAAA.AAAA".to_owned(),
    ] {
        let refused = hand_in(&fixture, EXECUTE, bid("20"), &state, yes()).await;
        assert_eq!(refused.code(), "CONFIRMATION_INVALID");
    }
    assert_eq!(fixture.placements() + other.placements(), 0);
}

#[tokio::test]
async fn anything_but_a_ticked_box_is_no_consent() {
    let fixture = Fixture::built(Plan::default()).await;
    let (_, state) = asked(&fixture.call(EXECUTE, bid("20")).await);
    for no in [
        answer("decline", Value::Null),
        answer("cancel", json!({"confirm": true})),
        answer("accept", json!({"confirm": false})),
        answer("accept", json!({"confirm": "true"})),
        answer("accept", json!({})),
        json!({"confirm": true}),
    ] {
        let declined = hand_in(&fixture, EXECUTE, bid("20"), &state, no).await;
        assert_eq!(declined.code(), "CONFIRMATION_DECLINED");
    }
    // Without a response the form is sent again.
    asked(&hand_in(&fixture, EXECUTE, bid("20"), &state, json!({"other": {}})).await);
    asked(
        &fixture
            .send(
                "tools/call",
                json!({"name": EXECUTE, "arguments": bid("20"), "inputResponses": yes()}),
            )
            .await,
    );
    assert_eq!(fixture.placements(), 0);
}

#[tokio::test]
async fn an_argument_is_no_consent() {
    let fixture = Fixture::built(Plan::default()).await;
    let mut order = bid("20");
    order["confirm"] = true.into();
    assert_eq!(
        fixture.call(EXECUTE, order).await.code(),
        "INVALID_ARGUMENTS"
    );
    assert_eq!(fixture.placements(), 0);
}

#[tokio::test]
async fn a_client_that_cannot_ask_is_denied_and_told_why() {
    let fixture = Fixture::built(Plan::default()).await;
    for cannot in [json!({}), json!({"elicitation": {"url": {}}})] {
        let params = json!({"name": EXECUTE, "arguments": bid("20")});
        let reply = fixture
            .send_as(Scope::Trade, "tools/call", params, &cannot)
            .await;
        let denied = reply.failed();
        assert_eq!(denied["code"], "CONFIRMATION_UNAVAILABLE");
        assert!(
            denied["fix"]
                .as_str()
                .unwrap()
                .contains("declares elicitation")
        );
    }
    assert_eq!(fixture.placements(), 0);
}

#[tokio::test]
async fn nobody_is_asked_about_what_is_refused_anyway() {
    let off = Fixture::built(Plan {
        trading: false,
        ..Plan::default()
    })
    .await;
    let refused = off.call(EXECUTE, bid("20")).await.failed();
    assert_eq!(refused["code"], "TRADING_DISABLED");
    assert!(
        refused["fix"]
            .as_str()
            .unwrap()
            .contains("start the gateway with trading allowed")
    );

    let capped = Fixture::built(Plan {
        policy: Some("trading = true\n[order]\nquantity_max = \"0.5\""),
        ..Plan::default()
    })
    .await;
    let refused = capped.call(EXECUTE, bid("20")).await.failed();
    assert_eq!(refused["code"], "POLICY");
    assert_eq!(refused["findings"][0]["pointer"], "/quantity");

    let fixture = Fixture::built(Plan::default()).await;
    assert_eq!(
        fixture.call(EXECUTE, json!({"symbol": 5})).await.code(),
        "INVALID_ARGUMENTS"
    );
    assert_eq!(
        fixture.call_reading(EXECUTE, bid("20")).await.code(),
        "SCOPE"
    );
    fixture.dispatch.kill("drill").unwrap();
    assert_eq!(fixture.call(EXECUTE, bid("20")).await.code(), "KILL_SWITCH");
    asked(
        &fixture
            .call(CANCEL_ALL, json!({"symbol": "SOL_USDC"}))
            .await,
    );
}

#[tokio::test]
async fn destructive_asks_about_cancellations_alone() {
    let fixture = Fixture::built(Plan {
        gateway: |settings| settings.mcp_settings.confirm = Confirm::Destructive,
        ..Plan::default()
    })
    .await;
    fixture.call(EXECUTE, bid("20")).await.done();
    asked(
        &fixture
            .call(CANCEL_ALL, json!({"symbol": "SOL_USDC"}))
            .await,
    );
    assert_eq!(fixture.arrived("DELETE", "/api/v1/orders"), 0);
}
