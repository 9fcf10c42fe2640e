//! What accounts and state folders cannot be.

use std::fs;
use std::process::{Output, Stdio};

use crate::common::{bpx, json, stderr};
use crate::{Gateway, SERVE, command, two_accounts};

#[test]
fn a_token_is_one_accounts_alone() {
    let exchange = two_accounts();
    drop(Gateway::start(&exchange));
    let state = exchange.state.path();
    for token in ["trade.token", "approve.token"] {
        let (desk, lab) = (
            state.join("desk").join(token),
            state.join("lab").join(token),
        );
        fs::copy(desk, &lab).unwrap();
        let refused = command(&exchange, &SERVE).output().unwrap();
        assert_eq!(refused.status.code(), Some(2));
        let said = stderr(&refused);
        assert!(said.contains("a token of another account"), "{said}");
        fs::remove_file(lab).unwrap();
    }
}

#[test]
fn what_accounts_cannot_be_is_wrong_usage_with_a_fix() {
    let exchange = two_accounts();
    let run = |options: &[&str]| -> Output {
        command(&exchange, &[&["serve"], options].concat())
            .output()
            .unwrap()
    };
    for (options, words) in [
        (&["--account", "desk"][..], "then `=` and the file"),
        (&["--account", "../x=desk.secret"], "letters, digits"),
        (&["--account", "running=desk.secret"], "choose another"),
        (&["--account", "Approvals=desk.secret"], "choose another"),
        (
            &["--account", "a=desk.secret", "--account", "A=lab.secret"],
            "two accounts are called",
        ),
        (
            &["--account", "a=desk.secret", "--account", "b=desk.secret"],
            "they have the same key",
        ),
        (&["--account", "a=none.secret"], "none.secret"),
        (
            &[
                "--account",
                "a=desk.secret",
                "--api-secret-file",
                "lab.secret",
            ],
            "cannot be used with",
        ),
    ] {
        let output = run(options);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{options:?}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains(words),
            "{options:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn a_state_folder_serves_one_account_over_restarts() {
    let exchange = two_accounts();
    let serve = |secret: &str, base_url: &str| {
        let mut command = bpx(&[
            "serve",
            "--rest",
            "127.0.0.1:0",
            "--mcp",
            "off",
            "--json",
            "--api-secret-file",
        ]);
        command.arg(exchange.state.path().join(secret));
        command
            .env("BACKPACK_BASE_URL", base_url)
            .env("BPX_STATE", exchange.state.path().join("state"));
        command
    };
    let base_url = exchange.sandbox.base_url();
    let refused = |secret: &str, base_url: &str| {
        let refused = serve(secret, base_url).output().unwrap();
        assert_eq!(refused.status.code(), Some(1));
        let failure = json(&refused);
        assert_eq!(failure["error"], "state_folder");
        let problem = failure["problem"].as_str().unwrap();
        assert!(
            problem.contains("the state folder is of account"),
            "{failure}"
        );
        assert!(
            failure["fix"].as_str().unwrap().contains("--state"),
            "{failure}"
        );
    };
    let desk = Gateway::of(&exchange, serve("desk.secret", &base_url));
    refused("lab.secret", &base_url);
    // The client of `bpx mcp` would have the other account's policy and switch.
    let mut mcp = bpx(&["mcp", "--api-secret-file"]);
    mcp.arg(exchange.state.path().join("lab.secret"))
        .stdin(Stdio::null());
    mcp.env("BACKPACK_BASE_URL", &base_url)
        .env("BPX_STATE", exchange.state.path().join("state"));
    assert_eq!(mcp.output().unwrap().status.code(), Some(1));
    drop(desk);
    refused("desk.secret", "http://127.0.0.1:9");

    // The same exchange under another name, and a folder from before there was the file.
    let other_name = base_url.replace("127.0.0.1", "localhost");
    drop(Gateway::of(&exchange, serve("desk.secret", &other_name)));
    let file = exchange.state.path().join("state/account");
    let held = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    drop(Gateway::of(&exchange, serve("desk.secret", &other_name)));
    assert_eq!(fs::read_to_string(&file).unwrap(), held);

    // A local exchange that was started anew has another key.
    drop(Gateway::of(&exchange, serve("lab.secret", &base_url)));
    let taken_over = fs::read_to_string(&file).unwrap();
    assert_ne!(taken_over, held);
    assert_eq!(taken_over.split('@').nth(1), held.split('@').nth(1));
}
