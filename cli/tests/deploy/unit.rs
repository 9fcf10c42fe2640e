//! The systemd unit.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use tempfile::TempDir;

use crate::common::{bpx, exchange::Exchange};
use crate::{Gateway, has, text};

const UNIT: &str = "bpx-serve.service";

fn setting<'a>(unit: &'a str, name: &str) -> &'a str {
    let mut lines = unit.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn systemd_takes_the_unit_and_finds_it_safe() {
    if !has("systemd-analyze") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(UNIT);
    // Programs that are not there are a fault of the unit.
    let unit = text(UNIT).replace("/usr/bin/bpx", env!("CARGO_BIN_EXE_bpx"));
    fs::write(&path, unit).unwrap();
    let analyze = |arguments: &[&str]| {
        let mut command = Command::new("systemd-analyze");
        command.args(arguments).arg(&path).output().unwrap()
    };
    let output = analyze(&["verify", "--man=no"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let ours: Vec<_> = said.lines().filter(|line| line.contains(UNIT)).collect();
    assert!(output.status.success() && ours.is_empty(), "{said}");
    // 2.0 of 10, in tenths.
    let output = analyze(&["security", "--offline=true", "--threshold=20", "--no-pager"]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn its_command_starts_a_gateway_with_the_secret_of_a_credential() {
    let exchange = Exchange::start();
    let folder = exchange.state.path();
    let secret = folder.join("api-secret");
    fs::write(&secret, exchange.sandbox.api_secret()).unwrap();
    // As systemd's list of users shows.
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o440)).unwrap();
    fs::write(folder.join("policy.toml"), "trading = true").unwrap();
    let shown = folder.to_str().unwrap();
    let unit = text(UNIT);
    let line = setting(&unit, "ExecStart")
        .replace("${CREDENTIALS_DIRECTORY}", shown)
        .replace("${STATE_DIRECTORY}", &format!("{shown}/state"))
        .replace("/etc/bpx", shown);
    let mut words = line.split_whitespace();
    assert_eq!(words.next(), Some("/usr/bin/bpx"));
    let words: Vec<_> = words.collect();
    let free = ["--rest", "127.0.0.1:0", "--mcp", "127.0.0.1:0"];
    let mut command = bpx(&[&words[..], &free].concat());
    command
        .env("BACKPACK_BASE_URL", exchange.sandbox.base_url())
        .env("CREDENTIALS_DIRECTORY", folder);
    let gateway = Gateway::of(command);
    assert!(
        gateway
            .text("read_token_file")
            .starts_with(&format!("{shown}/state"))
    );
    assert_eq!(setting(&unit, "ExecReload"), "/bin/kill -HUP $MAINPID");
}
