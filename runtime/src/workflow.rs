//! A workflow with its types, as generated.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A workflow whose inputs and outputs are types. Generated code implements it; `bpx-workflow` runs it.
///
/// ```
/// use bpx_runtime::{Workflow, WorkflowDocument};
///
/// /// Finds the workflow of a document by its id.
/// fn named<W: Workflow>() -> String {
///     format!("{} of {}", W::ID, W::DOCUMENT.file)
/// }
///
/// struct Ping;
/// impl Workflow for Ping {
///     type Inputs = ();
///     type Outputs = ();
///     const ID: &'static str = "ping";
///     const DOCUMENT: &'static WorkflowDocument =
///         &WorkflowDocument { file: "ping.yaml", sha256: "…", text: "arazzo: 1.0.1" };
/// }
/// assert_eq!(named::<Ping>(), "ping of ping.yaml");
/// ```
pub trait Workflow {
    /// What it takes, as one JSON object. What the signer puts in place by itself is not among it.
    type Inputs: Serialize;
    /// What it gives once all is done. An output that some way there leaves empty is optional.
    type Outputs: DeserializeOwned;
    /// Its `workflowId`.
    const ID: &'static str;
    /// The document it stands in.
    const DOCUMENT: &'static WorkflowDocument;
}

/// A document of workflows, whole, so that what is run is exactly what the types were made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkflowDocument {
    /// The name of its file, without folders.
    pub file: &'static str,
    /// SHA-256 of its text, in lower-case hexadecimal.
    pub sha256: &'static str,
    /// Its text.
    pub text: &'static str,
}
