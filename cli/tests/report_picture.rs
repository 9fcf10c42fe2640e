//! The page of a report at work: a contract that is left behind, day by day, in an installed Chromium.
//!
//! Writes the picture of the README where `BPX_SCREENSHOT` says. Without a Chromium it says that it was skipped.

#![cfg(test)]

mod common;

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use common::bpx;

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
const DAYS: u32 = 28;
/// From here on the exchange sends a status that the contract does not know.
const NEW_STATUS_FROM: u32 = 17;
/// From here on it answers a cancellation with a code that the contract does not know.
const NEW_CODE_FROM: u32 = 23;

/// The checked-in story, repeated each day.
fn month() -> String {
    let story =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings/exchanges/story.ndjson");
    let story = std::fs::read_to_string(story).unwrap();
    let days = (1..=DAYS).map(|day| {
        let mut text = story.replace("2026-11-20T", &format!("2026-11-{day:02}T"));
        if day >= NEW_STATUS_FROM {
            text = text.replace(r#""status":"Cancelled""#, r#""status":"Halted""#);
        }
        if day >= NEW_CODE_FROM {
            text = text.replace("RESOURCE_NOT_FOUND", "ORDER_ARCHIVED");
        }
        text
    });
    days.collect()
}

fn photograph(page: &Path, picture: &Path) -> bool {
    let photograph = |name: OsString| {
        Command::new(name)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu"])
            .args(["--hide-scrollbars", "--window-size=1100,900"])
            .arg(format!("--screenshot={}", picture.display()))
            .arg(format!("file://{}", page.display()))
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .status()
    };
    let named = std::env::var_os("CHROME").into_iter();
    let mut names = named.chain(NAMES.map(OsString::from));
    names.any(|name| photograph(name).is_ok_and(|status| status.success()))
}

#[test]
fn a_contract_left_behind_fits_into_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("november.ndjson");
    let page = folder.path().join("report.html");
    let picture = folder.path().join("report.png");
    std::fs::write(&recording, month()).unwrap();
    let mut check = bpx(&["check", "november.ndjson", "--format", "html"]);
    let check = check.current_dir(folder.path()).arg("--output").arg(&page);
    assert_eq!(check.output().unwrap().status.code(), Some(1));
    let text = std::fs::read_to_string(&page).unwrap();
    assert!(text.contains("Halted") && text.contains("ORDER_ARCHIVED"));
    if !photograph(&page, &picture) {
        eprintln!("skipped: no Chromium found; install one, or name it in CHROME");
        return;
    }
    let bytes = std::fs::read(&picture).unwrap();
    if let Some(path) = std::env::var_os("BPX_SCREENSHOT") {
        std::fs::write(path, &bytes).unwrap();
    }
    assert!(bytes.starts_with(b"\x89PNG"));
    assert!((20_000..300_000).contains(&bytes.len()), "{}", bytes.len());
}
