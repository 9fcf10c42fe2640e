//! Orders as the policy sees them, and what each may come to at worst.

use bpx_runtime::Decimal;

/// An order that a call would place, read by the venue from the arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// JSON pointer to it in the arguments; empty where the arguments are the order.
    pub pointer: String,
    /// Its market.
    pub symbol: String,
    /// Its side, as the contract spells it.
    pub side: String,
    /// Its type, as the contract spells it.
    pub order_type: String,
    /// The client order id that the caller gave.
    pub client_id: Option<u32>,
    /// Every quantity of the base asset, by the argument that states it.
    pub quantities: Vec<(&'static str, Decimal)>,
    /// Every limit and trigger price that the venue heeds, by the argument that states it.
    pub prices: Vec<(&'static str, Decimal)>,
    /// What it asks for beyond buying and selling, by the JSON pointer of the argument that asks for it.
    pub features: Vec<(String, Feature)>,
    /// The most it may trade and cost.
    pub exposure: Exposure,
}

/// What an order can ask for beyond buying and selling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// Borrowing, or paying back what is borrowed.
    Borrow,
    /// Lending, or taking back what is lent.
    Lend,
    /// A share for a broker.
    Broker,
}

/// The most that an order can trade and come to, with everything that follows from it.
///
/// All amounts are upper bounds under one assumption: that a market trades at the policy's reference price, where
/// nothing in the order bounds the price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// The most of the base asset that the order or one order that follows from it buys or sells.
    pub quantity: Amount,
    /// The most that the order itself comes to in the quote asset.
    pub entry: Amount,
    /// The most that the order and all that follow from it (stop loss, take profit) come to in the quote asset.
    pub worth: Amount,
    /// How far from the best price an order without a limit price may trade, in percent; none with a limit price.
    pub slippage_percent: Option<Amount>,
}

/// An amount, or why there is no upper bound to it.
pub type Amount = Result<Decimal, &'static str>;

/// The product, the greatest decimal where it is beyond every decimal: no cap lets it pass.
#[must_use]
pub fn times(a: Decimal, b: Decimal) -> Decimal {
    a.checked_mul(b).unwrap_or(Decimal::MAX)
}

/// The sum, the greatest decimal where it is beyond every decimal.
#[must_use]
pub fn plus(a: Decimal, b: Decimal) -> Decimal {
    a.checked_add(b).unwrap_or(Decimal::MAX)
}

/// What all orders together come to; unbounded as soon as one of them is.
pub(crate) fn total(orders: &[Order]) -> Amount {
    let mut worth = orders.iter().map(|order| order.exposure.worth);
    worth.try_fold(Decimal::ZERO, |sum, one| Ok(plus(sum, one?)))
}
