//! What connections say, recorded: whole, without secrets, never in the way.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

use crate::support::*;
use bpx_client::types::{CancelOrder, NewOrder, OrderType, Side};
use bpx_client::{Client, Key, Options, signer};
use bpx_conformance::{Error, Masking, Recorder, Summary};
use serde_json::Value;

const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// A server that gives each connection the next of these answers.
fn serve(answers: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for answer in answers {
            let (mut socket, _) = listener.accept().unwrap();
            let mut request = [0; 65_536];
            let _ = socket.read(&mut request);
            let _ = socket.write_all(&answer);
        }
    });
    base
}

fn http(status: &str, media_type: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\ncontent-type: {media_type}\r\nset-cookie: session=hunter2\r\nconnection: close\r\n\r\n",
        body.as_ref().len()
    );
    [head.as_bytes(), body.as_ref()].concat()
}

fn answers() -> Vec<Vec<u8>> {
    vec![
        http("200 OK", JSON, limit_order().to_string()),
        http(
            "400 Bad Request",
            "text/plain",
            "failed to parse\nparameter",
        ),
        http(
            "200 OK",
            JSON,
            serde_json::to_string_pretty(&limit_order()).unwrap(),
        ),
        http("502 Bad Gateway", "text/html", b"\xff\xfe<html>"),
        Vec::new(),
    ]
}

fn client(answers: Vec<Vec<u8>>, options: Options) -> Client {
    let key = Key::from_base64(SEED).unwrap();
    Client::with_options(&serve(answers), signer(key), options).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

/// Five writes of one order, whatever comes back.
fn record(path: &Path, masking: Masking) -> Summary {
    let (recorder, recording) = Recorder::start(path, masking).unwrap();
    let options = Options::default().with_tap(recorder);
    let client = client(answers(), options);
    runtime().block_on(async {
        for _ in 0..5 {
            let order = NewOrder::new(OrderType::Limit, Side::Bid, "SOL_USDC")
                .price("20.10".parse::<bpx_runtime::Decimal>().unwrap());
            let _ = client
                .execute_order()
                .broker_key("broker-secret")
                .body(order)
                .send()
                .await;
        }
    });
    recording.finish().unwrap()
}

fn unpacked(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    let mut text = String::new();
    match path.extension().unwrap().to_str().unwrap() {
        "gz" => flate2::read::GzDecoder::new(&*bytes)
            .read_to_string(&mut text)
            .unwrap(),
        "zst" => zstd::Decoder::new(&*bytes)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap(),
        _ => (&*bytes).read_to_string(&mut text).unwrap(),
    };
    text
}

#[test]
fn every_format_holds_every_exchange_and_checks_alike() {
    let folder = folder();
    for name in ["a.ndjson", "a.ndjson.gz", "a.jsonl.zst", "a.har"] {
        let path = folder.path().join(name);
        let summary = record(&path, Masking::Keep);
        assert_eq!(
            summary,
            Summary {
                recorded: 5,
                dropped: 0
            },
            "{name}"
        );
        let report = json_of(&ours(), &run(&ours(), &[path.display().to_string()]));
        assert_eq!(report["summary"]["exchanges"], 5, "{name}");
        assert_eq!(
            report["summary"]["validated"], 2,
            "{name} {}",
            report["summary"]
        );
        assert_eq!(
            rules(&report),
            ["error-body-not-json", "status-undocumented"],
            "{name} {:#}",
            report["findings"]
        );
        assert_eq!(report["summary"]["skipped"]["no-answer"], 1, "{name}");
    }
}

#[test]
fn no_key_signature_or_token_reaches_a_file() {
    let folder = folder();
    for name in ["a.ndjson", "a.ndjson.gz", "a.ndjson.zst", "a.har"] {
        let path = folder.path().join(name);
        record(&path, Masking::Keep);
        let text = unpacked(&path);
        for secret in [SEED, PUBLIC, "hunter2", "broker-secret"] {
            assert!(!text.contains(secret), "{name}: {secret}");
        }
        assert!(
            text.contains("redacted") && text.contains("x-signature"),
            "{name}"
        );
        // A signature is 88 characters of base64; nothing of the kind is left.
        let longest = text
            .split(|c: char| !c.is_ascii_alphanumeric() && !"+/=".contains(c))
            .map(str::len)
            .max();
        assert!(longest.unwrap() < 80, "{name}");
    }
}

#[test]
fn bodies_are_kept_byte_for_byte() {
    let folder = folder();
    let path = folder.path().join("a.ndjson");
    record(&path, Masking::Keep);
    let text = unpacked(&path);
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let order = limit_order().to_string();
    assert!(
        text.lines()
            .next()
            .unwrap()
            .ends_with(&format!(",\"body\":{order}}}")),
        "the body stands last"
    );
    assert_eq!(lines[0]["operation"], "execute_order");
    assert_eq!(lines[0]["request"]["price"], "20.10");
    assert_eq!(lines[1]["text"], "failed to parse\nparameter");
    assert_eq!(
        lines[2]["text"],
        serde_json::to_string_pretty(&limit_order()).unwrap()
    );
    assert_eq!(lines[3]["base64"], "//48aHRtbD4=");
    assert_eq!(lines[4]["failure"], "broken off");
    assert_eq!(
        lines[5],
        serde_json::json!({"bpx": 1, "recorded": 5, "dropped": 0})
    );
}

#[test]
fn masked_recordings_check_as_the_original_does_and_hold_no_amount() {
    let folder = folder();
    let (kept, masked) = (
        folder.path().join("kept.ndjson"),
        folder.path().join("masked.ndjson"),
    );
    record(&kept, Masking::Keep);
    record(&masked, Masking::Mask);
    let text = unpacked(&masked);
    for value in ["20.10", "111063070525358080", "\"1.5\""] {
        assert!(
            unpacked(&kept).contains(value) && !text.contains(value),
            "{value}"
        );
    }
    let report_on = |path: &Path| json_of(&ours(), &run(&ours(), &[path.display().to_string()]));
    let (kept, masked) = (report_on(&kept), report_on(&masked));
    assert_eq!(rules(&kept), rules(&masked));
    let seen = |report: &Value| {
        report["coverage"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["seen"].as_object().unwrap().len())
            .sum::<usize>()
    };
    assert_eq!(seen(&kept), seen(&masked));
}

#[test]
fn what_does_not_fit_the_queue_is_dropped_and_counted() {
    let folder = folder();
    let path = folder.path().join("a.ndjson");
    let (recorder, recording) = Recorder::start(&path, Masking::Keep).unwrap();
    let answers = vec![
        http("200 OK", JSON, vec![b' '; 65 * 1024 * 1024]),
        http("200 OK", JSON, limit_order().to_string()),
    ];
    let options = Options::default()
        .with_body_bytes_max(u64::MAX)
        .with_tap(recorder);
    let client = client(answers, options);
    runtime().block_on(async {
        for _ in 0..2 {
            let body = CancelOrder::new("SOL_USDC");
            let _ = client.cancel_order().body(body).send().await;
        }
    });
    let (recorded, dropped) = (1, 1);
    assert_eq!(recording.finish().unwrap(), Summary { recorded, dropped });
    let end = "{\"bpx\":1,\"recorded\":1,\"dropped\":1}\n";
    assert!(unpacked(&path).ends_with(end));
    let report = json_of(&ours(), &run(&ours(), &[path.display().to_string()]));
    assert_eq!(rules(&report), ["recording-incomplete"]);
}

#[test]
fn a_recording_that_is_dropped_is_whole_and_a_bad_name_is_refused() {
    let folder = folder();
    let path = folder.path().join("a.ndjson");
    drop(Recorder::start(&path, Masking::Keep).unwrap());
    assert_eq!(
        unpacked(&path),
        "{\"bpx\":1,\"recorded\":0,\"dropped\":0}\n"
    );
    let refused = Recorder::start(&folder.path().join("a.txt"), Masking::Keep);
    assert!(matches!(refused, Err(Error::RecordingName(_))));
    let refused = Recorder::start(&folder.path().join("none/a.har"), Masking::Keep);
    assert!(matches!(refused, Err(Error::Output { .. })));
}
