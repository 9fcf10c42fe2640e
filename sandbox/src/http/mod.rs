//! The signed routes, every one of which goes through [`admit`], and the public ones.

mod account;
mod admit;
mod described;
mod history;
mod live;
mod market_data;
mod operation;
mod page;
mod params;
mod public;
mod reply;

use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, on};
use axum::{Extension, Router};

use crate::exchange::Exchange;
use crate::fault::{self, Faults};
use crate::http::admit::{Admitted, admit};
use crate::http::live::Answer;
use crate::stream::Streams;
use crate::verified::Verified;

pub(crate) use crate::http::admit::read_body;
pub(crate) use crate::http::operation::Operation;
pub(crate) use crate::http::reply::refuse;

pub(crate) fn router(exchange: Arc<Exchange>, faults: Arc<Faults>, streams: Streams) -> Router {
    let routes = Operation::ALL.iter().fold(Router::new(), |router, &operation| {
        let (_, path, _) = operation.row();
        let handler = move |State(exchange): State<Arc<Exchange>>, request: Request| async move {
            serve(operation, &exchange, request).await
        };
        router.route(path, on(operation.method_filter(), handler))
    });
    routes
        .route("/", any(upgrade).layer(Extension(streams)))
        .merge(public::routes())
        .merge(market_data::routes())
        .fallback(
            |State(exchange): State<Arc<Exchange>>, request| async move {
                other(&exchange, request, StatusCode::NOT_FOUND, "not found").await
            },
        )
        .method_not_allowed_fallback(
            |State(exchange): State<Arc<Exchange>>, request| async move {
                let status = StatusCode::METHOD_NOT_ALLOWED;
                other(&exchange, request, status, "method not allowed").await
            },
        )
        .with_state(exchange)
        .layer(from_fn_with_state(faults, fault::inject))
}

/// The streams; without an upgrade there is nothing here.
async fn upgrade(
    State(exchange): State<Arc<Exchange>>,
    Extension(streams): Extension<Streams>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Response {
    match upgrade {
        Ok(upgrade) => streams.open(upgrade, request.extensions()),
        Err(_) => other(&exchange, request, StatusCode::NOT_FOUND, "not found").await,
    }
}

/// A request that no model here is for: perhaps a document describes the operation.
async fn other(
    exchange: &Exchange,
    request: Request,
    status: StatusCode,
    text: &'static str,
) -> Response {
    match described::find(exchange, &request) {
        Some(operation) => described::serve(operation, exchange, request).await,
        None => turn_away(request, status, text).await,
    }
}

/// Reads the body first: a connection with an unread body cannot be used again, and its client would not
/// know.
async fn turn_away(request: Request, status: StatusCode, text: &'static str) -> Response {
    match read_body(request.into_body()).await {
        Ok(_) => (status, text).into_response(),
        Err(refusal) => refuse(refusal),
    }
}

async fn serve(operation: Operation, exchange: &Arc<Exchange>, request: Request) -> Response {
    let (method, path, instruction) = operation.row();
    let admitted = match admit(operation, exchange, request).await {
        Ok(admitted) => admitted,
        Err(refusal) => {
            tracing::debug!(%method, path, reason = %refusal, "not admitted");
            return refuse(refusal);
        }
    };
    let arrival = exchange.log.arrive();
    let response = run(operation, exchange, &admitted).unwrap_or_else(refuse);
    let status = response.status().as_u16();
    tracing::debug!(%method, path, status, "answered");
    let instructions = vec![instruction.to_owned(); admitted.instruction_count];
    exchange.log.record(
        arrival,
        Verified {
            method: method.to_string(),
            path: path.to_owned(),
            instructions,
            status,
        },
    );
    response
}

fn run(operation: Operation, exchange: &Arc<Exchange>, request: &Admitted) -> Answer {
    match operation {
        Operation::GetOrder => live::get_order(exchange, request),
        Operation::ExecuteOrder => live::execute_order(exchange, request),
        Operation::CancelOrder => live::cancel_order(exchange, request),
        Operation::GetOpenOrders => live::get_open_orders(exchange, request),
        Operation::ExecuteOrderBatch => live::execute_order_batch(exchange, request),
        Operation::CancelOpenOrders => live::cancel_open_orders(exchange, request),
        Operation::GetFills => history::get_fills(exchange, request),
        Operation::GetOrderHistory => history::get_order_history(exchange, request),
        Operation::GetAccount => account::get_account(exchange, request),
        Operation::UpdateAccount => account::update_account(exchange, request),
        Operation::GetMaxBorrowQuantity => account::get_max_borrow_quantity(exchange, request),
        Operation::GetMaxOrderQuantity => account::get_max_order_quantity(exchange, request),
        Operation::GetMaxWithdrawalQuantity => account::get_max_withdrawal(exchange, request),
        Operation::GetBalances => account::get_balances(exchange, request),
        Operation::GetCollateral => account::get_collateral(exchange, request),
        Operation::GetPositions => account::get_positions(exchange, request),
        _ => history::nothing(exchange, request),
    }
}
