//! `bpx keygen`, and what all commands have in common.

mod common;

use common::{examples, json, run, run_with, stderr, stdout};

#[test]
fn a_new_pair_signs_and_its_halves_belong_together() {
    let output = run(&["keygen", "--json"]);
    assert!(output.status.success());
    let pair = json(&output);
    let (api_key, api_secret) = (
        pair["api_key"].as_str().unwrap(),
        pair["api_secret"].as_str().unwrap(),
    );
    let environment = [
        ("BACKPACK_API_SECRET", api_secret),
        ("BACKPACK_API_KEY", api_key),
    ];
    let signed = run_with(&["sign", "GET", "/api/v1/orders", "--json"], &environment);
    assert_eq!(json(&signed)["api_key"], api_key);
}

#[test]
fn the_warning_is_on_stderr_and_holds_no_secret() {
    let output = run(&["keygen", "--json"]);
    let secret = json(&output)["api_secret"].as_str().unwrap().to_owned();
    assert!(
        stderr(&output).starts_with("warning: "),
        "{}",
        stderr(&output)
    );
    assert!(!stderr(&output).contains(&secret));
}

#[test]
fn two_pairs_differ_and_the_plain_form_names_the_variables() {
    let (a, b) = (run(&["keygen"]), run(&["keygen"]));
    assert_ne!(a.stdout, b.stdout);
    let names: Vec<_> = stdout(&a)
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["BACKPACK_API_KEY", "BACKPACK_API_SECRET"]);
}

#[test]
fn the_help_of_each_command_holds_examples_and_exit_codes() {
    for command in [&[][..], &["keygen"], &["sign"], &["sandbox"]] {
        let output = run(&[command, &["--help"]].concat());
        assert_eq!(output.status.code(), Some(0), "{command:?}");
        assert!(stdout(&output).contains("Examples:\n  bpx "), "{command:?}");
        assert!(stdout(&output).contains("Exit codes: 0 "), "{command:?}");
        assert!(!examples(command).is_empty(), "{command:?}");
    }
}

#[test]
fn the_examples_of_the_help_work() {
    for example in examples(&["keygen"]) {
        let arguments: Vec<_> = example.iter().map(String::as_str).collect();
        assert!(run(&arguments).status.success(), "{example:?}");
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &["no-such-command"][..],
        &["keygen", "extra"],
        &["sandbox", "--listen", "nowhere"],
    ] {
        assert_eq!(run(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
