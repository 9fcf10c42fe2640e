//! Streams of an AsyncAPI document: what the crate has for them, and what it has without.

#![cfg(test)]

mod support;

use std::collections::BTreeMap;

use bpx_codegen::{Inputs, Plan, plan};
use bpx_contract::Document;
use serde_json::{Value, json};
use support::{Folder, alone, checked_in, root, small};

fn weather(version: usize) -> Value {
    let name = format!("contract/tests/fixtures/weather.asyncapi-{version}.yaml");
    Document::read(&root().join(name)).unwrap().value
}

/// The crate of the small API with the streams of a document.
fn with_streams(folder: &Folder, streams: &Value) -> Inputs {
    Inputs {
        asyncapi: Some(folder.json("streams.json", streams)),
        ..alone(folder.json("venue.json", &small()))
    }
}

fn planned(streams: &Value) -> Plan {
    let folder = Folder::new();
    plan(&with_streams(&folder, streams)).unwrap()
}

/// Every file below its header, which has the digest of the bytes.
fn bodies(plan: &Plan) -> BTreeMap<&str, &str> {
    let body = |text: &'_ str| text.find("\n\n").unwrap_or_default();
    let files = plan.files.iter();
    files
        .map(|(path, text)| (path.as_str(), &text[body(text)..]))
        .collect()
}

#[test]
fn both_versions_give_the_same_crate() {
    let [two, three] = [2, 3].map(|version| planned(&weather(version)));
    for ((path, two), (_, three)) in bodies(&two).iter().zip(&bodies(&three)) {
        assert!(two == three, "{path}");
    }
    assert_eq!((two.streams, three.streams), (3, 3));
    assert!(two.losses.is_empty());
}

#[test]
fn the_surface_lists_each_stream_with_its_addresses() {
    let surface = &planned(&weather(3)).files["SURFACE.md"];
    let (_, section) = surface
        .split_once("\n## Streams, over one connection to `wss://ws.example.com/v1`\n\n")
        .unwrap();
    let (section, _) = section.split_once("\n\n## ").unwrap();
    assert_eq!(
        section,
        "- `user_alert(station?: &str)` → `Alert`\n  - `user.alert` or `user.alert.{station}`, signed\n\
         - `wind_by_every(every: WindEvery, station: &str)` → `Wind`\n  - `wind.{every}.{station}`, public\n\
         - `wind(station: &str)` → `Wind`\n  - `wind.{station}`, public"
    );
    assert!(
        surface.contains(
            "### `Wind` (struct, read)\n\n- `gusts: Option<Vec<(Decimal, Decimal)>>` = `g`"
        ),
        "{surface}"
    );
    assert!(surface.contains("### `WindEvery` (open enum, sent)"));
}

#[test]
fn a_method_makes_the_name_of_its_stream_and_says_how_it_is_asked_for() {
    let text = &planned(&weather(3)).files["src/streams.rs"];
    for part in [
        "subscribe: \"SUBSCRIBE\"",
        "unsubscribe: \"UNSUBSCRIBE\"",
        "instruction: \"listen\"",
        "pub fn wind(&self, station: &str) -> Subscription<types::Wind>",
        "StreamName::public(format!(\"wind.{station}\"))",
        "StreamName::public(format!(\"wind.{every}.{station}\"))",
        "None => StreamName::signed(\"user.alert\")",
        "/// Alerts of the user.\n    ///\n    /// `user.alert` or `user.alert.{station}`, signed.",
        "/// - `station`: Name of the station.",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn without_a_document_of_streams_nothing_is_written_for_them() {
    let folder = Folder::new();
    let with = plan(&with_streams(&folder, &weather(3))).unwrap();
    let without = plan(&alone(folder.json("venue.json", &small()))).unwrap();
    assert_eq!(without.streams, 0);
    assert!(with.files.contains_key("src/streams.rs"));
    assert!(!without.files.contains_key("src/streams.rs"));
    let mentions = without.files.values().any(|text| text.contains("stream"));
    assert!(!mentions);
}

#[test]
fn the_digest_covers_the_document_of_streams_and_its_overlay() {
    let folder = Folder::new();
    let head = |inputs: &Inputs| {
        plan(inputs).unwrap().files["src/lib.rs"]
            .lines()
            .nth(1)
            .unwrap()
            .to_owned()
    };
    let inputs = with_streams(&folder, &weather(3));
    let overlay = json!({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [
        {"target": "$.info", "update": {"version": "2"}}]});
    let overlaid = Inputs {
        asyncapi_overlay: Some(folder.json("overlay.json", &overlay)),
        ..inputs.clone()
    };
    let without = Inputs {
        asyncapi: None,
        ..inputs.clone()
    };
    let heads = [&inputs, &overlaid, &without].map(head);
    assert!(heads[0] != heads[1] && heads[1] != heads[2] && heads[0] != heads[2]);
    assert_eq!(heads[0], head(&inputs));
}

#[test]
fn an_overlay_says_who_has_to_sign() {
    let folder = Folder::new();
    let mut document = weather(2);
    for channel in ["user.alert", "user.alert.{station}"] {
        let operation = document["channels"][channel]["subscribe"].as_object_mut();
        operation.unwrap().remove("security");
    }
    let inputs = with_streams(&folder, &document);
    let open = plan(&inputs).unwrap();
    assert_eq!(open.losses.len(), 4);
    assert!(
        open.files["src/streams.rs"]
            .contains("The contract does not say whether it has to be signed.")
    );
    let strict = Inputs {
        strict: true,
        ..inputs.clone()
    };
    let refused = plan(&strict).unwrap_err().to_string();
    assert!(
        refused.contains("whether this stream asks for a signature is not said"),
        "{refused}"
    );

    let overlay = json!({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [
        {"target": "$.channels['user.alert','user.alert.{station}']", "update": {"x-signed": true}}]});
    let message = plan(&Inputs {
        asyncapi_overlay: Some(folder.json("overlay.json", &overlay)),
        ..strict
    });
    assert!(
        message.unwrap().files["src/streams.rs"].contains("StreamName::signed(\"user.alert\")")
    );
}

#[test]
fn streams_need_a_client_and_faults_of_both_documents_are_told_at_once() {
    let folder = Folder::new();
    let hooks = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "webhooks": {"a": {"post": {"requestBody": {"content":
        {"application/json": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}}}}}}});
    let inputs = Inputs {
        openapi: folder.json("hooks.json", &hooks),
        ..with_streams(&folder, &weather(3))
    };
    let refused = plan(&inputs).unwrap_err().to_string();
    assert!(refused.contains("streams are a client's"), "{refused}");

    let inputs = Inputs {
        openapi: folder.json("broken.json", &json!({"openapi": "4"})),
        ..with_streams(&folder, &json!({"asyncapi": "1.0"}))
    };
    let refused = plan(&inputs).unwrap_err().to_string();
    assert!(refused.contains("OpenAPI 4 is not supported"), "{refused}");
    assert!(
        refused.contains("AsyncAPI 1.0 is not supported"),
        "{refused}"
    );
}

#[test]
fn our_streams_have_readable_members_and_share_types_with_the_api() {
    let planned = plan(&checked_in()).unwrap();
    assert_eq!(planned.streams, 10);
    let surface = &planned.files["SURFACE.md"];
    for line in [
        "- `order_updates(symbol?: &str)` → `OrderUpdate`",
        "- `position_updates(symbol?: &str)` → `PositionUpdate`",
        "- `balance_updates()` → `BalanceUpdate`",
        "- `book_ticker(symbol: &str)` → `BookTicker`",
        "- `depth(symbol: &str)` → `DepthUpdate`",
        "- `depth_every(aggregation: DepthAggregation, symbol: &str)` → `DepthUpdate`",
        "- `trades(symbol: &str)` → `Trade`",
        "- `ticker(symbol: &str)` → `Ticker`",
        "- `klines(interval: KlineInterval, symbol: &str)` → `Kline`",
        "- `mark_price(symbol: &str)` → `MarkPrice`",
        "- `executed_quantity: Option<Decimal>` = `z`",
        "- `status: OrderStatus` = `X`",
        "- `side: Side` = `S`",
        "- `reduce_only: Option<bool>` = `r`",
    ] {
        assert!(surface.contains(line), "{line}\n{surface}");
    }
    let members = surface.lines().filter(|line| line.starts_with("- `"));
    let member = |line: &str| line.split_once(": ").map(|(name, _)| name.len() - 3);
    let single = members.filter(|line| member(line) == Some(1));
    assert_eq!(single.collect::<Vec<_>>(), Vec::<&str>::new());
    // What a `$ref` leads to in the other document is no second type.
    assert!(!surface.contains("`OrderStatus2`") && !surface.contains("`Side2`"));
}
