//! Faults of the exchange, as tool calls report them.

use bpx_sandbox::{Fault, Sandbox, SandboxConfig};
use serde_json::json;

use super::support::{EXECUTE, Fixture, OPEN, bid, numbered};

/// A wait that is too long for a read to be repeated.
fn busy() -> Fault {
    Fault::TooManyRequests {
        retry_after_s: Some(7),
    }
}

#[tokio::test]
async fn a_read_that_cannot_be_had_says_why_and_that_asking_again_is_safe() {
    for (fault, code) in [
        (Fault::DropBefore, "EXCHANGE_UNREADABLE"),
        (Fault::Html, "EXCHANGE_UNREADABLE"),
        (Fault::Truncated, "EXCHANGE_UNREADABLE"),
        (Fault::CutJson, "EXCHANGE_UNREADABLE"),
        (busy(), "TOO_MANY_REQUESTS"),
        (Fault::Maintenance, "MAINTENANCE"),
    ] {
        let fixture = Fixture::unasked().await;
        let rule = fault.clone().on("get_open_orders").always();
        fixture.sandbox.arm(rule).unwrap();
        let failed = fixture.call(OPEN, json!({})).await.failed();
        assert_eq!(failed["code"], code, "{fault}: {failed}");
        assert!(!failed.to_string().contains("<html"), "{failed}");
        let fix = failed["fix"].as_str().unwrap();
        assert!(fix.contains("again"), "{fault}: {fix}");
    }
}

#[tokio::test]
async fn an_order_that_was_refused_for_certain_says_that_nothing_was_changed() {
    for (fault, code) in [
        (busy(), "TOO_MANY_REQUESTS"),
        (Fault::Maintenance, "MAINTENANCE"),
    ] {
        let fixture = Fixture::unasked().await;
        fixture.sandbox.arm(fault.on("execute_order")).unwrap();
        let failed = fixture.call(EXECUTE, bid("20")).await.failed();
        assert_eq!(failed["code"], code);
        assert_eq!(failed["outcome"], "rejected");
        let fix = failed["fix"].as_str().unwrap();
        assert!(fix.starts_with("nothing was changed; wait"), "{fix}");
    }
}

#[tokio::test]
async fn how_long_the_exchange_wants_one_to_wait_is_told() {
    let fixture = Fixture::unasked().await;
    let rule = busy().on("execute_order");
    fixture.sandbox.arm(rule).unwrap();
    let failed = fixture.call(EXECUTE, bid("20")).await.failed();
    assert_eq!(failed["retryAfter"], "7");
}

#[tokio::test]
async fn an_order_whose_answer_is_lost_or_late_is_found_and_sent_once() {
    for fault in [
        Fault::DropAfter,
        Fault::Truncated,
        Fault::CutJson,
        Fault::DelayAfter { delay_ms: 2_500 },
    ] {
        let fixture = Fixture::unasked().await;
        let rule = fault.clone().on("execute_order");
        fixture.sandbox.arm(rule).unwrap();
        let found = fixture.call(EXECUTE, numbered("20", 7)).await;
        assert_eq!(found.about()["source"], "open orders", "{fault}");
        assert_eq!(fixture.placements(), 1, "{fault}");
    }
}

#[tokio::test]
async fn an_order_that_a_proxy_kept_is_proven_absent() {
    let fixture = Fixture::unasked().await;
    let rule = Fault::Html.on("execute_order");
    fixture.sandbox.arm(rule).unwrap();
    let failed = fixture.call(EXECUTE, bid("20")).await.failed();
    assert_eq!(
        (&failed["code"], &failed["outcome"]),
        (&json!("NOT_PLACED"), &json!("rejected"))
    );
}

#[tokio::test]
async fn an_exchange_that_is_gone_is_told_as_such_for_reads_and_orders() {
    let mut fixture = Fixture::unasked().await;
    let another = Sandbox::start(SandboxConfig::bare()).await.unwrap();
    let gone = std::mem::replace(&mut fixture.sandbox, another);
    let address = gone.base_url();
    gone.shutdown().await;
    for (tool, arguments) in [(OPEN, json!({})), (EXECUTE, bid("20"))] {
        let failed = fixture.call(tool, arguments).await.failed();
        assert_eq!(failed["code"], "NOT_SENT");
        assert_eq!(failed["outcome"], "not_sent");
        let detail = failed["detail"].as_str().unwrap();
        assert!(detail.contains(&address), "{detail}");
    }
}
