//! Types as the generator writes them, by hand and small.

use bpx_runtime::{As, Decimal, Known, NaiveDateTime, Tagged, known_field, serde_json, wire_enum};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A closed enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Bid,
    Ask,
}

wire_enum! { Side { Bid = "Bid", Ask = "Ask" } }

/// An open enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OrderStatus {
    New,
    Filled,
    Unknown(String),
}

wire_enum! { OrderStatus { New = "New", Filled = "Filled" } else Unknown }

/// One arm. Fields stand in the order of their names on the wire, as generated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LimitOrder {
    #[serde(
        default,
        with = "As::<Option<NaiveDateTime>>",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) created_at: Option<NaiveDateTime>,
    pub(crate) id: String,
    #[serde(with = "As::<Decimal>")]
    pub(crate) price: Decimal,
    #[serde(
        default,
        with = "As::<Option<Decimal>>",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) quantity: Option<Decimal>,
    pub(crate) side: Side,
    pub(crate) status: OrderStatus,
}

/// The other arm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MarketOrder {
    pub(crate) id: String,
    #[serde(with = "As::<Vec<Decimal>>")]
    pub(crate) fills: Vec<Decimal>,
}

/// A tagged union.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OrderType {
    Limit(Box<LimitOrder>),
    Market(Box<MarketOrder>),
    Unknown(Value),
}

impl<'de> Deserialize<'de> for OrderType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = Tagged::read(deserializer, "orderType")?;
        match object.tag() {
            "Limit" => object.arm().map(Self::Limit),
            "Market" => object.arm().map(Self::Market),
            _ => object.unknown().map(Self::Unknown),
        }
    }
}

impl Serialize for OrderType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Limit(arm) => WithOrderType { tag: "Limit", arm }.serialize(serializer),
            Self::Market(arm) => WithOrderType { tag: "Market", arm }.serialize(serializer),
            Self::Unknown(value) => value.serialize(serializer),
        }
    }
}

#[derive(Serialize)]
struct WithOrderType<'a, T> {
    #[serde(rename = "orderType")]
    tag: &'static str,
    #[serde(flatten)]
    arm: &'a T,
}

/// What went wrong with one order of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RowError {
    pub(crate) code: String,
    pub(crate) message: String,
}

/// A tagged union one of whose arms is a tagged union.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum BatchRow {
    Ok(Box<OrderType>),
    Err(Box<RowError>),
    Unknown(Value),
}

impl<'de> Deserialize<'de> for BatchRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = Tagged::read(deserializer, "operation")?;
        match object.tag() {
            "Ok" => object.inner_union().map(Self::Ok),
            "Err" => object.arm().map(Self::Err),
            _ => object.unknown().map(Self::Unknown),
        }
    }
}

impl Serialize for BatchRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Ok(arm) => WithOperation { tag: "Ok", arm }.serialize(serializer),
            Self::Err(arm) => WithOperation { tag: "Err", arm }.serialize(serializer),
            Self::Unknown(value) => value.serialize(serializer),
        }
    }
}

#[derive(Serialize)]
struct WithOperation<'a, T> {
    #[serde(rename = "operation")]
    tag: &'static str,
    #[serde(flatten)]
    arm: &'a T,
}

impl Known for LimitOrder {
    fn known(&self) -> Result<(), String> {
        known_field("quantity", &self.quantity)?;
        known_field("side", &self.side)?;
        known_field("status", &self.status)
    }
}

impl Known for OrderType {
    fn known(&self) -> Result<(), String> {
        match self {
            Self::Limit(arm) => arm.known(),
            Self::Market(_) => Ok(()),
            Self::Unknown(_) => Err("the object is of no kind the contract knows".to_owned()),
        }
    }
}
