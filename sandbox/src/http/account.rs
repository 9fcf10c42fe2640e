//! What the account that signs owns, holds and may do.

use std::collections::BTreeMap;

use axum::response::IntoResponse as _;
use rust_decimal::Decimal;

use crate::amount::{self, Amount};
use crate::book::filter;
use crate::exchange::Exchange;
use crate::http::admit::Admitted;
use crate::http::live::Answer;
use crate::http::params::Params;
use crate::http::reply;
use crate::market::{Market, Markets};
use crate::refusal::{Code, Refusal};
use crate::settings::AccountSettings;
use crate::wire::account::{
    Account, Balance, Collateral, MarginAccount, MaxBorrowQuantity, MaxOrderQuantity,
    MaxWithdrawalQuantity, Position,
};
use crate::wire::payload;
use crate::words::{MarketType, Side};

const LEVERAGE_MAX: Decimal = Decimal::from_parts(50, 0, 0, false, 0);

/// What the account owns of every asset, by symbol.
pub(crate) fn get_balances(exchange: &Exchange, request: &Admitted) -> Answer {
    let balances: BTreeMap<_, _> = {
        let book = exchange.book();
        let balance = |(place, asset)| {
            let balance = book.balance(request.account, place);
            (asset, Balance::from(balance))
        };
        exchange.markets.assets().enumerate().map(balance).collect()
    };
    reply::ok(exchange, &balances)
}

pub(crate) fn get_account(exchange: &Exchange, request: &Admitted) -> Answer {
    let (resting, waiting) = {
        let book = exchange.book();
        let open = book.open_orders(request.account);
        open.fold((0, 0), |(resting, waiting), order| {
            let waits = usize::from(order.is_pending_trigger());
            (resting + 1 - waits, waiting + waits)
        })
    };
    let settings = exchange.settings.get(request.account);
    reply::ok(exchange, &Account::new(settings, resting, waiting))
}

/// 200 without a body.
pub(crate) fn update_account(exchange: &Exchange, request: &Admitted) -> Answer {
    let change: AccountSettings = payload::read("UpdateAccountSettingsPayload", &request.body)?;
    let mut limits = change.leverage_limit.iter();
    if limits.any(|Amount(limit)| *limit < Decimal::ONE || *limit > LEVERAGE_MAX) {
        return Err(Refusal::client("Leverage limit must be between 1 and 50"));
    }
    exchange.settings.update(request.account, change);
    Ok(().into_response())
}

pub(crate) fn get_max_order_quantity(exchange: &Exchange, request: &Admitted) -> Answer {
    let params = Params(&request.pairs);
    let market = params.needed_market(&exchange.markets)?;
    let side: Side = params.needed("side", params.word("side")?)?;
    let reduce_only = params.flag("reduceOnly")?;
    let price = params.text("price")?.map(|text| price(market, text));
    let price = price.transpose()?;
    let reduces = reduce_only == Some(true);
    let quantity = {
        let book = exchange.book();
        if let Some(price) = price {
            filter::check_band(&market.filters, price, book.prices(market).last)?;
        }
        book.max_quantity(request.account, market, side, price, reduces)
    };
    let answer = MaxOrderQuantity {
        auto_borrow: params.flag("autoBorrow")?,
        auto_borrow_repay: params.flag("autoBorrowRepay")?,
        auto_lend_redeem: params.flag("autoLendRedeem")?,
        max_order_quantity: Amount(quantity),
        price: price.map(Amount),
        side,
        symbol: &market.symbol,
        reduce_only,
    };
    reply::ok(exchange, &answer)
}

/// Nothing is lent here, so nothing can be borrowed.
pub(crate) fn get_max_borrow_quantity(exchange: &Exchange, request: &Admitted) -> Answer {
    let (_, symbol) = asset(&exchange.markets, Params(&request.pairs))?;
    let answer = MaxBorrowQuantity {
        max_borrow_quantity: Amount(Decimal::ZERO),
        symbol,
    };
    reply::ok(exchange, &answer)
}

pub(crate) fn get_max_withdrawal(exchange: &Exchange, request: &Admitted) -> Answer {
    let params = Params(&request.pairs);
    let (place, symbol) = asset(&exchange.markets, params)?;
    let balance = exchange.book().balance(request.account, place);
    let answer = MaxWithdrawalQuantity {
        auto_borrow: params.flag("autoBorrow")?,
        auto_lend_redeem: params.flag("autoLendRedeem")?,
        max_withdrawal_quantity: Amount(balance.available.max(Decimal::ZERO)),
        symbol,
    };
    reply::ok(exchange, &answer)
}

pub(crate) fn get_collateral(exchange: &Exchange, request: &Admitted) -> Answer {
    let markets = &exchange.markets;
    let summary = {
        let book = exchange.book();
        let collateral = |(place, symbol)| {
            let price = book.asset_price(markets, place);
            Collateral::new(symbol, price, book.balance(request.account, place))
        };
        let assets = markets.assets().enumerate().map(collateral).collect();
        let held = markets
            .iter()
            .map(|market| book.held(request.account, market));
        MarginAccount::new(assets, &held.collect::<Vec<_>>())
    };
    reply::ok(exchange, &summary)
}

/// The positions that are not closed, of one market where it is named.
pub(crate) fn get_positions(exchange: &Exchange, request: &Admitted) -> Answer {
    let params = Params(&request.pairs);
    let kind: Option<MarketType> = params.word("marketType")?;
    let wanted = params.market(&exchange.markets)?;
    let markets = exchange.markets.iter().filter(|market| {
        market.is_perp()
            && kind.is_none_or(|kind| kind == market.kind)
            && wanted.is_none_or(|wanted| wanted.index == market.index)
    });
    let positions: Vec<_> = {
        let book = exchange.book();
        markets
            .map(|market| (market, book.held(request.account, market)))
            .filter(|(_, held)| !held.position.quantity.is_zero())
            .map(|(market, held)| Position::new(market, request.account.0, &held))
            .collect()
    };
    reply::ok(exchange, &positions)
}

/// The asset named by `symbol`: its place and its name.
fn asset<'a>(markets: &'a Markets, params: Params<'_>) -> Result<(usize, &'a str), Refusal> {
    let name = params.needed("symbol", params.text("symbol")?)?;
    let mut assets = markets.assets().enumerate();
    let found = assets.find(|(_, asset)| *asset == name);
    found.ok_or_else(|| Refusal::bad(Code::InvalidAsset, "Invalid asset symbol"))
}

fn price(market: &Market, text: &str) -> Result<Decimal, Refusal> {
    let price = amount::parse(text)
        .ok_or_else(|| Refusal::parameter("price", "expected a plain decimal"))?;
    filter::check_price(&market.filters, price)?;
    Ok(price)
}
