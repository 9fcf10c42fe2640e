//! The venue's own Rust client, as it comes from the registry: every method, by its own names.

mod reading;
mod streams;

use bpx_api_client::BpxClient;
use bpx_api_client::types::fill::FillsHistoryParams;
use bpx_api_client::types::markets::{OrderBookDepthLimit, OrderBookState};
use bpx_api_client::types::order::{
    BatchOrderResponse, CancelOpenOrdersPayload, ExecuteOrderPayload, LimitOrder, MarketOrder,
    Order, OrderStatus, OrderType, SelfTradePrevention, Side, SlippageToleranceType, TimeInForce,
    TriggerBy, TriggerQuantity,
};
use bpx_runtime::Decimal;
use bpx_sandbox::{ReferencePrice, Sandbox};
use bpx_tests::exchange::decimal;
use bpx_tests::workspace::root;

use crate::report::{Report, Steps};

const SPOT: &str = "SOL_USDC";
const PERP: &str = "SOL_USDC_PERP";

/// Trades with all of its methods, one stage after the other.
pub(crate) async fn run(sandbox: &Sandbox) -> Report {
    let client = connect(sandbox, &sandbox.api_secret());
    let steps = &mut Steps::default();
    steps.stage = "starts";
    start(&client, steps).await;
    steps.stage = "trades";
    rest(&client, sandbox, steps).await;
    trade(&client, sandbox, steps).await;
    refuse(&client, sandbox, steps).await;
    steps.stage = "stops";
    stop(&client, steps).await;
    steps.stage = "more";
    reading::run(&client, steps).await;
    streams::run(&client, sandbox, steps).await;
    Report {
        client: "`bpx-api-client` (crates.io)",
        version: version(),
        steps: std::mem::take(&mut steps.done),
    }
}

fn connect(sandbox: &Sandbox, secret: &str) -> BpxClient {
    BpxClient::init(sandbox.base_url(), secret, None).unwrap()
}

/// The version that Cargo.lock names.
fn version() -> String {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let (_, entry) = lock.split_once("name = \"bpx-api-client\"\n").unwrap();
    entry.split('"').nth(1).unwrap().to_owned()
}

fn dec(text: &str) -> Decimal {
    decimal(text).unwrap()
}

fn bid(price: &str, quantity: &str) -> ExecuteOrderPayload {
    ExecuteOrderPayload {
        symbol: SPOT.to_owned(),
        side: Side::Bid,
        order_type: OrderType::Limit,
        price: Some(dec(price)),
        quantity: Some(dec(quantity)),
        ..Default::default()
    }
}

fn market(symbol: &str, side: Side, quantity: &str) -> ExecuteOrderPayload {
    ExecuteOrderPayload {
        symbol: symbol.to_owned(),
        side,
        order_type: OrderType::Market,
        quantity: Some(dec(quantity)),
        ..Default::default()
    }
}

fn as_limit(order: &Order) -> Option<&LimitOrder> {
    match order {
        Order::Limit(order) => Some(order),
        Order::Market(_) => None,
    }
}

fn as_market(order: &Order) -> Option<&MarketOrder> {
    match order {
        Order::Market(order) => Some(order),
        Order::Limit(_) => None,
    }
}

fn is_filled(order: &Order, quantity: &str, quote: &str) -> bool {
    as_market(order).is_some_and(|order| {
        order.status == OrderStatus::Filled
            && order.executed_quantity == dec(quantity)
            && order.executed_quote_quantity == dec(quote)
    })
}

async fn start(client: &BpxClient, steps: &mut Steps) {
    steps.ok("get_markets", client.get_markets().await, |markets| {
        let spot = markets.iter().find(|market| market.symbol == SPOT);
        markets.len() == 6
            && spot.is_some_and(|market| {
                (&*market.base_symbol, &*market.quote_symbol) == ("SOL", "USDC")
                    && (&*market.market_type, market.visible) == ("SPOT", true)
                    && market.order_book_state == OrderBookState::Open
                    && market.filters.price.tick_size == dec("0.01")
                    && market.filters.quantity.step_size == dec("0.01")
            })
    });
    steps.ok("get_assets", client.get_assets().await, |assets| {
        let has = |symbol| assets.iter().any(|asset| asset.symbol == symbol);
        has("SOL") && has("USDC")
    });
    for (note, limit) in [
        ("", None),
        (" (a limit of 5)", Some(OrderBookDepthLimit::Five)),
    ] {
        let depth = client.get_order_book_depth(SPOT, limit).await;
        steps.ok(&format!("get_order_book_depth{note}"), depth, |depth| {
            depth.asks == [(dec("21"), dec("50"))] && depth.bids == [(dec("19"), dec("50"))]
        });
    }
    steps.ok("get_balances", client.get_balances().await, |balances| {
        let usdc = &balances["USDC"];
        (usdc.available, usdc.locked) == (dec("1000000"), dec("0"))
    });
}

async fn rest(client: &BpxClient, sandbox: &Sandbox, steps: &mut Steps) {
    let payload = ExecuteOrderPayload {
        client_id: Some(7),
        post_only: Some(true),
        time_in_force: Some(TimeInForce::GTC),
        self_trade_prevention: Some(SelfTradePrevention::RejectBoth),
        ..bid("18.10", "1.50")
    };
    let is_as_sent = |order: &Order| {
        as_limit(order).is_some_and(|order| {
            (order.price, order.quantity) == (dec("18.1"), dec("1.5"))
                && (order.client_id, order.post_only) == (Some(7), true)
        })
    };
    let placed = steps.ok(
        "execute_order (limit)",
        client.execute_order(payload).await,
        is_as_sent,
    );
    let id = placed
        .as_ref()
        .and_then(as_limit)
        .map(|order| order.id.clone());
    let id = id.unwrap_or_default();
    let is_it = |order: &Order| as_limit(order).is_some_and(|order| order.id == id);
    let found = client.get_open_order(SPOT, Some(&id), None).await;
    steps.ok("get_open_order", found, is_it);
    let found = client.get_open_order(SPOT, None, Some(7)).await;
    steps.ok("get_open_order (by client id)", found, is_it);
    steps.ok(
        "get_open_orders",
        client.get_open_orders(Some(SPOT)).await,
        |orders| matches!(&**orders, [order] if is_it(order)),
    );
    steps.ok(
        "get_balances (funds locked)",
        client.get_balances().await,
        |balances| {
            balances["USDC"].locked == dec("27.163575")
                && balances["USDC"].total() == dec("1000000")
        },
    );
    let cancelled = client.cancel_order(SPOT, Some(&id), None).await;
    steps.ok("cancel_order", cancelled, |order| {
        as_limit(order).is_some_and(|order| order.status == OrderStatus::Cancelled)
    });
    steps.ok(
        "get_balances (funds released)",
        client.get_balances().await,
        |balances| {
            (balances["USDC"].available, balances["USDC"].locked) == (dec("1000000"), dec("0"))
        },
    );
    let believed = sandbox.verified().len();
    let placed = client.execute_order(every_field()).await;
    steps.ok("execute_order (every field)", placed, |order| {
        sandbox.verified().len() == believed + 1
            && as_limit(order).is_some_and(|order| order.trigger_price == Some(dec("19")))
    });
    let cancelled = client.cancel_order(SPOT, None, Some(u32::MAX)).await;
    steps.ok("cancel_order (by client id)", cancelled, |order| {
        as_limit(order).is_some()
    });
}

fn every_field() -> ExecuteOrderPayload {
    ExecuteOrderPayload {
        auto_lend: Some(true),
        auto_lend_redeem: Some(false),
        auto_borrow: Some(true),
        auto_borrow_repay: Some(false),
        client_id: Some(u32::MAX),
        post_only: Some(false),
        reduce_only: Some(false),
        quote_quantity: Some(dec("0.10")),
        self_trade_prevention: Some(SelfTradePrevention::RejectMaker),
        stop_loss_limit_price: Some(dec("9.90")),
        stop_loss_trigger_by: Some(TriggerBy::MarkPrice),
        stop_loss_trigger_price: Some(dec("10")),
        take_profit_limit_price: Some(dec("30.00")),
        take_profit_trigger_by: Some(TriggerBy::IndexPrice),
        take_profit_trigger_price: Some(dec("31")),
        time_in_force: Some(TimeInForce::IOC),
        trigger_by: Some(TriggerBy::LastPrice),
        trigger_price: Some(dec("19")),
        trigger_quantity: Some(TriggerQuantity::Percent(dec("80"))),
        slippage_tolerance: Some(dec("0.5")),
        slippage_tolerance_type: Some(SlippageToleranceType::Percent),
        ..bid("20.10", "1")
    }
}

async fn trade(client: &BpxClient, sandbox: &Sandbox, steps: &mut Steps) {
    let bought = client.execute_order(market(SPOT, Side::Bid, "2")).await;
    let bought = steps.ok("execute_order (market)", bought, |order| {
        is_filled(order, "2", "42")
    });
    let id = bought
        .as_ref()
        .and_then(as_market)
        .map(|order| order.id.clone());
    steps.ok(
        "get_balances (bought)",
        client.get_balances().await,
        |balances| {
            balances["SOL"].available == dec("1000002")
                && balances["USDC"].available == dec("999957.979")
        },
    );
    let params = FillsHistoryParams::default()
        .with_symbol(SPOT)
        .with_from(0)
        .with_limit(10);
    let fills = client.get_historical_fills(params.with_offset(0)).await;
    steps.ok("get_historical_fills", fills, |fills| {
        matches!(&**fills, [fill] if Some(&fill.order_id) == id.as_ref()
            && (fill.price, fill.quantity, fill.fee) == (dec("21"), dec("2"), dec("0.021")))
    });
    for kind in [ReferencePrice::Mark, ReferencePrice::Index] {
        sandbox.set_reference_price(PERP, kind, dec("20")).unwrap();
    }
    let bought = client.execute_order(market(PERP, Side::Bid, "3")).await;
    steps.ok("execute_order (a perpetual)", bought, |order| {
        is_filled(order, "3", "63")
    });
    let positions = client.get_open_future_positions().await;
    steps.ok("get_open_future_positions", positions, |positions| {
        matches!(&**positions, [position] if position.symbol == PERP
            && (&*position.net_quantity, &*position.entry_price) == ("3", "21")
            && (&*position.mark_price, &*position.pnl_unrealized) == ("20", "-3"))
    });
}

async fn refuse(client: &BpxClient, sandbox: &Sandbox, steps: &mut Steps) {
    let expensive = client.execute_order(bid("20", "1000000")).await;
    steps.refused(
        "execute_order (too expensive)",
        expensive,
        "INSUFFICIENT_FUNDS",
    );
    let unknown = client.get_ticker("NO_SUCH").await;
    steps.refused(
        "get_ticker (unknown symbol)",
        unknown,
        "Invalid market symbol",
    );
    let unknown = client.get_order_book_depth("NO_SUCH", None).await;
    steps.refused(
        "get_order_book_depth (unknown symbol)",
        unknown,
        "Invalid market symbol",
    );
    let unknown = client.cancel_order(SPOT, Some("99999"), None).await;
    steps.refused("cancel_order (unknown)", unknown, "RESOURCE_NOT_FOUND");
    let stranger = connect(sandbox, "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=");
    let strange = stranger.execute_order(bid("18", "1")).await;
    steps.refused("execute_order (another's key)", strange, "UNAUTHORIZED");
}

async fn stop(client: &BpxClient, steps: &mut Steps) {
    let batch = vec![bid("18", "1"), bid("20", "1000000"), bid("17", "2")];
    steps.ok(
        "execute_orders",
        client.execute_orders(batch).await,
        |rows| {
            let is_placed = |row| matches!(row, &BatchOrderResponse::Order(_));
            rows.iter().map(is_placed).eq([true, false, true])
        },
    );
    let everything = CancelOpenOrdersPayload {
        symbol: SPOT.to_owned(),
    };
    let cancelled = client.cancel_open_orders(everything).await;
    steps.ok("cancel_open_orders", cancelled, |orders| {
        let mut prices: Vec<_> = orders
            .iter()
            .filter_map(as_limit)
            .map(|order| order.price)
            .collect();
        prices.sort();
        prices == [dec("17"), dec("18")]
    });
    let left = client.get_open_orders(None).await;
    steps.ok("get_open_orders (none left)", left, Vec::is_empty);
}
