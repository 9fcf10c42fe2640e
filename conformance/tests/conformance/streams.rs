//! Messages of streams against an invented AsyncAPI document, in both versions, and against this workspace's own.

use bpx_conformance::Contract;
use bpx_contract::Document;
use serde_json::{Value, json};

use crate::support::{checked, file, finding, folder, json_of, ours, rules, run};

/// What both versions share.
const SCHEMAS: &str = r"
  schemas:
    Subscribe:
      type: object
      required: [method, params]
      properties:
        method: {const: LISTEN-SUB}
        params: {type: array, items: {type: string}}
        signature: {type: array, minItems: 4, maxItems: 4, items: {type: string}}
    Unsubscribe:
      type: object
      required: [method, params]
      properties:
        method: {const: UNSUB}
        params: {type: array, items: {type: string}}
    Refusal:
      type: object
      required: [error]
      properties:
        id: {}
        error:
          type: object
          required: [code]
          properties: {code: {type: integer}}
    WindMessage:
      type: object
      required: [stream, data]
      properties:
        stream: {type: string}
        data: {$ref: '#/components/schemas/Wind'}
    Wind:
      type: object
      required: [v, at]
      properties:
        v: {type: string, format: decimal}
        at: {type: string, format: date-time}
        gust: {type: integer, format: uint32}
        from: {$ref: '#/components/schemas/Compass'}
    Compass: {type: string, enum: [N, E, S, W]}
    RainMessage:
      type: object
      required: [stream, data]
      properties:
        stream: {type: string}
        data: {type: array, minItems: 1, items: {type: number}}
        seq: {type: integer}
";

const THREE: &str = r"
asyncapi: 3.0.0
info: {title: Weather, version: '1'}
x-undeclared-null: note
servers: {live: {host: ws.weather.example, protocol: wss}}
channels:
  control:
    address: null
    messages:
      subscribe: {payload: {$ref: '#/components/schemas/Subscribe'}}
      unsubscribe: {payload: {$ref: '#/components/schemas/Unsubscribe'}}
      refusal: {payload: {$ref: '#/components/schemas/Refusal'}}
  wind:
    address: wind.{station}
    parameters: {station: {}}
    messages: {update: {payload: {$ref: '#/components/schemas/WindMessage'}}}
  rain:
    address: rain.{every}.{station}
    parameters: {every: {enum: [1m, 1h]}, station: {}}
    messages: {update: {payload: {schemaFormat: 'application/schema+json;version=draft-07', schema: {$ref: '#/components/schemas/RainMessage'}}}}
operations:
  receiveRequests:
    action: receive
    channel: {$ref: '#/channels/control'}
    messages: [{$ref: '#/channels/control/messages/subscribe'}, {$ref: '#/channels/control/messages/unsubscribe'}]
  sendRefusals:
    action: send
    channel: {$ref: '#/channels/control'}
    messages: [{$ref: '#/channels/control/messages/refusal'}]
  sendWind: {action: send, channel: {$ref: '#/channels/wind'}}
  sendRain: {action: send, channel: {$ref: '#/channels/rain'}}
components:";

const TWO: &str = r"
asyncapi: 2.6.0
info: {title: Weather, version: '1'}
x-undeclared-null: note
servers: {live: {url: 'wss://ws.weather.example/', protocol: wss}}
channels:
  /:
    publish:
      message:
        oneOf:
          - {payload: {$ref: '#/components/schemas/Subscribe'}}
          - {payload: {$ref: '#/components/schemas/Unsubscribe'}}
    subscribe: {message: {payload: {$ref: '#/components/schemas/Refusal'}}}
  wind.{station}:
    parameters: {station: {schema: {type: string}}}
    subscribe: {message: {payload: {$ref: '#/components/schemas/WindMessage'}}}
  rain.{every}.{station}:
    parameters: {every: {schema: {type: string, enum: [1m, 1h]}}, station: {schema: {type: string}}}
    subscribe: {message: {payload: {$ref: '#/components/schemas/RainMessage'}}}
components:";

/// An HTTP API beside the streams.
const HTTP: &str = r"
openapi: 3.0.3
info: {title: Weather, version: '1'}
servers: [{url: 'https://weather.example'}]
paths:
  /stations:
    get: {operationId: getStations, responses: {'200': {description: Names, content: {application/json: {schema: {type: array, items: {type: string}}}}}}}
";

fn http() -> Contract {
    Contract::openapi(Document::parse("weather.yaml", HTTP.as_bytes()).unwrap()).unwrap()
}

/// The invented contract in both versions.
fn weather() -> [Contract; 2] {
    [THREE, TWO].map(|version| {
        let text = [version, SCHEMAS].concat();
        let document = Document::parse("streams.yaml", text.as_bytes()).unwrap();
        http().with_asyncapi(document).unwrap()
    })
}

fn update(stream: &str, data: &Value) -> String {
    json!({"stream": stream, "data": data}).to_string()
}

fn wind() -> Value {
    json!({"v": "7.5", "at": "2026-11-20T04:17:55Z", "gust": 12, "from": "N"})
}

fn with(name: &str, value: Value) -> Value {
    let mut wind = wind();
    wind[name] = value;
    wind
}

/// The report on these lines, the same with each version.
fn report(lines: &[String]) -> Value {
    let [three, two] = weather().map(|contract| {
        let mut report = checked(&contract, lines);
        report["contract"] = Value::Null;
        report["evidence"] = Value::Null;
        report["inputs"] = Value::Null;
        for finding in report["findings"].as_array_mut().unwrap() {
            finding["where"] = Value::Null;
        }
        report
    });
    assert_eq!(three, two);
    three
}

#[test]
fn clean_messages_are_validated_and_counted_by_kind() {
    let report = report(&[
        update("wind.north_9", &wind()),
        update("wind.south", &with("gust", Value::Null)),
        update("rain.1h.north", &json!([0.5, 1])),
        r#"{"id":null,"error":{"code":4006}}"#.to_owned(),
        r#"{"method":"LISTEN-SUB","params":["wind.north"],"signature":["K","S","1","2"]}"#
            .to_owned(),
        r#"{"method":"UNSUB","params":["wind.north"]}"#.to_owned(),
        r#"{"time":1764478800.5,"direction":"received","base64":"AQID"}"#.to_owned(),
        r#"{"method":"GET","url":"/stations","status":200,"response_body":["north"]}"#.to_owned(),
    ]);
    assert_eq!(rules(&report), [""; 0], "{:#}", report["findings"]);
    assert_eq!(finding(&report, "bytes-not-checked")["part"], "message");
    let null = finding(&report, "null-undeclared");
    assert_eq!(
        (&null["part"], &null["pointer"]),
        (&json!("message"), &json!("Wind.gust"))
    );
    let summary = &report["summary"];
    assert_eq!(
        (&summary["exchanges"], &summary["validated"]),
        (&json!(1), &json!(1))
    );
    let messages = &summary["messages"];
    let count = |name: &str| messages[name].as_u64().unwrap();
    assert_eq!(
        ["count", "validated", "requests", "refusals"].map(count),
        [7, 3, 2, 1]
    );
    assert_eq!(messages["skipped"], json!({"binary": 1}));
    let coverage = report["coverage"].as_array().unwrap();
    let row = |operation: &str| {
        coverage
            .iter()
            .find(|it| it["operation"] == operation)
            .unwrap()
    };
    assert_eq!(row("wind.{station}")["exchanges"]["count"], 2);
    assert_eq!(row("wind.{station}")["seen"]["Wind.v"]["count"], 2);
    assert_eq!(
        row("wind.{station}")["never"]["names"],
        json!(["Compass=E", "Compass=S", "Compass=W"])
    );
    assert_eq!(row("rain.{every}.{station}")["exchanges"]["count"], 1);
}

#[test]
fn each_fault_has_the_rule_and_the_pointer_that_a_body_would_have() {
    let gone = json!({"v": "7.5"});
    for (line, rule, pointer, operation) in [
        (update("wind.a", &gone), "required-missing", "/data/at", "wind.{station}"),
        (update("wind.a", &with("v", json!(7))), "type-wrong", "/data/v", "wind.{station}"),
        (update("wind.a", &with("v", json!("x"))), "format-decimal", "/data/v", "wind.{station}"),
        (update("wind.a", &with("at", json!("x"))), "format-date-time", "/data/at", "wind.{station}"),
        (update("wind.a", &with("gust", json!(-1))), "format-integer", "/data/gust", "wind.{station}"),
        (update("wind.a", &with("from", json!("NE"))), "enum-unknown", "/data/from", "wind.{station}"),
        (update("rain.1m.a", &json!([])), "constraint-violated", "/data", "rain.{every}.{station}"),
        (update("rain.1m.a", &json!(["1"])), "type-wrong", "/data/*", "rain.{every}.{station}"),
        (update("rain.7m.a", &json!([1])), "parameter-malformed", "every", "rain.{every}.{station}"),
        (update("snow.a", &json!({})), "channel-undocumented", "", ""),
        (r#"{"stream":7,"data":{}}"#.to_owned(), "channel-undocumented", "", ""),
        (r#"{"id":1,"error":{"code":"x"}}"#.to_owned(), "type-wrong", "/error/code", ""),
        (r#"{"method":"UNSUB","params":"wind.a"}"#.to_owned(), "type-wrong", "/params", ""),
        (r#"{"method":"LISTEN-SUB","params":[],"signature":["K"]}"#.to_owned(), "constraint-violated", "/signature", ""),
        (r#"{"method":"PING","params":[]}"#.to_owned(), "message-undocumented", "", ""),
        (r#"{"direction":"received","text":"{\"hello\":1}"}"#.to_owned(), "message-undocumented", "", ""),
        (r#"{"direction":"received","text":"pong"}"#.to_owned(), "json-invalid", "", ""),
        (
            r#"{"direction":"received","text":"{\"stream\":\"rain.1m.a\",\"data\":[1],\"data\":[2]}"}"#.to_owned(),
            "json-duplicate-key", "", "rain.{every}.{station}",
        ),
    ] {
        let report = report(std::slice::from_ref(&line));
        assert_eq!(rules(&report), [rule], "{line}: {:#}", report["findings"]);
        let found = finding(&report, rule);
        assert_eq!((&found["pointer"], &found["operation"]), (&json!(pointer), &json!(operation)), "{line}");
        let is_sent = line.contains("method");
        assert_eq!(found["part"], if is_sent { "request" } else { "message" }, "{line}");
        assert_eq!(report["patch"], json!([]), "{line}");
    }
}

#[test]
fn undocumented_members_are_noted_in_the_data_and_around_it() {
    let mut around: Value = serde_json::from_str(&update("rain.1m.a", &json!([1]))).unwrap();
    around["seq"] = json!(7);
    around["took"] = json!(7);
    let report = report(&[
        update("wind.a", &with("mood", json!("good"))),
        around.to_string(),
    ]);
    assert_eq!(rules(&report), [""; 0]);
    let findings = report["findings"].as_array().unwrap();
    let pointers: Vec<_> = findings
        .iter()
        .map(|it| it["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(pointers, ["/took", "/data/mood"]);
}

#[test]
fn no_value_of_a_signature_is_in_a_report() {
    let line = r#"{"method":"LISTEN-SUB","params":[7],"signature":["KEYKEY","SIGSIG","1764478800","5000"],"more":"SIGSIG"}"#;
    let text = report(&[line.to_owned()]).to_string();
    for secret in ["KEYKEY", "SIGSIG", "1764478800"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(text.contains("type-wrong"));
}

#[test]
fn sockets_of_other_hosts_and_handshakes_are_skipped_by_name() {
    let entry = |host: &str, data: &str| {
        json!({
            "request": {"method": "GET", "url": format!("wss://{host}/")},
            "response": {"status": 101},
            "_webSocketMessages": [{"type": "receive", "time": 1, "opcode": 1, "data": data}],
        })
    };
    let fine = update("wind.a", &wind());
    let har = json!({"log": {"entries": [
        entry("ws.weather.example", &fine), entry("ads.example", "{}"), entry("127.0.0.1:8080", &fine),
    ]}});
    let folder = folder();
    let har = file(folder.path(), "browser.har", har.to_string());
    for contract in weather() {
        let report = json_of(&contract, &run(&contract, std::slice::from_ref(&har)));
        let summary = &report["summary"];
        assert_eq!(
            summary["skipped"],
            json!({"upgrade": 3}),
            "{:#}",
            report["findings"]
        );
        assert_eq!(summary["messages"]["validated"], 2);
        assert_eq!(summary["messages"]["skipped"], json!({"other-host": 1}));
    }
    let [contract, _] = weather();
    let contract = contract.with_host("ads.example");
    let report = json_of(&contract, &run(&contract, &[har]));
    assert_eq!(rules(&report), ["message-undocumented"]);
}

#[test]
fn without_an_asyncapi_document_messages_are_reported_as_unchecked() {
    let report = checked(&http(), &[update("wind.a", &wind())]);
    assert_eq!(rules(&report), ["message-not-checked"]);
    assert_eq!(
        report["summary"]["messages"]["skipped"],
        json!({"no-asyncapi": 1})
    );
    assert_eq!(report["passed"], false);
}

#[test]
fn a_document_without_a_word_for_requests_judges_its_channels() {
    let text = r"
asyncapi: 3.0.0
info: {title: Weather, version: '1'}
servers: {live: {host: ws.weather.example, protocol: wss}}
channels:
  wind: {address: 'wind/{station}', messages: {update: {payload: {required: [stream, data], properties: {data: {type: integer}}}}}}
  any: {address: any, messages: {update: {payload: {}}}}
operations:
  sendWind: {action: send, channel: {$ref: '#/channels/wind'}}
  sendAny: {action: send, channel: {$ref: '#/channels/any'}}
";
    let document = Document::parse("streams.yaml", text.as_bytes()).unwrap();
    let contract = http().with_asyncapi(document).unwrap();
    let lines = [update("wind/a", &json!("x")), update("any", &json!(1))];
    let report = checked(&contract, &lines);
    assert_eq!(rules(&report), ["schema-not-applied", "type-wrong"]);
    assert_eq!(finding(&report, "type-wrong")["pointer"], "/data");
}

/// What the exchange sends, as other people's clients recorded it.
#[test]
fn our_streams_take_real_messages_and_name_the_drift() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = path.join("../asyncapi/backpack-streams.asyncapi.yaml");
    let contract = ours()
        .with_asyncapi(Document::read(&path).unwrap())
        .unwrap();
    let ticker = json!({"a": "20.2", "A": "5", "b": "20.1", "B": "7", "s": "SOL_USDC", "u": 9, "E": 1_757_621_440_699_000_u64,
        "T": 1_757_621_440_698_000_u64, "e": "bookTicker"});
    let mut drifted = ticker.clone();
    drifted["a"] = json!(20.2);
    let report = checked(
        &contract,
        &[
            update("bookTicker.SOL_USDC", &ticker),
            update("bookTicker.SOL_USDC", &drifted),
            update("depth.5ms.SOL_USDC", &json!({})),
            update("rfq", &json!({})),
        ],
    );
    let of_ticker = finding(&report, "type-wrong");
    assert_eq!(of_ticker["count"], 1, "{:#}", report["findings"]);
    assert_eq!(
        (&of_ticker["pointer"], &of_ticker["type"]),
        (&json!("/data/a"), &json!("BookTicker"))
    );
    assert_eq!(
        finding(&report, "parameter-malformed")["pointer"],
        "aggregation"
    );
    assert_eq!(finding(&report, "channel-undocumented")["detail"], "rfq");
    assert_eq!(report["contract"]["streams"], path.display().to_string());
}
