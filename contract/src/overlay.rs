//! OpenAPI Overlay 1.0.0: corrections to a document, each of which has to be needed.
//!
//! An action selects nodes with a JSONPath (RFC 9535) and merges something into them or removes them. An
//! object merges member by member, a list gets the entries it does not have yet, a single value replaces a
//! single value. Selecting nothing, or changing nothing, is an error: the correction has become superfluous
//! and should go.
//!
//! Not done: fetching what `extends` names. The caller says which document is meant.
//!
//! ```
//! use bpx_contract::{Document, overlay};
//!
//! let venue = Document::parse("venue.yaml", b"components: {schemas: {Side: {type: string}}}")?;
//! let ours = Document::parse("overlay.yaml", b"
//! overlay: 1.0.0
//! info: {title: Corrections, version: 1.0.0}
//! actions:
//!   - target: $.components.schemas.Side
//!     description: A market has two sides and no third.
//!     update: {x-closed: true}
//! ")?;
//! let corrected = overlay::apply(&venue, &ours)?;
//! assert_eq!(corrected.value["components"]["schemas"]["Side"]["x-closed"], true);
//!
//! let again = overlay::apply(&corrected, &ours).unwrap_err();
//! assert!(again.to_string().contains("action 1 changes nothing in venue.yaml"));
//! # Ok::<(), bpx_contract::Diagnostics>(())
//! ```

mod change;
mod read;

pub use self::read::{BRACKET_DEPTH_MAX, bracket_depth};
use crate::load::sha256_hex;
use crate::{Diagnostic, Diagnostics, Document};

/// Checks what an overlay says by itself, where there is no document to apply it to.
///
/// # Errors
/// Everything that is wrong with the overlay itself.
pub fn check(overlay: &Document) -> Result<(), Diagnostics> {
    read::actions(overlay).map(drop)
}

/// Applies the actions of `overlay` to `document`, in order.
///
/// The result keeps the document's name; its digest covers both files.
///
/// # Errors
/// Everything that is wrong with the overlay itself; or else every action that selects nothing, changes
/// nothing or does not fit what it selects.
pub fn apply(document: &Document, overlay: &Document) -> Result<Document, Diagnostics> {
    let (document, faults) = apply_fitting(document, overlay)?;
    Diagnostics::or(faults, document)
}

/// Applies the actions that select and change something, in order, and returns the faults of the others.
///
/// # Errors
/// Everything that is wrong with the overlay itself.
pub fn apply_fitting(
    document: &Document,
    overlay: &Document,
) -> Result<(Document, Vec<Diagnostic>), Diagnostics> {
    let actions = read::actions(overlay)?;
    let mut value = document.value.clone();
    let mut faults = Vec::new();
    for action in &actions {
        faults.extend(change::make(action, &mut value, &document.file).err());
    }
    let sha256 = sha256_hex(format!("{}\n{}\n", document.sha256, overlay.sha256).as_bytes());
    let document = Document {
        file: document.file.clone(),
        value,
        sha256,
    };
    Ok((document, faults))
}
