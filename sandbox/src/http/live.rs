//! The six operations on the live book.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;

use crate::book::OrderKey;
use crate::book::order::Order;
use crate::exchange::Exchange;
use crate::http::admit::Admitted;
use crate::http::params::Params;
use crate::http::reply;
use crate::market::Market;
use crate::refusal::{Code, Coded, Refusal};
use crate::wire::live::{BatchRow, LiveOrder};
use crate::wire::payload::{OrderCancelAllPayload, OrderCancelPayload, OrderExecutePayload, read};
use crate::words::{CancelOrderType, MarketType};

pub(crate) type Answer = Result<Response, Refusal>;

pub(crate) fn get_order(exchange: &Exchange, request: &Admitted) -> Answer {
    let params = Params(&request.pairs);
    let order_id = params.text("orderId")?.map(str::to_owned);
    let key = order_key(order_id, params.integer("clientId")?)?;
    let missing = || Refusal::parameter("symbol", "the parameter is missing");
    let market = params.market(&exchange.markets)?.ok_or_else(missing)?;
    let book = exchange.book();
    let order = book
        .find_open(request.account, market, &key)
        .ok_or_else(|| not_found(StatusCode::NOT_FOUND))?;
    reply::ok(exchange, &LiveOrder::from(order))
}

pub(crate) fn execute_order(exchange: &Exchange, request: &Admitted) -> Answer {
    let payload: OrderExecutePayload = read("OrderExecutePayload", &request.body)?;
    exchange.execute(request.account, payload, request.now, |order| {
        reply::ok(exchange, &LiveOrder::from(order))
    })?
}

pub(crate) fn cancel_order(exchange: &Arc<Exchange>, request: &Admitted) -> Answer {
    let payload: OrderCancelPayload = read("OrderCancelPayload", &request.body)?;
    let key = order_key(payload.order_id, payload.client_id)?;
    let market = market(exchange, &payload.symbol)?;
    let missing = || not_found(StatusCode::BAD_REQUEST);
    let mut book = exchange.book();
    let id = book
        .find_open(request.account, market, &key)
        .ok_or_else(missing)?
        .id;
    if let Some(delay) = settle_delay(exchange, request) {
        exchange.settle_later(vec![id], delay);
        return Ok(reply::accepted());
    }
    let order = book.cancel(id).ok_or_else(missing)?;
    reply::ok(exchange, &LiveOrder::from(order))
}

pub(crate) fn get_open_orders(exchange: &Exchange, request: &Admitted) -> Answer {
    let params = Params(&request.pairs);
    let kind: Option<MarketType> = params.word("marketType")?;
    let market = params.market(&exchange.markets)?;
    let book = exchange.book();
    let wanted = |order: &&Order| {
        let own = &order.terms.market;
        kind.is_none_or(|kind| kind == own.kind)
            && market.is_none_or(|market| market.symbol == own.symbol)
    };
    let orders: Vec<_> = book
        .open_orders(request.account)
        .filter(wanted)
        .map(LiveOrder::from)
        .collect();
    reply::ok(exchange, &orders)
}

/// Places the orders one after the other; a refused one does not stop the rest.
pub(crate) fn execute_order_batch(exchange: &Exchange, request: &Admitted) -> Answer {
    let payloads: Vec<OrderExecutePayload> = read("OrderExecutePayload", &request.body)?;
    let (count, max) = (payloads.len(), exchange.venue.batch_orders_max);
    if count > max {
        return Err(Refusal::client(format!(
            "Batch holds {count} orders, at most {max} are allowed"
        )));
    }
    let placed: Vec<_> = payloads
        .into_iter()
        .map(|payload| exchange.execute(request.account, payload, request.now, Order::clone))
        .collect();
    let rows: Vec<_> = placed.iter().map(row).collect();
    reply::ok(exchange, &rows)
}

pub(crate) fn cancel_open_orders(exchange: &Arc<Exchange>, request: &Admitted) -> Answer {
    let payload: OrderCancelAllPayload = read("OrderCancelAllPayload", &request.body)?;
    let market = market(exchange, &payload.symbol)?;
    let mut book = exchange.book();
    let selected = |order: &&Order| {
        order.terms.market.symbol == market.symbol && selects(payload.order_type, order)
    };
    let ids: Vec<_> = book
        .open_orders(request.account)
        .filter(selected)
        .map(|order| order.id)
        .collect();
    if let Some(delay) = settle_delay(exchange, request) {
        exchange.settle_later(ids, delay);
        return Ok(reply::accepted());
    }
    let cancelled: Vec<_> = ids
        .into_iter()
        .filter_map(|id| book.cancel(id).cloned())
        .collect();
    let orders: Vec<_> = cancelled.iter().map(LiveOrder::from).collect();
    reply::ok(exchange, &orders)
}

/// How much later a cancellation settles: a fault's word goes before the configuration's.
fn settle_delay(exchange: &Exchange, request: &Admitted) -> Option<Duration> {
    let fault = request.influence.settle_delay();
    fault.or_else(|| exchange.settle_delay())
}

fn selects(kind: Option<CancelOrderType>, order: &Order) -> bool {
    kind.is_none_or(|kind| {
        order.is_pending_trigger() == (kind == CancelOrderType::ConditionalOrder)
    })
}

fn row(placed: &Result<Order, Refusal>) -> BatchRow<'_> {
    match placed {
        Ok(order) => BatchRow::Ok(Box::new(LiveOrder::from(order))),
        Err(Refusal::Json(_, coded)) => BatchRow::Err(coded.clone()),
        Err(Refusal::Text(_, message)) => BatchRow::Err(Coded {
            code: Code::InvalidClientRequest,
            message: message.clone(),
        }),
    }
}

fn order_key(order_id: Option<String>, client_id: Option<u32>) -> Result<OrderKey, Refusal> {
    match (order_id, client_id) {
        (Some(id), None) => Ok(OrderKey::Id(id)),
        (None, Some(id)) => Ok(OrderKey::ClientId(id)),
        _ => Err(Refusal::client(
            "Must specify either `orderId` or `clientId` and not both",
        )),
    }
}

fn market<'a>(exchange: &'a Exchange, symbol: &str) -> Result<&'a Arc<Market>, Refusal> {
    exchange
        .markets
        .find(symbol)
        .ok_or_else(Refusal::unknown_symbol)
}

fn not_found(status: StatusCode) -> Refusal {
    Refusal::coded(status, Code::ResourceNotFound, "Not Found")
}
