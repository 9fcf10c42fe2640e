//! Runs Arazzo workflows over the narrow waist, so that no order is lost sight of.
//!
//! # What it does
//!
//! - Takes a document that [`bpx_arazzo`] has checked ([`Library`]) and runs it as Arazzo 1.0.1 says:
//!   arguments, bodies, criteria, actions with retry, goto, end and `Retry-After`, `dependsOn`, called workflows, outputs.
//! - Sends each request of the exchange through [`bpx_dispatch`], which signs it by itself and settles it, so that a 202,
//!   a timeout and a reset are over before the next step begins. Operations of other documents go to a base URL that is
//!   named for them.
//! - Before the first request that changes anything, checks what would stop a later one: trading, kill switch, journal,
//!   arguments, the policy's filters, the order as it was read.
//! - Records each request before it is made and its answer after ([`Runner::resume`]), lets two runs not work on one
//!   order, and begins none where an earlier one left open what it did.
//! - Says how a run ended in one of five ways ([`Outcome`]), each with what to do next ([`Report::next`]).
//! - Takes and gives the types that are generated for a workflow ([`run()`], [`Ended`]).
//!
//! # What it does not do
//!
//! - It signs nothing and places nothing by itself. Keys, signatures and times among the inputs are set aside and named.
//! - It asks for no key of another service; requests outside the exchange's contract go unsigned.
//! - It locks an order within one state folder only.
//!
//! # What criteria see
//!
//! | what came of the request | `$statusCode` | body |
//! |---|---|---|
//! | answered | as answered | as answered |
//! | found out by asking to be carried out | 200 | the order |
//! | found out not to be carried out; not sent | 400, for a cancellation that came too late 404 | `code`, `message` |
//! | accepted, not yet executed | 202 | none |
//! | not known | none | none |
//!
//! # Example
//!
//! With the types that are generated for a workflow:
//!
//! ```
//! use bpx_workflow::Ended;
//! use bpx_client::operations::OPERATIONS;
//! use bpx_client::workflows::{
//!     CancelReplaceOrder, CancelReplaceOrderInputs, CancelReplaceOrderPartialFill,
//! };
//! use bpx_dispatch::{Dispatch, Settings};
//! use bpx_runtime::{Decimal, Key, Signer};
//! use bpx_sandbox::{Sandbox, SandboxConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start(SandboxConfig::default()).await?;
//! let signer = Signer::new(Key::from_base64(&sandbox.api_secret())?, OPERATIONS);
//! let state = tempfile::tempdir()?;
//! let settings = Settings::new(sandbox.base_url(), signer, state.path()).allow_trading(true);
//! let dispatch = Dispatch::open(settings).await?;
//!
//! let (price, quantity) = (Decimal::from_str_exact("20")?, Decimal::ONE);
//! let policy = CancelReplaceOrderPartialFill::Total;
//! let inputs = CancelReplaceOrderInputs::new(price, quantity, "1", policy, "SOL_USDC");
//! match bpx_workflow::run::<CancelReplaceOrder>(&dispatch, inputs).await? {
//!     Ended::Done { outputs, .. } => println!("order {} rests instead", outputs.new_order_id),
//!     Ended::Stopped(report) => assert!(report.why.contains("neverSeen"), "there is no order 1"),
//!     other => println!("{}; {}", other.report().why, other.report().next),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! With any document:
//!
//! ```
//! use bpx_workflow::{Library, Outcome, Runner, inputs_from_texts};
//! # use bpx_client::operations::OPERATIONS;
//! # use bpx_dispatch::{Dispatch, Settings};
//! # use bpx_runtime::{Key, Signer};
//! # use bpx_sandbox::{Sandbox, SandboxConfig};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::start(SandboxConfig::default()).await?;
//! # let signer = Signer::new(Key::from_base64(&sandbox.api_secret())?, OPERATIONS);
//! # let state = tempfile::tempdir()?;
//! # let settings = Settings::new(sandbox.base_url(), signer, state.path()).allow_trading(true);
//! let runner = Runner::new(Dispatch::open(settings).await?, sandbox.base_url(), state.path());
//!
//! let name = "cancel-replace-order";
//! let library = Library::built_in(name)?.ok_or("there is no such workflow")?;
//! let inputs = inputs_from_texts(library.workflow(None)?, [
//!     ("symbol", "SOL_USDC"), ("orderId", "1"), ("newPrice", "20"), ("newQuantity", "1"), ("partialFill", "total"),
//! ])?;
//! let report = runner.run(&library, name, None, inputs, &()).await?;
//! assert_eq!(report.outcome, Outcome::Stopped, "there is no order 1");
//! # Ok(())
//! # }
//! ```

mod engine;
mod error;
mod event;
mod inputs;
mod library;
mod next;
mod outcome;
mod preflight;
mod record;
mod rehearsal;
mod render;
mod route;
mod runner;
mod send;
mod typed;

pub use error::Error;
pub use event::{Event, Exchanged, Observer, Recorder, What};
pub use inputs::from_texts as inputs_from_texts;
pub use library::{Library, SourceFiles};
pub use next::shell_word;
pub use outcome::{Already, Outcome, Report};
pub use record::{begun, runs};
pub use rehearsal::{Rehearsed, dry_run};
pub use render::{graph, har, junit, trace};
pub use runner::Runner;
pub use typed::{Ended, resume, run};
