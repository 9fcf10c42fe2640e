//! What an account has and may do, as the signed reading operations send it. Numbers are strings.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::amount::Amount;
use crate::book::ledger;
use crate::book::valuation::Held;
use crate::limits::SIZE_LIMIT;
use crate::market::{INITIAL_MARGIN, MAKER_FEE, Market, TAKER_FEE};
use crate::settings::AccountSettings;
use crate::wire::live::Absent;
use crate::wire::public::MarginFunction;
use crate::words::Side;

/// What an account owns of one asset.
#[derive(Debug, Serialize)]
pub(crate) struct Balance {
    available: Amount,
    locked: Amount,
    /// Nothing is staked here.
    staked: Amount,
}

/// An account's settings and counts. Nothing is lent or borrowed here, and the same fees hold for all.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    auto_borrow_settlements: bool,
    auto_lend: bool,
    auto_realize_pnl: bool,
    auto_repay_borrows: bool,
    borrow_limit: Amount,
    /// Fees are in basis points.
    futures_maker_fee: Amount,
    futures_taker_fee: Amount,
    leverage_limit: Amount,
    limit_orders: usize,
    liquidating: bool,
    position_limit: Amount,
    spot_maker_fee: Amount,
    spot_taker_fee: Amount,
    trigger_orders: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MaxOrderQuantity<'a> {
    pub(crate) auto_borrow: Option<bool>,
    pub(crate) auto_borrow_repay: Option<bool>,
    pub(crate) auto_lend_redeem: Option<bool>,
    pub(crate) max_order_quantity: Amount,
    pub(crate) price: Option<Amount>,
    pub(crate) side: Side,
    pub(crate) symbol: &'a str,
    pub(crate) reduce_only: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MaxBorrowQuantity<'a> {
    pub(crate) max_borrow_quantity: Amount,
    pub(crate) symbol: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MaxWithdrawalQuantity<'a> {
    pub(crate) auto_borrow: Option<bool>,
    pub(crate) auto_lend_redeem: Option<bool>,
    pub(crate) max_withdrawal_quantity: Amount,
    pub(crate) symbol: &'a str,
}

/// A position of a perpetual. There is no funding, no interest and no liquidation here.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Position<'a> {
    break_even_price: Amount,
    entry_price: Amount,
    est_liquidation_price: Amount,
    imf: Amount,
    imf_function: MarginFunction,
    mark_price: Amount,
    mmf: Amount,
    mmf_function: MarginFunction,
    net_cost: Amount,
    net_quantity: Amount,
    net_exposure_quantity: Amount,
    net_exposure_notional: Amount,
    pnl_realized: Amount,
    pnl_unrealized: Amount,
    cumulative_funding_payment: Amount,
    subaccount_id: Absent,
    symbol: &'a str,
    user_id: u32,
    position_id: String,
    cumulative_interest: Amount,
}

/// What an account is worth, in the asset that markets are quoted in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MarginAccount<'a> {
    assets_value: Amount,
    borrow_liability: Amount,
    collateral: Vec<Collateral<'a>>,
    imf: Amount,
    unsettled_equity: Amount,
    liabilities_value: Amount,
    margin_fraction: Option<Amount>,
    mmf: Amount,
    net_equity: Amount,
    net_equity_available: Amount,
    net_equity_locked: Amount,
    net_exposure_futures: Amount,
    pnl_unrealized: Amount,
}

/// An asset counts fully, whatever it is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Collateral<'a> {
    symbol: &'a str,
    asset_mark_price: Amount,
    total_quantity: Amount,
    balance_notional: Amount,
    collateral_weight: Amount,
    collateral_value: Amount,
    open_order_quantity: Amount,
    lend_quantity: Amount,
    available_quantity: Amount,
}

const ZERO: Amount = Amount(Decimal::ZERO);
const MARGIN: Amount = Amount(INITIAL_MARGIN);
/// Basis points of a whole.
const BASIS_POINTS: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

impl From<ledger::Balance> for Balance {
    fn from(balance: ledger::Balance) -> Self {
        Self {
            available: Amount(balance.available),
            locked: Amount(balance.locked),
            staked: ZERO,
        }
    }
}

impl Account {
    pub(crate) fn new(
        settings: AccountSettings,
        limit_orders: usize,
        trigger_orders: usize,
    ) -> Self {
        let leverage = Amount(Decimal::ONE / INITIAL_MARGIN);
        let maker = Amount(MAKER_FEE * BASIS_POINTS);
        let taker = Amount(TAKER_FEE * BASIS_POINTS);
        Self {
            auto_borrow_settlements: settings.auto_borrow_settlements.unwrap_or(false),
            auto_lend: settings.auto_lend.unwrap_or(false),
            auto_realize_pnl: settings.auto_realize_pnl.unwrap_or(false),
            auto_repay_borrows: settings.auto_repay_borrows.unwrap_or(false),
            borrow_limit: ZERO,
            futures_maker_fee: maker,
            futures_taker_fee: taker,
            leverage_limit: settings.leverage_limit.unwrap_or(leverage),
            limit_orders,
            liquidating: false,
            position_limit: Amount(SIZE_LIMIT),
            spot_maker_fee: maker,
            spot_taker_fee: taker,
            trigger_orders,
        }
    }
}

impl<'a> Position<'a> {
    pub(crate) fn new(market: &'a Market, user_id: u32, held: &Held) -> Self {
        let position = &held.position;
        Self {
            break_even_price: Amount(held.break_even_price()),
            entry_price: Amount(held.entry_price()),
            est_liquidation_price: ZERO,
            imf: MARGIN,
            imf_function: MarginFunction::flat(),
            mark_price: Amount(held.mark),
            mmf: MARGIN,
            mmf_function: MarginFunction::flat(),
            net_cost: Amount(position.cost),
            net_quantity: Amount(position.quantity),
            net_exposure_quantity: Amount(held.worst_quantity),
            net_exposure_notional: Amount(held.worst_quantity * held.mark),
            pnl_realized: Amount(position.realized),
            pnl_unrealized: Amount(held.unrealized()),
            cumulative_funding_payment: ZERO,
            subaccount_id: None,
            symbol: &market.symbol,
            user_id,
            position_id: held.id(user_id, market).to_string(),
            cumulative_interest: ZERO,
        }
    }
}

impl<'a> Collateral<'a> {
    pub(crate) fn new(symbol: &'a str, price: Decimal, balance: ledger::Balance) -> Self {
        let total = balance.available + balance.locked;
        let notional = Amount(total * price);
        Self {
            symbol,
            asset_mark_price: Amount(price),
            total_quantity: Amount(total),
            balance_notional: notional,
            collateral_weight: Amount(Decimal::ONE),
            collateral_value: notional,
            open_order_quantity: Amount(balance.locked),
            lend_quantity: ZERO,
            available_quantity: Amount(balance.available),
        }
    }
}

impl<'a> MarginAccount<'a> {
    pub(crate) fn new(collateral: Vec<Collateral<'a>>, held: &[Held]) -> Self {
        let sum = |amount: fn(&Collateral<'a>) -> Decimal| collateral.iter().map(amount).sum();
        let assets: Decimal = sum(|asset| asset.balance_notional.0);
        let locked: Decimal = sum(|asset| asset.open_order_quantity.0 * asset.asset_mark_price.0);
        let unrealized: Decimal = held.iter().map(Held::unrealized).sum();
        let exposure: Decimal = held.iter().map(Held::exposure).sum();
        let equity = assets + unrealized;
        Self {
            assets_value: Amount(assets),
            borrow_liability: ZERO,
            imf: MARGIN,
            unsettled_equity: Amount(unrealized),
            liabilities_value: ZERO,
            margin_fraction: equity.checked_div(exposure).map(Amount),
            mmf: MARGIN,
            net_equity: Amount(equity),
            net_equity_available: Amount(equity - locked),
            net_equity_locked: Amount(locked),
            net_exposure_futures: Amount(exposure),
            pnl_unrealized: Amount(unrealized),
            collateral,
        }
    }
}
