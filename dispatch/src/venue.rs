//! What a venue knows of its operations, and dispatch does not.

use std::fmt::Debug;
use std::future::ready;
use std::pin::Pin;

use bpx_contract::api::Operation;
use bpx_runtime::Connection;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::call::Arguments;
use crate::finding::Finding;
use crate::happening::Happenings;
use crate::journal::Closing;
use crate::order::Order;
use crate::outcome::{Done, Outcome, PageHeaders, Rejected, Source};
use crate::policy::Policy;
use crate::remote::{Reply, Success, plain_headers};
use crate::settle::{Resolved, Sent, Settler};

/// A future of settling.
pub type Settling<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a refusal says about a call that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The call was not carried out.
    Definite,
    /// What the call is about does not exist; for a cancellation, it may have ended already.
    NotFound,
    /// The call may have been carried out.
    Ambiguous,
}

/// Where an order stands.
#[derive(Debug, Clone)]
pub enum Standing {
    /// It is open; as the exchange shows it now.
    Open(Box<RawValue>),
    /// It has ended for certain, in this state as the exchange spells it, or in words.
    Ended(String),
    /// Nobody can tell.
    Unknown,
}

/// What a venue knows of its operations: rules between arguments, the orders a call would place, the meaning of a
/// refusal, and how to find out what became of a call.
///
/// Every method has an answer that is true of any HTTP API, so [`AnyVenue`] implements none.
pub trait Venue: Debug + Send + Sync {
    /// What breaks a rule between arguments that no schema can express. The arguments fit the contract already.
    fn check(&self, _operation: &Operation, _arguments: &Arguments) -> Vec<Finding> {
        Vec::new()
    }

    /// Whether the venue knows what an operation does. One that it does not know, and that changes something, is refused
    /// unless the policy names it.
    fn knows(&self, _operation: &Operation) -> bool {
        false
    }

    /// JSON pointer to the argument for which the policy has to list the values that are allowed; none where it need
    /// not. It says where something goes that does not come back.
    fn listed_argument(&self, _operation: &Operation) -> Option<&'static str> {
        None
    }

    /// Whether a person has to consent to each call, whoever makes it and whatever the operator has set.
    fn needs_consent(&self, operation: &Operation) -> bool {
        self.listed_argument(operation).is_some()
    }

    /// Whether the value of an argument is secret: it is neither kept in the journal nor shown.
    fn is_secret(&self, _argument: &str) -> bool {
        false
    }

    /// The orders that a call would place, in its order, each with its exposure under this policy. Arguments may be
    /// missing where a workflow does not know them yet.
    fn orders(
        &self,
        _operation: &Operation,
        _arguments: &Arguments,
        _policy: &Policy,
    ) -> Vec<Order> {
        Vec::new()
    }

    /// Writes the chosen client order ids into the orders of a call, in its order.
    fn set_client_ids(&self, _operation: &Operation, _arguments: &mut Arguments, _ids: &[u32]) {}

    /// Whether the call places several orders at once.
    fn is_batch(&self, _operation: &Operation) -> bool {
        false
    }

    /// Whether the call only takes orders off the book: the kill switch lets it through.
    fn is_cancellation(&self, _operation: &Operation) -> bool {
        false
    }

    /// What a refusal in a response means for a call that changes something.
    fn refusal(&self, rejected: &Rejected) -> Refusal {
        rejected.status.map_or(Refusal::Definite, by_status)
    }

    /// From the response to a call that changes something to its outcome. What the response leaves open is found out
    /// by asking, never by sending again.
    fn settle<'a>(
        &'a self,
        _settler: &'a Settler<'a>,
        reply: Reply,
        sent: Sent<'a>,
    ) -> Settling<'a, Resolved> {
        let outcome = of_reply(|rejected| self.refusal(rejected), reply, &sent);
        Box::pin(ready(outcome.into()))
    }

    /// Asks once more how a call ended.
    fn reconcile<'a>(
        &'a self,
        _settler: &'a Settler<'a>,
        sent: &'a Sent<'a>,
    ) -> Settling<'a, Resolved> {
        Box::pin(ready(Outcome::unknown(&sent.why, BY_HAND).into()))
    }

    /// What happens to the account, as it happens, over a connection to the exchange; none where the venue tells nothing
    /// by itself. What may be missing is reported as [`Happening::gap`](crate::Happening::gap).
    fn happenings(&self, _connection: &Connection) -> Option<Happenings> {
        None
    }

    /// Whether an order is open or has ended.
    fn standing<'a>(
        &'a self,
        _settler: &'a Settler<'a>,
        _symbol: &'a str,
        _order_id: &'a str,
    ) -> Settling<'a, Standing> {
        Box::pin(ready(Standing::Unknown))
    }

    /// The page headers of a response.
    fn page(&self, _success: &Success) -> PageHeaders {
        PageHeaders::default()
    }

    /// A call in plain words, for the person who is asked to consent to it; none where the venue does not know the
    /// operation.
    fn describe(
        &self,
        _operation: &Operation,
        _arguments: &Arguments,
        _policy: &Policy,
    ) -> Option<String> {
        None
    }

    /// Why a workflow must not make these writes, given what it has read: the responses of reads, and the writes with
    /// the arguments that are known.
    ///
    /// # Errors
    /// The reason, and what to do.
    fn preflight(
        &self,
        _read: &[(String, Value)],
        _writes: &[(&Operation, &Arguments)],
    ) -> Result<(), Problem> {
        Ok(())
    }

    /// The cheapest signed read, with its arguments: asked to find out whether the exchange and the key work.
    fn probe(&self) -> Option<(&str, Arguments)> {
        None
    }

    /// The component of the API's document that describes an order in lists of past orders; none if there is no such
    /// component.
    fn order_component(&self) -> Option<&str> {
        None
    }

    /// The status by which a rejection that was found by asking is reported where the exchange gave none.
    fn status_of(&self, _operation: &Operation, _rejected: &Rejected) -> u16 {
        400
    }

    /// The name of the argument by which callers find again what they created: a 32-bit number of their choice.
    fn client_id_argument(&self) -> Option<&'static str> {
        None
    }

    /// What calls with these arguments work on, in words, such as `order 7`. Two workflows do not work on the same
    /// subject at a time.
    fn subject(&self, _arguments: &Arguments) -> Option<String> {
        None
    }

    /// A read that shows the state of what these arguments are about, with its arguments.
    fn look_up(&self, _arguments: &Arguments) -> Option<(&str, Arguments)> {
        None
    }

    /// The final state that a response shows, as the exchange spells it; none where it shows none.
    fn final_state(&self, _response: &Value) -> Option<String> {
        None
    }

    /// Whether a value for a parameter of the signature is one that the exchange takes. The signer replaces the value;
    /// one that could not be meant is still refused.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    fn check_signature_parameter(&self, _name: &str, _value: &Value) -> Result<(), Problem> {
        Ok(())
    }

    /// The outcome of a call that placed nothing: its client order ids are free again.
    fn nothing_placed(
        &self,
        operation: &Operation,
        arguments: &Arguments,
        outcome: Outcome,
    ) -> Resolved {
        let orders = self.orders(operation, arguments, &Policy::default());
        let closing = Closing {
            closed: orders.iter().filter_map(|order| order.client_id).collect(),
            ..Closing::default()
        };
        Resolved { outcome, closing }
    }
}

/// What is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub fix: String,
}

/// Any HTTP API: what its document says is all that is known of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct AnyVenue;

impl Venue for AnyVenue {}

const BY_HAND: &str = "find out by hand whether it was carried out";

/// What the status alone says: below 500 a refusal is definite, but for 408.
#[must_use]
pub fn by_status(status: u16) -> Refusal {
    match status {
        501 => Refusal::Definite,
        408 | 500.. => Refusal::Ambiguous,
        404 => Refusal::NotFound,
        _ => Refusal::Definite,
    }
}

/// What a response says of a call that changes something, where nobody is asked.
#[must_use]
pub fn of_reply(meaning: impl Fn(&Rejected) -> Refusal, reply: Reply, sent: &Sent<'_>) -> Outcome {
    match reply {
        Reply::NotSent { message } => Outcome::not_sent(message),
        Reply::Success(success) => of_success(&success, sent),
        Reply::Broken { message } => Outcome::unknown(message, BY_HAND),
        Reply::Refused(rejected) if meaning(&rejected) == Refusal::Ambiguous => {
            Outcome::unknown(rejected.summary(), BY_HAND)
        }
        Reply::Refused(rejected) => Outcome::Rejected(rejected),
    }
}

fn of_success(success: &Success, sent: &Sent<'_>) -> Outcome {
    if success.status == 202 && success.body.is_empty() && sent.operation.accepted {
        return Outcome::accepted("accepted, not yet executed", "look later how it ended");
    }
    let body = match success.body.is_empty() {
        true => Some(RawValue::NULL.to_owned()),
        false => success.json(sent.operation.is_text()),
    };
    match body {
        Some(body) => Outcome::Done(Done {
            status: success.status,
            body,
            source: Source::Response,
            order_ids: Vec::new(),
            page: None,
            headers: plain_headers(&success.headers),
        }),
        None => Outcome::unknown(
            format!("{}, but the response is not JSON", success.status),
            BY_HAND,
        ),
    }
}
