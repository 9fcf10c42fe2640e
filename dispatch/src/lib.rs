#![doc = include_str!("../README.md")]

mod call;
mod checkpoint;
mod conclude;
mod dispatch;
mod error;
mod events;
mod finding;
mod happening;
mod identity;
mod inner;
mod journal;
pub mod order;
mod outcome;
mod policy;
mod read;
mod recover;
mod remote;
mod remotes;
mod replay;
mod settings;
pub mod settle;
mod state;
mod status;
mod switch;
pub mod text;
mod validate;
mod venue;
mod write;

pub use call::{Arguments, Call, Recovered, Settled};
pub use checkpoint::{Checkpoint, Passing, Point};
pub use dispatch::Dispatch;
pub use error::Refused;
pub use finding::{Finding, Note};
pub use happening::{Happened, Happening, Happenings};
pub use identity::canonical;
pub use journal::Closing;
pub use order::{Amount, Exposure, Feature, Order};
pub use outcome::{Accepted, Done, Outcome, PageHeaders, Rejected, Source, Unknown, Witness};
pub use policy::{
    BatchCaps, DayCaps, FindOut, Market, OperationRule, OrderCaps, Policy, RULES as POLICY_RULES,
};
pub use remote::{Preview, Remote, Reply, Success, options, plain_headers, signed_operations};
pub use remotes::Service;
pub use settings::Settings;
pub use settle::Bounds;
pub use state::{make_private, private_file, private_folder};
pub use status::Status;
pub use switch::KillSwitch;
pub use validate::{validate, whole};
pub use venue::{AnyVenue, Problem, Refusal, Settling, Standing, Venue, by_status, of_reply};
