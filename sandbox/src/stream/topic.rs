//! The names of the streams.

use serde::de::value::{Error, StrDeserializer};
use serde::de::{Deserialize, IntoDeserializer as _};

use crate::account::AccountId;
use crate::book::tape::KlineInterval;
use crate::market::Markets;

/// What a stream is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    OrderUpdate,
    PositionUpdate,
    BalanceUpdate,
    RfqUpdate,
    BookTicker,
    Depth,
    /// Depth in steps of so many milliseconds.
    PacedDepth(u64),
    Kline(KlineInterval),
    Liquidation,
    MarkPrice,
    OpenInterest,
    Ticker,
    Trade,
}

/// One stream, as one account sees it where it is private.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) topic: Topic,
    /// `None` is every market.
    pub(crate) market: Option<usize>,
    pub(crate) account: Option<AccountId>,
}

/// Whether a name ends in a symbol.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Symbol {
    Never,
    Maybe,
    Always,
}

/// What each name begins with. The candles are in no row: their name has one more part.
const NAMES: [(&str, Topic, Symbol); 14] = [
    ("account.orderUpdate", Topic::OrderUpdate, Symbol::Maybe),
    (
        "account.positionUpdate",
        Topic::PositionUpdate,
        Symbol::Maybe,
    ),
    ("account.balanceUpdate", Topic::BalanceUpdate, Symbol::Never),
    ("account.rfqUpdate", Topic::RfqUpdate, Symbol::Maybe),
    ("bookTicker", Topic::BookTicker, Symbol::Always),
    ("depth", Topic::Depth, Symbol::Always),
    ("depth.200ms", Topic::PacedDepth(200), Symbol::Always),
    ("depth.600ms", Topic::PacedDepth(600), Symbol::Always),
    ("depth.1000ms", Topic::PacedDepth(1000), Symbol::Always),
    ("liquidation", Topic::Liquidation, Symbol::Never),
    ("markPrice", Topic::MarkPrice, Symbol::Always),
    ("openInterest", Topic::OpenInterest, Symbol::Always),
    ("ticker", Topic::Ticker, Symbol::Always),
    ("trade", Topic::Trade, Symbol::Always),
];

/// What a fault's rule may name as its operation.
pub(crate) const CHANNELS: [&str; 12] = [
    "account.orderUpdate",
    "account.positionUpdate",
    "account.balanceUpdate",
    "account.rfqUpdate",
    "bookTicker",
    "depth",
    "kline",
    "liquidation",
    "markPrice",
    "openInterest",
    "ticker",
    "trade",
];

impl Topic {
    /// One of [`CHANNELS`].
    pub(crate) fn channel(self) -> &'static str {
        match self {
            Self::OrderUpdate => "account.orderUpdate",
            Self::PositionUpdate => "account.positionUpdate",
            Self::BalanceUpdate => "account.balanceUpdate",
            Self::RfqUpdate => "account.rfqUpdate",
            Self::BookTicker => "bookTicker",
            Self::Depth | Self::PacedDepth(_) => "depth",
            Self::Kline(_) => "kline",
            Self::Liquidation => "liquidation",
            Self::MarkPrice => "markPrice",
            Self::OpenInterest => "openInterest",
            Self::Ticker => "ticker",
            Self::Trade => "trade",
        }
    }

    pub(crate) fn is_private(self) -> bool {
        self.channel().starts_with("account.")
    }
}

impl Key {
    /// Reads the name of a stream; `None` where there is no such stream. Symbols may contain dots.
    pub(crate) fn named(name: &str, markets: &Markets) -> Option<Self> {
        let market = |symbol: &str| markets.find(symbol).map(|market| market.index);
        let of = |topic, market| Self {
            topic,
            market,
            account: None,
        };
        if let Some((interval, symbol)) = name
            .strip_prefix("kline.")
            .and_then(|rest| rest.split_once('.'))
        {
            let topic = Topic::Kline(interval_named(interval)?);
            return Some(of(topic, Some(market(symbol)?)));
        }
        NAMES.iter().find_map(|(start, topic, symbol)| {
            let rest = name.strip_prefix(start)?;
            match rest.strip_prefix('.') {
                None => (rest.is_empty() && *symbol != Symbol::Always).then(|| of(*topic, None)),
                Some(_) if *symbol == Symbol::Never => None,
                Some(symbol) => Some(of(*topic, Some(market(symbol)?))),
            }
        })
    }
}

fn interval_named(name: &str) -> Option<KlineInterval> {
    let deserializer: StrDeserializer<'_, Error> = name.into_deserializer();
    KlineInterval::deserialize(deserializer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::MarketConfig;

    fn markets() -> Markets {
        let config = |base, symbol: &str| MarketConfig {
            symbol: symbol.to_owned(),
            ..MarketConfig::new(base, "USDC", false)
        };
        let configs = [config("SOL", "SOL_USDC"), config("AAPL", "AAPL.US_USDC")];
        Markets::open(&configs, [].into_iter()).unwrap()
    }

    #[test]
    fn every_stream_is_known_by_its_name() {
        for (name, topic, market) in [
            ("account.orderUpdate", Topic::OrderUpdate, None),
            ("account.orderUpdate.SOL_USDC", Topic::OrderUpdate, Some(0)),
            (
                "account.positionUpdate.AAPL.US_USDC",
                Topic::PositionUpdate,
                Some(1),
            ),
            ("account.balanceUpdate", Topic::BalanceUpdate, None),
            ("account.rfqUpdate", Topic::RfqUpdate, None),
            ("bookTicker.SOL_USDC", Topic::BookTicker, Some(0)),
            ("depth.AAPL.US_USDC", Topic::Depth, Some(1)),
            ("depth.200ms.SOL_USDC", Topic::PacedDepth(200), Some(0)),
            (
                "depth.1000ms.AAPL.US_USDC",
                Topic::PacedDepth(1000),
                Some(1),
            ),
            (
                "kline.1month.SOL_USDC",
                Topic::Kline(KlineInterval::Month1),
                Some(0),
            ),
            ("liquidation", Topic::Liquidation, None),
            ("trade.SOL_USDC", Topic::Trade, Some(0)),
        ] {
            let key = Key::named(name, &markets()).unwrap();
            assert_eq!((key.topic, key.market), (topic, market), "{name}");
            assert!(CHANNELS.contains(&topic.channel()));
        }
    }

    #[test]
    fn no_other_name_is_a_stream() {
        for name in [
            "",
            "depth",
            "depth.",
            "depth.NONE",
            "depth.100ms.SOL_USDC",
            "depth.SOL_USDC.",
            "Depth.SOL_USDC",
            "kline.SOL_USDC",
            "kline.1x.SOL_USDC",
            "account",
            "account.orderUpdateX",
            "account.balanceUpdate.SOL_USDC",
            "liquidation.SOL_USDC",
            "trades.SOL_USDC",
        ] {
            assert_eq!(Key::named(name, &markets()), None, "{name}");
        }
    }
}
