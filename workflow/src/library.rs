//! A document with everything it refers to: read, lowered, checked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bpx_arazzo::{
    Checked, CheckedWorkflow, SourceDescription, SourceKind, Sources, WorkflowRef, check,
    description,
};
use bpx_contract::api::takes_json;
use bpx_contract::model::LossKind;
use bpx_contract::{Api, Diagnostic, Diagnostics, Document, Place, lower_lossy};

use crate::Error;

/// A workflow that a program brings along: its name, then its file and text.
pub type NamedWorkflow = (&'static str, (&'static str, &'static str));

/// The API and the workflows that a program brings along, so that neither needs a file.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// Stands for every OpenAPI source whose file is missing.
    pub api: Api,
    /// Workflows that can be named instead of a file.
    pub workflows: &'static [NamedWorkflow],
}

impl Catalog {
    /// A catalog of this API, without workflows.
    #[must_use]
    pub fn new(api: Api) -> Self {
        let workflows = &[];
        Self { api, workflows }
    }

    /// The name of the workflow with this text.
    fn name_of(&self, text: &[u8]) -> Option<&'static str> {
        let mut all = self.workflows.iter();
        all.find_map(|(name, (_, own))| (own.as_bytes() == text).then_some(*name))
    }
}

/// Which files stand for the source descriptions of a document.
///
/// Without any, a source is the local file at its URL, relative to the document. The catalog's API stands for an OpenAPI
/// source whose file is missing, and a note says so. Operations that cannot be read make a document fail only if a step
/// calls one of them.
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
    /// Its name in the catalog, if it is one of the catalog's workflows.
    pub(crate) name: Option<&'static str>,
    pub(crate) apis: BTreeMap<String, Api>,
    pub(crate) others: BTreeMap<String, Arc<Library>>,
    notes: Vec<String>,
}

impl Library {
    /// Reads and checks the document at `path`, and everything it refers to.
    ///
    /// # Errors
    /// [`Error::Document`]: every fault with location and fix.
    pub fn open(path: &Path, files: &SourceFiles, catalog: &Catalog) -> Result<Self, Error> {
        let mut opening = Opening {
            files,
            catalog,
            under_way: Vec::new(),
        };
        opening.open(path)
    }

    /// A workflow of the catalog by its name; none if there is no such.
    ///
    /// # Errors
    /// [`Error::Document`], which is a fault of the catalog.
    pub fn built_in(name: &str, catalog: &Catalog) -> Result<Option<Self>, Error> {
        let mut all = catalog.workflows.iter();
        let Some((_, (file, text))) = all.find(|(known, _)| *known == name) else {
            return Ok(None);
        };
        Self::parse(file, text.as_bytes(), catalog).map(Some)
    }

    /// Checks a document that is not a file; the catalog's API stands for its OpenAPI sources.
    ///
    /// # Errors
    /// [`Error::Document`]: every fault with location and fix.
    pub fn parse(file: &str, text: &[u8], catalog: &Catalog) -> Result<Self, Error> {
        let document = Document::parse(file, text)?;
        let mut parts = Parts::default();
        for source in description(&document)?.sources {
            parts.apis.insert(source.name, catalog.api.clone());
        }
        let name = catalog.name_of(text);
        Ok(Self {
            name,
            ..parts.check(&document)?
        })
    }

    /// The checked document.
    #[must_use]
    pub fn checked(&self) -> &Checked {
        &self.checked
    }

    /// What is valid and still worth knowing, a line each.
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
            id: id.map(str::to_owned),
            file: self.file.clone(),
            known: workflows.iter().map(|it| it.id.clone()).collect(),
        })
    }

    /// The workflow of a reference, with its document.
    pub(crate) fn find(&self, reference: &WorkflowRef) -> Option<(&Self, &CheckedWorkflow)> {
        let library = match &reference.source {
            Some(source) => self.others.get(source)?,
            None => self,
        };
        Some((library, library.checked.workflow(&reference.id)?))
    }
}

/// Everything that a document refers to, while it is collected.
#[derive(Default)]
struct Parts {
    apis: BTreeMap<String, Api>,
    others: BTreeMap<String, Arc<Library>>,
    notes: Vec<String>,
    /// Faults that count only if the check finds others, which they may explain.
    causes: Vec<Diagnostic>,
}

impl Parts {
    fn check(self, document: &Document) -> Result<Library, Error> {
        let apis = self.apis.iter();
        let others = self.others.iter();
        let sources = Sources {
            openapi: apis
                .map(|(name, it)| (name.clone(), it.model().as_ref()))
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
            name: None,
            apis: self.apis,
            others: self.others,
            notes: self.notes,
        })
    }

    /// The API of the OpenAPI document at `path`, as far as it can be read.
    fn read(&mut self, name: &str, path: &Path) -> Result<Api, Error> {
        let document = Document::read(path)?;
        let mut model = lower_lossy(&document)?;
        let losses = model.losses.iter();
        let losses = losses.filter(|loss| loss.kind == LossKind::LeftOut);
        let mut left_out: Vec<_> = losses.map(|loss| loss.diagnostic.clone()).collect();
        model.retain_operations(|id, operation| {
            let is_callable = takes_json(operation);
            if !is_callable {
                let problem = format!(
                    "the body of `{id}` is text, bytes or a form with files, which no step can give"
                );
                let fix = "describe it as JSON or as a form without files";
                left_out.push(Diagnostic::new(operation.place.clone(), problem, fix));
            }
            is_callable
        });
        if !left_out.is_empty() {
            let count = left_out.len();
            self.notes.push(format!(
                "operations of the source `{name}` that cannot be read are left out; faults: {count}"
            ));
        }
        self.causes.extend(left_out);
        Ok(Api::new(document, model))
    }

    fn note_missing(&mut self, document: &Document, source: &SourceDescription) {
        let SourceDescription { name, url, .. } = source;
        let problem = format!(
            "the file of the source `{name}` ({url}) is missing; the built-in API stands for it"
        );
        self.notes.push(problem.clone());
        let place = Place::at(document.file.clone(), "/sourceDescriptions");
        let fix = "put the file there, or name one with --openapi or --source";
        self.causes.push(Diagnostic::new(place, problem, fix));
    }
}

/// The opening of a document and of those it refers to.
struct Opening<'a> {
    files: &'a SourceFiles,
    catalog: &'a Catalog,
    /// Documents that are being opened, each a source of the one before.
    under_way: Vec<PathBuf>,
}

impl Opening<'_> {
    fn open(&mut self, path: &Path) -> Result<Library, Error> {
        let document = Document::read(path)?;
        let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if self.under_way.contains(&whole) {
            let place = Place::at(document.file, "/sourceDescriptions");
            let problem = "the document is a source of its own sources";
            let fix = "remove the source that leads back from one of them";
            return Err(Diagnostics::one(place, problem, fix).into());
        }
        self.under_way.push(whole);
        let mut parts = Parts::default();
        for source in description(&document)?.sources {
            self.add(&mut parts, (&document, path), source)?;
        }
        self.under_way.pop();
        parts.check(&document)
    }

    fn add(
        &mut self,
        parts: &mut Parts,
        (document, from): (&Document, &Path),
        source: SourceDescription,
    ) -> Result<(), Error> {
        let named = self.files.named.get(&source.name);
        let beside = from.parent().unwrap_or(Path::new("")).join(&source.url);
        if source.kind == SourceKind::Arazzo {
            let path = named.cloned().unwrap_or(beside);
            let library = self.open(&path)?;
            parts.others.insert(source.name, Arc::new(library));
            return Ok(());
        }
        let path = named.or(self.files.openapi.as_ref()).cloned();
        let path = path.or_else(|| beside.is_file().then_some(beside));
        let api = match path {
            Some(path) => parts.read(&source.name, &path)?,
            None => {
                parts.note_missing(document, &source);
                self.catalog.api.clone()
            }
        };
        parts.apis.insert(source.name, api);
        Ok(())
    }
}
