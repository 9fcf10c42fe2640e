//! What is not read of a document: each part is named, with its place and what to do.

use std::path::Path;

use bpx_contract::model::{LossKind, Signed};
use bpx_contract::{Document, Names, apply, lower_streams};
use serde_json::json;

use crate::{losses, lowered, overlay, read, whole, with};

/// Changes of a document (a pointer and the JSON to put there), with the place and problem that they come to.
const UNREAD: [[&str; 4]; 23] = [
    [
        "/servers/old",
        r#"{"host": "k.example.com", "protocol": "kafka"}"#,
        "/servers/old",
        "speaks `kafka`",
    ],
    [
        "/servers/live/bindings",
        SOMETHING,
        "/servers/live/bindings",
        "bindings",
    ],
    [
        "/channels/wind/bindings",
        SOMETHING,
        "/channels/wind/bindings",
        "bindings",
    ],
    [
        "/operations/sendWind/bindings",
        SOMETHING,
        "/operations/sendWind/bindings",
        "bindings",
    ],
    [
        "/operations/sendWind/traits",
        LISTED,
        "/operations/sendWind/traits",
        "traits",
    ],
    [
        "/operations/sendWind/reply",
        SOMETHING,
        "/operations/sendWind/reply",
        "replies",
    ],
    [
        "/components/messages/Wind/correlationId",
        SOMETHING,
        "/components/messages/Wind/correlationId",
        "correlation",
    ],
    [
        "/components/messages/Wind/headers",
        SOMETHING,
        "/components/messages/Wind/headers",
        "headers",
    ],
    [
        "/components/messages/Wind/traits",
        LISTED,
        "/components/messages/Wind/traits",
        "traits",
    ],
    [
        "/components/messages/Wind/contentType",
        r#""application/xml""#,
        "/components/messages/Wind",
        "`application/xml`",
    ],
    [
        "/components/messages/Wind/payload",
        r#"{"schemaFormat": "application/vnd.apache.avro", "schema": {}}"#,
        "/components/messages/Wind",
        "avro",
    ],
    [
        "/components/messages/Wind/payload",
        r#"{"type": "object", "properties": {"topic": {}}}"#,
        "/components/messages/Wind/payload",
        "not an envelope",
    ],
    [
        "/channels/wind/messages/other",
        r#"{"payload": {}}"#,
        "/operations/sendWind",
        "2 kinds of message",
    ],
    [
        "/channels/wind/address",
        r#""wind.{station""#,
        "/channels/wind",
        "braces",
    ],
    [
        "/channels/wind/address",
        "null",
        "/channels/wind",
        "no address",
    ],
    [
        "/channels/wind/parameters/other",
        "{}",
        "/channels/wind/parameters/other",
        "no part of the address",
    ],
    [
        "/channels/rain",
        r#"{"address": "rain"}"#,
        "/channels/rain",
        "no operation",
    ],
    [
        "/operations/again",
        r##"{"action": "send", "channel": {"$ref": "#/channels/wind"}}"##,
        "/operations/sendWind",
        "another operation",
    ],
    [
        "/operations/odd",
        r##"{"action": "request", "channel": {"$ref": "#/channels/wind"}}"##,
        "/operations/odd",
        "neither sends nor receives",
    ],
    [
        "/operations/sendWind/action",
        r#""receive""#,
        "/operations/sendWind",
        "not a request for streams",
    ],
    [
        "/components/securitySchemes/signature/x-instruction",
        "null",
        "/channels/alerts",
        "nothing names the instruction",
    ],
    [
        "/servers/live/protocol",
        r#""amqp""#,
        "",
        "no server speaks WebSocket",
    ],
    [
        "/components/messages/Begin/payload",
        "{}",
        "",
        "no message asks for streams",
    ],
];
const SOMETHING: &str = r#"{"a": {"b": 1}}"#;
const LISTED: &str = r#"[{"summary": "s"}]"#;

#[test]
fn what_is_not_read_is_named_with_its_place() {
    for [pointer, value, at, problem] in UNREAD {
        let found = losses(&lowered(&with(
            pointer,
            serde_json::from_str(value).unwrap(),
        )));
        let is_this = |(place, said): &(String, String)| place == at && said.contains(problem);
        assert!(found.iter().any(is_this), "{pointer}: {found:#?}");
    }
}

fn upstream() -> Option<Document> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/upstream/backpack-asyncapi.yml");
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(Document::read(&path).unwrap())
}

#[test]
fn a_name_that_is_none_does_nothing_or_meets_another_is_refused() {
    for (rust, at, problem) in [
        (
            json!("Speed"),
            "/s/x-rust-name",
            "is reserved, or not in `snake_case`",
        ),
        (
            json!("type"),
            "/s/x-rust-name",
            "is reserved, or not in `snake_case`",
        ),
        (json!(7), "/s/x-rust-name", "is not a text"),
        (
            json!("s"),
            "/s/x-rust-name",
            "is the name that the rule gives anyway",
        ),
        (
            json!("time_us"),
            "",
            "gives `t` and `s` one name, `time_us`",
        ),
        (
            json!("plain"),
            "",
            "gives `s` and `plain` one name, `plain`",
        ),
    ] {
        let mut document = with(
            "/components/schemas/Wind/properties/plain",
            json!({"type": "string"}),
        );
        document["components"]["schemas"]["Wind"]["properties"]["s"]["x-rust-name"] = rust;
        let found = losses(&lowered(&document));
        let [(pointer, said)] = found.as_slice() else {
            panic!("{found:?}");
        };
        let owner = "/components/schemas/Wind";
        let at = if at.is_empty() {
            owner.to_owned()
        } else {
            format!("{owner}/properties{at}")
        };
        assert_eq!(*pointer, at);
        assert!(said.contains(problem), "{said}");
    }
}

#[test]
fn bindings_that_give_their_version_alone_say_nothing() {
    let bindings = json!({"ws": {"bindingVersion": "0.1.0"}});
    let model = lowered(&with("/channels/wind/bindings", bindings));
    assert_eq!(losses(&model), []);
}

#[test]
fn a_part_that_is_left_out_costs_only_itself() {
    let model = lowered(&with("/channels/wind/address", json!("wind.{station")));
    let [loss] = model.losses.as_slice() else {
        panic!("{:?}", model.losses);
    };
    assert_eq!(loss.kind, LossKind::LeftOut);
    assert_eq!(model.streams.unwrap().channels.len(), 3);
}

#[test]
fn a_scheme_that_nothing_refers_to_leaves_it_open_who_signs_until_the_document_is_told() {
    let mut document = read("weather.asyncapi-2.yaml").value;
    for channel in ["user.alert", "user.alert.{station}"] {
        let operation = document["channels"][channel]["subscribe"].as_object_mut();
        operation.unwrap().remove("security");
    }
    let model = lowered(&document);
    let channels = model.streams.as_ref().unwrap().channels.values();
    assert!(channels.clone().all(|it| it.signed == Signed::Unknown));
    let said = losses(&model);
    assert_eq!(said.len(), 4);
    assert_eq!(said[0].0, "/channels/user.alert");
    assert!(
        said[0]
            .1
            .contains("whether this stream asks for a signature is not said")
    );

    let document = Document::parse("w.json", document.to_string().as_bytes()).unwrap();
    let overlay = overlay(&json!([
        {"target": "$.channels['user.alert','user.alert.{station}']", "update": {"x-signed": true}}]));
    let (_, streams) = whole(&apply(&document, &overlay).unwrap());
    let signed = |address: &str| streams.channels[address].signed;
    assert_eq!(signed("user.alert"), Signed::Yes);
    assert_eq!(signed("wind.{station}"), Signed::No);
}

#[test]
fn other_documents_are_refused() {
    for (value, problem) in [
        (
            json!({"openapi": "3.0.3"}),
            "this is not an AsyncAPI document",
        ),
        (
            json!({"asyncapi": "1.2.0"}),
            "AsyncAPI 1.2.0 is not supported",
        ),
        (json!({"asyncapi": 4}), "AsyncAPI 4 is not supported"),
    ] {
        let document = Document::parse("w.json", value.to_string().as_bytes()).unwrap();
        let refused = lower_streams(&document).unwrap_err().to_string();
        assert!(refused.contains(problem), "{refused}");
    }
}

#[test]
fn the_venues_own_document_is_read_unmodified() {
    let Some(document) = upstream() else { return };
    let model = lower_streams(&document).unwrap();
    let streams = model.streams.as_ref().unwrap();
    assert_eq!(streams.url, "wss://ws.backpack.exchange/");
    assert_eq!(streams.channels.len(), 15);
    assert!(
        streams
            .channels
            .values()
            .all(|it| it.signed == Signed::Unknown)
    );
    let losses = losses(&model);
    assert_eq!(losses.len(), 15, "{losses:#?}");
    let is_of_signature = |(_, said): &(String, String)| said.contains("signature is not said");
    assert!(losses.iter().all(is_of_signature));
    let names = Names::resolve(&model, None).unwrap();
    assert_eq!(names.stream("depth.{symbol}"), "depth");
    assert_eq!(
        names.stream("depth.{aggregation}.{symbol}"),
        "depth_by_aggregation"
    );
    assert_eq!(names.field("OrderUpdateEvent", "E"), "e_2");
}
