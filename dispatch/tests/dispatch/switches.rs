//! The switches: trading, the kill switch; and what the status says of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bpx_dispatch::{Dispatch, Refused};
use bpx_sandbox::Fault;
use bpx_venue::operations::{CANCEL_OPEN_ORDERS, CANCEL_ORDER, GET_OPEN_ORDERS};
use serde_json::json;

use crate::support::{Bench, batch, call, done, make, open_orders, place, refuse};

#[tokio::test]
async fn trading_needs_the_switch_and_a_policy_that_does_not_forbid_it() {
    let bench = Bench::new().await;
    let read_only = Dispatch::open(bench.settings().allow_trading(false))
        .await
        .unwrap();
    let refused = refuse(&read_only, place("20")).await;
    assert!(
        matches!(
            refused,
            Refused::TradingDisabled {
                why: "the operator's switch is off",
                ..
            }
        ),
        "{refused}"
    );
    let cancel = call(&CANCEL_OPEN_ORDERS, json!({"symbol": "SOL_USDC"}));
    assert_eq!(refuse(&read_only, cancel).await.code(), "TRADING_DISABLED");
    assert!(open_orders(&read_only).await.is_empty(), "reads go through");
    let silent = bench.open_with_policy("").await;
    assert_eq!(
        refuse(&silent, place("20")).await.code(),
        "TRADING_DISABLED"
    );
    assert!(
        silent
            .status()
            .await
            .trading_off
            .unwrap()
            .contains("policy file")
    );
    assert_eq!(bench.arrived("POST", "/api/v1/order"), 0);
}

#[tokio::test]
async fn the_kill_switch_stops_placements_lets_cancellations_through_and_survives_a_restart() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let placed = make(&dispatch, place("20").with_idempotency_key("k")).await;
    make(&dispatch, place("21")).await;
    dispatch.kill("  prices\nlook wrong ").unwrap();
    dispatch.close().await;
    let dispatch = bench.open().await;
    for call in [place("20"), batch(&["20"])] {
        let refused = refuse(&dispatch, call).await;
        assert!(
            matches!(&refused, Refused::Killed { reason } if reason == "prices look wrong"),
            "{refused}"
        );
    }
    let again = make(&dispatch, place("20").with_idempotency_key("k")).await;
    assert!(again.replayed, "an outcome may be known");
    assert_eq!(open_orders(&dispatch).await.len(), 2);
    let cancel = json!({"symbol": "SOL_USDC", "orderId": done(&placed).order_ids[0]});
    done(&make(&dispatch, call(&CANCEL_ORDER, cancel)).await);
    done(
        &make(
            &dispatch,
            call(&CANCEL_OPEN_ORDERS, json!({"symbol": "SOL_USDC"})),
        )
        .await,
    );
    assert_eq!(
        dispatch.status().await.killed.as_deref(),
        Some("prices look wrong")
    );
    dispatch.revive().unwrap();
    dispatch.revive().unwrap();
    done(&make(&dispatch, place("20")).await);
}

#[tokio::test]
async fn the_kill_switch_in_the_middle_of_a_batch_leaves_the_one_that_was_sent_whole() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let late = Fault::DelayAfter { delay_ms: 500 };
    bench.sandbox.arm(late.on("execute_order_batch")).unwrap();
    let kill = async {
        while bench.arrived("POST", "/api/v1/orders") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        dispatch.kill("enough").unwrap();
        refuse(&dispatch, batch(&["20"])).await
    };
    let (settled, refused) = tokio::join!(make(&dispatch, batch(&["20", "21", "22"])), kill);
    assert!(matches!(refused, Refused::Killed { .. }), "{refused}");
    assert_eq!(done(&settled).order_ids.len(), 3);
    assert_eq!(open_orders(&dispatch).await.len(), 3);
    assert_eq!(bench.arrived("POST", "/api/v1/orders"), 1);
}

#[tokio::test]
async fn a_kill_file_made_by_hand_and_one_that_cannot_be_read_stop_placements_too() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let file = bench.state.path().join("kill");
    std::fs::write(&file, "").unwrap();
    assert!(
        refuse(&dispatch, place("20"))
            .await
            .to_string()
            .contains("no reason given")
    );
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert!(
        refuse(&dispatch, place("20"))
            .await
            .to_string()
            .contains("cannot be read")
    );
}

#[tokio::test]
async fn the_status_tells_a_journal_that_can_be_written_from_one_that_cannot() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let status = dispatch.status().await;
    assert_eq!(
        (status.trading_off, status.killed, status.journal_failure),
        (None, None, None)
    );
    assert_eq!(
        (status.in_flight, status.is_closed, status.has_policy),
        (0, false, false)
    );
    let (fingerprint, exchange) = status.account.split_once('@').unwrap();
    assert_eq!(fingerprint.len(), 16);
    assert!(bench.sandbox.base_url().ends_with(exchange));
    dispatch.close().await;
    let status = dispatch.status().await;
    assert!(status.is_closed && status.journal_failure.is_some());
}

#[tokio::test]
async fn a_check_says_what_the_call_would_say_and_neither_writes_nor_sends() {
    let bench = Bench::new().await;
    let dispatch = bench
        .open_with_policy("trading = true\nsymbols = [\"BTC_USDC\"]")
        .await;
    let writes = count_writes(&dispatch);
    let cancel = || call(&CANCEL_OPEN_ORDERS, json!({"symbol": "SOL_USDC"}));
    let mut wrong = place("20");
    wrong.arguments.remove("symbol");
    for refused in [
        place("20"),
        wrong,
        place("20").with_idempotency_key("two words"),
    ] {
        let said = dispatch.check(&refused).unwrap_err().to_string();
        assert_eq!(said, refuse(&dispatch, refused).await.to_string());
    }
    dispatch.check(&cancel()).unwrap();
    dispatch.kill("drill").unwrap();
    let killed = dispatch.check(&place("20")).unwrap_err();
    assert_eq!(killed.code(), "KILL_SWITCH");
    dispatch.check(&cancel()).unwrap();
    let unknown = call(&GET_OPEN_ORDERS, json!({"simbol": "X"}));
    assert_eq!(
        dispatch.check(&unknown).unwrap_err().code(),
        "INVALID_ARGUMENTS"
    );
    assert_eq!(writes.load(Ordering::Relaxed), 0);
    assert!(bench.sandbox.verified().is_empty());
}

#[tokio::test]
async fn whoever_watches_the_journal_is_told_of_each_durable_write() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let writes = count_writes(&dispatch);
    open_orders(&dispatch).await;
    assert_eq!(writes.load(Ordering::Relaxed), 0);
    make(&dispatch, place("20")).await;
    // The intent, its outcome.
    assert_eq!(writes.load(Ordering::Relaxed), 2);
    dispatch.status().await;
    assert_eq!(writes.load(Ordering::Relaxed), 3);
}

fn count_writes(dispatch: &Dispatch) -> Arc<AtomicUsize> {
    let writes = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&writes);
    dispatch.watch_journal(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    writes
}

#[tokio::test]
async fn what_is_not_in_the_journal_is_not_sent() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    done(&make(&dispatch, place("20")).await);
    let journal = sqlx::SqlitePool::connect(&format!("sqlite://{}", bench.journal().display()))
        .await
        .unwrap();
    sqlx::query("DROP TABLE day")
        .execute(&journal)
        .await
        .unwrap();
    let refused = refuse(&dispatch, place("20")).await;
    assert_eq!(refused.code(), "JOURNAL");
    assert!(refused.to_string().contains("nothing was sent"));
    assert_eq!(bench.arrived("POST", "/api/v1/order"), 1);
}

#[tokio::test]
async fn a_state_folder_that_is_none_is_refused_by_name() {
    let bench = Bench::new().await;
    let file = bench.state.path().join("file");
    std::fs::write(&file, "").unwrap();
    let settings = bpx_venue::settings(bench.sandbox.base_url(), bench.signer(), &file);
    let refused = Dispatch::open(settings).await.unwrap_err();
    assert_eq!(refused.code(), "STATE_FOLDER");
    assert!(refused.to_string().contains(&*file.to_string_lossy()));
}

#[cfg(unix)]
#[tokio::test]
async fn the_state_folder_is_for_its_user_alone_and_holds_no_secret() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new().await;
    let state = bench.state.path().join("made");
    let settings =
        bpx_venue::settings(bench.sandbox.base_url(), bench.signer(), &state).allow_trading(true);
    let shown = format!("{settings:?}");
    let dispatch =
        Dispatch::open(settings.with_journal(format!("sqlite://{}/j?mode=rwc", state.display())))
            .await
            .unwrap();
    let mut order = crate::support::bid("20");
    order["X-BROKER-KEY"] = json!("broker-secret");
    make(
        &dispatch,
        call(&bpx_venue::operations::EXECUTE_ORDER, order),
    )
    .await;
    assert_eq!(
        std::fs::metadata(&state).unwrap().permissions().mode() & 0o777,
        0o700
    );
    dispatch.close().await;
    // What was written last may still stand in the file beside the journal.
    let files = std::fs::read_dir(&state).unwrap().map(Result::unwrap);
    let files = files.filter(|file| file.file_type().unwrap().is_file());
    let journal: Vec<u8> = files
        .flat_map(|file| std::fs::read(file.path()).unwrap())
        .collect();
    let holds = |text: &str| {
        journal
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(holds("SOL_USDC"));
    for secret in [
        bench.sandbox.api_secret(),
        bench.sandbox.api_key(),
        "broker-secret".to_owned(),
    ] {
        assert!(!holds(&secret) && !shown.contains(&secret));
    }
}
