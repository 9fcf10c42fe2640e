#![doc = include_str!("../README.md")]

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
