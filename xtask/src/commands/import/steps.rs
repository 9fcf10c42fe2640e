//! What has to follow an import: things to type or to edit, each with its file and place.

use std::fs;
use std::path::PathBuf;

use bpx_codegen::PlanError;
use bpx_codegen::{CrateKind, Inputs, Plan, plan, surface_changes};
use bpx_contract::{Diagnostic, Document, Lines, Names, Place, lower_lossy};
use bpx_evolve::import::{ByHand, Import, Words};

use super::super::generate::{ASYNCAPI, CAPABILITY, NAMES, OPENAPI, SCHEMA, WORKFLOW, contract};
use super::super::root;
use super::rows::{self, Row};
use super::step::Step;
use super::{Compared, sources};

/// Where each run writes contracts to see what they give.
const FOLDER: &str = "target/import";

/// The next steps, and what callers see change.
pub(super) struct Found {
    pub(super) steps: Vec<Step>,
    pub(super) surface: Vec<String>,
}

pub(super) fn steps(compared: &Compared) -> anyhow::Result<Found> {
    let found = found(compared);
    // What is left there disturbs nobody.
    let _ = fs::remove_dir_all(folder());
    found
}

fn folder() -> PathBuf {
    root().join(FOLDER).join(std::process::id().to_string())
}

fn found(compared: &Compared) -> anyhow::Result<Found> {
    let result = &compared.result;
    let names = fs::read_to_string(root().join(NAMES))?;
    let new = Written::new("new", [&result.openapi, &result.schema], &names)?;
    let planned = plan(&new.inputs(true));
    let faults = faults(&planned);
    let renamed = [&result.renamed[..], &result.renamed_operations].concat();
    let stale = rows::stale(&names, &faults, &renamed);
    let (before, after) = surfaces(compared, &planned, &rows::corrected(&names, &stale))?;

    let mut steps: Vec<_> = result.by_hand.iter().map(by_hand).collect();
    steps.extend(stale.iter().map(Row::step));
    steps.extend(faults.iter().filter_map(|fault| file_step(fault, result)));
    steps.extend(stepped_aside(compared, &rows::corrected(&names, &stale)));
    steps.extend(result.words.iter().map(words));
    steps.extend(compared.superfluous.iter().map(overlay));
    steps.extend(result.unread.iter().map(unread));
    steps.extend(sources::uses(&root(), &before, &after)?);
    if !result.is_nothing() || !steps.is_empty() {
        steps.push(Step::run("cargo xtask generate"));
    }
    let surface = surface_changes(&before, &after);
    Ok(Found { steps, surface })
}

fn faults(planned: &Result<Plan, PlanError>) -> Vec<Diagnostic> {
    match planned {
        Err(PlanError::Contract(found)) => found.0.clone(),
        _ => Vec::new(),
    }
}

/// Contracts in a folder of their own.
struct Written {
    folder: PathBuf,
}

impl Written {
    fn new(folder: &str, [openapi, schema]: [&str; 2], names: &str) -> anyhow::Result<Self> {
        let written = Self {
            folder: self::folder().join(folder),
        };
        for (path, text) in [(OPENAPI, openapi), (SCHEMA, schema), (NAMES, names)] {
            let path = written.path(path);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(path, text)?;
        }
        Ok(written)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// The inputs of `cargo xtask generate`; without what is written by hand if that is not `whole`.
    fn inputs(&self, whole: bool) -> Inputs {
        Inputs {
            openapi: self.path(OPENAPI),
            schema: Some(self.path(SCHEMA)),
            overlay: None,
            names: Some(self.path(NAMES)),
            capability: whole.then(|| contract(CAPABILITY)),
            workflows: whole.then(|| contract(WORKFLOW)).into_iter().collect(),
            asyncapi: whole.then(|| contract(ASYNCAPI)),
            asyncapi_overlay: None,
            kind: CrateKind::Member,
            types_only: false,
            strict: whole,
            command: "cargo xtask generate".to_owned(),
        }
    }
}

/// The public surface before and after. Where the new contracts give no crate yet, the part that they do give.
fn surfaces(
    compared: &Compared,
    planned: &Result<Plan, PlanError>,
    names: &str,
) -> anyhow::Result<(String, String)> {
    let digest = |plan: &Plan| plan.files.get("SURFACE.md").map_or("", |it| it).to_owned();
    if let Ok(planned) = planned {
        let before = fs::read_to_string(root().join("generated/SURFACE.md")).unwrap_or_default();
        return Ok((sorted(&before), sorted(&digest(planned))));
    }
    let [openapi, schema] = &compared.before;
    let known = fs::read_to_string(root().join(NAMES))?;
    let before = Written::new("before", [openapi, schema], &known)?;
    let result = &compared.result;
    let after = Written::new("after", [&result.openapi, &result.schema], names)?;
    let part = |written: &Written| plan(&written.inputs(false)).ok();
    let both = part(&before).zip(part(&after));
    let both = both.map(|(before, after)| (sorted(&digest(&before)), sorted(&digest(&after))));
    Ok(both.unwrap_or_default())
}

/// The digest with the types of each section in the order of their names, so that one that only moved is no change.
fn sorted(digest: &str) -> String {
    let sections = digest.split("\n## ").map(|section| {
        let mut blocks = section.split("\n### ");
        let head = blocks.next().unwrap_or_default();
        let mut blocks: Vec<_> = blocks.map(str::trim_end).collect();
        blocks.sort_unstable();
        let blocks = blocks.into_iter().map(|block| format!("\n### {block}\n"));
        format!("{head}{}", blocks.collect::<String>())
    });
    sections.collect::<Vec<_>>().join("\n## ")
}

fn by_hand(left: &ByHand) -> Step {
    let (ours, theirs) = (&left.ours, &left.theirs);
    let action = format!("write by hand what {theirs} says: {}", left.what);
    Step::at("fact", ours.clone(), action)
}

fn words(words: &Words) -> Step {
    let action = match &words.value {
        Some(value) => format!("describe the new value `{value}`"),
        None => {
            let pointer = words.place.pointer.as_deref().unwrap_or_default();
            format!("describe `{}`", subject(pointer))
        }
    };
    Step::at("words", words.place.clone(), action)
}

/// The end of a pointer that tells a reader what it is about.
fn subject(pointer: &str) -> String {
    let steps: Vec<_> = pointer.split('/').skip(1).collect();
    let kept = match steps.as_slice() {
        [_, "schemas", ty, "properties", field] => vec![*ty, field],
        ["properties", field] | ["$defs", field] => vec![*field],
        ["components", _, name] => vec![*name],
        ["paths", rest @ ..] => rest.to_vec(),
        all => all.to_vec(),
    };
    let kept = kept.into_iter().map(bpx_contract::pointer::unescape);
    let kept: Vec<_> = kept.collect();
    kept.join(if pointer.starts_with("/paths") {
        " "
    } else {
        "."
    })
}

fn overlay(fault: &Diagnostic) -> Step {
    let number = fault.problem.split_whitespace().nth(1).unwrap_or_default();
    let file = &fault.place.file;
    let action = match fault.problem.contains("changes nothing") {
        true => format!("remove action {number} of {file}, it changes nothing"),
        false => format!("{}: {}", fault.problem, fault.fix),
    };
    Step::at("overlay", located(&fault.place), action)
}

fn unread(fault: &Diagnostic) -> Step {
    let action = format!(
        "could not be read, ours was kept: {}; compare it by hand, or correct the document and import again",
        fault.problem
    );
    Step::at("unread", fault.place.clone(), action)
}

/// A fault of a file of ours that the new facts cause. Rows of the names table have steps of their own.
fn file_step(fault: &Diagnostic, result: &Import) -> Option<Step> {
    let Diagnostic {
        place,
        problem,
        fix,
    } = fault;
    let kind = match &*place.file {
        file if file.ends_with(NAMES) => {
            return rows::is_about_no_row(fault).then(|| {
                let place = Place::file(NAMES);
                Step::at("names", place, format!("{problem}; {fix}"))
            });
        }
        file if file.ends_with(CAPABILITY) => "capability",
        file if file.ends_with(WORKFLOW) => "workflow",
        _ => "contract",
    };
    let place = match kind {
        "contract" => in_ours(place, result),
        _ => located(place),
    };
    Some(Step::at(kind, place, format!("{problem}; {fix}")))
}

/// A place in the new contracts, as a place in the files that are written.
fn in_ours(place: &Place, result: &Import) -> Place {
    let both = [(OPENAPI, &result.openapi), (SCHEMA, &result.schema)];
    let found = both
        .into_iter()
        .find(|(file, _)| place.file.ends_with(file));
    let Some((file, text)) = found else {
        return place.clone();
    };
    let line = place
        .pointer
        .as_deref()
        .and_then(|it| Lines::of(text).line(it));
    Place {
        file: file.to_owned(),
        pointer: place.pointer.clone(),
        line: place.line.or(line),
    }
}

/// The place with its line in the file.
fn located(place: &Place) -> Place {
    let text = fs::read_to_string(&place.file);
    let line = text.ok().zip(place.pointer.as_deref());
    let line = line.and_then(|(text, pointer)| Lines::of(&text).line(pointer));
    Place {
        line: place.line.or(line),
        ..place.clone()
    }
}

/// Names in Rust that had to step aside for others, as they have not before.
fn stepped_aside(compared: &Compared, names: &str) -> Vec<Step> {
    let notes = |text: &str| {
        let document = Document::parse("openapi.yaml", text.as_bytes()).ok()?;
        let model = lower_lossy(&document).ok()?;
        let resolved = Names::resolve(&model, Some((NAMES, names))).ok();
        let resolved = resolved.or_else(|| Names::resolve(&model, None).ok())?;
        let notes = resolved.notes.into_iter().map(|note| note.text);
        Some(notes.collect::<Vec<_>>())
    };
    let [before, _] = &compared.before;
    let (known, new) = (notes(before), notes(&compared.result.openapi));
    let known = known.unwrap_or_default();
    let new = new.unwrap_or_default().into_iter();
    let new = new.filter(|text| !known.contains(text));
    new.map(|text| Step {
        is_needed: false,
        ..Step::at(
            "names",
            Place::file(NAMES),
            format!("add a row for a better name: {text}"),
        )
    })
    .collect()
}
