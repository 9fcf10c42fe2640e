//! Load, lower, name, emit: the whole way from files to a [`Plan`], without writing anything.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bpx_contract::model::Note;
use bpx_contract::{Diagnostic, Diagnostics, Document, Names, agree, apply, lower, read_text};
use sha2::{Digest as _, Sha256};

use crate::emit;
use crate::format::Header;

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
    /// What kind of crate is written.
    pub kind: CrateKind,
    /// The command that the headers name.
    pub command: String,
}

/// The crate's place in the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CrateKind {
    /// A member of this workspace.
    Member,
    /// A crate that stands alone.
    Alone {
        /// The path from the crate to `bpx-runtime`.
        runtime: String,
    },
}

/// The generated crate as a value: path to text.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Every file, by its path inside the crate.
    pub files: BTreeMap<String, String>,
    /// What lowering rewrote.
    pub notes: Vec<Note>,
    /// How many operations the crate offers.
    pub operations: usize,
    /// How many types it has.
    pub types: usize,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The contracts are at fault.
    #[error(transparent)]
    Contract(#[from] Diagnostics),
}

/// Reads the contracts and plans the crate.
///
/// # Errors
/// Everything that is wrong with the contracts, as far as it can be told at once.
pub fn plan(inputs: &Inputs) -> Result<Plan, PlanError> {
    let read = Read::all(inputs)?;
    let header = Header {
        command: inputs.command.clone(),
        digest: read.digest(),
    };
    let mut model = lower(&read.openapi)?;
    let mut faults: Vec<Diagnostic> = Vec::new();
    if let Some(schema) = &read.schema {
        faults.extend(
            agree(&mut model, schema)
                .err()
                .into_iter()
                .flat_map(|faults| faults.0),
        );
    }
    let table = read
        .names
        .as_ref()
        .map(|(file, text)| (file.as_str(), text.as_str()));
    let names = match Names::resolve(&model, table) {
        Ok(names) => names,
        Err(found) => {
            faults.extend(found.0);
            Names::default()
        }
    };
    Diagnostics::or(faults, ())?;
    let files = emit::files(&model, &names, &inputs.kind, &header, &read.openapi.file)?;
    Ok(Plan {
        files,
        operations: model.operations.len(),
        types: model.types.len(),
        notes: model.notes,
    })
}

/// The contracts as read.
struct Read {
    openapi: Document,
    schema: Option<Document>,
    names: Option<(String, String)>,
}

impl Read {
    /// Reads every file, so that the faults of all are told at once.
    fn all(inputs: &Inputs) -> Result<Self, Diagnostics> {
        let mut faults = Vec::new();
        let mut keep = |result: Result<Document, Diagnostics>| match result {
            Ok(document) => Some(document),
            Err(found) => {
                faults.extend(found.0);
                None
            }
        };
        let openapi = keep(Document::read(&inputs.openapi));
        let overlay = inputs
            .overlay
            .as_ref()
            .map(|path| keep(Document::read(path)));
        let schema = inputs
            .schema
            .as_ref()
            .map(|path| keep(Document::read(path)));
        let names = inputs
            .names
            .as_ref()
            .map(|path| (path.display().to_string(), read_text(path)));
        let names = match names {
            Some((file, Ok(text))) => Some((file.replace('\\', "/"), text)),
            Some((_, Err(found))) => {
                faults.extend(found.0);
                None
            }
            None => None,
        };
        let (Some(openapi), true) = (openapi, faults.is_empty()) else {
            return Err(Diagnostics::or(faults, ())
                .err()
                .unwrap_or(Diagnostics(Vec::new())));
        };
        let openapi = match overlay.flatten() {
            Some(overlay) => apply(&openapi, &overlay)?,
            None => openapi,
        };
        Ok(Self {
            openapi,
            schema: schema.flatten(),
            names,
        })
    }

    /// One digest over all contracts.
    fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.openapi.sha256.as_bytes());
        hasher.update(
            self.schema
                .as_ref()
                .map(|schema| schema.sha256.as_str())
                .unwrap_or_default()
                .as_bytes(),
        );
        hasher.update(
            self.names
                .as_ref()
                .map(|(_, text)| text.as_str())
                .unwrap_or_default()
                .as_bytes(),
        );
        hasher
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}
