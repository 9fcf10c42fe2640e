//! One account, book, order or fill, as the control port shows it. Amounts are decimal strings.

use serde::Serialize;
use serde_json::{Value, json};

use crate::account::Account;
use crate::amount::Amount;
use crate::book::Book;
use crate::book::ladder;
use crate::book::order::{Fill, Order};
use crate::market::{Market, Markets};
use crate::words::{OrderStatus, OrderType, Side};

#[derive(Serialize)]
struct Level {
    price: Amount,
    quantity: Amount,
    orders: usize,
}

#[derive(Serialize)]
pub(crate) struct OrderRow<'a> {
    account: &'a str,
    id: String,
    client_id: Option<u32>,
    symbol: &'a str,
    side: Side,
    order_type: OrderType,
    price: Option<Amount>,
    quantity: Option<Amount>,
    executed_quantity: Amount,
    trigger_price: Option<&'a str>,
    status: OrderStatus,
    at_ms: i64,
}

#[derive(Serialize)]
pub(crate) struct FillRow<'a> {
    account: &'a str,
    trade_id: u64,
    order_id: String,
    symbol: &'a str,
    side: Side,
    price: Amount,
    quantity: Amount,
    fee: Amount,
    fee_symbol: &'a str,
    is_maker: bool,
    at_ms: i64,
}

#[derive(Serialize)]
struct BalanceRow<'a> {
    asset: &'a str,
    available: Amount,
    locked: Amount,
}

#[derive(Serialize)]
struct PositionRow<'a> {
    symbol: &'a str,
    quantity: Amount,
    cost: Amount,
    margin: Amount,
    realized: Amount,
}

pub(crate) fn account_row(book: &Book, markets: &Markets, account: &Account) -> Value {
    let balances = markets.assets().enumerate().map(|(index, asset)| {
        let balance = book.balance(account.id, index);
        BalanceRow {
            asset,
            available: Amount(balance.available),
            locked: Amount(balance.locked),
        }
    });
    let positions = markets.iter().filter_map(|market| {
        let position = book.position(account.id, market);
        let is_held = !position.quantity.is_zero() || !position.realized.is_zero();
        is_held.then(|| PositionRow {
            symbol: &market.symbol,
            quantity: Amount(position.quantity),
            cost: Amount(position.cost),
            margin: Amount(position.margin),
            realized: Amount(position.realized),
        })
    });
    json!({
        "name": account.name,
        "api_key": account.api_key(),
        "balances": balances.collect::<Vec<_>>(),
        "positions": positions.collect::<Vec<_>>(),
    })
}

pub(crate) fn book_row(book: &Book, market: &Market, levels: usize) -> Value {
    let prices = book.prices(market);
    json!({
        "symbol": market.symbol,
        "reference": {
            "mark": prices.mark.map(Amount),
            "index": prices.index.map(Amount),
            "last": prices.last.map(Amount),
        },
        "bids": side_rows(book, market, Side::Bid, levels),
        "asks": side_rows(book, market, Side::Ask, levels),
    })
}

fn side_rows(book: &Book, market: &Market, side: Side, levels: usize) -> Vec<Level> {
    let levels = book.levels(market, side, levels).into_iter();
    let level = |level: ladder::Level| Level {
        price: Amount(level.price),
        quantity: Amount(level.quantity),
        orders: level.orders,
    };
    levels.map(level).collect()
}

pub(crate) fn order_row<'a>(account: &'a Account, order: &'a Order) -> OrderRow<'a> {
    let terms = &order.terms;
    OrderRow {
        account: &account.name,
        id: order.id.to_string(),
        client_id: terms.client_id,
        symbol: &terms.market.symbol,
        side: terms.side,
        order_type: terms.order_type(),
        price: terms.limit.map(Amount),
        quantity: terms.size.base().map(Amount),
        executed_quantity: Amount(order.executed_quantity),
        trigger_price: terms.trigger().map(|trigger| trigger.price_text.as_str()),
        status: order.status,
        at_ms: order.created_at.timestamp_millis(),
    }
}

pub(crate) fn fill_row<'a>(account: &'a Account, fill: &'a Fill) -> FillRow<'a> {
    FillRow {
        account: &account.name,
        trade_id: fill.trade_id,
        order_id: fill.order_id.to_string(),
        symbol: &fill.market.symbol,
        side: fill.side,
        price: Amount(fill.price),
        quantity: Amount(fill.quantity),
        fee: Amount(fill.fee),
        fee_symbol: &fill.market.quote,
        is_maker: fill.is_maker,
        at_ms: fill.at.timestamp_millis(),
    }
}
