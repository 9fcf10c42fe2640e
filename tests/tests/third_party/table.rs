//! The table of CONTRIBUTING.md that says what each client does on the local exchange.

use bpx_tests::workspace::root;

use crate::report::{Report, Step, Verdict};

const BEGIN: &str = "<!-- third-party: written by `cargo xtask third-party` -->\n";
const END: &str = "<!-- third-party: end -->";
const HEAD: &str = "| client | version | starts | trades | stops | calls ok | not offered | their fault |\n\
                    |---|---|---|---|---|---|---|---|\n";

/// Compares the table with what the runs show, or writes it where `BPX_THIRD_PARTY_TABLE` is set: to `pinned`, and
/// other versions of these clients leave the table; to `newest`, and they stay.
pub(crate) fn check_or_write(reports: &[Report]) {
    let path = root().join("CONTRIBUTING.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (block, after) = rest.split_once(END).unwrap();
    let Some(mode) = std::env::var_os("BPX_THIRD_PARTY_TABLE") else {
        for line in reports
            .iter()
            .flat_map(|report| [row(report), exceptions(report)])
        {
            let fix = "fix: run `cargo xtask third-party`";
            assert!(
                block.contains(&line),
                "CONTRIBUTING.md lacks this line\n{line}\n{fix}"
            );
        }
        return;
    };
    let is_replaced = |line: &str| {
        reports.iter().any(|report| {
            let [row, item] = keys(report).map(|key| {
                let other_versions = key.rsplit_once(&report.version).unwrap_or_default().0;
                if mode == "pinned" {
                    other_versions.to_owned()
                } else {
                    key
                }
            });
            line.starts_with(&row) || line.starts_with(&item)
        })
    };
    let kept = |start: &str| {
        let lines = block
            .lines()
            .filter(|line| line.starts_with(start) && !is_replaced(line));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let mut rows = kept("| `");
    rows.extend(reports.iter().map(row));
    rows.sort();
    let mut items = kept("- `");
    items.extend(reports.iter().map(exceptions));
    items.sort();
    let block = format!("{HEAD}{}\n\n{}\n", rows.join("\n"), items.join("\n"));
    std::fs::write(path, format!("{before}{BEGIN}{block}{END}{after}")).unwrap();
}

/// How the row and the list item of a client and version begin.
fn keys(report: &Report) -> [String; 2] {
    let Report {
        client, version, ..
    } = report;
    [
        format!("| {client} | {version} |"),
        format!("- {client} {version}:"),
    ]
}

fn row(report: &Report) -> String {
    let stages = ["starts", "trades", "stops"].map(|stage| does(report, stage));
    let calls = report.calls();
    let counts = [Verdict::Ok, Verdict::NotOffered, Verdict::TheirFault].map(|verdict| {
        let count = calls.values().filter(|worst| **worst == verdict).count();
        count.to_string()
    });
    let cells = [stages.map(str::to_owned), counts].concat().join(" | ");
    let [key, _] = keys(report);
    format!("{key} {cells} |")
}

/// Whether all steps of a stage are ok.
fn does(report: &Report, stage: &str) -> &'static str {
    let mut steps = report.steps.iter().filter(|step| step.stage == stage);
    if steps.all(|step| step.verdict == Verdict::Ok) {
        "yes"
    } else {
        "with exceptions"
    }
}

fn exceptions(report: &Report) -> String {
    let [_, key] = keys(report);
    let list = |verdict, separator: &str| {
        let steps = report.steps.iter().filter(|step| step.verdict == verdict);
        let names = steps.map(exception).collect::<Vec<_>>();
        if names.is_empty() {
            "nothing".to_owned()
        } else {
            names.join(separator)
        }
    };
    let (not_offered, faults) = (
        list(Verdict::NotOffered, ", "),
        list(Verdict::TheirFault, "; "),
    );
    format!("{key} not offered: {not_offered}. Their fault: {faults}.")
}

fn exception(step: &Step) -> String {
    if step.reason.is_empty() {
        step.name()
    } else {
        format!("{}: {}", step.name(), step.reason)
    }
}
