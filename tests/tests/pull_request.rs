//! Every command of the job that `docs/pull-requests.md` shows does what the page says.

#![cfg(test)]
#![cfg(unix)]

use std::fs;
use std::path::Path;

use bpx_contract::Document;
use bpx_tests::workspace::{path_with_programs, root, shell};
use serde_json::Value;

/// The variables of the job of this name, and the commands of its steps.
fn job(name: &str) -> (Vec<(String, String)>, Vec<String>) {
    let page = fs::read_to_string(root().join("docs/pull-requests.md")).unwrap();
    let begin = format!("```yaml\nname: {name}\n");
    let (_, rest) = page.split_once(&begin).unwrap();
    let (text, _) = rest.split_once("```").unwrap();
    let workflow = Document::parse("job.yaml", text.as_bytes()).unwrap().value;
    let job = &workflow["jobs"][name];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let variables = job["env"].as_object().unwrap().iter();
    let steps = job["steps"].as_array().unwrap().iter();
    (
        variables
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
        steps.filter_map(|step| step.get("run")).map(text).collect(),
    )
}

/// A repository beside this one whose only commit, the base of the pull request, has the contracts as they are here.
fn base(folder: &Path) -> bool {
    let git = "git -c user.name=Test -c user.email=test@localhost -c commit.gpgsign=false";
    let line =
        format!("{git} init --quiet && {git} add openapi && {git} commit --quiet --message Base");
    shell(&root(), &line, &repository(folder)).is_ok()
}

fn repository(folder: &Path) -> [(&'static str, &str); 2] {
    [
        ("GIT_DIR", folder.to_str().unwrap()),
        ("GIT_WORK_TREE", "."),
    ]
}

#[test]
fn every_command_of_the_job_passes_on_a_pull_request_without_changes() {
    let folder = tempfile::tempdir().unwrap();
    if !base(&folder.path().join("git")) {
        println!("skipped: there is no git");
        return;
    }
    let git = folder.path().join("git");
    let summary = folder.path().join("summary.md").display().to_string();
    let (mut variables, commands) = job("contract");
    let venue = folder.path().join("venue.yaml").display().to_string();
    fs::write(&venue, venue_document()).unwrap();
    for (name, value) in &mut variables {
        match name.as_str() {
            "BASE" => "HEAD".clone_into(value),
            "VENUE" => venue.clone_into(value),
            _ => {}
        }
    }
    variables.push(("GITHUB_STEP_SUMMARY".to_owned(), summary.clone()));
    let variables = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let variables: Vec<_> = variables.chain(repository(&git)).collect();
    assert_eq!(commands.len(), 3, "{commands:?}");
    for command in commands {
        run(&command, &variables).unwrap_or_else(|error| panic!("{error:#}"));
    }
    let summary = fs::read_to_string(summary).unwrap();
    assert!(
        summary.starts_with("**API changes: passed.** 0 breaking"),
        "{summary}"
    );
}

#[test]
fn the_job_for_recordings_passes_on_ours_and_fails_on_one_that_does_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let bad = r#"{"method":"DELETE","url":"/api/v1/orders","status":418,"response_body":""}"#;
    fs::write(at("bad.ndjson"), bad).unwrap();
    let (variables, commands) = job("recordings");
    assert_eq!(commands.len(), 2, "{commands:?}");
    let page = at("page.html");
    let check = |recordings: &str, command: &str| {
        let variables = [("RECORDINGS", recordings), ("PAGE", page.as_str())];
        run(command, &variables)
    };
    let (_, ours) = variables
        .iter()
        .find(|(name, _)| name == "RECORDINGS")
        .unwrap();
    for command in &commands {
        check(ours, command).unwrap_or_else(|error| panic!("{error:#}"));
        assert!(check(&at("bad.ndjson"), command).is_err(), "{command}");
    }
    let page = fs::read_to_string(page).unwrap();
    assert!(
        page.contains("status-undocumented"),
        "the page is there after a failure"
    );
}

/// Our document without what the overlay adds, as the venue would write it.
fn venue_document() -> String {
    let ours = fs::read_to_string(root().join("openapi/backpack-order.openapi.yaml")).unwrap();
    ours.replace("x-undocumented: true", "")
}

/// Runs a line with the programs of this workspace.
fn run(line: &str, variables: &[(&str, &str)]) -> anyhow::Result<String> {
    let tools = tempfile::tempdir()?;
    let path = path_with_programs(tools.path(), &root())?;
    let path = [("PATH", path.as_str())];
    shell(&root(), line, &[&path, variables].concat())
}

#[test]
fn every_format_of_the_page_is_one_of_the_command() {
    let page = fs::read_to_string(root().join("docs/pull-requests.md")).unwrap();
    let help = run("cargo run --quiet -- diff --help", &[]).unwrap();
    let (_, formats) = page.split_once("| `--format` | for |").unwrap();
    let formats: Vec<_> = formats
        .lines()
        .filter_map(|row| row.strip_prefix("| `")?.split('`').next())
        .collect();
    assert_eq!(formats.len(), 7);
    for format in formats {
        assert!(
            help.contains(&format!("{format},")) || help.contains(&format!("{format}]")),
            "{format}"
        );
    }
}
