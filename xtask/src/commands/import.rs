//! `cargo xtask import`: the facts of a new venue document into our contracts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use bpx_codegen::{CrateKind, Inputs, plan, surface_changes};
use bpx_contract::import::{Contracts, Import, import};
use bpx_contract::{Diagnostics, Document, apply, read_text};

use super::generate::{OPENAPI, SCHEMA, WORKFLOW, contract};
use super::{complain, root, say};

const EXAMPLES: &str = "Examples:
  cargo xtask import backpack.yml              take the document's facts into openapi/ and schemas/
  cargo xtask import backpack.yml --dry-run    say what would change

Exit codes: 0 done or nothing to do, 1 some facts have to be changed by hand, 2 a document is at fault; nothing was
written.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The venue's new OpenAPI document.
    document: PathBuf,
    /// Corrections to it, or `none`.
    #[arg(
        long,
        value_name = "FILE|none",
        default_value = "openapi/venue.overlay.yaml"
    )]
    overlay: String,
    /// Say what would change; write nothing.
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
    if result.changes.is_empty() {
        say("Nothing to import: the document says what the contracts say.");
        outside(&result);
        return Ok(ExitCode::SUCCESS);
    }
    tell(&result);
    let surface = match callers(&result)? {
        Ok(surface) => surface,
        Err(problem) => {
            complain(&format!(
                "{problem}\n\nThe imported facts do not generate; nothing was written."
            ));
            return Ok(ExitCode::from(2));
        }
    };
    section("What callers will feel (lines of SURFACE.md)", &surface);
    if !args.dry_run {
        fs::write(root().join(OPENAPI), &result.openapi).context("writing the OpenAPI document")?;
        fs::write(root().join(SCHEMA), &result.schema).context("writing the JSON Schema")?;
        say("\nWritten. Add the missing words, then run `cargo xtask generate`.");
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
    let mut venue = Document::read(&args.document)?;
    if args.overlay != "none" {
        let given = Path::new(&args.overlay);
        let path = if given.exists() {
            given.to_owned()
        } else {
            contract(&args.overlay)
        };
        venue = apply(&venue, &Document::read(&path)?)?;
    }
    let ours = Contracts {
        openapi: &openapi,
        openapi_text: &openapi_text,
        schema: &schema,
        schema_text: &schema_text,
    };
    import(&ours, &venue)
}

fn tell(result: &Import) {
    section("Facts that change", &result.changes);
    section("What needs words", &result.wordless);
    section("What has to be changed by hand", &result.by_hand);
    outside(result);
}

fn outside(result: &Import) {
    if !result.outside.is_empty() {
        say(&format!(
            "\n{} operations carry none of this contract's tags and were left out: {}",
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

/// The change of the public surface, from a plan over the new texts; the inner error is the contracts'.
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
        names: Some(contract("openapi/names.toml")),
        capability: Some(contract("capabilities/order.capability.yaml")),
        workflows: vec![contract(WORKFLOW)],
        kind: CrateKind::Member,
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
