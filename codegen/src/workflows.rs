//! Workflow documents: read, and checked against the contract that the crate is made from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bpx_arazzo::{Checked, SourceDescription, SourceKind, Sources, check, description};
use bpx_contract::model::{Model, Note};
use bpx_contract::{Diagnostics, Document, Place, lower_lossy, read_text};

/// A document as read.
pub(crate) struct Read {
    path: PathBuf,
    text: String,
    document: Document,
    sources: Vec<SourceDescription>,
}

/// A document that has passed the checker.
pub(crate) struct Flows {
    /// The name of its file.
    pub(crate) file: String,
    pub(crate) text: String,
    pub(crate) checked: Checked,
    /// The source descriptions for which the crate's contract stands.
    pub(crate) ours: BTreeSet<String>,
    /// What was read otherwise than somebody may expect.
    pub(crate) notes: Vec<Note>,
}

/// The contract, and where it was read from.
#[derive(Clone, Copy)]
pub(crate) struct Contract<'a> {
    pub(crate) model: &'a Model,
    pub(crate) path: &'a Path,
}

impl Read {
    /// Reads a document; what it says by itself is checked.
    pub(crate) fn new(path: &Path) -> Result<Self, Diagnostics> {
        let text = read_text(path)?;
        let file = path.display().to_string().replace('\\', "/");
        let document = Document::parse(file, text.as_bytes())?;
        Ok(Self {
            path: path.to_owned(),
            sources: description(&document)?.sources,
            text,
            document,
        })
    }

    /// SHA-256 of the text.
    pub(crate) fn sha256(&self) -> &str {
        &self.document.sha256
    }

    /// Holds the document against its sources.
    pub(crate) fn check(&self, contract: Contract<'_>) -> Result<Flows, Diagnostics> {
        self.check_within(contract, &mut Vec::new())
    }

    /// `open` are the documents that lead here, so that a circle is told.
    fn check_within(
        &self,
        contract: Contract<'_>,
        open: &mut Vec<PathBuf>,
    ) -> Result<Flows, Diagnostics> {
        let whole = real(&self.path);
        if open.contains(&whole) {
            return Err(Diagnostics::one(
                Place::at(&self.document.file, "/sourceDescriptions"),
                "the document is reached again through its own sources",
                "take the source that leads back out of one of them",
            ));
        }
        open.push(whole);
        let found = self.found(contract, open)?;
        open.pop();
        let openapi = found.models.iter().map(|(name, it)| (name.clone(), it));
        let ours = found.ours.iter().map(|it| (it.clone(), contract.model));
        let others = found.others.iter();
        let sources = Sources {
            openapi: openapi.chain(ours).collect(),
            arazzo: others
                .map(|(name, it)| (name.clone(), &it.checked))
                .collect(),
        };
        let checked = check(&self.document, &sources)?;
        let file = self.path.file_name().unwrap_or(self.path.as_os_str());
        Ok(Flows {
            file: file.to_string_lossy().into_owned(),
            text: self.text.clone(),
            notes: [found.notes, warned(&checked), checked.notes.clone()].concat(),
            checked,
            ours: found.ours,
        })
    }

    /// What the source descriptions lead to. The only OpenAPI source of the outermost document is the contract, whatever
    /// its URL; of others, those are that are not there, or are the contract's own file.
    fn found(&self, contract: Contract<'_>, open: &mut Vec<PathBuf>) -> Result<Found, Diagnostics> {
        let of_openapi = |it: &&SourceDescription| it.kind == SourceKind::OpenApi;
        let alone = open.len() == 1 && self.sources.iter().filter(of_openapi).count() == 1;
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let mut found = Found::default();
        for source in &self.sources {
            let (name, beside) = (source.name.clone(), folder.join(&source.url));
            if source.kind == SourceKind::Arazzo {
                let other = Self::new(&beside)?.check_within(contract, open)?;
                found.others.insert(name, other);
            } else if !alone && beside.is_file() && real(&beside) != real(contract.path) {
                found
                    .models
                    .insert(name, lower_lossy(&Document::read(&beside)?)?);
            } else {
                found
                    .notes
                    .extend(stands_for(source, &beside, contract.path));
                found.ours.insert(name);
            }
        }
        Ok(found)
    }
}

/// What a service may take although its contract does not bear it out.
fn warned(checked: &Checked) -> Vec<Note> {
    let warnings = checked.warnings.iter().map(|it| Note {
        place: it.place.clone(),
        text: format!("{}; {}", it.problem, it.fix),
        is_loss: false,
    });
    warnings.collect()
}

/// What the source descriptions of a document lead to, by their names.
#[derive(Default)]
struct Found {
    ours: BTreeSet<String>,
    models: BTreeMap<String, Model>,
    others: BTreeMap<String, Flows>,
    notes: Vec<Note>,
}

/// A note, where the contract stands for something else.
fn stands_for(source: &SourceDescription, beside: &Path, contract: &Path) -> Option<Note> {
    let text = format!(
        "the contract stands for the source `{}` ({})",
        source.name, source.url
    );
    let place = source.place.clone();
    (real(beside) != real(contract)).then_some(Note {
        place,
        text,
        is_loss: false,
    })
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
