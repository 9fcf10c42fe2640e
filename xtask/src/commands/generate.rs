//! `cargo xtask generate`: contracts in, client crate out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use bpx_codegen::{Change, CrateKind, Inputs, Mode, Plan, Report, plan, recover, sync};
use bpx_contract::Diagnostic;
use bpx_contract::model::{Loss, LossKind};

use super::{complain, root, say};

/// The checked-in contracts.
pub(crate) const OPENAPI: &str = "openapi/backpack-order.openapi.yaml";
pub(crate) const SCHEMA: &str = "schemas/order.schema.json";
pub(crate) const NAMES: &str = "openapi/names.toml";
pub(crate) const CAPABILITY: &str = "capabilities/order.capability.yaml";
pub(crate) const ASYNCAPI: &str = "asyncapi/backpack-streams.asyncapi.yaml";
pub(crate) const WORKFLOW: &str = "workflows/cancel-replace-order.arazzo.yaml";

const EXAMPLES: &str = "Examples:
  cargo xtask generate                     write generated/ from the checked-in contracts
  cargo xtask generate --check             exit 1 if generated/ is not what the contracts give
  cargo xtask generate --openapi venue.yml --out target/venue
                                           a crate of its own from another document
  cargo xtask generate --openapi venue.yml --workflow flow.arazzo.yaml --out target/venue
                                           the same, with types for its workflows
  cargo xtask generate --openapi venue.yml --asyncapi streams.yml --out target/venue
                                           the same, with subscriptions to its streams
  cargo xtask generate --schema shop.schema.json --out target/shop
                                           types alone, from any JSON Schema

Exit codes: 0 done, 1 --check found a difference, 2 the contracts or the folder are at fault; nothing was written.";

#[derive(Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Report differences and fail on any; write nothing.
    #[arg(long, conflicts_with = "dry_run")]
    check: bool,
    /// Report differences; write nothing.
    #[arg(long)]
    dry_run: bool,
    /// The OpenAPI document, or `none`. With it, every input that is not named is `none`.
    #[arg(long, value_name = "FILE|none")]
    openapi: Option<PathBuf>,
    /// The JSON Schema of one component, or `none`. With --out and without an OpenAPI document: a schema of its own, of
    /// which types are made.
    #[arg(long, value_name = "FILE|none")]
    schema: Option<String>,
    /// An overlay for the OpenAPI document, or `none`.
    #[arg(long, value_name = "FILE|none")]
    overlay: Option<String>,
    /// The table of naming exceptions, or `none`.
    #[arg(long, value_name = "FILE|none")]
    names: Option<String>,
    /// What becomes a route and what a tool, or `none`.
    #[arg(long, value_name = "FILE|none")]
    capability: Option<String>,
    /// Arazzo documents whose workflows become types, or `none`; may be given several times.
    #[arg(long, value_name = "FILE|none")]
    workflow: Vec<String>,
    /// The AsyncAPI document whose streams the client subscribes to, or `none`.
    #[arg(long, value_name = "FILE|none")]
    asyncapi: Option<String>,
    /// An overlay for the AsyncAPI document, or `none`.
    #[arg(long, value_name = "FILE|none", requires = "asyncapi")]
    asyncapi_overlay: Option<String>,
    /// Where a crate that stands alone is written.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The name of a crate that stands alone; made of the API's title without it.
    #[arg(long, value_name = "NAME", requires = "out")]
    name: Option<String>,
    /// Refuse a document of which some part would be left out or typed more widely than it says. Without `--openapi`
    /// always so.
    #[arg(long)]
    strict: bool,
    /// Print every rewrite that lowering made, every note about a workflow and every warning about the capability file.
    #[arg(long)]
    notes: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Some((planned, report, folder)) = generate(args)? else {
        return Ok(ExitCode::from(2));
    };
    let mode = mode_of(args);
    tell(args, &planned, &report, &folder, mode);
    if args.openapi.is_some() && args.out.is_none() && mode == Mode::Write {
        complain(
            "note: generated/ now holds the client of another document; `cargo xtask generate` brings ours back",
        );
    }
    let differs = mode == Mode::Check && !report.changes.is_empty();
    Ok(if differs {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

/// Writes `generated/` from the checked-in contracts. `None`: they are at fault, and that is said already.
pub(crate) fn regenerate() -> anyhow::Result<Option<Report>> {
    Ok(generate(&Args::default())?.map(|(_, report, _)| report))
}

fn generate(args: &Args) -> anyhow::Result<Option<(Plan, Report, PathBuf)>> {
    let (inputs, folder) = resolve(args)?;
    let mode = mode_of(args);
    // Before the contracts are looked at: whatever they say now, the folder is to hold one whole crate.
    if mode == Mode::Write && recover(&folder)? {
        complain("note: an earlier run was interrupted; what it had begun is settled");
    }
    let planned = match plan(&inputs) {
        Ok(planned) => planned,
        Err(error) => {
            complain(&error.to_string());
            return Ok(None);
        }
    };
    match sync(&planned, &folder, mode) {
        Ok(report) => Ok(Some((planned, report, folder))),
        Err(error) => {
            complain(&error.to_string());
            Ok(None)
        }
    }
}

fn mode_of(args: &Args) -> Mode {
    match (args.check, args.dry_run) {
        (true, _) => Mode::Check,
        (_, true) => Mode::DryRun,
        _ => Mode::Write,
    }
}

/// The inputs with the defaults of the checked-in contracts, and the folder to write.
fn resolve(args: &Args) -> anyhow::Result<(Inputs, PathBuf)> {
    let root = root();
    let is_none = args
        .openapi
        .as_ref()
        .is_some_and(|path| path.as_os_str() == "none");
    let is_alone = args.openapi.is_none() && args.schema.is_some() && args.out.is_some();
    let types_only = is_none || is_alone;
    let ours = args.openapi.is_none() && !types_only;
    let pick = |given: &Option<String>, default: Option<&str>| match given.as_deref() {
        Some("none") => None,
        Some(path) => Some(PathBuf::from(path)),
        None => default.filter(|_| ours).map(|path| shown(&root.join(path))),
    };
    let schema = || args.schema.as_ref().map(PathBuf::from);
    let openapi = match types_only {
        true => schema().context("--openapi none makes types of a JSON Schema alone; name one with --schema (streams need an OpenAPI document)")?,
        false => args
            .openapi
            .clone()
            .unwrap_or_else(|| shown(&root.join(OPENAPI))),
    };
    let is_name = |name: &String| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_part)
    };
    if let Some(name) = args.name.as_ref().filter(|name| !is_name(name)) {
        bail!(
            "{name:?} is no name of a package\n   at: --name\n  fix: use letters, digits, `-` and `_`, with a letter first"
        );
    }
    let (kind, folder) = match &args.out {
        None => (CrateKind::Member, root.join("generated")),
        Some(out) => (
            CrateKind::Alone {
                runtime: path_between(out, &root.join("runtime"))?,
                name: args.name.clone(),
            },
            out.clone(),
        ),
    };
    let inputs = Inputs {
        schema: pick(&args.schema, Some(SCHEMA)).filter(|_| !types_only),
        overlay: pick(&args.overlay, None),
        names: pick(&args.names, Some(NAMES)),
        capability: pick(&args.capability, Some(CAPABILITY)),
        workflows: match args.workflow.as_slice() {
            [] => pick(&None, Some(WORKFLOW)).into_iter().collect(),
            given => given
                .iter()
                .filter_map(|it| pick(&Some(it.clone()), None))
                .collect(),
        },
        asyncapi: pick(&args.asyncapi, Some(ASYNCAPI)).filter(|_| !types_only),
        asyncapi_overlay: pick(&args.asyncapi_overlay, None),
        openapi,
        kind,
        types_only,
        strict: args.strict || ours,
        command: "cargo xtask generate".to_owned(),
    };
    Ok((inputs, folder))
}

/// A checked-in contract, as the current folder sees it.
pub(crate) fn contract(path: &str) -> PathBuf {
    shown(&root().join(path))
}

/// The path from the current folder where that is shorter to read.
fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).to_owned()
}

/// The relative path from one folder, which may not exist yet, to another.
fn path_between(from: &Path, to: &Path) -> anyhow::Result<String> {
    let from = real(from)?;
    let to = to.canonicalize()?;
    let common = from
        .components()
        .zip(to.components())
        .take_while(|(a, b)| a == b)
        .count();
    let ups = from.components().skip(common).map(|_| "..".to_owned());
    let downs = to
        .components()
        .skip(common)
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    Ok(ups.chain(downs).collect::<Vec<_>>().join("/"))
}

/// The absolute path without links, for the part that exists.
fn real(path: &Path) -> anyhow::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let mut missing = Vec::new();
    let mut existing = path.as_path();
    while !existing.exists() {
        missing.extend(existing.file_name());
        let Some(parent) = existing.parent() else {
            break;
        };
        existing = parent;
    }
    let mut real = existing.canonicalize()?;
    real.extend(missing.into_iter().rev());
    Ok(real)
}

/// One line about what the crate does not have as the document says it.
fn losses(planned: &Plan) -> Option<String> {
    let count = |wanted| {
        planned
            .losses
            .iter()
            .filter(|loss| loss.kind == wanted)
            .count()
    };
    let left_out = count(LossKind::LeftOut);
    let widened = count(LossKind::Widened) + planned.notes.iter().filter(|it| it.is_loss).count();
    (left_out + widened > 0).then(|| {
        format!(
            "Not as the document says it: {left_out} left out, {widened} typed more widely; --notes lists them, --strict refuses them."
        )
    })
}

/// What becomes of a file, or would.
fn word(change: &Change, mode: Mode) -> &'static str {
    match (mode, change) {
        (Mode::Write, Change::Stray(_)) => "removed",
        (Mode::Write, _) => "wrote",
        _ => change.word(),
    }
}

/// A number with its noun.
fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

fn tell(args: &Args, planned: &Plan, report: &Report, folder: &Path, mode: Mode) {
    if args.notes {
        for note in &planned.notes {
            say(&format!("note: {note}"));
        }
        for Loss { kind, diagnostic } in &planned.losses {
            let Diagnostic {
                place,
                problem,
                fix,
            } = diagnostic;
            let word = match kind {
                LossKind::LeftOut => "left out",
                LossKind::Widened => "widened",
            };
            say(&format!("{word}: {place}: {problem}; {fix}"));
        }
    }
    if args.notes || args.capability.is_some() {
        for warning in &planned.warnings {
            complain(&warning.to_string());
        }
    }
    for change in &report.changes {
        say(&format!(
            "{:>8}  {}",
            word(change, mode),
            shown(&folder.join(change.path())).display()
        ));
    }
    if !report.surface.is_empty() {
        say("\nWhat callers see change:");
        report
            .surface
            .iter()
            .for_each(|line| say(&format!("  {line}")));
        say("");
    }
    let done = match (mode, report.changes.len()) {
        (_, 0) => "up to date".to_owned(),
        (Mode::Write, count) => format!("{count} written"),
        (Mode::DryRun, count) => format!("{count} would be written"),
        (Mode::Check, count) => format!("{count} differ; run `{}`", "cargo xtask generate"),
    };
    if let Some(summary) = losses(planned) {
        say(&summary);
    }
    let streams = match planned.streams {
        0 => String::new(),
        count => format!("{}, ", counted(count, "stream")),
    };
    say(&format!(
        "{}, {}, {}, {streams}{}: {done} ({}, {}, --notes lists them)",
        counted(planned.operations, "operation"),
        counted(planned.types, "type"),
        counted(planned.workflows, "workflow"),
        counted(report.files, "file"),
        counted(planned.notes.len(), "note"),
        counted(planned.warnings.len(), "warning")
    ));
}
