//! What each client does on the local exchange, as CONTRIBUTING.md and docs/third-party.md say it.

use std::ffi::OsStr;
use std::path::Path;

use bpx_tests::workspace::root;

use crate::report::{Report, Step, Verdict};

const BEGIN: &str = "<!-- third-party: written by `cargo xtask third-party` -->\n";
const END: &str = "\n<!-- third-party: end -->";
const HEAD: &str = "| client | version | starts | trades | stops | calls ok | not offered | their fault |\n\
                    |---|---|---|---|---|---|---|---|";

/// A file with an entry for each client and version.
struct Page {
    path: &'static str,
    /// What stands between two entries, and before the first.
    separator: &'static str,
    /// How the entry of a client begins, up to its version.
    key: fn(&Report) -> String,
    entry: fn(&Report) -> String,
}

const PAGES: [Page; 2] = [
    Page {
        path: "CONTRIBUTING.md",
        separator: "\n",
        key: |report| format!("| {} | ", report.client),
        entry: row,
    },
    Page {
        path: "docs/third-party.md",
        separator: "\n\n",
        key: |report| format!("## {} ", report.client),
        entry: section,
    },
];

/// Compares the pages with what the runs show, or writes them where `BPX_THIRD_PARTY_TABLE` is set: to `pinned`, and
/// other versions of these clients leave the pages; to `newest`, and they stay.
pub(crate) fn check_or_write(reports: &[Report]) {
    let mode = std::env::var_os("BPX_THIRD_PARTY_TABLE");
    for page in PAGES {
        match &mode {
            Some(mode) => page.write(reports, mode),
            None => page.check(reports),
        }
    }
}

impl Page {
    fn file(&self) -> (impl AsRef<Path>, String) {
        let path = root().join(self.path);
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    }

    fn check(&self, reports: &[Report]) {
        let (_, text) = self.file();
        for entry in reports.iter().map(self.entry) {
            let Self { path, .. } = self;
            assert!(
                text.contains(&entry),
                "{path} lacks\n{entry}\nfix: run `cargo xtask third-party`"
            );
        }
    }

    fn write(&self, reports: &[Report], mode: &OsStr) {
        let (path, text) = self.file();
        let (before, rest) = text.split_once(BEGIN).unwrap();
        let (block, after) = rest.split_once(END).unwrap();
        let is_replaced = |entry: &str| {
            reports.iter().any(|report| {
                let key = (self.key)(report);
                let version = (mode != "pinned").then_some(&*report.version);
                entry.starts_with(&(key + version.unwrap_or_default()))
            })
        };
        let mut entries: Vec<_> = reports.iter().map(self.entry).collect();
        let start = ["| `", "## `"];
        let old = block.split(self.separator);
        let old = old.filter(|entry| start.iter().any(|start| entry.starts_with(start)));
        entries.extend(old.filter(|entry| !is_replaced(entry)).map(str::to_owned));
        entries.sort();
        if self.separator == "\n" {
            entries.insert(0, HEAD.to_owned());
        }
        let block = entries.join(self.separator);
        std::fs::write(path, format!("{before}{BEGIN}{block}{END}{after}")).unwrap();
    }
}

fn row(report: &Report) -> String {
    let stages = ["starts", "trades", "stops"].map(|stage| does(report, stage));
    let calls = report.calls();
    let counts = [Verdict::Ok, Verdict::NotOffered, Verdict::TheirFault].map(|verdict| {
        let count = calls.values().filter(|worst| **worst == verdict).count();
        count.to_string()
    });
    let cells = [stages.map(str::to_owned), counts].concat().join(" | ");
    let Report {
        client, version, ..
    } = report;
    format!("| {client} | {version} | {cells} |")
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

/// The calls by verdict; a call with a fault is listed with what is wrong about it.
fn section(report: &Report) -> String {
    let Report {
        client, version, ..
    } = report;
    let calls = report.calls();
    let ok = calls.iter().filter(|(_, worst)| **worst == Verdict::Ok);
    let ok: Vec<_> = ok.map(|(call, _)| format!("`{call}`")).collect();
    let exceptions = |verdict| {
        let steps = report
            .steps
            .iter()
            .filter(move |step| step.verdict == verdict);
        steps.map(exception).collect::<Vec<_>>()
    };
    let lists = [
        ("OK", ok.join(", ")),
        ("Not offered", exceptions(Verdict::NotOffered).join(", ")),
        ("Their fault", exceptions(Verdict::TheirFault).join("; ")),
    ];
    let items = lists.iter().filter(|(_, list)| !list.is_empty());
    let items = items.map(|(verdict, list)| format!("\n- {verdict}: {list}"));
    format!("## {client} {version}{}", items.collect::<String>())
}

fn exception(step: &Step) -> String {
    match &*step.reason {
        "" => step.name(),
        reason => format!("{}: {reason}", step.name()),
    }
}
