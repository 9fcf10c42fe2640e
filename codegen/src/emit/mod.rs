//! Model to tokens: one module per output file, all of them pure.
//!
//! Each Rust type is decided once. `backend` writes the model as plain schemas with neutral names. From these, typify
//! writes a struct for each object and each union, and progenitor a builder for each operation. Everything else reads
//! types from what they wrote: `types` adds names, documentation and serde attributes to the structs; `sent` derives
//! constructors and setters from them, `row` the reader of a union, `surface` the digest; `builders` takes what a builder
//! holds and what `send` returns. The contract alone decides what is optional, and what has an exact notation or may
//! hold unknown values (`shapes`). Requests are built, sent and decoded by `bpx-runtime`: generated code names the
//! parameters, and where they go.

mod accessors;
mod backend;
mod builders;
mod client;
mod crate_files;
mod described;
mod docs;
mod enums;
mod operations;
mod row;
mod secret;
mod sent;
pub(crate) mod shapes;
mod streams;
mod surface;
mod types;
mod unions;
mod workflows;

use std::collections::BTreeMap;
use std::fmt::Display;

use bpx_capability::Exposed;
use bpx_contract::model::Model;
use bpx_contract::{Api, Diagnostics, Names, Place};
use proc_macro2::TokenStream;

use crate::format::{self, Header};

use self::backend::Decided;
pub use self::crate_files::CrateKind;
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

    fn new(place: Place, problem: String) -> Self {
        Self {
            place: Some(place),
            problem,
        }
    }

    fn at(self, file: &str) -> Diagnostics {
        let place = self.place.unwrap_or_else(|| Place::file(file));
        Diagnostics::one(
            place,
            self.problem,
            "simplify the definition, and report it: lowering should have taken care of it",
        )
    }
}

/// What a crate is made of.
pub(crate) struct Source<'a> {
    pub(crate) api: &'a Api,
    pub(crate) model: &'a Model,
    pub(crate) names: &'a Names,
    pub(crate) exposed: Option<&'a Exposed>,
    pub(crate) workflows: &'a Workflows<'a>,
    /// The OpenAPI document, for complaints without a better place.
    pub(crate) file: &'a str,
}

/// Every file of the generated crate, by path.
pub(crate) fn files(
    source: &Source<'_>,
    kind: &CrateKind,
    header: &Header,
) -> Result<BTreeMap<String, String>, Diagnostics> {
    let mut files = BTreeMap::new();
    let at = |fault: Fault| fault.at(source.file);
    let decided = Decided::of(source).map_err(at)?;
    for (path, tokens) in modules(source, &decided).map_err(at)? {
        let text =
            format::rust(tokens, header).map_err(|error| at(Fault::backend("syn", &error)))?;
        files.insert(path.to_owned(), text);
    }
    let &Source {
        model,
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
        header.markdown(&surface::digest(source, &decided)),
    );
    files.insert(
        "src/README.md".to_owned(),
        header.markdown(&crate_files::readme(source, kind)),
    );
    if let Some(skill) = exposed.and_then(|exposed| exposed.skill.as_ref()) {
        for file in &skill.files {
            let path = format!("skills/{}/{}", skill.name, file.path);
            files.insert(path, file.front.clone() + &header.markdown(&file.body));
        }
    }
    Ok(files)
}

/// The Rust files, by path.
fn modules(
    source: &Source<'_>,
    decided: &Decided,
) -> Result<Vec<(&'static str, TokenStream)>, Fault> {
    let &Source {
        model,
        names,
        workflows,
        ..
    } = source;
    let mut modules = vec![
        ("src/lib.rs", crate_files::lib(source)),
        ("src/types.rs", types::emit(model, names, decided)?),
    ];
    if !model.operations.is_empty() {
        modules.push(("src/builder.rs", builders::emit(model, names, decided)));
        modules.push(("src/client.rs", client::emit(model, names)));
    }
    if let Some(streams) = streams::of(model) {
        let tokens = streams::emit(model, streams, names, decided);
        modules.push(("src/streams.rs", tokens));
    }
    if model.signs() {
        modules.push(("src/operations.rs", operations::emit(model, names)));
    }
    if !workflows.is_empty() {
        let tokens = workflows::emit(workflows, names, decided)?;
        modules.push(("src/workflows.rs", tokens));
    }
    Ok(modules)
}
