//! What streams a document has, and what they are called.

use std::collections::BTreeMap;

use bpx_contract::model::{Kind, Model, Shape, Signed};
use bpx_contract::{Document, Names, Place};
use serde_json::json;

use crate::{losses, lowered, read, whole, with};

#[test]
fn both_versions_say_the_same() {
    let (two, mut of_two) = whole(&read("weather.asyncapi-2.yaml"));
    let (three, mut of_three) = whole(&read("weather.asyncapi-3.yaml"));
    for streams in [&mut of_two, &mut of_three] {
        for channel in streams.channels.values_mut() {
            channel.place = Place::file("");
        }
    }
    assert_eq!(of_two, of_three);
    let names = |model: &Model| model.types.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&two), names(&three));
    assert_eq!(names(&two), ["Alert", "AlertKind", "Wind", "WindEvery"]);
}

#[test]
fn a_stream_has_its_address_its_parameters_its_message_and_its_signature() {
    let (model, streams) = whole(&read("weather.asyncapi-3.yaml"));
    assert_eq!(streams.url, "wss://ws.example.com/v1");
    let words = [&*streams.subscribe, &*streams.unsubscribe];
    assert_eq!(words, ["SUBSCRIBE", "UNSUBSCRIBE"]);
    assert_eq!(streams.instruction.as_deref(), Some("listen"));
    let signed: BTreeMap<_, _> = streams
        .channels
        .iter()
        .map(|(address, it)| (address.as_str(), it.signed))
        .collect();
    assert_eq!(
        signed,
        BTreeMap::from([
            ("user.alert", Signed::Yes),
            ("user.alert.{station}", Signed::Yes),
            ("wind.{every}.{station}", Signed::No),
            ("wind.{station}", Signed::No),
        ])
    );
    let every = &streams.channels["wind.{every}.{station}"];
    let params: Vec<_> = every
        .params
        .iter()
        .map(|it| (&*it.name, it.values.len()))
        .collect();
    assert_eq!(params, [("every", 2), ("station", 0)]);
    assert_eq!(every.params[0].shape, Shape::Named("WindEvery".to_owned()));
    assert_eq!(every.message, Shape::Named("Wind".to_owned()));
    assert!(model.types["Wind"].read && !model.types["Wind"].sent);
    assert!(model.types["WindEvery"].sent);
}

#[test]
fn two_channels_that_differ_in_a_last_parameter_are_one_call() {
    let (model, streams) = whole(&read("weather.asyncapi-3.yaml"));
    let calls: Vec<_> = streams
        .calls()
        .into_iter()
        .map(|call| (call.address, call.narrower.map(|(address, _)| address)))
        .collect();
    assert_eq!(
        calls,
        [
            ("user.alert", Some("user.alert.{station}")),
            ("wind.{every}.{station}", None),
            ("wind.{station}", None),
        ]
    );
    let names = Names::resolve(&model, None).unwrap();
    let named = calls.iter().map(|(address, _)| names.stream(address));
    let named: Vec<_> = named.collect();
    assert_eq!(named, ["user_alert", "wind_by_every", "wind"]);
}

#[test]
fn names_of_streams_can_be_given_and_each_row_has_to_do_something() {
    let (model, _) = whole(&read("weather.asyncapi-3.yaml"));
    let resolve = |address: &str, rust: &str| {
        let row = format!("[[stream]]\naddress = '{address}'\nrust = '{rust}'\nreason = 'r'\n");
        Names::resolve(&model, Some(("names.toml", &row)))
    };
    let names = resolve("user.alert", "alerts").unwrap();
    assert_eq!(names.stream("user.alert"), "alerts");
    for (address, rust, problem) in [
        (
            "user.alert",
            "user_alert",
            "gives the name that the rule gives anyway",
        ),
        (
            "user.alert.{station}",
            "alerts",
            "names nothing in the document",
        ),
        ("user.alert", "Alerts", "gives a name that is reserved"),
    ] {
        let refused = resolve(address, rust).unwrap_err().to_string();
        assert!(refused.contains(problem), "{refused}");
    }
    // What has no streams has nothing to hold such rows against.
    let row = "[[stream]]\naddress = 'a'\nrust = 'b'\nreason = 'r'\n";
    assert!(Names::resolve(&Model::default(), Some(("names.toml", row))).is_ok());
}

#[test]
fn members_have_the_names_that_the_document_gives_them() {
    let (model, _) = whole(&read("weather.asyncapi-3.yaml"));
    let names = Names::resolve(&model, None).unwrap();
    let fields = ["s", "t", "g"].map(|wire| names.field("Wind", wire));
    assert_eq!(fields, ["speed", "time_us", "gusts"]);
    let Kind::Object(fields) = &model.types["Wind"].kind else {
        panic!("no object");
    };
    let exact = |name: &str| {
        fields
            .iter()
            .find(|it| it.name == name)
            .unwrap()
            .shape
            .clone()
    };
    assert_eq!(
        exact("g"),
        Shape::Array(Box::new(Shape::Tuple(vec![exact("s"), exact("s")])))
    );
}

#[test]
fn a_document_from_the_view_of_a_client_is_read_the_other_way_round() {
    let mut document = read("weather.asyncapi-3.yaml").value;
    for (_, operation) in document["operations"].as_object_mut().unwrap() {
        let other = match operation["action"].as_str() {
            Some("send") => "receive",
            _ => "send",
        };
        operation["action"] = json!(other);
    }
    let (_, turned) = whole(&Document::parse("w.json", document.to_string().as_bytes()).unwrap());
    assert_eq!(turned.channels.len(), 4);
}

#[test]
fn what_a_server_answers_to_requests_is_no_stream() {
    let mut document = with(
        "/channels/control/messages/refusal",
        json!({"payload": {"properties": {"error": {}}}}),
    );
    document["operations"]["refuse"] = json!({"action": "send", "channel": {"$ref": "#/channels/control"},
        "messages": [{"$ref": "#/channels/control/messages/refusal"}]});
    document["operations"]["receiveRequests"]["messages"] = json!([
        {"$ref": "#/channels/control/messages/begin"}, {"$ref": "#/channels/control/messages/end"}]);
    let model = lowered(&document);
    assert_eq!(losses(&model), []);
    assert!(
        model
            .notes
            .iter()
            .any(|it| it.text.contains("answers them and is no stream"))
    );
}
