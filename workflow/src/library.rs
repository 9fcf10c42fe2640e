//! A document with everything it refers to: read, lowered, checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bpx_arazzo::{
    Call, Checked, CheckedWorkflow, Destination, SourceDescription, SourceKind, Sources, Then,
    WorkflowRef, check, description,
};
use bpx_contract::model::{LossKind, Note};
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
    /// Further documents whose operations count as those of `openapi`.
    pub further: Vec<PathBuf>,
    /// By the name of the source description.
    pub named: BTreeMap<String, PathBuf>,
}

/// A checked document and its sources.
#[derive(Debug, Clone)]
pub struct Library {
    pub(crate) file: String,
    /// What stands before the names of its sources: the names of the documents that lead here, with a dot each.
    pub(crate) prefix: String,
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
        opening.open(path, "")
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
            ..parts.check(&document, "")?
        })
    }

    /// The checked document.
    #[must_use]
    pub fn checked(&self) -> &Checked {
        &self.checked
    }

    /// The OpenAPI sources of this document and of those that it refers to.
    #[must_use]
    pub fn apis(&self) -> Vec<&Api> {
        let inner = self.others.values().flat_map(|other| other.apis());
        self.apis.values().chain(inner).collect()
    }

    /// What is valid and still worth knowing, a line each.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        let checked = self.checked.notes.iter().map(ToString::to_string);
        self.notes.iter().cloned().chain(checked)
    }

    /// The workflow with this id, or the only one, or the only one that no other leads to.
    ///
    /// # Errors
    /// [`Error::NoWorkflow`].
    pub fn workflow(&self, id: Option<&str>) -> Result<&CheckedWorkflow, Error> {
        let workflows = &self.checked.workflows;
        let found = match (id, workflows.as_slice()) {
            (Some(id), _) => self.checked.workflow(id),
            (None, [only]) => Some(only),
            (None, all) => only_root(all),
        };
        found.ok_or_else(|| Error::NoWorkflow {
            id: id.map(str::to_owned),
            file: self.file.clone(),
            known: workflows.iter().map(|it| it.id.clone()).collect(),
        })
    }

    /// What the contracts do not bear out and a service may take all the same, in this document and its sources.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        let all = self.whole().into_iter();
        all.flat_map(|library| &library.checked.warnings)
    }

    /// The OpenAPI sources of this document and of those that it refers to, as services are named.
    #[must_use]
    pub fn source_names(&self) -> BTreeSet<String> {
        let all = self.whole().into_iter();
        all.flat_map(|library| library.apis.keys().map(|it| library.key(it)))
            .collect()
    }

    /// The names of the security schemes that services can ask for.
    #[must_use]
    pub fn security_schemes(&self) -> BTreeSet<String> {
        let all = self.whole().into_iter();
        let models = all.flat_map(|library| library.apis.values().map(Api::model));
        models
            .flat_map(|model| model.security.keys().cloned())
            .collect()
    }

    /// This document and those that it refers to.
    pub(crate) fn whole(&self) -> Vec<&Self> {
        let inner = self.others.values().flat_map(|it| it.whole());
        [self].into_iter().chain(inner).collect()
    }

    /// A source as services are named.
    pub(crate) fn key(&self, source: &str) -> String {
        format!("{}{source}", self.prefix)
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

/// The only workflow that no other calls, waits for or goes to.
fn only_root(all: &[CheckedWorkflow]) -> Option<&CheckedWorkflow> {
    let led_to: BTreeSet<_> = all.iter().flat_map(led_to).collect();
    let mut roots = all.iter().filter(|it| !led_to.contains(it.id.as_str()));
    roots.next().filter(|_| roots.next().is_none())
}

/// The workflows of the same document that one leads to.
fn led_to(workflow: &CheckedWorkflow) -> Vec<&str> {
    let mut references: Vec<_> = workflow.depends_on.iter().collect();
    for checked in &workflow.steps {
        if let Call::Workflow { workflow, .. } = &checked.call {
            references.push(workflow);
        }
        let step = &checked.step;
        for action in step.on_success.iter().chain(&step.on_failure) {
            if let Then::Goto(Destination::Workflow(to))
            | Then::Retry {
                first: Some(Destination::Workflow(to)),
                ..
            } = &action.then
            {
                references.push(to);
            }
        }
    }
    let local = references.into_iter().filter(|it| it.source.is_none());
    let others = local.filter(|it| it.id != workflow.id);
    others.map(|it| it.id.as_str()).collect()
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
    fn check(self, document: &Document, prefix: &str) -> Result<Library, Error> {
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
            prefix: prefix.to_owned(),
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

    /// The API of the OpenAPI documents at these paths, as far as they can be read.
    fn read(&mut self, name: &str, paths: &[PathBuf]) -> Result<Api, Error> {
        let documents = paths.iter().map(|path| Document::read(path));
        let documents = documents.collect::<Result<Vec<_>, Diagnostics>>()?;
        let document = Document::merged(documents)?;
        let model = lower_lossy(&document)?;
        let of_all = |it: &&Note| it.place.pointer.as_deref().unwrap_or_default().is_empty();
        let notes = model.notes.iter().filter(of_all);
        self.notes.extend(notes.map(ToString::to_string));
        let losses = model.losses.iter();
        let losses = losses.filter(|loss| loss.kind == LossKind::LeftOut);
        let left_out: Vec<_> = losses.map(|loss| loss.diagnostic.clone()).collect();
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
    fn open(&mut self, path: &Path, prefix: &str) -> Result<Library, Error> {
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
            self.add(&mut parts, (&document, path, prefix), source)?;
        }
        self.under_way.pop();
        parts.check(&document, prefix)
    }

    fn add(
        &mut self,
        parts: &mut Parts,
        (document, from, prefix): (&Document, &Path, &str),
        source: SourceDescription,
    ) -> Result<(), Error> {
        let key = format!("{prefix}{}", source.name);
        let beside = from.parent().unwrap_or(Path::new("")).join(&source.url);
        // Names are local to their document (1.0.1, Source Description Object).
        let bare = self.files.named.get(&source.name);
        let bare = bare.filter(|_| prefix.is_empty() || !beside.is_file());
        let named = self.files.named.get(&key).or(bare);
        if source.kind == SourceKind::Arazzo {
            let path = named.cloned().unwrap_or(beside);
            let library = self.open(&path, &format!("{key}."))?;
            parts.others.insert(source.name, Arc::new(library));
            return Ok(());
        }
        let openapi = self.files.openapi.iter().chain(&self.files.further);
        let mut paths: Vec<_> = match named {
            Some(named) => vec![named.clone()],
            None => openapi.cloned().collect(),
        };
        if paths.is_empty() && beside.is_file() {
            paths.push(beside);
        }
        let api = match paths.as_slice() {
            [_, ..] => parts.read(&source.name, &paths)?,
            [] => {
                parts.note_missing(document, &source);
                self.catalog.api.clone()
            }
        };
        parts.apis.insert(source.name, api);
        Ok(())
    }
}
