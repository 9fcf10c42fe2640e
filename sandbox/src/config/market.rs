//! A market as configured.

use rust_decimal::Decimal;

use crate::config::RestingLiquidity;
use crate::errors::SandboxError;
use crate::limits::{PRICE_DECIMALS, QUANTITY_DECIMALS, SIZE_LIMIT, VALUE_LIMIT};
use crate::words::Side;

/// Base asset, tick size, step size and reference price of the markets there are by default.
const DEFAULTS: [(&str, Decimal, Decimal, Decimal); 3] = [
    ("BTC", decimal(1, 1), decimal(1, 5), decimal(100_000, 0)),
    ("ETH", decimal(1, 2), decimal(1, 4), decimal(4_000, 0)),
    ("SOL", decimal(1, 2), decimal(1, 2), decimal(150, 0)),
];
/// Levels of a quiet book on each side, the value of one, and the part of the price between two.
const LEVELS: u32 = 10;
const LEVEL_VALUE: Decimal = decimal(10_000, 0);
const LEVEL_QUANTITY_MAX: Decimal = decimal(1_000_000, 0);
const LEVELS_APART: Decimal = decimal(2_000, 0);

const fn decimal(digits: u32, scale: u32) -> Decimal {
    Decimal::from_parts(digits, 0, 0, false, scale)
}

/// One market and its filters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketConfig {
    /// Symbol, for example `SOL_USDC`.
    pub symbol: String,
    /// Asset that is bought and sold.
    pub base: String,
    /// Asset that is paid with.
    pub quote: String,
    /// Whether it is a perpetual future; otherwise it is a spot market.
    pub is_perp: bool,
    /// Prices are multiples of this. At most 6 decimals. Default 0.000001.
    pub tick_size: Decimal,
    /// Lowest price. Default `None`: one tick.
    pub min_price: Option<Decimal>,
    /// Highest price. Default `None`: prices only stay below 10,000,000.
    pub max_price: Option<Decimal>,
    /// Quantities are multiples of this. At most 8 decimals. Default 0.00000001.
    pub step_size: Decimal,
    /// Smallest quantity. Default `None`: one step.
    pub min_quantity: Option<Decimal>,
    /// Largest quantity. Default `None`: quantities only stay below 10,000,000.
    pub max_quantity: Option<Decimal>,
    /// How far a limit price may be from the last active price, in percent of it. Default `None`: any
    /// distance.
    pub price_band_percent: Option<Decimal>,
    /// The last price at the start, in the quote asset. Default `None`: none until the first trade.
    pub reference_price: Option<Decimal>,
}

impl MarketConfig {
    /// A market between two assets with the finest filters and no price band. The symbol is
    /// `BASE_QUOTE`, with `_PERP` for a perpetual.
    #[must_use]
    pub fn new(base: &str, quote: &str, is_perp: bool) -> Self {
        let suffix = if is_perp { "_PERP" } else { "" };
        Self {
            symbol: format!("{base}_{quote}{suffix}"),
            base: base.to_owned(),
            quote: quote.to_owned(),
            is_perp,
            tick_size: Decimal::new(1, PRICE_DECIMALS),
            min_price: None,
            max_price: None,
            step_size: Decimal::new(1, QUANTITY_DECIMALS),
            min_quantity: None,
            max_quantity: None,
            price_band_percent: None,
            reference_price: None,
        }
    }

    /// The six markets of a sandbox without a configuration, with the venue's filters.
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        let markets = DEFAULTS.iter().flat_map(|default| {
            let (base, tick_size, step_size, price) = *default;
            [false, true].map(|is_perp| Self {
                tick_size,
                step_size,
                reference_price: Some(price),
                ..Self::new(base, "USDC", is_perp)
            })
        });
        markets.collect()
    }

    /// The same six markets with the finest filters and without a price.
    #[must_use]
    pub fn fine() -> Vec<Self> {
        let bases = DEFAULTS.iter().map(|(base, ..)| base);
        bases
            .flat_map(|base| [false, true].map(|is_perp| Self::new(base, "USDC", is_perp)))
            .collect()
    }

    /// Orders of the market maker around the reference price: ten levels on each side, each worth about
    /// 10,000 of the quote asset, one two-thousandth of the price apart. None without a price.
    #[must_use]
    pub fn quiet_book(&self) -> Vec<RestingLiquidity> {
        // What the exchange cannot compute with is refused when it starts.
        let Some(price) = self.reference_price.filter(|_| self.check().is_ok()) else {
            return Vec::new();
        };
        let rounded =
            |amount: Decimal, unit: Decimal| (amount / unit).round().max(Decimal::ONE) * unit;
        let distance = rounded(price / LEVELS_APART, self.tick_size);
        let quantity = (LEVEL_VALUE / price).min(self.max_quantity.unwrap_or(LEVEL_QUANTITY_MAX));
        let quantity = rounded(quantity, self.step_size);
        let level = |count: u32, side: Side| RestingLiquidity {
            symbol: self.symbol.clone(),
            side,
            price: rounded(price, self.tick_size) - side.signed(distance * Decimal::from(count)),
            quantity,
        };
        let levels =
            (1..=LEVELS).flat_map(|count| [level(count, Side::Bid), level(count, Side::Ask)]);
        let (min, max) = (self.min_price.unwrap_or(self.tick_size), self.max_price);
        let max = max.unwrap_or(SIZE_LIMIT - self.tick_size);
        let least = self.min_quantity.unwrap_or(self.step_size);
        let fits = |level: &RestingLiquidity| {
            (min..=max).contains(&level.price)
                && level.quantity >= least
                && level.price * level.quantity < VALUE_LIMIT
        };
        levels.filter(fits).collect()
    }

    /// Whether the exchange can compute with these filters.
    pub(crate) fn check(&self) -> Result<(), SandboxError> {
        for name in [&self.symbol, &self.base, &self.quote] {
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            if name.is_empty() || !name.bytes().all(is_word) {
                return Err(self.error(
                    "has a name that is no symbol",
                    "use letters, digits, dots and underscores in symbol, base and quote",
                ));
            }
        }
        self.check_size("tick_size", Some(self.tick_size), PRICE_DECIMALS)?;
        self.check_size("min_price", self.min_price, PRICE_DECIMALS)?;
        self.check_size("max_price", self.max_price, PRICE_DECIMALS)?;
        self.check_size("step_size", Some(self.step_size), QUANTITY_DECIMALS)?;
        self.check_size("min_quantity", self.min_quantity, QUANTITY_DECIMALS)?;
        self.check_size("max_quantity", self.max_quantity, QUANTITY_DECIMALS)?;
        self.check_size(
            "price_band_percent",
            self.price_band_percent,
            PRICE_DECIMALS,
        )?;
        self.check_size("reference_price", self.reference_price, PRICE_DECIMALS)?;
        self.check_range("price", self.min_price, self.max_price)?;
        self.check_range("quantity", self.min_quantity, self.max_quantity)
    }

    fn check_size(
        &self,
        key: &str,
        size: Option<Decimal>,
        decimals: u32,
    ) -> Result<(), SandboxError> {
        let good = |size: Decimal| {
            size > Decimal::ZERO && size < SIZE_LIMIT && size.normalize().scale() <= decimals
        };
        if size.is_none_or(good) {
            return Ok(());
        }
        Err(self.error(
            &format!("has a `{key}` it cannot compute with"),
            &format!("give more than 0, less than 10000000, at most {decimals} decimals"),
        ))
    }

    fn check_range(
        &self,
        what: &str,
        min: Option<Decimal>,
        max: Option<Decimal>,
    ) -> Result<(), SandboxError> {
        if min.zip(max).is_none_or(|(min, max)| min <= max) {
            return Ok(());
        }
        Err(self.error(
            &format!("has a lowest {what} above its highest"),
            "exchange the two",
        ))
    }

    pub(crate) fn error(&self, problem: &str, fix: &str) -> SandboxError {
        SandboxError::Config {
            place: format!("market {}", self.symbol),
            problem: problem.to_owned(),
            fix: fix.to_owned(),
        }
    }
}
