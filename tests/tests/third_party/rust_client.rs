//! The venue's own Rust client, as it comes from the registry: every method, by its own names.

use bpx_api_client::BpxClient;
use bpx_api_client::types::Blockchain;
use bpx_api_client::types::account::{ConvertDustPayload, MaxOrderQuery, UpdateAccountPayload};
use bpx_api_client::types::borrow_lend::{
    BorrowLendMarketHistoryInterval, BorrowLendMarketHistoryParams,
};
use bpx_api_client::types::capital::RequestWithdrawalPayload;
use bpx_api_client::types::fill::FillsHistoryParams;
use bpx_api_client::types::markets::{OrderBookDepthLimit, OrderBookState};
use bpx_api_client::types::order::{
    BatchOrderResponse, CancelOpenOrdersPayload, ExecuteOrderPayload, LimitOrder, MarketOrder,
    Order, OrderStatus, OrderType, SelfTradePrevention, Side, SlippageToleranceType, TimeInForce,
    TriggerBy, TriggerQuantity,
};
use bpx_api_client::types::rfq::OpenRfqsQuery;
use bpx_api_client::types::vault::{VaultMintHistoryParams, VaultRedeemHistoryParams};
use bpx_runtime::Decimal;
use bpx_sandbox::{ReferencePrice, Sandbox};
use bpx_tests::exchange::decimal;
use bpx_tests::workspace::root;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

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
    read_markets(&client, steps).await;
    read_account(&client, steps).await;
    meet_what_is_not_offered(&client, steps).await;
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

fn from<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
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

async fn read_markets(client: &BpxClient, steps: &mut Steps) {
    steps.ok("get_ticker", client.get_ticker(SPOT).await, |ticker| {
        (ticker.first_price, ticker.last_price) == (dec("21"), dec("21"))
            && (ticker.volume, &*ticker.trades) == (dec("2"), "1")
    });
    steps.ok("get_tickers", client.get_tickers().await, |tickers| {
        tickers
            .iter()
            .any(|ticker| ticker.symbol == PERP && ticker.volume == dec("3"))
    });
    for (name, trades) in [
        (
            "get_recent_trades",
            client.get_recent_trades(SPOT, Some(5)).await,
        ),
        (
            "get_historical_trades",
            client.get_historical_trades(SPOT, Some(5), Some(0)).await,
        ),
    ] {
        steps.ok(name, trades, |trades| {
            matches!(&**trades, [trade] if !trade.is_buyer_maker
                && (trade.price, trade.quantity, trade.quote_quantity) == (dec("21"), dec("2"), dec("42")))
        });
    }
    steps.ok(
        "get_k_lines",
        client.get_k_lines(SPOT, "1d", 0, None).await,
        |candles| {
            matches!(candles.last(), Some(candle) if candle.volume == dec("2")
            && (candle.open, candle.close) == (Some(dec("21")), Some(dec("21"))))
        },
    );
    steps.ok(
        "get_all_mark_prices",
        client.get_all_mark_prices().await,
        |prices| {
            prices
                .iter()
                .any(|price| price.symbol == PERP && price.mark_price == dec("20"))
        },
    );
    let rates = client.get_funding_interval_rates(PERP).await;
    steps.ok("get_funding_interval_rates", rates, |rates| {
        rates.iter().all(|rate| rate.symbol == PERP)
    });
    steps.ok(
        "get_securities",
        client.get_securities().await,
        Vec::is_empty,
    );
}

async fn read_account(client: &BpxClient, steps: &mut Steps) {
    steps.ok("get_account", client.get_account().await, |account| {
        (account.spot_maker_fee, account.spot_taker_fee) == (dec("2"), dec("5"))
            && !account.liquidating
    });
    let most = MaxOrderQuery::new(SPOT, Side::Ask);
    steps.ok(
        "get_account_max_order",
        client.get_account_max_order(most).await,
        |most| most.max_order_quantity == dec("1000002"),
    );
    let most = client.get_account_max_withdrawal("SOL", None, None).await;
    steps.ok("get_account_max_withdrawal", most, |most| {
        most.max_withdrawal_quantity == dec("1000002")
    });
    steps.ok(
        "get_account_max_borrow",
        client.get_account_max_borrow("SOL").await,
        |most| most.max_borrow_quantity == dec("0"),
    );
    steps.ok("get_collateral", client.get_collateral().await, |account| {
        let mut items = account.collateral.iter();
        items.any(|item| (&*item.symbol, item.total_quantity) == ("SOL", dec("1000002")))
            && account.pnl_unrealized == dec("-3")
    });
    let positions = client.get_borrow_lend_positions().await;
    steps.ok("get_borrow_lend_positions", positions, Vec::is_empty);
    steps.ok(
        "get_deposits",
        client.get_deposits(None, None).await,
        Vec::is_empty,
    );
    steps.ok(
        "get_withdrawals",
        client.get_withdrawals(None, None).await,
        Vec::is_empty,
    );
    steps.ok(
        "get_borrow_lend_markets",
        client.get_borrow_lend_markets().await,
        Vec::is_empty,
    );
    let open = client.get_open_rfqs(OpenRfqsQuery::default()).await;
    steps.ok("get_open_rfqs", open, Vec::is_empty);
    steps.ok("get_vaults", client.get_vaults().await, Vec::is_empty);
}

/// What lends, borrows, withdraws, quotes on request or keeps vaults.
async fn meet_what_is_not_offered(client: &BpxClient, steps: &mut Steps) {
    let history = BorrowLendMarketHistoryParams {
        interval: BorrowLendMarketHistoryInterval::OneDay,
        symbol: None,
    };
    let history = client.get_borrow_lend_markets_history(history).await;
    steps.not_offered("get_borrow_lend_markets_history", history);
    steps.not_offered("get_apy_rates", client.get_apy_rates(None).await);
    steps.not_offered(
        "get_deposit_address",
        client.get_deposit_address(Blockchain::Solana).await,
    );
    let withdrawal = RequestWithdrawalPayload::default();
    steps.not_offered(
        "request_withdrawal",
        client.request_withdrawal(withdrawal).await,
    );
    let settings = UpdateAccountPayload::default();
    steps.not_offered("update_account", client.update_account(settings).await);
    let dust = ConvertDustPayload::default();
    steps.not_offered(
        "convert_dust_balance",
        client.convert_dust_balance(dust).await,
    );
    let two_factor = client.request_two_factor(Default::default()).await;
    steps.not_offered("request_two_factor", two_factor);
    let rfq = from(json!({"symbol": "SOL_USDC_RFQ", "side": "Bid", "quantity": "1"}));
    steps.not_offered("submit_rfq", client.submit_rfq(rfq).await);
    let named = json!({"rfqId": "1", "quoteId": "1", "bidPrice": "19", "askPrice": "21"});
    steps.not_offered("cancel_rfq", client.cancel_rfq(from(named.clone())).await);
    steps.not_offered("refresh_rfq", client.refresh_rfq(from(named.clone())).await);
    steps.not_offered(
        "accept_quote",
        client.accept_quote(from(named.clone())).await,
    );
    steps.not_offered("submit_quote", client.submit_quote(from(named)).await);
    let vault = json!({"vaultId": 1, "symbol": "USDC", "quantity": "1", "interval": "1d"});
    steps.not_offered("vault_mint", client.vault_mint(from(vault.clone())).await);
    steps.not_offered(
        "vault_redeem",
        client.vault_redeem(from(vault.clone())).await,
    );
    steps.not_offered(
        "vault_redeem_cancel",
        client.vault_redeem_cancel(from(vault.clone())).await,
    );
    steps.not_offered(
        "get_vault_history",
        client.get_vault_history(from(vault)).await,
    );
    let mints = client
        .get_vault_mints(VaultMintHistoryParams::default())
        .await;
    steps.not_offered("get_vault_mints", mints);
    let redeems = client
        .get_vault_redeems(VaultRedeemHistoryParams::default())
        .await;
    steps.not_offered("get_vault_redeems", redeems);
}
