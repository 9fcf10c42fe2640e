//! Messages of streams as types: those of the venue, and those of an invented document in both versions of AsyncAPI.

#![cfg(test)]

use std::fs;

use bpx_client::types::{
    BalanceUpdate, BookTicker, DepthUpdate, Identifier, Kline, MarkPrice, OrderExpiryReason,
    OrderOrigin, OrderStatus, OrderUpdate, OrderUpdateEvent, PositionUpdate, PositionUpdateEvent,
    Side, StreamOrderType, Ticker, TimeInForce, Trade,
};
use bpx_codegen::{CrateKind, Inputs, Mode, plan, sync};
use bpx_tests::workspace::{cargo, lock_like_workspace, root};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn read<T: DeserializeOwned>(value: Value) -> T {
    let text = value.to_string();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn fill() -> Value {
    json!({
        "E": 1_754_939_110_175_879_i64, "L": "4299.16", "N": "ETH", "O": "USER", "Q": "4.30", "S": "Bid",
        "T": 1_754_939_110_174_705_i64, "V": "RejectTaker", "X": "PartiallyFilled", "Z": "4.299160", "c": 7,
        "e": "orderFill", "f": "GTC", "i": "5406825793", "l": "0.0010", "m": false, "n": "0.000001",
        "o": "MARKET", "q": "0.0020", "r": false, "s": "ETH_USDC", "t": 2_888_471, "z": "0.0010",
    })
}

#[test]
fn an_order_update_is_read_with_every_member() {
    let update: OrderUpdate = read(fill());
    assert_eq!(update.event, OrderUpdateEvent::OrderFill);
    assert_eq!(update.status, OrderStatus::PartiallyFilled);
    assert_eq!(update.order_type, Some(StreamOrderType::Market));
    assert_eq!(update.side, Side::Bid);
    assert_eq!(update.time_in_force, Some(TimeInForce::Gtc));
    assert_eq!(update.origin, Some(OrderOrigin::User));
    assert_eq!(update.engine_time_us, 1_754_939_110_174_705);
    assert_eq!(
        (update.trade_id, update.client_id),
        (Some(2_888_471), Some(7))
    );
    assert_eq!(update.fill_price.unwrap().to_string(), "4299.16");
    assert_eq!(update.executed_quantity.unwrap().to_string(), "0.0010");
    assert_eq!(
        (update.is_maker, update.reduce_only),
        (Some(false), Some(false))
    );
    // Written again it says the same.
    let mut written = serde_json::to_value(&update).unwrap();
    written
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    assert_eq!(written, fill());
}

#[test]
fn absent_and_null_members_of_an_order_update_are_none() {
    let update: OrderUpdate = read(json!({
        "E": 2, "O": "USER", "S": "Ask", "T": 1, "X": "Expired", "e": "orderExpired", "i": "1", "p": null,
        "R": "PostOnlyTaker", "s": "SOL_USDC", "t": null, "Y": "80%", "I": 12, "H": "34",
    }));
    assert_eq!((update.trade_id, update.price), (None, None));
    assert_eq!(update.expiry_reason, Some(OrderExpiryReason::PostOnlyTaker));
    assert_eq!(update.trigger_quantity.as_deref(), Some("80%"));
    assert!(matches!(
        update.related_order_id,
        Some(Identifier::Integer(12))
    ));
    assert!(matches!(update.strategy_id, Some(Identifier::String(id)) if id == "34"));
}

#[test]
fn values_and_members_that_come_later_are_kept_or_passed_over() {
    let mut frame = fill();
    frame["e"] = json!("orderReleased");
    frame["X"] = json!("PendingRelease");
    frame["w"] = json!({"new": true});
    let update: OrderUpdate = read(frame);
    assert_eq!(
        update.event,
        OrderUpdateEvent::Unknown("orderReleased".to_owned())
    );
    assert_eq!(
        update.status,
        OrderStatus::Unknown("PendingRelease".to_owned())
    );
}

#[test]
fn a_message_without_a_required_member_is_refused_by_its_name() {
    for member in ["e", "E", "s", "S", "X", "i", "T"] {
        let mut frame = fill();
        frame.as_object_mut().unwrap().remove(member);
        let error = serde_json::from_value::<OrderUpdate>(frame)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&format!("missing field `{member}`")),
            "{error}"
        );
    }
}

#[test]
fn positions_begin_with_a_snapshot_that_has_no_event() {
    let frame = json!({
        "B": "4236.36", "E": 1_754_943_862_040_486_i64, "M": "4235.88650933", "P": "-0.000473", "Q": "0.0010",
        "T": 1_754_943_862_040_487_i64, "b": "4238.479", "f": "0.02", "i": 5_411_399_049_i64, "l": "0", "m": "0.0125",
        "n": "4.23588650933", "p": "0", "q": "-0.0010", "s": "ETH_USDC_PERP",
    });
    let snapshot: PositionUpdate = read(frame.clone());
    assert_eq!(snapshot.event, None);
    assert_eq!(snapshot.net_quantity.to_string(), "-0.0010");
    assert_eq!(snapshot.liquidation_price.unwrap().to_string(), "0");
    let mut frame = frame;
    frame["e"] = json!("positionOpened");
    let opened: PositionUpdate = read(frame);
    assert_eq!(opened.event, Some(PositionUpdateEvent::PositionOpened));
}

#[test]
fn a_balance_is_read() {
    let balance: BalanceUpdate =
        read(json!({"e": "balanceUpdate", "E": 3, "a": "USDC", "A": "10.5", "L": "0", "S": "0"}));
    assert_eq!(
        (balance.asset.as_str(), balance.available.to_string()),
        ("USDC", "10.5".to_owned())
    );
}

#[test]
fn market_data_is_read() {
    let ticker: BookTicker = read(
        json!({"A": "0.4087", "B": "0.0020", "E": 2, "T": 1, "a": "3667.50", "b": "3667.49",
        "e": "bookTicker", "s": "ETH_USDC", "u": 1_328_288_557}),
    );
    assert_eq!(ticker.ask_price.unwrap().to_string(), "3667.50");
    let depth: DepthUpdate = read(
        json!({"E": 2, "T": 1, "U": 1_662_976_171, "a": [], "b": [["117357.0", "0.00000"]],
        "e": "depth", "s": "BTC_USDC_PERP", "u": 1_662_976_171}),
    );
    assert_eq!(
        (depth.first_update_id, depth.last_update_id),
        (1_662_976_171, 1_662_976_171)
    );
    let levels = depth
        .bids
        .iter()
        .map(|(price, quantity)| format!("{price} {quantity}"));
    assert_eq!(levels.collect::<Vec<_>>(), ["117357.0 0.00000"]);
    let trade: Trade = read(
        json!({"E": 2, "T": 1, "a": "5121860761", "b": "5121861755", "e": "trade", "m": false, "p": "3.1",
        "q": "1", "s": "ETH_USDC", "t": 9}),
    );
    assert_eq!((trade.trade_id, trade.buyer_is_maker), (9, false));
    let ticker: Ticker = read(
        json!({"E": 2, "V": "19419526.742584", "c": "3398.57", "e": "ticker", "h": "3536.65", "l": "3371.8",
        "n": 17152, "o": "3475.45", "s": "ETH_USDC", "v": "5573.5827"}),
    );
    assert_eq!(ticker.quote_volume.to_string(), "19419526.742584");
    let kline: Kline = read(
        json!({"E": 2, "T": "2025-08-07T00:00:00", "X": false, "c": null, "e": "kline", "h": null, "l": null,
        "n": 0, "o": null, "s": "ETH_USDC", "t": "2025-08-06T22:00:00", "v": "0"}),
    );
    assert_eq!(
        (kline.open, kline.is_closed, kline.trades),
        (None, false, 0)
    );
    assert_eq!(kline.start_time.to_string(), "2025-08-06 22:00:00");
    let mark: MarkPrice = read(
        json!({"E": 2, "T": 1, "e": "markPrice", "f": "0.0001", "i": "3.1", "n": 1_754_600_000_000_i64,
        "p": "3.2", "s": "SOL_USDC_PERP"}),
    );
    assert_eq!(mark.next_funding_time_ms, Some(1_754_600_000_000));
}

const API: &str = r#"{"openapi": "3.0.3", "info": {"title": "Weather", "version": "1"}, "servers": [{"url": "https://api.example.com"}],
    "paths": {"/now": {"get": {"operationId": "now", "x-instruction": "nowQuery", "responses": {"200": {"description": "Now."}}}}}}"#;

/// What a caller writes, with the name of the crate in the place of CRATE.
const CALLER: &str = r##"
use CRATE::streams::Streams;
use CRATE::types::{Alert, AlertKind, Wind, WindEvery};

/// Every method, with its optional parameter in each form.
#[allow(dead_code, reason = "it has to compile")]
fn subscribe(client: &CRATE::Client) {
    let streams: Streams = client.stream();
    drop(streams.clone().wind("here"));
    drop(streams.wind_by_every(WindEvery::N10s, "here"));
    drop(streams.user_alert(None));
    drop(streams.user_alert("here"));
    drop(streams.user_alert(Some("here")));
}

#[test]
fn reads() {
    let wind: Wind = serde_json::from_str(r#"{"s":"1.50","t":3,"g":[["1","2.0"]],"new":0}"#).unwrap();
    assert_eq!((wind.speed.to_string(), wind.time_us), ("1.50".to_owned(), 3));
    assert_eq!(wind.gusts.unwrap()[0].1.to_string(), "2.0");
    let alert: Alert = serde_json::from_str(r#"{"k":"flood"}"#).unwrap();
    assert_eq!(alert.kind, AlertKind::Unknown("flood".to_owned()));
    assert!(serde_json::from_str::<Wind>(r#"{"s":"1"}"#).is_err());
    assert_eq!(CRATE::streams::SERVER_URL, "wss://ws.example.com/v1");
}
"##;

#[test]
fn an_invented_document_of_either_version_gives_a_crate_that_compiles_and_reads() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("project");
    fs::create_dir_all(project.join("tests")).unwrap();
    fs::create_dir_all(project.join("src")).unwrap();
    fs::write(project.join("src/lib.rs"), "").unwrap();
    let openapi = folder.path().join("weather.json");
    fs::write(&openapi, API).unwrap();
    let mut dependencies = String::new();
    for version in [2, 3] {
        let name = format!("weather-{version}");
        let planned = plan(&Inputs {
            openapi: openapi.clone(),
            schema: None,
            overlay: None,
            names: None,
            capability: None,
            workflows: Vec::new(),
            asyncapi: Some(root().join(format!(
                "contract/tests/fixtures/weather.asyncapi-{version}.yaml"
            ))),
            asyncapi_overlay: None,
            kind: CrateKind::Alone {
                runtime: root().join("runtime").display().to_string(),
                name: Some(name.clone()),
            },
            types_only: false,
            strict: true,
            command: "cargo test".to_owned(),
        });
        sync(&planned.unwrap(), &folder.path().join(&name), Mode::Write).unwrap();
        dependencies.push_str(&format!("{name} = {{ path = \"../{name}\" }}\n"));
        let caller = CALLER.replace("CRATE", &name.replace('-', "_"));
        fs::write(project.join(format!("tests/{name}.rs")), caller).unwrap();
    }
    let manifest = format!(
        "[package]\nname = \"weather\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}serde_json = \"1\"\n[workspace]\n"
    );
    fs::write(project.join("Cargo.toml"), manifest.replace('\\', "/")).unwrap();
    lock_like_workspace(&project).unwrap();
    cargo(&project, &["test", "--quiet", "--tests"]).unwrap_or_else(|error| panic!("{error}"));
}
