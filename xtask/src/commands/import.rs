//! `cargo xtask import`: takes the facts of a new document into our contracts, and lists what follows from them.
//!
//! The facts are written first. Whatever else has to follow, such as rows of the names table or steps of the workflow,
//! is listed as next steps and stops nothing: no order of edits would keep all files valid in between.

mod rows;
mod show;
mod sources;
mod step;
mod steps;

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use bpx_contract::{Diagnostic, Diagnostics, Document, overlay, read_text};
use bpx_evolve::import::{Contracts, Import, import};

use self::show::Outcome;
use self::step::Step;
use super::generate::{NAMES, OPENAPI, SCHEMA, contract};
use super::root;

const EXAMPLES: &str = "Examples:
  cargo xtask import backpack.yml              take the document's facts into openapi/ and schemas/
  cargo xtask import backpack.yml --dry-run    show what would change
  cargo xtask import backpack.yml --check      in a nightly job: fail if the document has other facts
  curl -s https://example.org/openapi.json | cargo xtask import - --json

Each change has the verdict that `bpx diff` gives it. The facts are written, then the next steps are listed: what to
type or edit, with file and place, in any order. Some of them `cargo xtask generate` needs; in JSON they are `needed`.

Exit codes:
  0  written, or nothing to import; next steps may remain
  1  some facts must be written by hand, the others are written; with --check: facts differ
  2  the document or one of ours cannot be read; nothing was written";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The new OpenAPI document, or `-` for standard input.
    document: PathBuf,
    /// Corrections to it, or `none`.
    #[arg(
        long,
        value_name = "FILE|none",
        default_value = "openapi/venue.overlay.yaml"
    )]
    overlay: String,
    /// Show what would change; write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Exit with 1 if facts differ; write nothing.
    #[arg(long, conflicts_with = "dry_run")]
    check: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What was read and compared.
struct Compared {
    result: Import,
    /// The file of the overlay, with its actions that no longer do anything.
    superfluous: Vec<Diagnostic>,
    /// Our contracts before the import.
    before: [String; 2],
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let compared = match compare(args) {
        Ok(compared) => compared,
        Err(faults) => {
            show::failure(&faults, args.json);
            return Ok(ExitCode::from(2));
        }
    };
    let changed = changed(&compared);
    let writes = !args.dry_run && !args.check;
    let mut found = steps::steps(&compared)?;
    if writes {
        write(&changed)?;
    } else if !changed.is_empty() {
        let command = format!("cargo xtask import {}", args.document.display());
        found.steps.insert(0, Step::run(&command));
    }
    let outcome = Outcome {
        document: &args.document,
        result: &compared.result,
        steps: &found.steps,
        surface: &found.surface,
        changed: &changed.iter().map(|(file, _)| *file).collect::<Vec<_>>(),
        writes,
        exit_code: exit_code(args, &compared.result),
    };
    match args.json {
        true => show::json(&outcome)?,
        false => show::text(&outcome),
    }
    Ok(ExitCode::from(outcome.exit_code))
}

fn exit_code(args: &Args, result: &Import) -> u8 {
    let differs = args.check && !(result.is_nothing() && result.unread.is_empty());
    u8::from(differs || !result.by_hand.is_empty())
}

/// The files of ours that are different after the import, with their new texts.
fn changed(compared: &Compared) -> Vec<(&'static str, &str)> {
    let result = &compared.result;
    let after = [(OPENAPI, &*result.openapi), (SCHEMA, &*result.schema)];
    let both = compared.before.iter().zip(after);
    let changed = both.filter(|(before, (_, after))| *before != after);
    changed.map(|(_, after)| after).collect()
}

fn write(changed: &[(&str, &str)]) -> anyhow::Result<()> {
    for (file, text) in changed {
        fs::write(root().join(file), text).with_context(|| format!("writing {file}"))?;
    }
    Ok(())
}

fn compare(args: &Args) -> Result<Compared, Diagnostics> {
    let (openapi_path, schema_path) = (contract(OPENAPI), contract(SCHEMA));
    let (openapi, schema) = (
        Document::read(&openapi_path)?,
        Document::read(&schema_path)?,
    );
    let before = [read_text(&openapi_path)?, read_text(&schema_path)?];
    let names = read_text(&contract(NAMES))?;
    let (new, superfluous) = corrected(read(&args.document)?, &args.overlay)?;
    let [openapi_text, schema_text] = &before;
    let ours = Contracts {
        openapi: &openapi,
        openapi_text,
        schema: &schema,
        schema_text,
        names: Some((NAMES, &names)),
    };
    Ok(Compared {
        result: import(&ours, &new)?,
        superfluous,
        before,
    })
}

fn read(path: &Path) -> Result<Document, Diagnostics> {
    if path.as_os_str() != "-" {
        return Document::read(path);
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().read_to_end(&mut bytes);
    read.map_err(|error| {
        let place = bpx_contract::Place::file("standard input");
        let problem = format!("standard input cannot be read: {error}");
        Diagnostics::one(place, problem, "name a file instead of `-`")
    })?;
    Document::parse("standard input", &bytes)
}

/// The document with the actions of the overlay that do something, and the faults of the others.
fn corrected(
    document: Document,
    overlay: &str,
) -> Result<(Document, Vec<Diagnostic>), Diagnostics> {
    if overlay == "none" {
        return Ok((document, Vec::new()));
    }
    let given = Path::new(overlay);
    let path = match given.exists() {
        true => given.to_owned(),
        false => contract(overlay),
    };
    overlay::apply_fitting(&document, &Document::read(&path)?)
}
