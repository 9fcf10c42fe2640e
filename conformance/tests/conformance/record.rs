//! What the recorder writes, and the checker's findings on it.

use std::path::Path;

use bpx_client::Options;
use bpx_client::types::CancelOrder;
use bpx_recording::{Masking, Recorder, Summary};
use serde_json::Value;

use crate::support::*;
use crate::traffic::{client, http, record, runtime};

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
fn masked_recordings_check_as_the_original_does_and_hold_no_amount() {
    let folder = folder();
    let (kept, masked) = (
        folder.path().join("kept.ndjson"),
        folder.path().join("masked.ndjson"),
    );
    record(&kept, Masking::Keep);
    record(&masked, Masking::Mask);
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let (original, text) = (read(&kept), read(&masked));
    for value in ["20.10", "111063070525358080", "\"1.5\""] {
        assert!(original.contains(value) && !text.contains(value), "{value}");
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
    assert!(std::fs::read_to_string(&path).unwrap().ends_with(end));
    let report = json_of(&ours(), &run(&ours(), &[path.display().to_string()]));
    assert_eq!(rules(&report), ["recording-incomplete"]);
}
