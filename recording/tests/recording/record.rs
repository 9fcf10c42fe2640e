//! What the recorder writes: whole, without secrets, never in the way.

use std::io::Read as _;
use std::path::Path;

use bpx_recording::{Error, Masking, Recorder};
use serde_json::Value;

use crate::traffic::{PUBLIC, SEED, folder, limit_order, record};

/// Every packing of lines that this build can write.
const NAMES: &[&str] = &[
    "a.ndjson",
    "a.ndjson.gz",
    #[cfg(feature = "zstd")]
    "a.ndjson.zst",
    "a.har",
];

fn unpacked(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    let mut text = String::new();
    match path.extension().unwrap().to_str().unwrap() {
        "gz" => flate2::read::GzDecoder::new(&*bytes)
            .read_to_string(&mut text)
            .unwrap(),
        #[cfg(feature = "zstd")]
        "zst" => zstd::Decoder::new(&*bytes)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap(),
        _ => (&*bytes).read_to_string(&mut text).unwrap(),
    };
    text
}

#[test]
fn no_key_signature_or_token_reaches_a_file() {
    let folder = folder();
    for name in NAMES {
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

#[test]
#[cfg(not(feature = "zstd"))]
fn zstd_is_refused_where_it_is_not_built_in() {
    use bpx_recording::{ReadOptions, Reader};

    let folder = folder();
    let path = folder.path().join("a.ndjson.zst");
    let refused = Recorder::start(&path, Masking::Keep).unwrap_err();
    assert!(matches!(&refused, Error::Zstd(name) if name.ends_with("a.ndjson.zst")));
    assert!(refused.to_string().contains("feature `zstd`"), "{refused}");
    std::fs::write(&path, b"\x28\xb5\x2f\xfdpacked").unwrap();
    let reader = Reader::new(vec![path.display().to_string()], ReadOptions::default());
    let refused = reader.read(&mut |_, item| panic!("{item:?}")).unwrap_err();
    assert!(matches!(refused, Error::Zstd(_)), "{refused}");
}
