//! A document with everything it speaks of: read, lowered, checked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bpx_arazzo::{
    Checked, CheckedWorkflow, SourceDescription, SourceKind, Sources, WorkflowRef, check,
    description,
};
use bpx_contract::model::Model;
use bpx_contract::{Diagnostic, Diagnostics, Document, Place, lower, lower_usable};

use crate::Error;

/// Our contract and our workflow travel with the crate, so that both can be named without a file.
const CONTRACT: (&str, &str) = (
    "openapi/backpack-order.openapi.yaml",
    include_str!("../contracts/backpack-order.openapi.yaml"),
);
const BUILT_IN: [(&str, &str, &str); 1] = [(
    "cancel-replace-order",
    "workflows/cancel-replace-order.arazzo.yaml",
    include_str!("../contracts/cancel-replace-order.arazzo.yaml"),
)];

/// Which files stand for the source descriptions of a document.
///
/// Without any, a source is the local file at its URL, relative to the document; an OpenAPI source that is not there is
/// the exchange's contract, and noted. Operations of a source that cannot be read stop a document only if a step calls one.
#[derive(Debug, Clone, Default)]
pub struct SourceFiles {
    /// Stands for every OpenAPI source that is not in `named`.
    pub openapi: Option<PathBuf>,
    /// By the name of the source description.
    pub named: BTreeMap<String, PathBuf>,
}

/// A checked document and its sources.
#[derive(Debug, Clone)]
pub struct Library {
    pub(crate) file: String,
    pub(crate) checked: Arc<Checked>,
    pub(crate) models: BTreeMap<String, Arc<Model>>,
    pub(crate) others: BTreeMap<String, Arc<Library>>,
    notes: Vec<String>,
}

impl Library {
    /// Reads and checks the document at `path`, and everything it speaks of.
    ///
    /// # Errors
    /// [`Error::Document`]: every fault with place and fix.
    pub fn open(path: &Path, files: &SourceFiles) -> Result<Self, Error> {
        open(path, files, &mut Vec::new())
    }

    /// A workflow that comes with this crate, by its name; none if there is no such.
    ///
    /// # Errors
    /// [`Error::Document`], which would be a fault of this crate.
    pub fn built_in(name: &str) -> Result<Option<Self>, Error> {
        let Some((_, file, text)) = BUILT_IN.iter().find(|(known, ..)| *known == name) else {
            return Ok(None);
        };
        Self::parse(file, text.as_bytes()).map(Some)
    }

    /// Whether this text comes with this crate, under this name; nothing is checked for that.
    pub(crate) fn is_built_in(name: &str, text: &str) -> bool {
        BUILT_IN
            .iter()
            .any(|(known, _, own)| *known == name && *own == text)
    }

    /// Names of the workflows that come with this crate.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, ..)| *name)
    }

    /// Checks a document that is no file; its OpenAPI sources are the exchange's contract.
    ///
    /// # Errors
    /// [`Error::Document`]: every fault with place and fix.
    pub fn parse(file: &str, text: &[u8]) -> Result<Self, Error> {
        let document = Document::parse(file, text)?;
        let mut parts = Parts::default();
        for source in description(&document)?.sources {
            parts.models.insert(source.name, contract()?);
        }
        parts.check(&document)
    }

    /// What the checker found out.
    #[must_use]
    pub fn checked(&self) -> &Checked {
        &self.checked
    }

    /// What is allowed and still worth knowing, a line each.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        let checked = self.checked.notes.iter().map(ToString::to_string);
        self.notes.iter().cloned().chain(checked)
    }

    /// The workflow with this id, or the only one.
    ///
    /// # Errors
    /// [`Error::NoWorkflow`].
    pub fn workflow(&self, id: Option<&str>) -> Result<&CheckedWorkflow, Error> {
        let workflows = &self.checked.workflows;
        let found = match (id, workflows.as_slice()) {
            (Some(id), _) => self.checked.workflow(id),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        found.ok_or_else(|| Error::NoWorkflow {
            id: id.unwrap_or_default().to_owned(),
            file: self.file.clone(),
            known: known(workflows),
        })
    }

    /// The workflow that a reference means, with the document it stands in.
    pub(crate) fn find(&self, reference: &WorkflowRef) -> Option<(&Self, &CheckedWorkflow)> {
        let library = match &reference.source {
            Some(source) => self.others.get(source)?,
            None => self,
        };
        Some((library, library.checked.workflow(&reference.id)?))
    }
}

fn known(workflows: &[CheckedWorkflow]) -> String {
    let ids: Vec<_> = workflows.iter().map(|it| format!("`{}`", it.id)).collect();
    ids.join(", ")
}

/// The exchange's contract.
fn contract() -> Result<Arc<Model>, Error> {
    let (file, text) = CONTRACT;
    Ok(Arc::new(lower(&Document::parse(file, text.as_bytes())?)?))
}

/// What a document speaks of, while it is collected.
#[derive(Default)]
struct Parts {
    models: BTreeMap<String, Arc<Model>>,
    others: BTreeMap<String, Arc<Library>>,
    notes: Vec<String>,
    /// What is worth no error by itself, and may be why there are others.
    causes: Vec<Diagnostic>,
}

impl Parts {
    fn check(self, document: &Document) -> Result<Library, Error> {
        let models = self.models.iter();
        let others = self.others.iter();
        let sources = Sources {
            openapi: models
                .map(|(name, it)| (name.clone(), it.as_ref()))
                .collect(),
            arazzo: others
                .map(|(name, it)| (name.clone(), it.checked.as_ref()))
                .collect(),
        };
        Ok(Library {
            file: document.file.clone(),
            checked: Arc::new(check(document, &sources).map_err(|mut faults| {
                faults.0.extend(self.causes);
                faults
            })?),
            models: self.models,
            others: self.others,
            notes: self.notes,
        })
    }

    fn add(
        &mut self,
        (document, from): (&Document, &Path),
        source: SourceDescription,
        files: &SourceFiles,
        open_files: &mut Vec<PathBuf>,
    ) -> Result<(), Error> {
        let named = files.named.get(&source.name);
        let beside = from.parent().unwrap_or(Path::new("")).join(&source.url);
        if source.kind == SourceKind::Arazzo {
            let path = named.cloned().unwrap_or(beside);
            let library = open(&path, files, open_files)?;
            self.others.insert(source.name, Arc::new(library));
            return Ok(());
        }
        let path = named.or(files.openapi.as_ref()).cloned();
        let path = path.or_else(|| beside.is_file().then_some(beside));
        let SourceDescription { name, url, .. } = &source;
        let model = match path {
            Some(path) => {
                let (model, left_out) = lower_usable(&Document::read(&path)?)?;
                if !left_out.is_empty() {
                    let count = left_out.len();
                    self.notes.push(format!("operations of the source `{name}` that cannot be read are left out; faults: {count}"));
                }
                self.causes.extend(left_out);
                Arc::new(model)
            }
            None => {
                let problem = format!(
                    "the source `{name}` ({url}) is not there; the exchange's contract stands for it"
                );
                self.notes.push(problem.clone());
                let place = Place::at(document.file.clone(), "/sourceDescriptions");
                let fix = "put the file there, or name one with --openapi or --source";
                self.causes.push(Diagnostic::new(place, problem, fix));
                contract()?
            }
        };
        self.models.insert(source.name, model);
        Ok(())
    }
}

fn open(path: &Path, files: &SourceFiles, open_files: &mut Vec<PathBuf>) -> Result<Library, Error> {
    let document = Document::read(path)?;
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if open_files.contains(&whole) {
        let place = Place::at(document.file, "/sourceDescriptions");
        let problem = "the document is reached again through its own sources";
        let fix = "take the source that leads back out of one of them";
        return Err(Diagnostics::one(place, problem, fix).into());
    }
    open_files.push(whole);
    let mut parts = Parts::default();
    for source in description(&document)?.sources {
        parts.add((&document, path), source, files, open_files)?;
    }
    open_files.pop();
    parts.check(&document)
}
