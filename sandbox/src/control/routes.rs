//! What each route of the control port does.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::amount::Amount;
use crate::config::RestingLiquidity;
use crate::control::Control;
use crate::control::reply::{Body, Failure};
use crate::control::view::{self, Sections, Wanted};
use crate::fault::{Fault, FaultRule};
use crate::verified::Verified;
use crate::words::{ReferencePrice, Side};

pub(crate) type Answer<T> = Result<T, Failure>;

pub(crate) async fn state(
    State(control): State<Arc<Control>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Answer<Json<Sections>> {
    let wanted = view::wanted(wanted, &control)?;
    Ok(Json(view::sections(&control, &wanted)))
}

pub(crate) async fn verified(State(control): State<Arc<Control>>) -> Json<Vec<Verified>> {
    Json(control.exchange.log.snapshot())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Liquidity {
    symbol: String,
    side: Side,
    price: Amount,
    quantity: Amount,
}

pub(crate) async fn add_liquidity(
    State(control): State<Arc<Control>>,
    Body(order): Body<Liquidity>,
) -> Answer<StatusCode> {
    let (Amount(price), Amount(quantity)) = (order.price, order.quantity);
    control.exchange.add_liquidity(&RestingLiquidity {
        symbol: order.symbol,
        side: order.side,
        price,
        quantity,
    })?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReferencePrices {
    symbol: String,
    mark: Option<Amount>,
    index: Option<Amount>,
    last: Option<Amount>,
}

/// Sets the prices given, in the order mark, index, last.
pub(crate) async fn set_reference_prices(
    State(control): State<Arc<Control>>,
    Body(prices): Body<ReferencePrices>,
) -> Answer<StatusCode> {
    let given = [
        (ReferencePrice::Mark, prices.mark),
        (ReferencePrice::Index, prices.index),
        (ReferencePrice::Last, prices.last),
    ];
    let given = given
        .into_iter()
        .filter_map(|(which, price)| Some((which, price?)));
    let mut given = given.peekable();
    if given.peek().is_none() {
        let fix = "send at least one of mark, index and last, as decimal strings";
        return Err(Failure::bad("there is no price in it", fix));
    }
    for (which, Amount(price)) in given {
        let exchange = &control.exchange;
        exchange.set_reference_price(&prices.symbol, which, price)?;
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn faults(State(control): State<Arc<Control>>) -> Json<Value> {
    let (armed, fired) = (control.faults.armed(), control.faults.fired(usize::MAX));
    Json(json!({ "armed": armed, "fired": fired }))
}

/// Takes one rule or a list of them.
pub(crate) async fn arm(
    State(control): State<Arc<Control>>,
    Body(body): Body<Value>,
) -> Answer<(StatusCode, Json<Value>)> {
    let rows = match body {
        Value::Array(rows) => rows,
        row => vec![row],
    };
    let rules: Result<_, _> = rows.into_iter().map(rule).collect();
    let ids = control.faults.arm(rules?)?;
    Ok((StatusCode::CREATED, Json(json!({ "ids": ids }))))
}

/// Reads one rule. The fault is read first, because its own error has a more precise fix than that of any JSON.
fn rule(row: Value) -> Answer<FaultRule> {
    if let Some(fault) = row.get("fault").and_then(Value::as_str) {
        fault.parse::<Fault>()?;
    }
    serde_json::from_value(row).map_err(|error| {
        let fix = r#"send a rule such as {"fault": "drop-after", "operation": "execute_order"}, or a list of them"#;
        Failure::bad(format!("a rule cannot be read: {error}"), fix)
    })
}

pub(crate) async fn disarm(State(control): State<Arc<Control>>) -> StatusCode {
    control.faults.disarm();
    StatusCode::NO_CONTENT
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClockSkew {
    skew_ms: i64,
}

pub(crate) async fn set_clock_skew(
    State(control): State<Arc<Control>>,
    Body(clock): Body<ClockSkew>,
) -> Answer<StatusCode> {
    control.faults.set_skew_ms(clock.skew_ms)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Back to the starting state; the keys stay.
pub(crate) async fn reset(State(control): State<Arc<Control>>) -> Answer<StatusCode> {
    control.reset()?;
    Ok(StatusCode::NO_CONTENT)
}
