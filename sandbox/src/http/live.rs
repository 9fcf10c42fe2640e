//! The six operations on the live book.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;

use crate::book::OrderKey;
use crate::book::order::Order;
use crate::config::UnknownOrder;
use crate::exchange::Exchange;
use crate::http::admit::Admitted;
use crate::http::params::Params;
use crate::http::reply;
use crate::market::Market;
use crate::refusal::{Code, Coded, Refusal};
use crate::wire::live::{BatchRow, LiveOrder};
use crate::wire::payload::{OrderCancelAllPayload, OrderCancelPayload, OrderExecutePayload, read};
use crate::words::{CancelOrderType, MarketType, OrderStatus};

pub(crate) type Answer = Result<Response, Refusal>;

pub(crate) fn get_order(exchange: &Exchange, request: &Admitted) -> Answer {
    let params = Params(&request.pairs);
    let order_id = params.text("orderId")?.map(str::to_owned);
    let key = order_key(order_id, params.integer("clientId")?)?;
    let market = params.needed_market(&exchange.markets)?;
    let found = exchange
        .book()
        .find_open(request.account, market, &key)
        .cloned();
    let order = found.ok_or_else(|| {
        Refusal::coded(StatusCode::NOT_FOUND, Code::ResourceNotFound, "Not Found")
    })?;
    reply::ok(exchange, &LiveOrder::from(&order))
}

pub(crate) fn execute_order(exchange: &Arc<Exchange>, request: &Admitted) -> Answer {
    let payload: OrderExecutePayload = read("OrderExecutePayload", &request.body)?;
    let order = exchange.execute(request.account, &payload, request.now)?;
    reply::ok(exchange, &LiveOrder::from(&order))
}

pub(crate) fn cancel_order(exchange: &Arc<Exchange>, request: &Admitted) -> Answer {
    let payload: OrderCancelPayload = read("OrderCancelPayload", &request.body)?;
    let key = order_key(payload.order_id, payload.client_id)?;
    let market = market(exchange, "OrderCancelPayload", &payload.symbol)?;
    let missing = || unknown_order(exchange.venue.unknown_order);
    let cancelled = {
        let mut book = exchange.book();
        let found = book.find_open(request.account, market, &key);
        let order = found.ok_or_else(missing)?;
        if order.status == OrderStatus::PendingRelease {
            let message = "Order is pending release";
            return Err(Refusal::bad(Code::OrderPendingRelease, message));
        }
        let id = order.id;
        if let Some(delay) = settle_delay(exchange, request) {
            exchange.settle_later(vec![id], delay);
            return Ok(reply::accepted());
        }
        book.cancel(id, request.now).cloned().ok_or_else(missing)?
    };
    reply::ok(exchange, &LiveOrder::from(&cancelled))
}

pub(crate) fn get_open_orders(exchange: &Exchange, request: &Admitted) -> Answer {
    let params = Params(&request.pairs);
    let kind: Option<MarketType> = params.word("marketType")?;
    let market = params.market(&exchange.markets)?;
    let wanted = |order: &&Order| kind.is_none_or(|kind| kind == order.terms.market.kind);
    let orders: Vec<_> = {
        let book = exchange.book();
        match market {
            Some(market) => {
                let orders = book.open_orders_on(request.account, market);
                orders.filter(wanted).cloned().collect()
            }
            None => {
                let orders = book.open_orders(request.account);
                orders.filter(wanted).cloned().collect()
            }
        }
    };
    let orders: Vec<_> = orders.iter().map(LiveOrder::from).collect();
    reply::ok(exchange, &orders)
}

/// Places the orders one after the other; a refused one does not stop the rest. A symbol that is no
/// market's makes the whole body unreadable.
pub(crate) fn execute_order_batch(exchange: &Arc<Exchange>, request: &Admitted) -> Answer {
    let payloads: Vec<OrderExecutePayload> = read("OrderExecutePayload", &request.body)?;
    let (count, max) = (payloads.len(), exchange.venue.batch_orders_max);
    if count > max {
        return Err(Refusal::client(format!(
            "Batch holds {count} orders, at most {max} are allowed"
        )));
    }
    for payload in &payloads {
        market(exchange, "OrderExecutePayload", &payload.symbol)?;
    }
    let placed: Vec<_> = payloads
        .iter()
        .map(|payload| exchange.execute(request.account, payload, request.now))
        .collect();
    let rows: Vec<_> = placed.iter().map(row).collect();
    reply::ok(exchange, &rows)
}

pub(crate) fn cancel_open_orders(exchange: &Arc<Exchange>, request: &Admitted) -> Answer {
    let payload: OrderCancelAllPayload = read("OrderCancelAllPayload", &request.body)?;
    let market = market(exchange, "OrderCancelAllPayload", &payload.symbol)?;
    let cancelled: Vec<_> = {
        let mut book = exchange.book();
        let selected = |order: &&Order| selects(payload.order_type, order);
        let orders = book.open_orders_on(request.account, market);
        let ids: Vec<_> = orders.filter(selected).map(|order| order.id).collect();
        if let Some(delay) = settle_delay(exchange, request) {
            exchange.settle_later(ids, delay);
            return Ok(reply::accepted());
        }
        let cancel = |id| book.cancel(id, request.now).cloned();
        ids.into_iter().filter_map(cancel).collect()
    };
    let orders: Vec<_> = cancelled.iter().map(LiveOrder::from).collect();
    reply::ok(exchange, &orders)
}

/// How much later a cancellation settles: a fault's word goes before the configuration's.
fn settle_delay(exchange: &Exchange, request: &Admitted) -> Option<Duration> {
    let fault = request.influence.settle_delay();
    fault.or_else(|| exchange.settle_delay())
}

/// Orders that are pending release cannot be cancelled yet.
fn selects(kind: Option<CancelOrderType>, order: &Order) -> bool {
    match kind {
        None => order.status != OrderStatus::PendingRelease,
        Some(CancelOrderType::ConditionalOrder) => order.is_pending_trigger(),
        Some(CancelOrderType::RestingLimitOrder) => order.is_resting(),
    }
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

fn market<'a>(
    exchange: &'a Exchange,
    payload: &str,
    symbol: &str,
) -> Result<&'a Arc<Market>, Refusal> {
    let found = exchange.markets.find(symbol);
    found.ok_or_else(|| Refusal::unknown_symbol(payload))
}

fn unknown_order(answer: UnknownOrder) -> Refusal {
    match answer {
        UnknownOrder::NotFound => Refusal::bad(Code::ResourceNotFound, "Not Found"),
        UnknownOrder::InvalidClientRequest => Refusal::client("Order not found"),
    }
}
