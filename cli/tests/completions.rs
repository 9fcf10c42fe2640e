//! `bpx completions`, for each shell.

mod common;

use common::{bpx, run, stdout};

#[test]
fn every_shell_is_told_of_the_operations_and_their_flags() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&["completions", shell]);
        assert!(output.status.success(), "{shell}");
        for word in ["execute-order-batch", "time-in-force", "sandbox"] {
            assert!(stdout(&output).contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn a_shell_nobody_knows_is_wrong_usage() {
    assert_eq!(run(&["completions", "tcsh"]).status.code(), Some(2));
}

/// Where there is no bash, nothing is shown.
#[test]
fn bash_accepts_its_script_and_completes_a_flag() {
    let script = run(&["completions", "bash"]);
    let ask = "COMP_WORDS=(bpx get-order --sym); COMP_CWORD=2; _bpx bpx --sym get-order; echo ${COMPREPLY[@]}";
    let program = format!("{}\n{ask}", stdout(&script));
    let Ok(output) = std::process::Command::new("bash")
        .args(["-c", &program])
        .output()
    else {
        println!("skipped: there is no bash");
        return;
    };
    assert_eq!(stdout(&output).trim(), "--symbol");
    assert!(
        bpx(&["get-order", "--help"])
            .output()
            .is_ok_and(|output| output.status.success())
    );
}
