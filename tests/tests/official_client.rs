//! The venue's own Rust client, as it comes from the registry, trades on our exchange.
//!
//! It shares no line with our signer: that the exchange believes it shows that the exchange, and with it our own
//! client, follows the venue and not just us.

#![cfg(test)]

use bpx_api_client::BpxClient;
use bpx_api_client::types::fill::FillsHistoryParams;
use bpx_api_client::types::markets::{OrderBookDepthLimit, OrderBookState};
use bpx_api_client::types::order::{
    BatchOrderResponse, CancelOpenOrdersPayload, ExecuteOrderPayload, LimitOrder, Order,
    OrderStatus, OrderType, SelfTradePrevention, Side, SlippageToleranceType, TimeInForce,
    TriggerBy, TriggerQuantity,
};
use bpx_runtime::Decimal;
use bpx_sandbox::{Sandbox, SandboxConfig, Side as MakerSide};
use bpx_tests::exchange::{decimal, resting};

const SYMBOL: &str = "SOL_USDC";

/// An exchange whose market maker sells 5 at 21, and the official client of its account.
async fn start() -> (Sandbox, BpxClient) {
    let config = SandboxConfig {
        liquidity: vec![resting(MakerSide::Ask, "21", "5").unwrap()],
        ..SandboxConfig::bare()
    };
    let sandbox = Sandbox::start(config).await.unwrap();
    let client = BpxClient::init(sandbox.base_url(), &sandbox.api_secret(), None).unwrap();
    (sandbox, client)
}

fn dec(text: &str) -> Decimal {
    decimal(text).unwrap()
}

fn bid(price: &str, quantity: &str) -> ExecuteOrderPayload {
    ExecuteOrderPayload {
        symbol: SYMBOL.to_owned(),
        side: Side::Bid,
        order_type: OrderType::Limit,
        price: Some(dec(price)),
        quantity: Some(dec(quantity)),
        ..Default::default()
    }
}

fn limit(order: Order) -> LimitOrder {
    match order {
        Order::Limit(order) => order,
        Order::Market(order) => panic!("{order:?} is a market order"),
    }
}

/// The instructions the exchange has verified, one after the other.
fn verified(sandbox: &Sandbox) -> Vec<String> {
    let requests = sandbox.verified().into_iter();
    requests.flat_map(|request| request.instructions).collect()
}

#[tokio::test]
async fn it_starts_with_markets_assets_prices_and_the_book() {
    let (sandbox, client) = start().await;
    let markets = client.get_markets().await.unwrap();
    assert_eq!(markets.len(), 6);
    let market = markets.iter().find(|market| market.symbol == SYMBOL);
    let market = market.unwrap();
    assert_eq!(
        (&*market.base_symbol, &*market.quote_symbol),
        ("SOL", "USDC")
    );
    assert_eq!((&*market.market_type, market.visible), ("SPOT", true));
    assert_eq!(market.order_book_state, OrderBookState::Open);
    assert!(market.filters.price.tick_size > Decimal::ZERO);
    assert!(market.filters.quantity.step_size > Decimal::ZERO);

    let assets = client.get_assets().await.unwrap();
    let symbols: Vec<_> = assets.iter().map(|asset| asset.symbol.as_str()).collect();
    assert!(symbols.contains(&"SOL") && symbols.contains(&"USDC"));
    assert_eq!(client.get_ticker(SYMBOL).await.unwrap().symbol, SYMBOL);
    assert_eq!(client.get_tickers().await.unwrap().len(), 6);
    for limit in [None, Some(OrderBookDepthLimit::Five)] {
        let depth = client.get_order_book_depth(SYMBOL, limit).await.unwrap();
        assert_eq!(depth.asks, [(dec("21"), dec("5"))]);
        assert!(depth.bids.is_empty());
    }
    // None of it was signed.
    assert!(verified(&sandbox).is_empty());
}

#[tokio::test]
async fn a_symbol_that_is_no_market_is_refused() {
    let (_sandbox, client) = start().await;
    let error = client.get_ticker("NO_SUCH").await.unwrap_err();
    assert!(
        error.to_string().contains("Invalid market symbol"),
        "{error}"
    );
    let error = client.get_order_book_depth("NO_SUCH", None).await;
    assert!(error.is_err());
}

#[tokio::test]
async fn balances_are_locked_released_and_moved() {
    let (sandbox, client) = start().await;
    let balances = client.get_balances().await.unwrap();
    let [sol, usdc] = ["SOL", "USDC"].map(|asset| balances[asset].clone());
    assert_eq!((usdc.available, usdc.locked), (dec("1000000"), dec("0")));

    let order = limit(client.execute_order(bid("20", "3")).await.unwrap());
    let held = client.get_balances().await.unwrap()["USDC"].clone();
    assert!(held.locked >= dec("60"), "{held:?}");
    assert_eq!(held.total(), usdc.total());
    client
        .cancel_order(SYMBOL, Some(&order.id), None)
        .await
        .unwrap();
    let released = client.get_balances().await.unwrap()["USDC"].clone();
    assert_eq!(
        (released.available, released.locked),
        (usdc.available, dec("0"))
    );

    client.execute_order(bid("21", "2")).await.unwrap();
    let bought = client.get_balances().await.unwrap();
    assert_eq!(bought["SOL"].available, sol.available + dec("2"));
    let spent = usdc.available - bought["USDC"].available;
    assert!(spent >= dec("42") && spent < dec("43"), "{spent}");
    let count = |name| {
        verified(&sandbox)
            .iter()
            .filter(|used| *used == name)
            .count()
    };
    assert_eq!(count("balanceQuery"), 4);
}

#[tokio::test]
async fn an_order_is_placed_read_and_cancelled() {
    let (sandbox, client) = start().await;
    let payload = ExecuteOrderPayload {
        client_id: Some(7),
        post_only: Some(true),
        time_in_force: Some(TimeInForce::GTC),
        self_trade_prevention: Some(SelfTradePrevention::RejectBoth),
        ..bid("20.10", "1.50")
    };
    let placed = limit(client.execute_order(payload).await.unwrap());
    assert_eq!((placed.price, placed.quantity), (dec("20.1"), dec("1.5")));
    assert_eq!((placed.client_id, placed.post_only), (Some(7), true));

    let by_id = client.get_open_order(SYMBOL, Some(&placed.id), None).await;
    let by_client_id = client.get_open_order(SYMBOL, None, Some(7)).await;
    assert_eq!(limit(by_id.unwrap()).id, placed.id);
    assert_eq!(limit(by_client_id.unwrap()).id, placed.id);

    let cancelled = client.cancel_order(SYMBOL, Some(&placed.id), None).await;
    assert_eq!(limit(cancelled.unwrap()).status, OrderStatus::Cancelled);
    let expected = ["orderExecute", "orderQuery", "orderQuery", "orderCancel"];
    assert_eq!(verified(&sandbox), expected);
}

#[tokio::test]
async fn open_orders_are_listed_and_cancelled_together() {
    let (sandbox, client) = start().await;
    for price in ["19", "18.5"] {
        client.execute_order(bid(price, "1")).await.unwrap();
    }
    assert_eq!(client.get_open_orders(Some(SYMBOL)).await.unwrap().len(), 2);
    let everything = CancelOpenOrdersPayload {
        symbol: SYMBOL.to_owned(),
    };
    let cancelled = client.cancel_open_orders(everything).await.unwrap();
    assert_eq!(cancelled.len(), 2);
    assert!(client.get_open_orders(None).await.unwrap().is_empty());
    let instructions = verified(&sandbox);
    assert_eq!(instructions.len(), 5);
    assert!(instructions.contains(&"orderCancelAll".to_owned()));
    assert!(instructions.contains(&"orderQueryAll".to_owned()));
}

#[tokio::test]
async fn a_batch_is_placed_and_its_faulty_order_is_told() {
    let (sandbox, client) = start().await;
    let unknown = ExecuteOrderPayload {
        symbol: "NO_SUCH".to_owned(),
        ..bid("1", "1")
    };
    let batch = vec![bid("19", "1"), unknown, bid("18", "2")];
    let rows = client.execute_orders(batch).await.unwrap();
    let is_placed = |row: &BatchOrderResponse| matches!(row, BatchOrderResponse::Order(_));
    let placed: Vec<_> = rows.iter().map(is_placed).collect();
    assert_eq!(placed, [true, false, true]);
    assert_eq!(verified(&sandbox), ["orderExecute"; 3]);
}

#[tokio::test]
async fn a_fill_is_found_in_the_history() {
    let (sandbox, client) = start().await;
    let market = ExecuteOrderPayload {
        symbol: SYMBOL.to_owned(),
        side: Side::Bid,
        order_type: OrderType::Market,
        quantity: Some(dec("2")),
        client_id: Some(0),
        ..Default::default()
    };
    let Order::Market(order) = client.execute_order(market).await.unwrap() else {
        panic!("a market order became another one");
    };
    assert_eq!(order.status, OrderStatus::Filled);
    let params = FillsHistoryParams::default()
        .with_symbol(SYMBOL)
        .with_from(0)
        .with_limit(10)
        .with_offset(0);
    let fills = client.get_historical_fills(params).await.unwrap();
    let [fill] = fills.as_slice() else {
        panic!("{fills:?} is not one fill");
    };
    assert_eq!(fill.order_id, order.id);
    assert_eq!((fill.price, fill.quantity), (dec("21"), dec("2")));
    assert_eq!(verified(&sandbox), ["orderExecute", "fillHistoryQueryAll"]);
}

/// All the fields it knows, quantities as percentages among them, pass the signature. Whether the exchange then likes
/// the order is another matter.
#[tokio::test]
async fn every_field_of_an_order_is_signed_alike() {
    let (sandbox, client) = start().await;
    let payload = ExecuteOrderPayload {
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
    };
    let _ = client.execute_order(payload).await;
    assert_eq!(verified(&sandbox), ["orderExecute"]);
}

#[tokio::test]
async fn a_client_of_another_account_is_not_believed() {
    let (sandbox, _) = start().await;
    let seed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
    let stranger = BpxClient::init(sandbox.base_url(), seed, None).unwrap();
    let error = stranger.execute_order(bid("20", "1")).await.unwrap_err();
    assert!(error.to_string().contains("UNAUTHORIZED"), "{error}");
    assert!(verified(&sandbox).is_empty());
}
