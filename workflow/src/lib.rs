//! Runs Arazzo workflows through the dispatcher: nothing is sent twice, and nothing is lost sight of.
//!
//! # What it does
//!
//! - Takes a document that [`bpx_arazzo`] has checked ([`Library`]) and runs it as Arazzo 1.0.1 says:
//!   arguments, bodies, criteria, actions with retry, goto, end and `Retry-After`, `dependsOn`, called workflows, outputs.
//! - Sends each request of the dispatcher's API through [`bpx_dispatch`], which signs it and settles its outcome: a 202, a
//!   timeout and a reset are resolved before the next step begins. Operations of other documents go to services
//!   ([`Services`]): at the base URL that is given for them, or, where nothing goes through dispatch, at the first server of
//!   their document; with credentials for its security schemes; each once, as often as the document says.
//! - Before the first request that changes anything, checks what would stop a later one: trading, kill switch, journal,
//!   arguments, policy, and what the venue makes of the responses so far.
//! - Records each request before it is sent and its outcome after ([`Runner::resume`]). Two runs do not work on the same
//!   subject at a time, and none begins where an earlier one does not know what it did.
//! - Reports how a run ended in one of five ways ([`Outcome`]), each with what to do next ([`Report::next`]).
//! - Takes and returns the types that are generated for a workflow ([`run()`], [`Ended`]).
//! - Shows the requests exactly as they would be sent ([`dry_run`]).
//!
//! # What it does not do
//!
//! - It signs and settles nothing itself. Keys, signatures and times among the inputs are not used, and a note says so.
//! - It keeps no cookies between steps, and follows no redirect.
//! - It embeds no documents: the API and the workflows that need no file are the caller's ([`Catalog`]).
//! - Its locks reach as far as one state folder.
//!
//! # What criteria see
//!
//! | outcome of the request | `$statusCode` | body |
//! |---|---|---|
//! | a response | its status | its body |
//! | found by asking to be carried out | 200 | the result |
//! | found by asking not to be carried out | as the venue reports it ([`Venue::status_of`](bpx_dispatch::Venue::status_of)) | `code`, `message` |
//! | not sent | 400 | `code`, `message`, `fix` |
//! | accepted, not yet executed | 202 | none |
//! | not known | none | none |
//!
//! # Example
//!
//! ```
//! use bpx_contract::{Api, Document};
//! use bpx_dispatch::{Dispatch, Settings};
//! use bpx_workflow::{Catalog, Library, Outcome, Runner, inputs_from_texts};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let pet = axum::routing::get(async || axum::Json(serde_json::json!({"age": 3})));
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! # let base_url = format!("http://{}", listener.local_addr()?);
//! # let app = axum::Router::new().route("/pets/{name}", pet);
//! # tokio::spawn(async move { axum::serve(listener, app).await });
//! let api = Api::from_document(Document::parse("pets.yaml", br#"
//! openapi: 3.0.3
//! info: {title: Pets, version: '1'}
//! paths:
//!   /pets/{name}:
//!     get:
//!       operationId: getPet
//!       parameters: [{name: name, in: path, required: true, schema: {type: string}}]
//!       responses:
//!         '200':
//!           description: The pet.
//!           content: {application/json: {schema: {type: object, properties: {age: {type: integer}}}}}
//! "#)?)?;
//! let workflow = br#"
//! arazzo: 1.0.1
//! info: {title: Age, version: '1'}
//! sourceDescriptions: [{name: pets, url: ./pets.yaml}]
//! workflows:
//! - workflowId: age
//!   inputs: {type: object, required: [name], properties: {name: {type: string}}}
//!   steps:
//!   - stepId: look
//!     operationId: getPet
//!     parameters: [{name: name, in: path, value: $inputs.name}]
//!     outputs: {age: $response.body#/age}
//!   outputs: {age: $steps.look.outputs.age}
//! "#;
//! let library = Library::parse("age.yaml", workflow, &Catalog::new(api.clone()))?;
//! let inputs = inputs_from_texts(library.workflow(None)?, [("name", "Tom")])?;
//!
//! let state = tempfile::tempdir()?;
//! let dispatch = Dispatch::open(Settings::new(api, base_url, state.path())).await?;
//! let runner = Runner::new(dispatch.clone());
//! let report = runner.run(&library, "age.yaml", None, inputs, &()).await?;
//! assert_eq!(report.outcome, Outcome::Done);
//! assert_eq!(report.outputs["age"], 3);
//! dispatch.close().await;
//! # Ok(())
//! # }
//! ```

mod command;
mod credentials;
mod digest;
mod dry_run;
mod engine;
mod error;
mod event;
mod facts;
mod inputs;
mod judge;
mod library;
mod next;
mod outcome;
mod prepared;
mod record;
mod render;
mod route;
mod runner;
mod send;
mod service;
mod services;
mod typed;

pub use bpx_arazzo::STEP_RUNS_MAX;
pub use dry_run::{PlannedRequest, Target, dry_run};
pub use error::{Error, InputFault};
pub use event::{Event, EventKind, Interaction, Observer, Recorder};
pub use inputs::from_texts as inputs_from_texts;
pub use library::{Catalog, Library, NamedWorkflow, SourceFiles};
pub use next::shell_word;
pub use outcome::{Outcome, Report};
pub use record::{begun, runs};
pub use render::{graph, har, junit, trace};
pub use runner::Runner;
pub use service::ServiceRequest;
pub use services::Services;
pub use typed::{Ended, resume, run};
