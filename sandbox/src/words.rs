//! The closed word lists of the wire, spelled as the venue spells them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Side of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Side {
    /// Buys the base asset.
    Bid,
    /// Sells the base asset.
    Ask,
}

impl Side {
    pub(crate) fn opposite(self) -> Self {
        match self {
            Self::Bid => Self::Ask,
            Self::Ask => Self::Bid,
        }
    }

    /// Whether a price is at least as good as a limit for whoever is on this side.
    pub(crate) fn is_no_worse(self, price: Decimal, limit: Decimal) -> bool {
        match self {
            Self::Bid => price <= limit,
            Self::Ask => price >= limit,
        }
    }

    /// A quantity with the sign it gives a position: bought is positive.
    pub(crate) fn signed(self, quantity: Decimal) -> Decimal {
        match self {
            Self::Bid => quantity,
            Self::Ask => -quantity,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OrderType {
    Market,
    Limit,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum TimeInForce {
    #[default]
    Gtc,
    Ioc,
    Fok,
}

/// Which order of a self-trade is rejected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SelfTradePrevention {
    #[default]
    #[serde(rename = "RejectTaker")]
    Taker,
    #[serde(rename = "RejectMaker")]
    Maker,
    #[serde(rename = "RejectBoth")]
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum TriggerBy {
    #[serde(rename = "MarkPrice")]
    Mark,
    #[serde(rename = "LastPrice")]
    Last,
    #[serde(rename = "IndexPrice")]
    Index,
}

/// A price that triggers look at. The last price also moves with trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReferencePrice {
    /// What a position is valued at.
    Mark,
    /// The price of the index behind a perpetual.
    Index,
    /// The price of the last trade.
    Last,
}

impl From<ReferencePrice> for TriggerBy {
    fn from(price: ReferencePrice) -> Self {
        match price {
            ReferencePrice::Mark => Self::Mark,
            ReferencePrice::Index => Self::Index,
            ReferencePrice::Last => Self::Last,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SlippageToleranceType {
    TickSize,
    Percent,
}

/// What a cancel-all selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum CancelOrderType {
    RestingLimitOrder,
    ConditionalOrder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum OrderStatus {
    New,
    PartiallyFilled,
    Filled,
    Cancelled,
    Expired,
    TriggerPending,
    TriggerFailed,
    /// Held back for a moment before it reaches the book; later documents of the venue have it.
    PendingRelease,
}

/// The expiry reasons this exchange gives; the venue has more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum ExpiryReason {
    FillOrKill,
    ImmediateOrCancel,
    InsufficientFunds,
    InsufficientLiquidity,
    InsufficientMargin,
    InvalidQuantity,
    PostOnlyTaker,
    PriceImpact,
    ReduceOnlyNotReduced,
    SelfTradePrevention,
    StopWithoutPosition,
}

/// Kind of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum MarketType {
    Spot,
    Perp,
    Iperp,
    Dated,
    Prediction,
    Rfq,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum FillType {
    User,
    BookLiquidation,
    Adl,
    Backstop,
    Liquidation,
    AllLiquidation,
    CollateralConversion,
    CollateralConversionAndSpotLiquidation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum SortDirection {
    Asc,
    Desc,
}
