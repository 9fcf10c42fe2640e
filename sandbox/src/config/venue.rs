//! Switches for what is unknown or disputed about the venue.

use serde::Deserialize;

use crate::errors::SandboxError;

/// What the exchange does where the venue's documents, its other clients and reports are silent or
/// disagree. The defaults are the best guess.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct VenueConfig {
    /// Code of the 400 for a signature that does not verify. Default `INVALID_CLIENT_REQUEST`.
    pub bad_signature_code: SignatureCode,
    /// Status of a request outside its window: 400 or 401. Default 400.
    pub expired_status: u16,
    /// Answer to the cancellation of an order that is not open. Default [`UnknownOrder::NotFound`].
    pub unknown_order: UnknownOrder,
    /// How many orders one batch may hold. Default 20.
    pub batch_orders_max: usize,
    /// Whether an order may carry the `clientId` of an open one. Default [`DuplicateClientId::Allow`].
    pub duplicate_client_id: DuplicateClientId,
    /// How long an order that is not post-only is held back as `PendingRelease`, in milliseconds. The
    /// venue is about to introduce 100. Default 0: not at all.
    pub pending_release_ms: u64,
    /// Whether histories come oldest first where the caller does not say. Default `false`.
    pub history_ascending: bool,
    /// Whether absent optional fields are sent as explicit `null`, as the venue does. Default `true`.
    pub explicit_nulls: bool,
    /// How many requests an account may sign in any 60 seconds before it is answered with 429; the venue
    /// documents 2,000. Default 0: any number.
    pub requests_per_minute: u32,
    /// Whether a DELETE may repeat members of its body in its query, which goes unsigned. Some clients
    /// do, and the venue takes it. Default `true`.
    pub repeated_query: bool,
    /// Whether a signature that was believed once is refused the second time. The venue documents no
    /// such check. Default `false`.
    pub refuse_replays: bool,
    /// How often a WebSocket connection is sent a Ping, in milliseconds; without a Pong for twice as long
    /// it is closed. Default 60,000, as the venue documents.
    pub stream_ping_ms: u64,
    /// How many messages may wait for a reader that is slower than the market before its WebSocket
    /// connection is closed. What the venue does is not known. Default 65,536.
    pub stream_queue_max: usize,
}

/// Code of the answer to a signature that does not verify.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SignatureCode {
    /// What the venue's FAQ shows.
    #[default]
    InvalidClientRequest,
    /// The code the venue's document lists for it.
    InvalidSignature,
}

/// Answer to the cancellation of an order that is not open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UnknownOrder {
    /// 400 `RESOURCE_NOT_FOUND`, "Not Found".
    #[default]
    #[serde(rename = "RESOURCE_NOT_FOUND")]
    NotFound,
    /// 400 `INVALID_CLIENT_REQUEST`, "Order not found".
    InvalidClientRequest,
}

/// What becomes of an order that carries the `clientId` of an open order of the same account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DuplicateClientId {
    /// It is taken; the `clientId` then names the newest.
    #[default]
    Allow,
    /// 400 `INVALID_CLIENT_REQUEST`.
    Refuse,
}

impl VenueConfig {
    pub(crate) fn check(&self) -> Result<(), SandboxError> {
        let error = |key: &str, fix: &str| {
            Err(SandboxError::Config {
                place: format!("venue.{key}"),
                problem: "has a value it cannot have".to_owned(),
                fix: fix.to_owned(),
            })
        };
        if ![400, 401].contains(&self.expired_status) {
            return error("expired_status", "give 400 or 401");
        }
        if self.batch_orders_max == 0 {
            return error("batch_orders_max", "give 1 or more");
        }
        if self.stream_ping_ms == 0 {
            return error("stream_ping_ms", "give 1 or more");
        }
        if self.stream_queue_max == 0 {
            return error("stream_queue_max", "give 1 or more");
        }
        Ok(())
    }
}

impl Default for VenueConfig {
    fn default() -> Self {
        Self {
            bad_signature_code: SignatureCode::default(),
            expired_status: 400,
            unknown_order: UnknownOrder::default(),
            batch_orders_max: 20,
            duplicate_client_id: DuplicateClientId::default(),
            pending_release_ms: 0,
            history_ascending: false,
            explicit_nulls: true,
            requests_per_minute: 0,
            repeated_query: true,
            refuse_replays: false,
            stream_ping_ms: 60_000,
            stream_queue_max: 65_536,
        }
    }
}
