//! Compares two API contracts, and imports the changes of one into the other.
//!
//! # What it does
//!
//! - [`diff`] compares two OpenAPI documents, old and new. Each change has a [`Rule`], a [`Verdict`] for callers that stay
//!   as they are, its location, the operations it reaches, and its [`Effect`] on Rust callers once the client is generated
//!   again. What callers send is checked against the new document, what they receive against the old one. Both the models
//!   and the documents as they are written are walked side by side. A [`Witness`] is an example that shows the change,
//!   verified with validators of both documents.
//! - [`import`](mod@import) writes the changes of a new document into the text of ours, and leaves our prose, layout and
//!   comments as they are. It uses the same comparison and reports the same changes.
//! - [`schema_api`] reads a JSON Schema so that [`diff`] compares schemas.
//! - [`Gate`] decides whether the new document may replace the old one, with the changes that a file [`Accepted`].
//! - [`Report`] is such a decision as JSON.
//!
//! # What it does not do
//!
//! - It reads and writes no files and sends nothing.
//! - Links, encodings, the flows of security schemes and references that lead nowhere are not compared; a change of one is
//!   reported as [`Rule::Unread`] with the verdict [`Verdict::Undecided`].
//! - Extensions and what means nothing to callers of JSON are counted by name ([`Diff::uncompared`]), as are descriptions
//!   and examples.
//! - It does not guess. Where neither a rule, nor a proof, nor a witness decides, the verdict is [`Verdict::Undecided`].
//! - It proves no more than fits in its bounds: of very large documents some changes stay undecided, never safe.
//!
//! # Example
//!
//! ```
//! use bpx_contract::{Api, Document};
//! use bpx_evolve::{Step, Verdict, diff};
//!
//! let text = "
//! openapi: 3.0.3
//! info: {title: Pets, version: '1'}
//! paths:
//!   /pets/{id}:
//!     get:
//!       operationId: getPet
//!       parameters:
//!       - {name: id, in: path, required: true, schema: {type: string}}
//!       responses:
//!         '200':
//!           description: The pet.
//!           content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
//! components:
//!   schemas:
//!     Pet: {type: object, required: [name], properties: {name: {type: string}}}
//! ";
//! let read = |file, text: &str| Api::from_document(Document::parse(file, text.as_bytes())?);
//! let old = read("old.yaml", text)?;
//! let new = read("new.yaml", &text.replace("required: [name], ", ""))?;
//!
//! let found = diff(&old, &new, None)?;
//! assert_eq!(found.summary(), "1 breaking, 0 risky, 0 safe");
//! assert_eq!(found.step(), Some(Step::Major));
//! let change = &found.changes[0];
//! assert_eq!(
//!     change.to_string(),
//!     "breaking[response-field-became-optional] Pet.name: A property that was always present can be missing"
//! );
//! assert_eq!(change.place.to_string(), "new.yaml#/components/schemas/Pet/properties/name");
//! assert_eq!(change.rust.after.as_deref(), Some("name: Option<String>"));
//! assert!(change.witness.is_some());
//! # Ok::<(), bpx_contract::Diagnostics>(())
//! ```

mod accepted;
mod change;
mod compare;
mod element;
mod gate;
pub mod import;
mod report;
mod rules;
mod schema;
mod side;

pub use accepted::{Accepted, Stale};
pub use change::{Answer, Change, Diff, Effect, OperationDiff, Proof, Witness};
pub use compare::diff;
pub use element::Element;
pub use gate::{Gate, Judged};
pub use report::Report;
pub use rules::{Rule, Step, Verdict};
pub use schema::{openapi_api, schema_api};
pub use side::Side;
