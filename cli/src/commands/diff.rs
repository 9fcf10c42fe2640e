//! `bpx diff`: compares two OpenAPI documents, from the point of view of callers of the old one, and decides whether the new
//! one may replace it.

mod github;
mod html;
mod input;
mod json;
mod junit;
mod markdown;
mod overlay;
mod sarif;
mod select;
mod text;
mod view;

use std::path::PathBuf;

use bpx_conformance::{Contract, Replay, RunOptions, replay};
use bpx_contract::{Api, read_text};
use bpx_evolve::{Accepted, Gate, Rule, Stale, Verdict, diff, openapi_api};
use bpx_recording::sources;
use clap::{Args, ValueEnum};

use self::input::{Input, STDIN};
use self::select::Selection;
use self::view::View;
use crate::failure::{Category, Failure, Fault};
use crate::output::{self, plain};
use crate::progress;

const EXAMPLES: &str = "\
Examples:
  bpx diff old.yaml new.yaml
  bpx diff HEAD:old.yaml old.yaml --fail-on undecided
  bpx diff old.yaml new.yaml --accept accepted.toml --format markdown
  bpx diff old.yaml new.yaml --only get_order execute_order --json
  bpx diff openapi/backpack-order.openapi.yaml venue.yaml --replay recordings/
  bpx diff --rules

OLD and NEW are OpenAPI 3.0 or 3.1 documents, YAML or JSON: files, `-` for standard input, or REVISION:PATH of the git
repository. Each change has a verdict for callers that stay as they are: breaking, risky (the documents do not decide it),
undecided (neither a proof nor a counterexample), safe; and its effect on Rust callers once the client is generated again.
With --replay, recorded interactions are checked against both documents.

The file of --accept is TOML. [[accepted]] tables have `rule`, `subject`, `reason` and, if the change may reach no other
operations, `operations`; an entry that matches no change fails (not with --only or --tag, which leave changes out).
`[severity]` gives rules another verdict: \"response-value-added\" = \"breaking\". `--format accept` prints entries for what fails.

Exit codes: 0 nothing fails, 1 a change or a stale entry fails, 2 could not compare. Only 0 and 1 come with a report.";

/// Compare two versions of an OpenAPI document, for existing callers and for Rust callers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Diff {
    /// OpenAPI document that callers were written for: a file, -, or REVISION:PATH
    #[arg(required_unless_present = "rules")]
    old: Option<String>,
    /// OpenAPI document that replaces it: a file, -, or REVISION:PATH
    #[arg(required_unless_present = "rules")]
    new: Option<String>,
    /// Overlay to apply to NEW [default: the corrections that `cargo xtask import` makes, where they fit]
    #[arg(long, value_name = "FILE|none")]
    overlay: Option<String>,
    /// Compare these operations only
    #[arg(long, value_name = "OPERATION", num_args = 1..)]
    only: Vec<String>,
    /// Compare operations with one of these tags only
    #[arg(long, value_name = "TAG", num_args = 1..)]
    tag: Vec<String>,
    /// The least verdict that fails
    #[arg(long, value_enum, default_value_t = FailOn::Breaking)]
    fail_on: FailOn,
    /// Accepted changes with reasons, and verdicts of rules
    #[arg(long, value_name = "FILE")]
    accept: Option<PathBuf>,
    /// Recordings to check against both: files, folders, patterns
    #[arg(long, value_name = "FILE", num_args = 1..)]
    replay: Vec<String>,
    /// Table of Rust names [default: that of the client of this program]
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,
    /// Form of the report
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    /// Print JSON, as --format json does
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Print the table of all rules, as Markdown
    #[arg(long, conflicts_with_all = ["old", "new"])]
    rules: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    Breaking,
    Risky,
    Undecided,
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Json,
    Markdown,
    Github,
    Sarif,
    Junit,
    Html,
    Accept,
}

impl From<FailOn> for Verdict {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Breaking => Self::Breaking,
            FailOn::Risky => Self::Risky,
            FailOn::Undecided => Self::Undecided,
            FailOn::Any => Self::Safe,
        }
    }
}

impl Diff {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if self.rules {
            return Ok(output::text(&Rule::markdown())?);
        }
        match self.compare() {
            Ok(verdict) => verdict.map_or(Ok(()), Err),
            // An error must not look like a verdict, whatever it is.
            Err(failure) => Err(failure.without_result()),
        }
    }

    /// Compares and reports. What fails the gate is the value.
    fn compare(&self) -> Result<Option<Failure>, Failure> {
        let (old, new) = self.inputs()?;
        let mut notes = Vec::new();
        let (before, after) = self.apis(&old, &new, &mut notes)?;
        input::note_faults(&before, &after, &mut notes);
        let names = self.names()?;
        let accepted = self.accepted()?;
        let shown = progress::spinner("comparing the documents");
        let mut found = diff(&before, &after, Some((&names.0, &names.1)))?;
        drop(shown);
        found.judge(&accepted.verdicts);
        if !found.changes.is_empty() {
            let lines = (old.lines(), new.lines());
            found
                .changes
                .iter_mut()
                .for_each(|it| it.locate(&lines.0, &lines.1));
        }
        let mut gate = Gate::new(&found, &accepted, self.fail_on.into());
        if !self.selection().is_empty() {
            // What is left out is neither compared nor stale.
            gate.stale.clear();
        }
        let replay = match self.replay.is_empty() {
            true => None,
            false => Some(self.replayed(&before, &after)?),
        };
        self.show(&View {
            old: &before,
            new: &after,
            gate: &gate,
            replay: replay.as_ref(),
            notes: &notes,
            old_path: old.path.as_deref(),
            path: new.path.as_deref(),
        })?;
        Ok(failing(&gate))
    }

    fn inputs(&self) -> Result<(Input, Input), Failure> {
        let name = |it: &Option<String>| it.clone().unwrap_or_default();
        let (old, new) = (name(&self.old), name(&self.new));
        if old == STDIN && new == STDIN {
            return Err(Failure::bad_input(
                "OLD and NEW are both standard input",
                "name a file or a revision for one of them",
            ));
        }
        Ok((Input::read(&old)?, Input::read(&new)?))
    }

    /// The documents, corrected and restricted to what is asked for.
    fn apis(
        &self,
        old: &Input,
        new: &Input,
        notes: &mut Vec<String>,
    ) -> Result<(Api, Api), Failure> {
        let (old, new) = (old.document.clone(), new.document.clone());
        let (old, new) = overlay::corrected(self.overlay.as_deref(), old, new, notes)?;
        let (old, new) = (openapi_api(old)?, openapi_api(new)?);
        let selection = self.selection();
        match selection.is_empty() {
            true => Ok((old, new)),
            false => selection.restrict(old, new),
        }
    }

    fn selection(&self) -> Selection<'_> {
        Selection {
            ids: &self.only,
            tags: &self.tag,
        }
    }

    fn form(&self) -> Form {
        if self.json { Form::Json } else { self.format }
    }

    /// Prints the report, and on stderr what a report alone might hide.
    fn show(&self, view: &View<'_>) -> Result<(), Failure> {
        let entries = || view.gate.failing().map(|it| Accepted::entry(it) + "\n");
        let shown = match self.form() {
            Form::Text => text::render(view),
            Form::Json => json::render(view)?,
            Form::Markdown => markdown::render(view),
            Form::Github => github::render(view),
            Form::Sarif => sarif::render(view)?,
            Form::Junit => junit::render(view),
            Form::Html => html::render(view),
            Form::Accept => entries().collect(),
        };
        output::text(&shown)?;
        let notes = view.notes.iter().map(|it| format!("note: {}", plain(it)));
        for remark in notes.chain(view.remainder()) {
            output::remark(&remark)?;
        }
        Ok(())
    }

    fn accepted(&self) -> Result<Accepted, Failure> {
        let Some(path) = &self.accept else {
            return Ok(Accepted::default());
        };
        let text = read_text(path)?;
        Ok(Accepted::parse(&path.display().to_string(), &text)?)
    }

    /// The recordings checked against both documents.
    fn replayed(&self, old: &Api, new: &Api) -> Result<Replay, Failure> {
        let contract = |api: &Api| Contract::openapi(api.document().clone());
        let files = sources(&self.replay)?;
        let (old, new) = (contract(old)?, contract(new)?);
        let found = replay(&old, &new, files, &RunOptions::default())?;
        if found.exchanges == 0 {
            return Err(Failure::bad_input(
                format!(
                    "nothing was replayed, {} entries cannot be read",
                    found.unread
                ),
                "name recordings that hold exchanges",
            ));
        }
        Ok(found)
    }

    fn names(&self) -> Result<(String, String), Failure> {
        let Some(path) = &self.names else {
            let (file, text) = bpx_venue::NAMES;
            return Ok((file.to_owned(), text.to_owned()));
        };
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::bad_input(format!("{file}: {error}"), "name a table of Rust names")
        })?;
        Ok((file, text))
    }
}

/// What fails the gate, if anything does.
fn failing(gate: &Gate<'_>) -> Option<Failure> {
    let counts = Verdict::ALL.map(|verdict| {
        let count = gate.failing().filter(|it| it.verdict == verdict).count();
        (count, verdict.as_str())
    });
    let counts: Vec<_> = counts.into_iter().filter(|(count, _)| *count > 0).collect();
    let problem = match counts.as_slice() {
        [] => None,
        [(1, "breaking")] => Some("1 change breaks callers of the old document".to_owned()),
        [(count, "breaking")] => Some(format!("{count} changes break callers of the old document")),
        counts => {
            let counts: Vec<_> = counts
                .iter()
                .map(|(count, name)| format!("{count} {name}"))
                .collect();
            Some(format!("changes that fail: {}", counts.join(", ")))
        }
    };
    let changes = problem.map(|problem| Fault {
        problem,
        location: None,
        fix: "check what callers use, then correct the new document or accept the changes with --accept".to_owned(),
    });
    let faults: Vec<_> = changes
        .into_iter()
        .chain(gate.stale.iter().map(stale))
        .collect();
    (!faults.is_empty()).then(|| Failure::with_faults(Category::Findings, faults))
}

fn stale(stale: &Stale) -> Fault {
    Fault {
        problem: plain(&stale.problem()),
        location: Some(stale.place.to_string()),
        fix: "remove the entry, or correct its rule, subject and operations".to_owned(),
    }
}
