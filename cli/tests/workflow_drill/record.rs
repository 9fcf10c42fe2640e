//! What a run has recorded, read as a file and not through the program that wrote it.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// The run in a state folder, and where it stands.
pub(crate) struct Recorded {
    pub(crate) run: String,
    /// Where it stands, in words.
    pub(crate) place: &'static str,
    /// The report of its end.
    pub(crate) report: Option<Value>,
}

pub(crate) const NOT_BEGUN: &str = "before the run was recorded";

/// The only run there is; none if it was not begun.
pub(crate) fn read(state: &Path) -> Option<Recorded> {
    let entries = fs::read_dir(state.join("workflows")).ok()?;
    let mut runs = entries.map(|entry| entry.unwrap().path());
    let path = runs.find(|path| path.extension().is_some_and(|it| it == "ndjson"))?;
    let text = fs::read_to_string(&path).unwrap();
    // The last line may have been cut off.
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let lines: Vec<Value> = lines.collect();
    let last = lines.last()?;
    Some(Recorded {
        run: path.file_stem().unwrap().to_str().unwrap().to_owned(),
        place: place(last),
        report: last.get("report").cloned(),
    })
}

fn place(last: &Value) -> &'static str {
    match (last["line"].as_str(), last["step"].as_str()) {
        (Some("intent"), Some("cancelOrder")) => "during the cancellation",
        (Some("intent"), Some("placeReplacement")) => "during the replacement",
        (Some("intent"), _) => "while something was read",
        (Some("end"), _) => "after the end was recorded",
        (Some("answer"), _) => "between two requests",
        _ => "before the first request",
    }
}
