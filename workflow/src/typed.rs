//! Workflows with types: inputs and outputs as generated, and an end for each way a run can go.

use std::fs;
use std::path::Path;

use bpx_contract::{Diagnostics, Document, Place};
use bpx_dispatch::Dispatch;
use bpx_runtime::{Workflow, WorkflowDocument};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::InputFault;
use crate::event::Observer;
use crate::record::RUNS;
use crate::{Catalog, Error, Library, Outcome, Report, Runner, begun};

/// How a typed run ended, each time with its report: why, and in [`Report::next`] what to do next. An arm says what the
/// [`Outcome`] of its name does.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "it says whether anything was changed"]
pub enum Ended<O> {
    /// What was asked for has been done.
    Done {
        /// What it gave.
        outputs: O,
        /// The report.
        report: Report,
    },
    /// What was asked for has been done, and the outputs do not fit their type: they stand in the report alone.
    DoneUnread {
        /// What does not fit.
        fault: String,
        /// The report.
        report: Report,
    },
    /// Nothing was left to do; [`Report::final_state`] says why, where the responses show it.
    AlreadyDone(Report),
    /// Stopped before anything was changed.
    Stopped(Report),
    /// A part was done, and the rest is known not to have been.
    Incomplete(Report),
    /// It could not be found out what was done; nothing further was sent. [`resume`] asks again.
    Unknown(Report),
}

impl<O> Ended<O> {
    /// The report of any end.
    pub fn report(&self) -> &Report {
        match self {
            Self::Done { report, .. }
            | Self::DoneUnread { report, .. }
            | Self::AlreadyDone(report)
            | Self::Stopped(report)
            | Self::Incomplete(report)
            | Self::Unknown(report) => report,
        }
    }

    /// The outputs, if all was done.
    pub fn done(self) -> Option<O> {
        match self {
            Self::Done { outputs, .. } => Some(outputs),
            _ => None,
        }
    }

    fn of(report: Report) -> Self
    where
        O: DeserializeOwned,
    {
        match report.outcome {
            Outcome::Done => match serde_json::from_value(Value::Object(report.outputs.clone())) {
                Ok(outputs) => Self::Done { outputs, report },
                Err(error) => Self::DoneUnread {
                    fault: error.to_string(),
                    report,
                },
            },
            Outcome::AlreadyDone => Self::AlreadyDone(report),
            Outcome::Stopped => Self::Stopped(report),
            Outcome::Incomplete => Self::Incomplete(report),
            Outcome::Unknown => Self::Unknown(report),
        }
    }
}

/// Runs the workflow `W` over `dispatch`. The run is recorded in dispatch's state folder, and the document is kept there,
/// so that `bpx workflow resume` finds both.
///
/// Dispatch's API stands for the sources of the document; for a document with other sources see [`Runner::run_typed`].
///
/// # Errors
/// [`Error`]: nothing has been sent.
pub async fn run<W: Workflow>(
    dispatch: &Dispatch,
    inputs: W::Inputs,
) -> Result<Ended<W::Outputs>, Error> {
    let library = library(dispatch, W::DOCUMENT)?;
    let runner = Runner::new(dispatch.clone());
    runner.run_typed::<W>(&library, inputs, &()).await
}

/// Goes on with a run of the workflow `W` that broke off or ended unknown, by asking and not by sending again.
///
/// # Errors
/// [`Error`]: nothing has been sent. A run that needs inputs which are not recorded takes [`Runner::resume_typed`].
pub async fn resume<W: Workflow>(
    dispatch: &Dispatch,
    run: &str,
) -> Result<Ended<W::Outputs>, Error> {
    let library = library(dispatch, W::DOCUMENT)?;
    let runner = Runner::new(dispatch.clone());
    runner
        .resume_typed::<W>(&library, run, Map::new(), &())
        .await
}

fn library(dispatch: &Dispatch, document: &WorkflowDocument) -> Result<Library, Error> {
    let catalog = Catalog::new(dispatch.api().clone());
    Library::parse(document.file, document.text.as_bytes(), &catalog)
}

impl Runner {
    /// Runs the workflow `W` from its beginning. `library` is the document that its types were made from, with whatever
    /// sources it speaks of.
    ///
    /// # Errors
    /// [`Error`]: nothing has been sent. [`Error::Document`] also if `library` is another document.
    pub async fn run_typed<W: Workflow>(
        &self,
        library: &Library,
        inputs: W::Inputs,
        observer: &dyn Observer,
    ) -> Result<Ended<W::Outputs>, Error> {
        same(library, W::DOCUMENT)?;
        let inputs = object::<W>(&inputs)?;
        let document = found_again(&self.state, library, W::DOCUMENT)?;
        let report = self.run(library, &document, Some(W::ID), inputs, observer);
        Ok(Ended::of(report.await?))
    }

    /// Goes on with a run of the workflow `W`, as [`Runner::resume`] does.
    ///
    /// # Errors
    /// [`Error`]: nothing has been sent. [`Error::NoWorkflow`] if the run is one of another workflow.
    pub async fn resume_typed<W: Workflow>(
        &self,
        library: &Library,
        run: &str,
        secrets: Map<String, Value>,
        observer: &dyn Observer,
    ) -> Result<Ended<W::Outputs>, Error> {
        same(library, W::DOCUMENT)?;
        let (_, workflow, _) = begun(&self.state, run)?;
        if workflow != W::ID {
            return Err(Error::NoWorkflow {
                id: Some(W::ID.to_owned()),
                file: format!("run {run}"),
                known: vec![workflow],
            });
        }
        let report = self.resume(library, run, secrets, observer).await?;
        Ok(Ended::of(report))
    }
}

/// Checks that the library is the document that the types were made from.
fn same(library: &Library, document: &WorkflowDocument) -> Result<(), Error> {
    if library.checked.sha256 == document.sha256 {
        return Ok(());
    }
    Err(Error::Document(Diagnostics::one(
        Place::file(&library.file),
        format!(
            "this is not the {} that the types were made from (SHA-256 {})",
            document.file, document.sha256
        ),
        "run that one, or make the types anew",
    )))
}

fn object<W: Workflow>(inputs: &W::Inputs) -> Result<Map<String, Value>, Error> {
    let fault = match serde_json::to_value(inputs) {
        Ok(Value::Object(inputs)) => return Ok(inputs),
        Ok(_) => InputFault::new("", "they are not an object", "use a type with named fields"),
        Err(error) => InputFault::new("", error.to_string(), "use values that JSON can hold"),
    };
    Err(Error::Inputs {
        workflow: W::ID.to_owned(),
        faults: vec![fault],
    })
}

/// Where the document is found when the run is resumed: by its name in the catalog, at its file, or else at a copy beside
/// the records.
fn found_again(
    state: &Path,
    library: &Library,
    document: &WorkflowDocument,
) -> Result<String, Error> {
    if let Some(name) = library.name {
        return Ok(name.to_owned());
    }
    let absolute = |path: &Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        path.display().to_string()
    };
    let file = Path::new(&library.file);
    if Document::read(file).is_ok_and(|it| it.sha256 == document.sha256) {
        return Ok(absolute(file));
    }
    let folder = state.join(RUNS);
    let path = folder.join(format!("{}-{}", document.sha256, document.file));
    if !path.is_file() {
        fs::create_dir_all(&folder).map_err(Error::record(&folder))?;
        fs::write(&path, document.text).map_err(Error::record(&path))?;
    }
    Ok(absolute(&path))
}
