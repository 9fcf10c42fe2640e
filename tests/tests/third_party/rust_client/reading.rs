//! What the venue's own Rust client reads besides its orders, and what it cannot have here.

use bpx_api_client::BpxClient;
use bpx_api_client::types::Blockchain;
use bpx_api_client::types::account::{ConvertDustPayload, MaxOrderQuery, UpdateAccountPayload};
use bpx_api_client::types::borrow_lend::{
    BorrowLendMarketHistoryInterval, BorrowLendMarketHistoryParams,
};
use bpx_api_client::types::capital::RequestWithdrawalPayload;
use bpx_api_client::types::order::Side;
use bpx_api_client::types::rfq::OpenRfqsQuery;
use bpx_api_client::types::vault::{VaultMintHistoryParams, VaultRedeemHistoryParams};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{PERP, SPOT, dec};
use crate::report::Steps;

/// Reads with every method that reads.
pub(super) async fn run(client: &BpxClient, steps: &mut Steps) {
    read_markets(client, steps).await;
    read_account(client, steps).await;
    set_account(client, steps).await;
    read_empty_lists(client, steps).await;
    meet_what_is_not_offered(client, steps).await;
}

fn from<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
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
}

async fn set_account(client: &BpxClient, steps: &mut Steps) {
    let settings = UpdateAccountPayload {
        leverage_limit: Some(dec("5")),
        ..Default::default()
    };
    steps.ok(
        "update_account",
        client.update_account(settings).await,
        |()| true,
    );
    let account = client.get_account().await;
    steps.ok("get_account (updated)", account, |account| {
        account.leverage_limit == dec("5")
    });
}

/// Lists that are empty here.
async fn read_empty_lists(client: &BpxClient, steps: &mut Steps) {
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
    let history = BorrowLendMarketHistoryParams {
        interval: BorrowLendMarketHistoryInterval::OneDay,
        symbol: None,
    };
    let history = client.get_borrow_lend_markets_history(history).await;
    steps.ok("get_borrow_lend_markets_history", history, Vec::is_empty);
    let history = client
        .get_vault_history(from(json!({"interval": "1d"})))
        .await;
    steps.ok("get_vault_history", history, Vec::is_empty);
    steps.ok("get_apy_rates", client.get_apy_rates(None).await, |rates| {
        rates.borrow_lend.is_empty() && rates.staking.is_empty()
    });
    let open = client.get_open_rfqs(OpenRfqsQuery::default()).await;
    steps.ok("get_open_rfqs", open, Vec::is_empty);
    steps.ok("get_vaults", client.get_vaults().await, Vec::is_empty);
}

/// What lends, borrows, withdraws, quotes on request or keeps vaults.
async fn meet_what_is_not_offered(client: &BpxClient, steps: &mut Steps) {
    steps.not_offered(
        "get_deposit_address",
        client.get_deposit_address(Blockchain::Solana).await,
    );
    let withdrawal = RequestWithdrawalPayload::default();
    steps.not_offered(
        "request_withdrawal",
        client.request_withdrawal(withdrawal).await,
    );
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
    let vault = json!({"vaultId": 1, "symbol": "USDC", "quantity": "1"});
    steps.not_offered("vault_mint", client.vault_mint(from(vault.clone())).await);
    steps.not_offered(
        "vault_redeem",
        client.vault_redeem(from(vault.clone())).await,
    );
    steps.not_offered(
        "vault_redeem_cancel",
        client.vault_redeem_cancel(from(vault)).await,
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
