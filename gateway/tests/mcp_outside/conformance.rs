//! The conformance suite. Expected failures are listed in `tests/mcp-conformance`, each with its reason; an expected
//! failure that passes fails the run.

use bpx_gateway::GatewaySettings;

use crate::node::{Packages, folder, said};
use crate::support::{Fixture, Plan};

/// Timeout of a scenario, in milliseconds.
const SCENARIO_MS: &str = "60000";

/// Runs the suite with these arguments.
async fn run(sessions: bool, arguments: &[&str]) {
    let Some(packages) = Packages::find() else {
        return;
    };
    let gateway = match sessions {
        true => |settings: &mut GatewaySettings| settings.mcp_settings.sessions = true,
        false => |_: &mut GatewaySettings| {},
    };
    let fixture = Fixture::built(Plan {
        gateway,
        ..Plan::default()
    })
    .await;
    let url = fixture.url();
    let fixed = ["server", "--url", &url, "--timeout", SCENARIO_MS];
    let all: Vec<_> = fixed
        .iter()
        .chain(arguments)
        .map(ToString::to_string)
        .collect();
    let output = packages.run(&fixture, &packages.conformance(), &all).await;
    println!("{}", said(&output));
    assert!(
        output.status.success(),
        "conformance {}",
        arguments.join(" ")
    );
}

fn list(name: &str) -> String {
    folder().join(name).display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_2026_07_28_requires_holds_but_for_the_list() {
    let list = list("2026-07-28.yaml");
    run(
        false,
        &["--requirements", "2026-07-28", "--expected-failures", &list],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_2025_11_25_requires_holds_but_for_the_list() {
    let list = list("2025-11-25.yaml");
    run(
        true,
        &["--requirements", "2025-11-25", "--expected-failures", &list],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_live_and_end_as_they_should() {
    let version = ["--spec-version", "2025-11-25"];
    run(
        true,
        &[
            "--scenario",
            "server-session-lifecycle",
            version[0],
            version[1],
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_are_held_against_the_body() {
    let version = ["--spec-version", "2026-07-28"];
    run(
        false,
        &[
            "--scenario",
            "http-header-validation",
            version[0],
            version[1],
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_skill_is_served_as_sep_2640_wants_it() {
    run(false, &["--scenario", "sep-2640-skills-enumeration"]).await;
    run(false, &["--scenario", "sep-2640-skills-manifest"]).await;
}
