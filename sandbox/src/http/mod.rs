//! The signed routes, every one of which goes through [`admit`], and the public ones.

mod account;
mod admit;
mod history;
mod live;
mod market_data;
mod operation;
mod page;
mod params;
mod public;
mod reply;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::on;

use crate::exchange::Exchange;
use crate::fault::{self, Faults};
use crate::http::admit::{Admitted, admit};
use crate::http::live::Answer;
use crate::verified::Verified;

pub(crate) use crate::http::admit::read_body;
pub(crate) use crate::http::operation::Operation;
pub(crate) use crate::http::reply::refuse;

pub(crate) fn router(exchange: Arc<Exchange>, faults: Arc<Faults>) -> Router {
    let routes = Operation::ALL.iter().fold(Router::new(), |router, &operation| {
        let (_, path, _) = operation.row();
        let handler = move |State(exchange): State<Arc<Exchange>>, request: Request| async move {
            serve(operation, &exchange, request).await
        };
        router.route(path, on(operation.method_filter(), handler))
    });
    routes
        .merge(public::routes())
        .merge(market_data::routes())
        .fallback(|request| turn_away(request, StatusCode::NOT_FOUND, "not found"))
        .method_not_allowed_fallback(|request| {
            let status = StatusCode::METHOD_NOT_ALLOWED;
            turn_away(request, status, "method not allowed")
        })
        .with_state(exchange)
        .layer(from_fn_with_state(faults, fault::inject))
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
