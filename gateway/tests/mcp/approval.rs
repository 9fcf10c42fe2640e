//! Approval outside the client: a call waits until a person decides about it, for exactly that call, once.

use std::fs;
use std::time::Duration;

use bpx_dispatch::Policy;
use bpx_gateway::{ApprovalError, Approvals, Decision, GatewaySettings, Scope, WaitingCall};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::support::{
    CANCEL_ALL, EXECUTE, Fixture, Plan, Reply, assert_shows_the_order, bid, numbered,
};

pub(crate) fn patient(settings: &mut GatewaySettings) {
    settings.rest = Some(([127, 0, 0, 1], 0).into());
    settings.mcp_settings.approval_wait = Duration::from_secs(60);
}

/// A call gives up at once, and can be approved afterwards.
pub(crate) fn hasty(settings: &mut GatewaySettings) {
    patient(settings);
    settings.mcp_settings.approval_wait = Duration::from_millis(1);
}

pub(crate) async fn built(gateway: fn(&mut GatewaySettings)) -> Fixture {
    Fixture::built(Plan {
        gateway,
        ..Plan::default()
    })
    .await
}

impl Fixture {
    /// What another process with the same state folder sees.
    pub(crate) fn elsewhere(&self) -> Approvals {
        Approvals::open(self.state.path()).unwrap()
    }

    /// The calls that wait, once there are so many.
    pub(crate) async fn waiting(&self, count: usize) -> Vec<WaitingCall> {
        loop {
            let waiting = self.elsewhere().waiting().unwrap();
            if waiting.len() == count {
                return waiting;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) fn approve_token(&self) -> String {
        let text = fs::read_to_string(self.gateway.approve_token_file()).unwrap();
        text.trim().to_owned()
    }

    pub(crate) fn page(&self, path: &str) -> String {
        format!(
            "http://{}/approve{path}",
            self.gateway.rest_address().unwrap()
        )
    }

    pub(crate) fn decision(&self, id: &str, decision: &str) -> RequestBuilder {
        self.http
            .post(self.page("/waiting"))
            .bearer_auth(self.approve_token())
            .json(&json!({"id": id, "decision": decision}))
    }

    /// A call by a client that cannot ask anybody.
    pub(crate) async fn unasking(&self, tool: &str, arguments: Value) -> Reply {
        let params = json!({"name": tool, "arguments": arguments});
        self.send_as(Scope::Trade, "tools/call", params, &json!({}))
            .await
    }
}

pub(crate) async fn sent(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn an_approved_order_is_placed_once_and_shown_whole() {
    let fixture = built(patient).await;
    let deciding = async {
        let call = fixture.waiting(1).await.remove(0);
        assert_eq!(fixture.placements(), 0);
        let list = fixture
            .http
            .get(fixture.page("/waiting"))
            .bearer_auth(fixture.approve_token());
        let (status, list) = sent(list).await;
        assert_eq!((status, &list["waiting"][0]["id"]), (200, &json!(call.id)));
        let shown = &list["waiting"][0];
        let summary = shown["summary"].as_str().unwrap();
        assert_shows_the_order(summary);
        assert_eq!(
            (&shown["caller"], &shown["client"]),
            (&json!("mcp:trade"), &json!("test 1"))
        );
        assert!(
            shown["policy"]
                .as_str()
                .unwrap()
                .contains("nothing is capped")
        );
        assert!(shown["waitsUntilMs"].as_u64() > list["nowMs"].as_u64());
        let (status, decided) = sent(fixture.decision(&call.id, "approve")).await;
        assert_eq!((status, &decided["decision"]), (200, &json!("approve")));
        let (status, second) = sent(fixture.decision(&call.id, "decline")).await;
        assert!(matches!(status, 404 | 409), "{second}");
    };
    let (reply, ()) = tokio::join!(fixture.unasking(EXECUTE, bid("20")), deciding);
    assert_eq!(reply.done()["price"], "20");
    assert_eq!(fixture.placements(), 1);
    assert_eq!(
        fs::read_dir(fixture.state.path().join("approvals"))
            .unwrap()
            .count(),
        0
    );
}

#[tokio::test]
async fn a_declined_call_is_not_made() {
    let fixture = built(patient).await;
    let deciding = async {
        let id = fixture.waiting(1).await.remove(0).id;
        assert_eq!(sent(fixture.decision(&id, "decline")).await.0, 200);
    };
    let market = json!({"symbol": "SOL_USDC"});
    let (reply, ()) = tokio::join!(fixture.unasking(CANCEL_ALL, market), deciding);
    assert_eq!(reply.code(), "CONFIRMATION_DECLINED");
    assert_eq!(fixture.arrived("DELETE", "/api/v1/orders"), 0);
    fixture.waiting(0).await;
}

#[tokio::test]
async fn a_call_that_waited_in_vain_sends_nothing_and_goes_through_once_when_approved_later() {
    let fixture = built(hasty).await;
    let failed = fixture.unasking(EXECUTE, bid("20")).await.failed();
    assert_eq!(failed["code"], "CONFIRMATION_TIMED_OUT");
    let detail = failed["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("nothing was sent: the client cannot ask a person"),
        "{detail}"
    );
    let fix = failed["fix"].as_str().unwrap();
    assert!(
        fix.contains(&fixture.page("")) && fix.contains("`bpx approve --state '"),
        "{fix}"
    );
    let id = fixture.waiting(1).await.remove(0).id;
    fixture.elsewhere().decide(&id, Decision::Approve).unwrap();
    assert_eq!(fixture.placements(), 0);
    fixture.unasking(EXECUTE, bid("20")).await.done();
    assert_eq!(fixture.placements(), 1);
    // It is used up.
    let again = fixture.unasking(EXECUTE, bid("20")).await;
    assert_eq!(again.code(), "CONFIRMATION_TIMED_OUT");
    assert_eq!(fixture.placements(), 1);
}

#[tokio::test]
async fn an_approval_is_worth_nothing_for_another_call() {
    let fixture = built(hasty).await;
    fixture.unasking(EXECUTE, bid("20")).await.failed();
    let id = fixture.waiting(1).await.remove(0).id;
    fixture.elsewhere().decide(&id, Decision::Approve).unwrap();
    let mut more = bid("20");
    more["postOnly"] = true.into();
    for other in [bid("21"), more, numbered("20", 7)] {
        let code = fixture.unasking(EXECUTE, other).await.code();
        assert_eq!(code, "CONFIRMATION_TIMED_OUT");
    }
    let keyed =
        json!({"name": EXECUTE, "arguments": bid("20"), "_meta": {"backpack/idempotencyKey": "k"}});
    let keyed = fixture
        .send_as(Scope::Trade, "tools/call", keyed, &json!({}))
        .await;
    assert_eq!(keyed.code(), "CONFIRMATION_TIMED_OUT");
    assert_eq!(fixture.placements(), 0);
    assert_eq!(
        fixture.call_reading(EXECUTE, bid("20")).await.code(),
        "SCOPE"
    );
    fixture.unasking(EXECUTE, bid("20")).await.done();
}

#[tokio::test]
async fn an_approval_ends_with_its_time() {
    let fixture = built(|settings| {
        hasty(settings);
        settings.mcp_settings.confirm_lifetime = Duration::from_millis(1_500);
    })
    .await;
    fixture.unasking(EXECUTE, bid("20")).await.failed();
    let call = fixture.waiting(1).await.remove(0);
    fixture
        .elsewhere()
        .decide(&call.id, Decision::Approve)
        .unwrap();
    tokio::time::sleep(Duration::from_millis(1_600)).await;
    let late = fixture.elsewhere().decide(&call.id, Decision::Approve);
    assert!(matches!(late, Err(ApprovalError::NotWaiting { .. })));
    let code = fixture.unasking(EXECUTE, bid("20")).await.code();
    assert_eq!(code, "CONFIRMATION_TIMED_OUT");
    assert_eq!(fixture.placements(), 0);
}

#[tokio::test]
async fn two_calls_of_the_same_order_need_two_approvals() {
    let fixture = built(patient).await;
    let deciding = async {
        let [first, second] = <[_; 2]>::try_from(fixture.waiting(2).await).unwrap();
        fixture
            .elsewhere()
            .decide(&first.id, Decision::Approve)
            .unwrap();
        while fixture.placements() == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        fixture
            .elsewhere()
            .decide(&second.id, Decision::Decline)
            .unwrap();
    };
    let call = || fixture.unasking(EXECUTE, bid("20"));
    let (a, b, ()) = tokio::join!(call(), call(), deciding);
    let failed = [&a, &b]
        .into_iter()
        .filter(|reply| reply.result()["isError"] == true);
    assert_eq!(
        failed.map(Reply::code).collect::<Vec<_>>(),
        ["CONFIRMATION_DECLINED"]
    );
    assert_eq!(fixture.placements(), 1);
}

#[tokio::test]
async fn an_approval_survives_a_restart_and_a_call_that_waited_does_not() {
    let plan = |gateway| Plan {
        gateway,
        ..Plan::default()
    };
    let fixture = built(hasty).await;
    fixture.unasking(EXECUTE, bid("20")).await.failed();
    let id = fixture.waiting(1).await.remove(0).id;
    fixture.elsewhere().decide(&id, Decision::Approve).unwrap();
    let fixture = fixture.restarted(plan(patient)).await;
    fixture.unasking(EXECUTE, bid("20")).await.done();
    assert_eq!(fixture.placements(), 1);
    let (url, token, http) = (
        fixture.url(),
        fixture.token(Scope::Trade),
        fixture.http.clone(),
    );
    let waits = tokio::spawn(async move {
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": EXECUTE, "arguments": bid("20")}});
        let call = http.post(url).bearer_auth(token).json(&call);
        let call = call.header("accept", "application/json, text/event-stream");
        call.header("mcp-protocol-version", "2025-06-18")
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    });
    fixture.waiting(1).await;
    let fixture = fixture.restarted(plan(patient)).await;
    let text = waits.await.unwrap();
    assert!(
        text.contains("CONFIRMATION_UNAVAILABLE") && text.contains("the gateway stops"),
        "{text}"
    );
    fixture.waiting(0).await;
    assert_eq!(fixture.placements(), 1);
}

#[tokio::test]
async fn kill_switch_and_policy_hold_between_approval_and_sending() {
    let fixture = built(patient).await;
    let killing = async {
        let id = fixture.waiting(1).await.remove(0).id;
        fixture.dispatch.kill("drill").unwrap();
        fixture.elsewhere().decide(&id, Decision::Approve).unwrap();
    };
    let (reply, ()) = tokio::join!(fixture.unasking(EXECUTE, bid("20")), killing);
    assert_eq!(reply.code(), "KILL_SWITCH");
    fixture.dispatch.revive().unwrap();
    let capping = async {
        let id = fixture.waiting(1).await.remove(0).id;
        let policy = "trading = true\n[order]\nquantity_max = \"0.5\"";
        fixture
            .dispatch
            .set_policy(Policy::parse(policy, "policy.toml").unwrap());
        fixture.elsewhere().decide(&id, Decision::Approve).unwrap();
    };
    let (reply, ()) = tokio::join!(fixture.unasking(EXECUTE, bid("20")), capping);
    assert_eq!(reply.code(), "POLICY");
    // What is refused anyway is not put before a person.
    assert_eq!(fixture.unasking(EXECUTE, bid("20")).await.code(), "POLICY");
    assert_eq!(fixture.placements(), 0);
}
