//! The closed word lists of the wire, spelled as the venue spells them.

use serde::{Deserialize, Serialize};

/// Side of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TriggerBy {
    #[serde(rename = "MarkPrice")]
    Mark,
    #[serde(rename = "LastPrice")]
    Last,
    #[serde(rename = "IndexPrice")]
    Index,
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

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum SortDirection {
    Asc,
    #[default]
    Desc,
}
