//! `cargo xtask import`: takes the changes of a new document into our contracts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use bpx_codegen::{CrateKind, Inputs, plan, surface_changes};
use bpx_contract::{Diagnostics, Document, apply, read_text};
use bpx_evolve::Change;
use bpx_evolve::import::{Contracts, Import, import};

use super::generate::{NAMES, OPENAPI, SCHEMA, WORKFLOW, contract};
use super::{complain, root, say};

const EXAMPLES: &str = "Examples:
  cargo xtask import backpack.yml              take the document's changes into openapi/ and schemas/
  cargo xtask import backpack.yml --dry-run    show what would change

Each change has the verdict that `bpx diff` gives it.

Exit codes: 0 done or nothing to do, 1 some changes must be made by hand, 2 a document is invalid; nothing was
written.";

/// Operations that are named in a line. Of more, the first.
const OPERATIONS_MAX: usize = 6;

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The new OpenAPI document.
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
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let result = match prepare(args) {
        Ok(result) => result,
        Err(faults) => {
            complain(&faults.to_string());
            return Ok(ExitCode::from(2));
        }
    };
    if result.diff.changes.is_empty() {
        say("Nothing to import: the contracts have every fact of the document.");
        outside(&result);
        return Ok(ExitCode::SUCCESS);
    }
    show(&result);
    let surface = match callers(&result)? {
        Ok(surface) => surface,
        Err(problem) => {
            complain(&format!(
                "{problem}\n\nThe imported contracts cannot be generated from; nothing was written."
            ));
            return Ok(ExitCode::from(2));
        }
    };
    section("Effect on Rust callers (lines of SURFACE.md)", &surface);
    if !args.dry_run {
        fs::write(root().join(OPENAPI), &result.openapi).context("writing the OpenAPI document")?;
        fs::write(root().join(SCHEMA), &result.schema).context("writing the JSON Schema")?;
        say("\nWritten. Add the missing descriptions, then run `cargo xtask generate`.");
    }
    Ok(if result.by_hand.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn prepare(args: &Args) -> Result<Import, Diagnostics> {
    let (openapi_path, schema_path) = (contract(OPENAPI), contract(SCHEMA));
    let (openapi, schema) = (
        Document::read(&openapi_path)?,
        Document::read(&schema_path)?,
    );
    let (openapi_text, schema_text) = (read_text(&openapi_path)?, read_text(&schema_path)?);
    let names = read_text(&contract(NAMES))?;
    let mut new = Document::read(&args.document)?;
    if args.overlay != "none" {
        let given = Path::new(&args.overlay);
        let path = if given.exists() {
            given.to_owned()
        } else {
            contract(&args.overlay)
        };
        new = apply(&new, &Document::read(&path)?)?;
    }
    let ours = Contracts {
        openapi: &openapi,
        openapi_text: &openapi_text,
        schema: &schema,
        schema_text: &schema_text,
        names: Some((NAMES, &names)),
    };
    import(&ours, &new)
}

fn show(result: &Import) {
    let lines = |changes: &[Change]| changes.iter().map(line).collect::<Vec<_>>();
    say(&result.diff.summary());
    section("Changes", &lines(&result.diff.changes));
    section("To be described", &result.undescribed);
    section("To be changed by hand", &lines(&result.by_hand));
    outside(result);
}

/// A change as `bpx diff` words it, with the operations it reaches.
fn line(change: &Change) -> String {
    let names = change.operations.iter().map(String::as_str);
    let names: Vec<_> = names.take(OPERATIONS_MAX).collect();
    let more = change.operations.len().saturating_sub(OPERATIONS_MAX);
    match (names.as_slice(), more) {
        ([], _) => change.to_string(),
        (names, 0) => format!("{change} (in {})", names.join(", ")),
        (names, more) => format!("{change} (in {}, and {more} more)", names.join(", ")),
    }
}

fn outside(result: &Import) {
    if !result.outside.is_empty() {
        say(&format!(
            "\nOperations with none of this contract's tags, left out ({}): {}",
            result.outside.len(),
            result.outside.join(", ")
        ));
    }
}

fn section(title: &str, lines: &[impl std::fmt::Display]) {
    if !lines.is_empty() {
        say(&format!("\n{title}:"));
        lines.iter().for_each(|line| say(&format!("  {line}")));
    }
}

/// The changes of the public surface, from a plan with the new texts. The inner error is about the contracts.
fn callers(result: &Import) -> anyhow::Result<Result<Vec<String>, String>> {
    let folder = root().join("target/import");
    fs::create_dir_all(&folder)?;
    let (openapi, schema) = (
        folder.join("openapi.yaml"),
        folder.join("order.schema.json"),
    );
    fs::write(&openapi, &result.openapi)?;
    fs::write(&schema, &result.schema)?;
    let inputs = Inputs {
        openapi,
        schema: Some(schema),
        overlay: None,
        names: Some(contract(NAMES)),
        capability: Some(contract("capabilities/order.capability.yaml")),
        workflows: vec![contract(WORKFLOW)],
        kind: CrateKind::Member,
        types_only: false,
        strict: false,
        command: "cargo xtask generate".to_owned(),
    };
    let planned = match plan(&inputs) {
        Ok(planned) => planned,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let before = fs::read_to_string(root().join("generated/SURFACE.md")).unwrap_or_default();
    let after = planned.files.get("SURFACE.md").map_or("", String::as_str);
    Ok(Ok(surface_changes(&before, after)))
}
