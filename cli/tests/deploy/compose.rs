//! The compose file: not run, since no registry may be in reach, but its command is, and what must hold is checked.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use bpx_contract::Document;
use serde_json::Value;

use crate::common::{bpx, exchange::Exchange};
use crate::{Gateway, text};

fn compose() -> Value {
    let document = Document::parse("compose.yaml", text("compose.yaml").as_bytes());
    document.unwrap().value.clone()
}

fn list(value: &Value) -> Vec<&str> {
    let items = value.as_array().unwrap();
    items.iter().map(|it| it.as_str().unwrap()).collect()
}

#[test]
fn only_this_computer_reaches_its_ports_and_no_secret_is_in_an_environment() {
    let compose = compose();
    for (name, service) in compose["services"].as_object().unwrap() {
        for port in service["ports"].as_array().into_iter().flatten() {
            assert!(port.as_str().unwrap().starts_with("127.0.0.1:"), "{name}");
        }
        assert!(service["healthcheck"]["test"].is_array(), "{name}");
        for (variable, value) in service["environment"].as_object().unwrap() {
            let is_file = value.as_str().unwrap().starts_with("/run/secrets/");
            assert_eq!(is_file, variable.contains("PASS"), "{variable}");
        }
        for secret in list(&service["secrets"]) {
            let file = compose["secrets"][secret]["file"].as_str().unwrap();
            assert!(file.starts_with("./secrets/"), "{file}");
        }
    }
    let gateway = &compose["services"]["bpx"];
    assert_eq!(
        gateway["environment"]["BPX_JOURNAL"],
        "postgres://bpx@postgres/bpx"
    );
    assert_eq!(gateway["read_only"], true);
}

#[test]
fn its_command_starts_a_gateway() {
    let exchange = Exchange::start();
    let folder = exchange.state.path();
    let secret = folder.join("api-secret");
    fs::write(&secret, exchange.sandbox.api_secret()).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o400)).unwrap();
    fs::write(folder.join("policy.toml"), "trading = true").unwrap();
    let shown = folder.to_str().unwrap();
    let compose = compose();
    let words: Vec<_> = list(&compose["services"]["bpx"]["command"])
        .into_iter()
        .map(|word| {
            word.replace("/run/secrets", shown)
                .replace("/etc/bpx", shown)
                .replace("0.0.0.0:8080", "0.0.0.0:0")
                .replace("0.0.0.0:9090", "0.0.0.0:0")
        })
        .collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let mut command = bpx(&words);
    command
        .env("BACKPACK_BASE_URL", exchange.sandbox.base_url())
        .env("BPX_STATE", folder.join("state"));
    assert!(
        Gateway::of(command)
            .text("rest")
            .starts_with("http://0.0.0.0:")
    );
}
