//! What happens to an account by itself: as a venue tells it, and as the journal has it.

use std::pin::Pin;

use futures_util::stream::Stream;
use serde::Serialize;
use serde_json::{Value, json};

/// The name of an event that says that something is missing.
pub(crate) const GAP: &str = "gap";

/// Something that happens, as a venue tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// What kind of thing, one word.
    pub name: String,
    /// What happened.
    pub data: Value,
}

/// What happens to an account, as it happens.
pub type Happenings = Pin<Box<dyn Stream<Item = Happening> + Send>>;

/// Something that happened, as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Happened {
    /// Its number; the next one has the next number.
    pub number: i64,
    /// When it was written down, in Unix milliseconds.
    pub at_ms: i64,
    /// What kind of thing, one word; `gap` where something is missing.
    pub name: String,
    /// What happened, as JSON.
    pub data: String,
}

impl Happening {
    /// Something is missing, and why.
    #[must_use]
    pub fn gap(reason: &str) -> Self {
        Self {
            name: GAP.to_owned(),
            data: json!({"reason": reason}),
        }
    }
}
