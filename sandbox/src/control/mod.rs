//! The control port: what a test, or a person with a browser, does to the exchange from outside it.
//!
//! Nothing here is signed, so nothing here may be reached from elsewhere: [`guard`] refuses what comes
//! through a browser from another page, and no secret is ever in an answer.

mod events;
mod guard;
mod page;
mod reply;
mod routes;
mod rows;
mod view;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post, put};
use tokio::sync::Semaphore;

use crate::config::SandboxConfig;
use crate::errors::SandboxError;
use crate::exchange::Exchange;
use crate::fault::Faults;
use crate::stop::Stop;

const BODY_BYTES_MAX: usize = 64 * 1024;
/// How many pages and streams may watch at once.
pub(crate) const WATCHERS_MAX: usize = 16;

/// What the control port acts on.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) faults: Arc<Faults>,
    /// What a reset goes back to.
    pub(crate) config: SandboxConfig,
    pub(crate) base_url: String,
    /// The address it is bound to.
    pub(crate) address: SocketAddr,
    pub(crate) watchers: Arc<Semaphore>,
    pub(crate) stop: Stop,
}

impl Control {
    /// Back to the starting state; the keys stay.
    pub(crate) fn reset(&self) -> Result<(), SandboxError> {
        self.exchange.reset_to(Exchange::open(&self.config)?);
        self.faults.reset();
        Ok(())
    }
}

pub(crate) fn router(control: Arc<Control>) -> Router {
    Router::new()
        .route("/state", get(routes::state))
        .route("/events", get(events::events))
        .route("/verified", get(routes::verified))
        .route("/reference-price", put(routes::set_reference_prices))
        .route("/liquidity", post(routes::add_liquidity))
        .route(
            "/faults",
            get(routes::faults).post(routes::arm).delete(routes::disarm),
        )
        .route("/clock-skew", put(routes::set_clock_skew))
        .route("/reset", post(routes::reset))
        .merge(page::router())
        .fallback(reply::not_found)
        .method_not_allowed_fallback(reply::method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(Arc::clone(&control), guard::check))
        .layer(from_fn(guard::harden))
        .with_state(control)
}
