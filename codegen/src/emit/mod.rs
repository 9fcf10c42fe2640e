//! Model to tokens: one module per output file, all of them pure.

mod arguments;
mod builders;
mod capability;
mod client;
mod crate_files;
mod described;
mod docs;
mod document;
mod enums;
mod json_lines;
mod operations;
mod prose;
mod refine;
mod row;
mod schemas;
mod seam;
mod sent;
mod shapes;
mod skill;
mod stand_ins;
mod surface;
mod table;
mod types;
mod unions;
mod validators;
mod workflows;

use std::collections::BTreeMap;
use std::fmt::Display;

use bpx_contract::model::Model;
use bpx_contract::{Diagnostics, Names, Place};
use proc_macro2::TokenStream;

use crate::format::{self, Header};
use crate::{CrateKind, PlanError};

pub(crate) use self::arguments::collisions;
pub(crate) use self::capability::Exposed;
pub(crate) use self::workflows::Workflows;

/// A fault inside emission.
#[derive(Debug)]
pub(crate) struct Fault {
    place: Option<Place>,
    problem: String,
}

impl Fault {
    /// A backend did not accept what lowering gave it.
    fn backend(tool: &str, error: &impl Display) -> Self {
        Self {
            place: None,
            problem: format!("{tool} does not accept the lowered document: {error}"),
        }
    }

    fn at(self, file: &str) -> PlanError {
        let place = self.place.unwrap_or_else(|| Place::file(file));
        PlanError::Contract(Diagnostics::one(
            place,
            self.problem,
            "simplify the definition, and report it: lowering should have taken care of it",
        ))
    }
}

/// What a crate is made of.
pub(crate) struct Source<'a> {
    pub(crate) model: &'a Model,
    pub(crate) names: &'a Names,
    pub(crate) exposed: Option<Exposed<'a>>,
    pub(crate) workflows: &'a Workflows<'a>,
    /// The OpenAPI document, for complaints without a better place.
    pub(crate) file: &'a str,
    /// The digest of its text.
    pub(crate) digest: &'a str,
}

/// Every file of the generated crate, by path.
pub(crate) fn files(
    source: &Source<'_>,
    kind: &CrateKind,
    header: &Header,
) -> Result<BTreeMap<String, String>, PlanError> {
    let mut files = BTreeMap::new();
    for (path, tokens) in modules(source)? {
        let text = format::rust(tokens, header)
            .map_err(|error| Fault::backend("syn", &error).at(source.file))?;
        files.insert(path.to_owned(), text);
    }
    let &Source {
        model,
        names,
        exposed,
        workflows,
        ..
    } = source;
    files.insert(
        "Cargo.toml".to_owned(),
        header.toml(&crate_files::manifest(model, workflows, kind)),
    );
    files.insert(
        "SURFACE.md".to_owned(),
        header.markdown(&surface::digest(model, names, exposed, workflows)),
    );
    if let Some(exposed) = exposed {
        files.extend(skill::files(exposed, model, header));
    }
    Ok(files)
}

/// The Rust files, by path.
fn modules(source: &Source<'_>) -> Result<Vec<(&'static str, TokenStream)>, PlanError> {
    let &Source {
        model,
        names,
        exposed,
        workflows,
        ..
    } = source;
    let at = |fault: Fault| fault.at(source.file);
    let mut modules = vec![
        ("src/lib.rs", crate_files::lib(source)),
        ("src/types.rs", types::emit(model, names).map_err(at)?),
        ("src/operations.rs", operations::emit(model, names)),
        ("src/builder.rs", builders::emit(model, names).map_err(at)?),
        ("src/client.rs", client::emit(model, names)),
        ("src/table.rs", table::emit(model, names)),
        ("src/schemas.rs", schemas::emit(model, names).map_err(at)?),
        (
            "src/validators.rs",
            validators::emit(model, names, source.digest),
        ),
    ];
    if let Some(exposed) = exposed {
        modules.push(("src/capability.rs", capability::emit(exposed, model, names)));
    }
    if !workflows.is_empty() {
        let tokens = workflows::emit(workflows, model, names).map_err(at)?;
        modules.push(("src/workflows.rs", tokens));
    }
    Ok(modules)
}
