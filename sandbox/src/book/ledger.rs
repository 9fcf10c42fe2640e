//! Who owns what: balances and positions. Every amount that leaves one place arrives at another, so the
//! sums over all accounts and the venue never change.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::account::{AccountId, Accounts};
use crate::limits::MONEY_DECIMALS;
use crate::market::{INITIAL_MARGIN, Market, Markets};
use crate::words::Side;

/// What an account owns of an asset that is not said otherwise.
const BALANCE_DEFAULT: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// What one account owns of one asset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Balance {
    /// Negative only after losses on perpetuals, since nothing is liquidated here.
    pub(crate) available: Decimal,
    /// Set aside for open orders and for the margin of positions.
    pub(crate) locked: Decimal,
}

/// What one account holds of one perpetual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    /// Positive is long.
    pub(crate) quantity: Decimal,
    /// What the quantity was bought for, with its sign.
    pub(crate) cost: Decimal,
    /// Part of the quote balance's `locked`.
    pub(crate) margin: Decimal,
    /// Profit so far, already in the quote balance.
    pub(crate) realized: Decimal,
}

#[derive(Debug)]
struct Wallet {
    /// By asset.
    balances: Vec<Balance>,
    /// By market.
    positions: Vec<Position>,
}

#[derive(Debug)]
pub(crate) struct Ledger {
    /// By account.
    wallets: Vec<Wallet>,
    /// What the venue has taken, by asset.
    fees: Vec<Decimal>,
}

/// One side of a trade, as the ledger sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settlement<'a> {
    pub(crate) account: AccountId,
    pub(crate) market: &'a Market,
    pub(crate) side: Side,
    pub(crate) price: Decimal,
    pub(crate) quantity: Decimal,
    /// In the quote asset.
    pub(crate) fee: Decimal,
}

impl Position {
    /// Books a trade and gives the profit of what it closed. The closed part sets free its share of the
    /// cost, rounded to 6 decimals; what is rounded stays in the cost of the rest.
    pub(crate) fn trade(&mut self, side: Side, price: Decimal, quantity: Decimal) -> Decimal {
        let signed = side.signed(quantity);
        let grows = self.quantity.is_zero()
            || self.quantity.is_sign_positive() == signed.is_sign_positive();
        if grows {
            self.quantity += signed;
            self.cost += signed * price;
            return Decimal::ZERO;
        }
        let (held, closed) = (self.quantity.abs(), quantity.min(self.quantity.abs()));
        let freed = if closed == held {
            self.cost
        } else {
            (self.cost * closed / held).round_dp(MONEY_DECIMALS)
        };
        let realized = -(side.signed(closed) * price) - freed;
        let opened = signed - side.signed(closed);
        self.quantity += signed;
        self.cost += opened * price - freed;
        self.realized += realized;
        realized
    }

    /// What the position must have set aside.
    pub(crate) fn margin_needed(&self) -> Decimal {
        round_up(self.cost.abs() * INITIAL_MARGIN)
    }

    /// How much of it an order on this side could close.
    fn reducible(&self, side: Side) -> Decimal {
        (-side.signed(self.quantity)).max(Decimal::ZERO)
    }
}

impl Ledger {
    pub(crate) fn open(accounts: &Accounts, markets: &Markets) -> Self {
        let wallet = |balance: &dyn Fn(&str) -> Decimal| Wallet {
            balances: markets
                .assets()
                .map(|asset| Balance {
                    available: balance(asset),
                    locked: Decimal::ZERO,
                })
                .collect(),
            positions: vec![Position::default(); markets.iter().count()],
        };
        let owned = accounts.iter().map(|account| {
            let balances = &account.config.balances;
            wallet(&|asset| match balances {
                Some(balances) => balances.get(asset).copied().unwrap_or_default(),
                None => BALANCE_DEFAULT,
            })
        });
        Self {
            wallets: std::iter::once(wallet(&|_| Decimal::ZERO))
                .chain(owned)
                .collect(),
            fees: vec![Decimal::ZERO; markets.assets().count()],
        }
    }

    pub(crate) fn balance(&self, account: AccountId, asset: usize) -> Balance {
        let wallet = self.wallets.get(account.index());
        let balance = wallet.and_then(|wallet| wallet.balances.get(asset));
        balance.copied().unwrap_or_default()
    }

    pub(crate) fn position(&self, account: AccountId, market: &Market) -> Position {
        let wallet = self.wallets.get(account.index());
        let position = wallet.and_then(|wallet| wallet.positions.get(market.index));
        position.copied().unwrap_or_default()
    }

    /// What every account holds of a market.
    pub(crate) fn positions(&self, market: &Market) -> impl Iterator<Item = &Position> {
        let wallets = self.wallets.iter();
        wallets.filter_map(|wallet| wallet.positions.get(market.index))
    }

    /// How much of a position an order on this side could close; nothing on a spot market.
    pub(crate) fn reducible(&self, account: AccountId, market: &Market, side: Side) -> Decimal {
        self.position(account, market).reducible(side)
    }

    /// What the venue has taken of an asset.
    #[cfg(test)]
    pub(crate) fn fees(&self, asset: usize) -> Decimal {
        self.fees.get(asset).copied().unwrap_or_default()
    }

    /// Moves an amount from available to locked; a negative one moves back.
    pub(crate) fn lock(&mut self, account: AccountId, asset: usize, amount: Decimal) {
        self.change(account, asset, -amount, amount);
    }

    pub(crate) fn settle(&mut self, trade: Settlement<'_>) {
        let market = trade.market;
        if market.is_perp() {
            self.settle_position(trade);
        } else {
            let value = trade.side.signed(trade.price * trade.quantity);
            let bought = trade.side.signed(trade.quantity);
            self.change(trade.account, market.base_asset, bought, Decimal::ZERO);
            self.change(trade.account, market.quote_asset, -value, Decimal::ZERO);
        }
        self.change(trade.account, market.quote_asset, -trade.fee, Decimal::ZERO);
        if let Some(fees) = self.fees.get_mut(market.quote_asset) {
            *fees += trade.fee;
        }
    }

    fn settle_position(&mut self, trade: Settlement<'_>) {
        let wallet = self.wallets.get_mut(trade.account.index());
        let position = wallet.and_then(|wallet| wallet.positions.get_mut(trade.market.index));
        let Some(position) = position else { return };
        let realized = position.trade(trade.side, trade.price, trade.quantity);
        let margin = position.margin_needed();
        let more = margin - position.margin;
        position.margin = margin;
        self.change(
            trade.account,
            trade.market.quote_asset,
            realized - more,
            more,
        );
    }

    fn change(&mut self, account: AccountId, asset: usize, available: Decimal, locked: Decimal) {
        let wallet = self.wallets.get_mut(account.index());
        if let Some(balance) = wallet.and_then(|wallet| wallet.balances.get_mut(asset)) {
            balance.available += available;
            balance.locked += locked;
        }
    }
}

/// To the decimals of money, away from zero.
pub(crate) fn round_up(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(MONEY_DECIMALS, RoundingStrategy::AwayFromZero)
}
