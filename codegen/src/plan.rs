//! Load, lower, name, emit: the whole way from files to a [`Plan`], without writing anything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bpx_capability::{self as capability, Exposed, Read, Warning};
use bpx_contract::model::{Loss, Model, Note};
use bpx_contract::{
    Api, Diagnostic, Diagnostics, Document, Names, Place, agree, apply, lower_lossy, lower_schema,
    lower_streams, lower_types, overlay, read_text,
};
use sha2::{Digest as _, Sha256};

use crate::emit::shapes::{give_types, of_both_directions};
use crate::emit::{self, CrateKind, Workflows};
use crate::format::Header;
use crate::workflows::{self, Flows};

/// Which contracts to read, and what crate to make of them.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// The OpenAPI document.
    pub openapi: PathBuf,
    /// The JSON Schema of one of its components.
    pub schema: Option<PathBuf>,
    /// An overlay for the OpenAPI document.
    pub overlay: Option<PathBuf>,
    /// The table of naming exceptions.
    pub names: Option<PathBuf>,
    /// What becomes a route and what a tool.
    pub capability: Option<PathBuf>,
    /// Arazzo documents whose workflows become types.
    pub workflows: Vec<PathBuf>,
    /// The AsyncAPI document whose streams the client subscribes to.
    pub asyncapi: Option<PathBuf>,
    /// An overlay for the AsyncAPI document.
    pub asyncapi_overlay: Option<PathBuf>,
    /// What kind of crate is written.
    pub kind: CrateKind,
    /// `openapi` names a JSON Schema, of which types alone are made.
    pub types_only: bool,
    /// Whether every part of the document that cannot be had as written is a fault.
    pub strict: bool,
    /// The command that the headers name.
    pub command: String,
}

/// The generated crate as a value: path to text.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Every file, by its path inside the crate.
    pub files: BTreeMap<String, String>,
    /// What lowering rewrote, and what the workflows say that a reader should know.
    pub notes: Vec<Note>,
    /// What the crate does not have as the document says it.
    pub losses: Vec<Loss>,
    /// What the capability file says in a way of its own.
    pub warnings: Vec<Warning>,
    /// How many operations the crate offers.
    pub operations: usize,
    /// How many types it has.
    pub types: usize,
    /// How many workflows it has types for.
    pub workflows: usize,
    /// How many streams it subscribes to.
    pub streams: usize,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The contracts are at fault.
    #[error(transparent)]
    Contract(#[from] Diagnostics),
}

/// Reads the contracts and plans the crate. Writes nothing, and depends on nothing but the contracts'
/// bytes and the inputs' own words.
///
/// # Errors
/// Everything that is wrong with the contracts, as far as it can be told at once: a fault in one does not
/// hide the faults of the others.
pub fn plan(inputs: &Inputs) -> Result<Plan, PlanError> {
    let mut faults = Faults::default();
    let read = Contracts::read(inputs, &mut faults);
    let openapi = read.openapi.as_ref();
    let lower = |document: &Document| match inputs.types_only {
        true => lower_types(document, &stem(&inputs.openapi)),
        false => lower_lossy(document),
    };
    let lowered = openapi.and_then(|document| Some((document, faults.keep(lower(document))?)));
    if let Some((_, model)) = &lowered
        && inputs.strict
        && !model.losses.is_empty()
    {
        // What the other contracts miss in the model may follow from these.
        let losses = model.losses.iter().map(|loss| loss.diagnostic.clone());
        faults.0.extend(losses);
        return Err(faults.into_error());
    }
    let checked = lowered.map(|(document, model)| read.check(document, model, inputs, &mut faults));
    if checked.is_none() {
        read.check_alone(&mut faults);
    }
    let Some(checked) = checked else {
        return Err(faults.into_error());
    };
    Diagnostics::or(faults.0, ())?;
    if inputs.strict {
        checked.refuse_losses()?;
    }
    let header = Header {
        command: inputs.command.clone(),
        digest: read.digest(),
    };
    let mut model = of_both_directions(&checked.model);
    let mut workflows = Workflows::of(&checked.flows, &model);
    give_types(&mut model.types, &checked.names);
    give_types(&mut workflows.types, &checked.names);
    let model = &model;
    let source = emit::Source {
        api: &checked.api,
        model,
        names: &checked.names,
        exposed: checked.exposed.as_ref(),
        workflows: &workflows,
        file: &checked.api.document().file,
    };
    let files = emit::files(&source, &inputs.kind, &header)?;
    let warnings = checked.exposed.as_ref().map(|it| it.warnings.clone());
    Ok(Plan {
        files,
        operations: model.operations.len(),
        types: model.types.len(),
        workflows: workflows.count(),
        streams: model.streams.as_ref().map_or(0, |it| it.calls().len()),
        warnings: warnings.unwrap_or_default(),
        notes: checked.notes(workflows.notes()),
        losses: checked.model.losses.clone(),
    })
}

/// A document with its overlay applied, which may be unreadable.
fn corrected(
    document: Option<Document>,
    overlay: Option<Option<Document>>,
    faults: &mut Faults,
) -> Option<Document> {
    match (document, overlay) {
        (Some(document), Some(Some(overlay))) => faults.keep(apply(&document, &overlay)),
        // What an unreadable overlay would have corrected is not to be complained about.
        (_, Some(None)) => None,
        (None, Some(Some(overlay))) => {
            faults.keep(overlay::check(&overlay));
            None
        }
        (document, None) => document,
    }
}

/// The name of a file without its extensions.
fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.split('.').next().unwrap_or_default();
    if stem.is_empty() { "Root" } else { stem }.to_owned()
}

/// The faults met so far.
#[derive(Default)]
struct Faults(Vec<Diagnostic>);

impl Faults {
    /// The value, or none and its faults on the pile.
    fn keep<T>(&mut self, result: Result<T, Diagnostics>) -> Option<T> {
        result.map_err(|found| self.0.extend(found.0)).ok()
    }

    fn into_error(self) -> PlanError {
        PlanError::Contract(
            Diagnostics::or(self.0, ())
                .err()
                .unwrap_or(Diagnostics(Vec::new())),
        )
    }
}

/// The contracts, compared with each other.
struct Checked {
    api: Api,
    /// The model of the API, and the streams.
    model: Model,
    names: Names,
    exposed: Option<Exposed>,
    flows: Vec<Flows>,
}

impl Checked {
    /// Every loss as a fault, notes of types that say less than the document included.
    fn refuse_losses(&self) -> Result<(), Diagnostics> {
        let model = &self.model;
        let losses = model.losses.iter().map(|loss| loss.diagnostic.clone());
        let notes = model.notes.iter().filter(|note| note.is_loss);
        let notes = notes.map(|note| {
            let fix = "describe it in a way that has a type, or generate without --strict";
            Diagnostic::new(note.place.clone(), note.text.clone(), fix)
        });
        Diagnostics::or(losses.chain(notes).collect(), ())
    }

    /// Every note, in the order of places.
    fn notes(&self, names: impl Iterator<Item = Note>) -> Vec<Note> {
        let flows = self.flows.iter().flat_map(|it| &it.notes);
        let notes = self.model.notes.iter();
        let notes = notes.chain(flows).chain(&self.names.notes);
        let notes = notes.cloned();
        let mut notes: Vec<_> = notes.chain(names).collect();
        notes.sort();
        notes.dedup();
        notes
    }
}

/// The contracts as read, each as far as it can be.
struct Contracts {
    /// With the overlay applied.
    openapi: Option<Document>,
    schema: Option<Document>,
    /// The document of streams, with its overlay applied.
    streams: Option<Document>,
    /// File and text.
    names: Option<(String, String)>,
    /// The digest of the file, and what it says.
    capability: Option<(String, Read)>,
    workflows: Vec<workflows::Read>,
}

impl Contracts {
    fn read(inputs: &Inputs, faults: &mut Faults) -> Self {
        let mut document = |path: &PathBuf| faults.keep(Document::read(path));
        let openapi = document(&inputs.openapi);
        let corrections = inputs.overlay.as_ref().map(&mut document);
        let streams = inputs.asyncapi.as_ref().and_then(&mut document);
        let corrections_of_streams = inputs.asyncapi_overlay.as_ref().map(&mut document);
        let schema = inputs.schema.as_ref().and_then(&mut document);
        let capability = inputs.capability.as_ref().and_then(&mut document);
        let capability = capability
            .and_then(|file| Some((file.sha256.clone(), faults.keep(capability::read(&file))?)));
        let names = inputs.names.as_ref().and_then(|path| {
            let text = faults.keep(read_text(path))?;
            Some((path.display().to_string().replace('\\', "/"), text))
        });
        let workflows = inputs.workflows.iter();
        let workflows = workflows.filter_map(|path| faults.keep(workflows::Read::new(path)));
        let workflows = workflows.collect();
        let openapi = corrected(openapi, corrections, faults);
        let streams = corrected(streams, corrections_of_streams, faults);
        Self {
            openapi,
            schema,
            streams,
            names,
            capability,
            workflows,
        }
    }

    /// Holds the other contracts against the model, and names it.
    fn check(
        &self,
        document: &Document,
        mut model: Model,
        inputs: &Inputs,
        faults: &mut Faults,
    ) -> Checked {
        if let Some(schema) = &self.schema {
            faults.keep(agree(&mut model, schema));
        }
        let contract = workflows::Contract {
            model: &model,
            path: &inputs.openapi,
        };
        let workflows = self.workflows.iter();
        let flows = workflows.filter_map(|it| faults.keep(it.check(contract)));
        let flows: Vec<_> = flows.collect();
        let whole = self.with_streams(&model, faults);
        let names = faults.keep(self.names(&whole, &flows)).unwrap_or_default();
        let api = Api::new(document.clone(), model);
        let capability = self.capability.as_ref();
        if capability.is_some() {
            // Tools take their arguments as one flat object.
            faults.0.extend(api.collisions());
        }
        let exposed = capability.and_then(|(_, read)| faults.keep(Exposed::of(read, &api)));
        Checked {
            api,
            model: whole,
            names,
            exposed,
            flows,
        }
    }

    /// The model with the streams of the client.
    fn with_streams(&self, model: &Model, faults: &mut Faults) -> Model {
        let Some(document) = &self.streams else {
            return model.clone();
        };
        if model.operations.is_empty() {
            let problem = "streams are a client's, and a contract without an operation has none";
            let fix = "name an OpenAPI document with an operation, or no AsyncAPI document";
            faults
                .0
                .push(Diagnostic::new(Place::file(&*document.file), problem, fix));
            return model.clone();
        }
        let streams = faults.keep(lower_streams(document));
        match streams {
            Some(streams) => model.clone().with_streams(streams),
            None => model.clone(),
        }
    }

    /// Names for the contract and for the types of workflows, which differ from one another.
    fn names(&self, model: &Model, flows: &[Flows]) -> Result<Names, Diagnostics> {
        let mut named = model.clone();
        named.types.extend(Workflows::of(flows, model).types);
        Names::resolve(&named, self.table())
    }

    /// Without a model only what each contract says by itself can be checked.
    fn check_alone(&self, faults: &mut Faults) {
        if let Some(schema) = &self.schema {
            faults.keep(lower_schema(schema, "Root"));
        }
        if let Some(streams) = &self.streams {
            faults.keep(lower_streams(streams));
        }
        if let Some((file, text)) = self.table() {
            faults.keep(Names::check_syntax(file, text));
        }
    }

    fn table(&self) -> Option<(&str, &str)> {
        self.names
            .as_ref()
            .map(|(file, text)| (file.as_str(), text.as_str()))
    }

    /// One digest over all contracts.
    fn digest(&self) -> String {
        let digest_of = |document: &Option<Document>| document.as_ref().map(|it| it.sha256.clone());
        let names = self.names.as_ref().map(|(_, text)| text.clone());
        let capability = self.capability.as_ref().map(|(digest, _)| digest.clone());
        let parts = [
            digest_of(&self.openapi),
            digest_of(&self.schema),
            names,
            capability,
        ];
        let workflows = self.workflows.iter().map(|it| Some(it.sha256().to_owned()));
        let mut hasher = Sha256::new();
        let streams = digest_of(&self.streams);
        for part in parts.into_iter().chain(workflows).chain([streams]) {
            hasher.update(part.unwrap_or_default().as_bytes());
        }
        hex::encode(hasher.finalize())
    }
}
