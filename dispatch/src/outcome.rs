//! How a call ended.

use serde_json::value::RawValue;

/// How a call ended, one of four.
///
/// [`Outcome::Done`] and [`Outcome::Rejected`] are final; the other two are looked into again at the next start, and
/// when the call is repeated with its idempotency key.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Carried out.
    Done(Done),
    /// Not carried out, for certain.
    Rejected(Rejected),
    /// Taken by the exchange (202) but not yet executed when the time for asking was over.
    Accepted(Accepted),
    /// It is not known whether it was carried out. Nothing may be sent again under a new key before that is.
    Unknown(Unknown),
}

/// A call that was carried out.
#[derive(Debug, Clone)]
pub struct Done {
    /// The answer's status; 200 where the result was found by asking.
    pub status: u16,
    /// The result as the contract documents it: the exchange's JSON, byte for byte, where `source` is
    /// [`Source::Response`] or [`Source::OpenOrders`].
    pub body: Box<RawValue>,
    /// Where the result was read.
    pub source: Source,
    /// Identifiers of the orders in the result.
    pub order_ids: Vec<String>,
    /// The page headers, where the operation is paged.
    pub page: Option<PageHeaders>,
    /// The response's headers, without sensitive ones. Empty where the result was found by asking or comes from the
    /// journal, which does not keep them.
    pub headers: Vec<(String, String)>,
}

/// Where a result was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The response to the call itself.
    Response,
    /// The open orders, asked afterwards.
    OpenOrders,
    /// The order history, asked afterwards; its rows are brought into the shape of live orders.
    History,
}

/// The page headers of a response, as numbers; one that is missing or not a number is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PageHeaders {
    /// How many pages there are.
    pub page_count: Option<u64>,
    /// Which page this is.
    pub current_page: Option<u64>,
    /// How many rows a page holds.
    pub page_size: Option<u64>,
    /// How many rows there are in all.
    pub total: Option<u64>,
}

/// A call that was not carried out.
#[derive(Debug, Clone)]
pub struct Rejected {
    /// Who says so.
    pub by: Witness,
    /// The answer's status, if the exchange refused by itself.
    pub status: Option<u16>,
    /// The exchange's error code; or `NOT_SENT`, `NOT_PLACED`, `ORDER_CLOSED` where this crate found out.
    pub code: Option<String>,
    /// What was said, or found.
    pub message: String,
    /// The answer's `Retry-After` as it came, seconds or a date; of no use later, so it is not journaled.
    pub retry_after: Option<String>,
    /// The order as it stands, where a cancellation came too late.
    pub order: Option<Box<RawValue>>,
}

impl Rejected {
    /// The status, the code and what was said, in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let status = self.status.map(|status| format!("{status} "));
        let code = self.code.as_deref().unwrap_or("without a code");
        format!("{}{code}: {}", status.unwrap_or_default(), self.message)
    }
}

/// Who says that a call was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Witness {
    /// The exchange's response to the call.
    Response,
    /// This computer: nothing left it.
    Here,
    /// The exchange's other data, asked afterwards.
    Evidence,
}

/// A call that was taken and not executed yet.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Accepted {
    /// The answer's status.
    pub status: u16,
    /// What was seen when the time was over.
    pub why: String,
    /// What to do.
    pub next: String,
}

/// A call whose end is not known.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Unknown {
    /// What happened, and what was seen since.
    pub why: String,
    /// What to do.
    pub next: String,
}

impl Outcome {
    /// `done`, `rejected`, `not_sent`, `accepted` or `unknown`. A call of which nothing left this computer was rejected
    /// by nobody.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Rejected(rejected) if rejected.by == Witness::Here => "not_sent",
            Self::Rejected(_) => "rejected",
            Self::Accepted(_) => "accepted",
            Self::Unknown(_) => "unknown",
        }
    }

    /// Whether nothing more will be found out.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Rejected(_))
    }

    /// A call that was found by asking to be carried out.
    #[must_use]
    pub fn done(body: Box<RawValue>, source: Source, order_ids: Vec<String>) -> Self {
        Self::Done(Done {
            status: 200,
            body,
            source,
            order_ids,
            page: None,
            headers: Vec::new(),
        })
    }

    /// A call of which nothing left this computer.
    pub fn not_sent(message: impl Into<String>) -> Self {
        Self::rejected(Witness::Here, "NOT_SENT", message)
    }

    /// A call that is known not to have been carried out, though the exchange did not refuse it.
    pub fn rejected(by: Witness, code: &str, message: impl Into<String>) -> Self {
        Self::Rejected(Rejected {
            by,
            status: None,
            code: Some(code.to_owned()),
            message: message.into(),
            retry_after: None,
            order: None,
        })
    }

    /// A call whose end is not known.
    pub fn unknown(why: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Unknown(Unknown {
            why: why.into(),
            next: next.into(),
        })
    }

    /// A call that was accepted (202) and not executed yet.
    pub fn accepted(why: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Accepted(Accepted {
            status: 202,
            why: why.into(),
            next: next.into(),
        })
    }
}

/// The words by which a source or a witness stands in the journal.
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            /// The word by which it stands in the journal.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub(crate) fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words!(Source { Response = "answer", OpenOrders = "open orders", History = "order history" });
words!(Witness { Response = "answer", Here = "here", Evidence = "evidence" });
