//! Each row of the policy: what it lets through, what it refuses, and what it says where data is missing.

use bpx_dispatch::{Dispatch, POLICY_RULES, Policy};
use bpx_runtime::signing::Clock;
use bpx_venue::operations::{CANCEL_OPEN_ORDERS, EXECUTE_ORDER, EXECUTE_ORDER_BATCH};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::support::{
    Bench, batch, bid, call, done, make, open_orders, place, refuse, rejected, rules,
};

const MARKET: &str = r#"
trading = true
symbols = ["SOL_USDC", "BTC_USDC"]
order_types = ["Limit", "Market"]
sides = ["Bid"]
[order]
quantity_max = "10"
notional_max = "150"
[batch]
orders_max = 2
notional_max = "100"
[symbol.SOL_USDC]
reference_price = "20"
price_band_percent = "50"
tick = "0.05"
step = "0.1"
quantity_min = "0.5"
quantity_max = "8"
[balance]
USDC = "120"
"#;

fn with(change: Value) -> Value {
    let mut order = bid("20");
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => order.as_object_mut().unwrap().remove(name),
            value => order
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone()),
        };
    }
    order
}

#[tokio::test]
async fn each_rule_refuses_what_it_is_there_for_and_names_the_place() {
    let bench = Bench::new().await;
    let dispatch = bench.open_with_policy(MARKET).await;
    let rows = [
        ("policy.symbol", "/symbol", json!({"symbol": "ETH_USDC"})),
        ("policy.side", "/side", json!({"side": "Ask"})),
        (
            "policy.quantity_min",
            "/quantity",
            json!({"quantity": "0.4"}),
        ),
        (
            "policy.quantity_max",
            "/quantity",
            json!({"quantity": "8.1", "price": "10"}),
        ),
        ("policy.step", "/quantity", json!({"quantity": "1.05"})),
        ("policy.tick", "/price", json!({"price": "20.03"})),
        ("policy.price_band", "/price", json!({"price": "30.05"})),
        ("policy.price_band", "/price", json!({"price": "9.95"})),
        (
            "policy.order_notional",
            "",
            json!({"quantity": "8", "price": "20"}),
        ),
        (
            "policy.balance",
            "",
            json!({"quantity": "7", "price": "20"}),
        ),
    ];
    for (rule, pointer, change) in rows {
        let refused = refuse(&dispatch, call(&EXECUTE_ORDER, with(change.clone()))).await;
        assert_eq!(refused.code(), "POLICY", "{change}");
        let finding = refused
            .findings()
            .iter()
            .find(|finding| finding.rule == rule);
        let finding = finding.unwrap_or_else(|| panic!("{rule}: {refused}"));
        assert_eq!(finding.pointer, pointer, "{rule}");
        assert!(POLICY_RULES.contains(&rule) && !finding.fix.is_empty());
    }
    assert!(open_orders(&dispatch).await.is_empty());
    done(&make(&dispatch, call(&EXECUTE_ORDER, with(json!({})))).await);
}

#[tokio::test]
async fn every_breach_is_told_at_once() {
    let bench = Bench::new().await;
    let dispatch = bench.open_with_policy(MARKET).await;
    let order = with(json!({"side": "Ask", "quantity": "100.01", "price": "1.01"}));
    let refused = refuse(&dispatch, call(&EXECUTE_ORDER, order)).await;
    let expected = [
        "policy.side",
        "policy.quantity_max",
        "policy.step",
        "policy.tick",
        "policy.price_band",
    ];
    assert_eq!(rules(&refused)[..5], expected, "{refused}");
}

#[tokio::test]
async fn an_order_type_that_is_not_listed_is_refused() {
    let bench = Bench::new().await;
    let dispatch = bench
        .open_with_policy("trading = true\norder_types = [\"Limit\"]")
        .await;
    let order = with(json!({"orderType": "Market", "price": null}));
    assert_eq!(
        rules(&refuse(&dispatch, call(&EXECUTE_ORDER, order)).await),
        ["policy.order_type"]
    );
}

#[tokio::test]
async fn a_batch_passes_whole_or_not_at_all() {
    let bench = Bench::new().await;
    let dispatch = bench.open_with_policy(MARKET).await;
    let refused = refuse(&dispatch, batch(&["20", "20", "20"])).await;
    assert_eq!(rules(&refused), ["policy.batch_orders"]);
    let dear = json!({"orders": [with(json!({"quantity": "3"})), with(json!({"quantity": "3"}))]});
    assert_eq!(
        rules(&refuse(&dispatch, call(&EXECUTE_ORDER_BATCH, dear)).await),
        ["policy.batch_notional"]
    );
    let refused = refuse(&dispatch, batch(&["20", "20.03"])).await;
    assert_eq!(refused.findings()[0].pointer, "/orders/1/price");
    assert!(open_orders(&dispatch).await.is_empty());
    done(&make(&dispatch, batch(&["20", "20.05"])).await);
}

/// A market order that trades at most this far from the market, so that a price band admits it.
fn tolerant(mut market: Value) -> Value {
    market["slippageTolerance"] = json!("5");
    market["slippageToleranceType"] = json!("Percent");
    market
}

#[tokio::test]
async fn a_market_order_is_valued_at_the_reference_price() {
    let bench = Bench::new().await;
    let dispatch = bench.open_with_policy(MARKET).await;
    let market = tolerant(json!({"orderType": "Market", "price": null, "quantity": "8"}));
    let refused = refuse(&dispatch, call(&EXECUTE_ORDER, with(market))).await;
    assert_eq!(rules(&refused), ["policy.order_notional", "policy.balance"]);
    let by_quote = tolerant(
        json!({"orderType": "Market", "price": null, "quantity": null, "quoteQuantity": "170"}),
    );
    let refused = refuse(&dispatch, call(&EXECUTE_ORDER, with(by_quote))).await;
    assert_eq!(
        rules(&refused),
        [
            "policy.quantity_max",
            "policy.order_notional",
            "policy.balance"
        ]
    );
}

#[tokio::test]
async fn a_check_without_its_data_is_noted_or_refuses_where_data_is_required() {
    const BLIND: &str = "trading = true\n[order]\nnotional_max = \"10\"\n[day]\nnotional_max = \"10\"\n\
                         [symbol.SOL_USDC]\nprice_band_percent = \"5\"\n[balance]\nBTC = \"1\"";
    let bench = Bench::new().await;
    bench.offer(20, 5);
    let market = || {
        call(
            &EXECUTE_ORDER,
            with(tolerant(json!({"orderType": "Market", "price": null}))),
        )
    };
    let dispatch = bench.open_with_policy(BLIND).await;
    let settled = make(&dispatch, market()).await;
    let noted: Vec<_> = settled.notes.iter().map(|note| note.rule).collect();
    assert_eq!(
        noted,
        [
            "policy.order_notional",
            "policy.balance",
            "policy.day_notional"
        ]
    );
    assert!(
        settled
            .notes
            .iter()
            .all(|note| note.text.starts_with("not checked: "))
    );
    let strict = bench
        .open_with_policy(&format!("require_data = true\n{BLIND}"))
        .await;
    let refused = refuse(&strict, market()).await;
    assert_eq!(rules(&refused), noted);
    assert!(refused.to_string().contains("complete the policy file"));
    let limit = refuse(&strict, place("1")).await;
    assert_eq!(rules(&limit), ["policy.price_band", "policy.balance"]);
}

#[tokio::test]
async fn amounts_beyond_every_decimal_are_above_every_cap() {
    let bench = Bench::new().await;
    let dispatch = bench
        .open_with_policy("trading = true\n[order]\nnotional_max = \"1000\"")
        .await;
    let huge = "9999999999999999999999999999";
    let order = with(json!({"price": huge, "quantity": huge}));
    assert_eq!(
        rules(&refuse(&dispatch, call(&EXECUTE_ORDER, order)).await),
        ["policy.order_notional"]
    );
}

#[tokio::test]
async fn the_caps_of_the_day_survive_a_restart_and_forget_what_was_rejected() {
    const DAY: &str = "trading = true\n[day]\norders_max = 3\nnotional_max = \"65\"";
    let bench = Bench::new().await;
    let dispatch = bench.open_with_policy(DAY).await;
    let mut unknown_market = bid("20");
    unknown_market["symbol"] = json!("NO_SUCH");
    for _ in 0..5 {
        rejected(&make(&dispatch, call(&EXECUTE_ORDER, unknown_market.clone())).await);
    }
    done(&make(&dispatch, batch(&["20", "20"])).await);
    dispatch.close().await;
    let next = bench.open_with_policy(DAY).await;
    assert_eq!(
        rules(&refuse(&next, batch(&["10", "10"])).await),
        ["policy.day_orders"]
    );
    assert_eq!(
        rules(&refuse(&next, place("30")).await),
        ["policy.day_notional"]
    );
    done(&make(&next, place("25")).await);
    assert_eq!(
        rules(&refuse(&next, place("1")).await),
        ["policy.day_orders"]
    );
    done(
        &make(
            &next,
            call(&CANCEL_OPEN_ORDERS, json!({"symbol": "SOL_USDC"})),
        )
        .await,
    );
}

/// A clock that a test sets.
#[derive(Debug, Clone)]
pub(crate) struct Hands(pub(crate) Arc<AtomicI64>);

impl Clock for Hands {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn the_caps_of_the_day_begin_anew_at_midnight_utc() {
    let bench = Bench::new().await;
    let now = Hands(Arc::default());
    let real_ms = bpx_runtime::Utc::now().timestamp_millis();
    let midnight_ms = (real_ms / 86_400_000 + 1) * 86_400_000;
    let policy = Policy::parse("trading = true\n[day]\norders_max = 1", "policy.toml").unwrap();
    let settings = bpx_venue::settings(
        bench.sandbox.base_url(),
        bench.signer().with_clock(now.clone()),
        bench.state.path(),
    );
    let dispatch = Dispatch::open(settings.allow_trading(true).with_policy(policy))
        .await
        .unwrap();
    let set = |at_ms: i64| {
        now.0.store(at_ms, Ordering::SeqCst);
        bench.sandbox.set_clock_skew(at_ms - real_ms).unwrap();
    };
    set(midnight_ms - 100);
    done(&make(&dispatch, place("20")).await);
    assert_eq!(
        rules(&refuse(&dispatch, place("20")).await),
        ["policy.day_orders"]
    );
    set(midnight_ms);
    done(&make(&dispatch, place("20")).await);
    // A clock that is set back, and forward again, finds both days as they were.
    for at_ms in [midnight_ms, midnight_ms - 100, midnight_ms + 100] {
        set(at_ms);
        assert_eq!(
            rules(&refuse(&dispatch, place("20")).await),
            ["policy.day_orders"]
        );
    }
}

#[test]
fn a_policy_file_that_cannot_be_meant_is_refused_with_place_and_fix() {
    let rows = [
        ("[order]\nnotional_max = 500.0", "2", "written as text"),
        ("[order]\nnotional_max = \"-1\"", "2", "not negative"),
        ("[order]\nnotional_max = \"1e3\"", "2", "decimal"),
        ("tradign = true", "1", "trading"),
        ("[symbol.SOL_USDC]\ntik = \"1\"", "2", "tick"),
        ("trading = \"yes\"", "1", "boolean"),
        (
            "symbols = [\"A_B\"]\n[symbol.C_D]",
            "",
            "add it there or take it away here",
        ),
        ("sides = [\"Buy\"]", "", "use Bid and Ask"),
        ("[symbol.A_B]\ntick = \"0\"", "", "leave it out"),
        ("[", "1", ""),
    ];
    for (text, line, says) in rows {
        let message = Policy::parse(text, "my-policy.toml")
            .unwrap_err()
            .to_string();
        assert!(message.starts_with("my-policy.toml: "), "{message}");
        assert!(
            line.is_empty() || message.contains(&format!("line {line}")),
            "{message}"
        );
        assert!(message.contains(says), "{text}: {message}");
    }
    let missing = Policy::load(std::path::Path::new("/nowhere/policy.toml")).unwrap_err();
    assert!(
        missing
            .to_string()
            .contains("name a policy file that can be read"),
        "{missing}"
    );
}
