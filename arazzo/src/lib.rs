//! Arazzo documents: read, checked against the contracts they refer to, and their expressions evaluated.
//!
//! # What it does
//!
//! - Reads Arazzo 1.0.0 and 1.0.1 whole, and of 1.1.0 what is defined for HTTP: `$self`, `timeout`, `dependsOn` of steps,
//!   parameters of actions, `querystring`, Selector objects, the new rules for expressions. Asynchronous steps and AsyncAPI
//!   sources are refused by name.
//! - Checks every name, argument, body and expression against the contract, per status and per arm of a union
//!   ([`check()`]), and infers the type of each output. What the contract does not bear out and a service may take all the
//!   same (an optional input in a required place, a text for a number, a body or a header that is not documented) is a
//!   warning, or a fault where requests are signed. What a document may say and a reader should know becomes a note.
//! - Evaluates expressions, conditions, criteria and bodies over what a run knows ([`Scope`]). The checker and the
//!   runner parse and decide with the same code.
//!
//! # What it does not do
//!
//! - It sends nothing, reads no file and no clock, and follows no URL: the caller loads the sources that
//!   [`description`] names.
//! - It evaluates no XPath, in criteria, selectors or replacements, and looks into no XML: such a body is a text.
//! - It validates no inputs: their JSON Schema is handed over whole ([`Inputs::schema`]).
//!
//! # What the specification leaves open
//!
//! | question | answer here |
//! |---|---|
//! | a step without success criteria | succeeds with a status of 2xx |
//! | a request that is accepted, not yet executed (202 without a body) | is settled before the criteria see it; what they take from its body may be missing |
//! | actions and parameters of workflow and step | merged, the step's first; one of the same name overrides |
//! | a pointer, input or output that is not there | is nothing: null in conditions, and left out of bodies and arguments |
//! | strings in conditions | equal without regard to case; ordered as numbers if both are numbers |
//! | `$response.body.id` in a value of a 1.0 document | is read as `$response.body#/id`, and noted |
//! | `$statusCode` and its like in a step that calls a workflow | speak of the last request there |
//! | inputs of a workflow reached by `goto`, `retry` or `dependsOn` | the action's parameters, then inputs of the same name, then defaults |
//! | when outputs are set | after success, before the success actions are chosen |
//! | loops | legal; a run takes at most [`STEP_RUNS_MAX`] steps, unless its caller says otherwise |
//! | what a JSONPath selector comes to | the list of its nodes; of a path of names and indices alone, its one node |
//! | a bare `operationId` beside several sources | the only source that has it, with a warning |
//!
//! # Extensions
//!
//! | where | what |
//! |---|---|
//! | an action of type `end` | `x-bpx-outcome`: what the end means ([`Outcome`]); of `stopped` the checker demands a proof |
//! | a payload replacement | `x-bpx-minus: {value, when}`: the value less this decimal, exactly; `when` is a condition, and without it always |
//!
//! # Example
//!
//! ```
//! use bpx_arazzo::{Sources, check};
//! use bpx_contract::{Document, lower};
//!
//! let contract = lower(&Document::parse("market.yaml", br#"
//! openapi: 3.0.3
//! info: {title: Market, version: '1'}
//! paths:
//!   /order:
//!     delete:
//!       operationId: cancel
//!       parameters: [{name: id, in: query, required: true, schema: {type: string}}]
//!       responses:
//!         '200':
//!           description: Cancelled.
//!           content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string}}}}}
//!         '202': {description: Accepted.}
//! "#)?)?;
//! let text = br#"
//! arazzo: 1.0.1
//! info: {title: Cancel, version: '1'}
//! sourceDescriptions: [{name: market, url: ./market.yaml}]
//! workflows:
//! - workflowId: cancel
//!   inputs: {type: object, required: [id], properties: {id: {type: string}}}
//!   steps:
//!   - stepId: cancel
//!     operationId: cancel
//!     parameters: [{name: id, in: query, value: $inputs.id}]
//!     outputs: {id: $response.body#/id}
//!   outputs: {id: $steps.cancel.outputs.id}
//! "#;
//! let sources = Sources { openapi: [("market".to_owned(), &contract)].into(), ..Sources::default() };
//! let checked = check(&Document::parse("flow.yaml", text)?, &sources)?;
//! assert!(checked.workflows[0].outputs[0].ty.optional, "a 202 has no body");
//!
//! let typo = String::from_utf8_lossy(text).replace("#/id", "#/idd");
//! let faults = check(&Document::parse("flow.yaml", typo.as_bytes())?, &sources).unwrap_err();
//! assert_eq!(
//!     faults.to_string(),
//!     "error: step `cancel`: `$response.body#/idd` names nothing: `cancel_response200` has no `idd` (status 200)\n   \
//!      at: flow.yaml#/workflows/0/steps/0/outputs/id\n  fix: the nearest field is `id`"
//! );
//! # Ok::<(), bpx_contract::Diagnostics>(())
//! ```

mod check;
mod condition;
mod criterion;
mod document;
mod expression;
mod near;
mod number;
mod payload;
mod scope;
mod selector;

pub use self::check::{
    Argument, Call, Changed, Checked, CheckedStep, CheckedWorkflow, End, Ended, Inputs, Origin,
    Output, STEP_RUNS_MAX, Sources, Type, check, description,
};
pub use self::condition::Condition;
pub use self::criterion::{Criterion, Path, Pattern, Test};
pub use self::document::{
    Action, Description, Destination, Extensions, In, Outcome, Parameter, SourceDescription,
    SourceKind, Step, Target, Then, Workflow, WorkflowRef,
};
pub use self::expression::{
    Expression, ExpressionError, Part, Piece, Reference, Root, Rules, Side, Template, Version,
};
pub use self::payload::{Body, Difference, Payload, Replacement};
pub use self::scope::{EvaluationError, Exchange, Interface, Message, Scope};
pub use self::selector::{Selection, Selector};
