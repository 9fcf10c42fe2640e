//! The markets this exchange lists, and what their filters let through.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::config::MarketConfig;
use crate::errors::SandboxError;
use crate::limits::MONEY_DECIMALS;
use crate::words::MarketType;

/// Fee rates as shares of the quote amount.
pub(crate) const MAKER_FEE: Decimal = Decimal::from_parts(2, 0, 0, false, 4);
pub(crate) const TAKER_FEE: Decimal = Decimal::from_parts(5, 0, 0, false, 4);
/// What a perpetual's position or order must have set aside, as a share of its value.
pub(crate) const INITIAL_MARGIN: Decimal = Decimal::from_parts(1, 0, 0, false, 1);

/// How often the rate of funding is stated.
pub(crate) const FUNDING_INTERVAL_MS: i64 = 3_600_000;

/// One market. Its index is its place in [`Markets`].
#[derive(Debug)]
pub(crate) struct Market {
    pub(crate) index: usize,
    pub(crate) symbol: String,
    pub(crate) base: String,
    pub(crate) quote: String,
    /// Places of base and quote in [`Markets::assets`].
    pub(crate) base_asset: usize,
    pub(crate) quote_asset: usize,
    pub(crate) kind: MarketType,
    pub(crate) filters: Filters,
}

/// What prices and quantities a market takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filters {
    pub(crate) tick_size: Decimal,
    pub(crate) min_price: Decimal,
    pub(crate) max_price: Option<Decimal>,
    pub(crate) step_size: Decimal,
    pub(crate) min_quantity: Decimal,
    pub(crate) max_quantity: Option<Decimal>,
    /// How far a limit price may be from the last active price, in percent of it.
    pub(crate) price_band_percent: Option<Decimal>,
}

impl Market {
    fn new(index: usize, config: &MarketConfig, assets: &[String]) -> Self {
        let place = |name: &String| assets.binary_search(name).unwrap_or_default();
        Self {
            base_asset: place(&config.base),
            quote_asset: place(&config.quote),
            index,
            symbol: config.symbol.clone(),
            base: config.base.clone(),
            quote: config.quote.clone(),
            kind: if config.is_perp {
                MarketType::Perp
            } else {
                MarketType::Spot
            },
            filters: Filters {
                tick_size: config.tick_size.normalize(),
                min_price: config.min_price.unwrap_or(config.tick_size),
                max_price: config.max_price,
                step_size: config.step_size.normalize(),
                min_quantity: config.min_quantity.unwrap_or(config.step_size),
                max_quantity: config.max_quantity,
                price_band_percent: config.price_band_percent,
            },
        }
    }

    pub(crate) fn is_perp(&self) -> bool {
        self.kind == MarketType::Perp
    }

    /// The quantity, rounded down to a multiple of the step.
    pub(crate) fn step_down(&self, quantity: Decimal) -> Decimal {
        let step = self.filters.step_size;
        let rest = quantity.checked_rem(step).unwrap_or_default();
        (quantity - rest).round_dp_with_strategy(step.scale(), RoundingStrategy::ToZero)
    }
}

/// All markets, found by symbol.
#[derive(Debug)]
pub(crate) struct Markets {
    /// Sorted by name.
    assets: Vec<String>,
    all: Vec<Arc<Market>>,
    by_symbol: BTreeMap<String, usize>,
}

impl Markets {
    /// Lists the markets. An asset that is only owned is an asset, too.
    pub(crate) fn open<'a>(
        configs: &'a [MarketConfig],
        owned: impl Iterator<Item = &'a String>,
    ) -> Result<Self, SandboxError> {
        let traded = configs
            .iter()
            .flat_map(|market| [&market.base, &market.quote]);
        let assets: BTreeSet<_> = traded.chain(owned).cloned().collect();
        let mut markets = Self {
            assets: assets.into_iter().collect(),
            all: Vec::new(),
            by_symbol: BTreeMap::new(),
        };
        for config in configs {
            config.check()?;
            let market = Market::new(markets.all.len(), config, &markets.assets);
            let known = markets
                .by_symbol
                .insert(market.symbol.clone(), market.index);
            if known.is_some() {
                return Err(config.error("is there twice", "name each market once"));
            }
            markets.all.push(Arc::new(market));
        }
        Ok(markets)
    }

    pub(crate) fn find(&self, symbol: &str) -> Option<&Arc<Market>> {
        self.by_symbol
            .get(symbol)
            .and_then(|index| self.all.get(*index))
    }

    /// Names of all assets, sorted.
    pub(crate) fn assets(&self) -> impl Iterator<Item = &str> {
        self.assets.iter().map(String::as_str)
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Arc<Market>> {
        self.all.get(index)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Market>> {
        self.all.iter()
    }
}

/// The end of the funding interval in which a moment lies.
pub(crate) fn next_funding(now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let begun = now.timestamp_millis().div_euclid(FUNDING_INTERVAL_MS);
    DateTime::from_timestamp_millis((begun + 1) * FUNDING_INTERVAL_MS)
}

/// The fee on one fill, in the quote asset, rounded down: so the fees of the parts never exceed the fee
/// of the whole.
pub(crate) fn fee(quote_amount: Decimal, is_maker: bool) -> Decimal {
    let rate = if is_maker { MAKER_FEE } else { TAKER_FEE };
    // Amounts within the size limits do not overflow here.
    quote_amount
        .checked_mul(rate)
        .unwrap_or_default()
        .round_dp_with_strategy(MONEY_DECIMALS, RoundingStrategy::ToZero)
}
