//! The markets this exchange lists, and the sizes it can compute exactly.

use rust_decimal::Decimal;

use crate::words::MarketType;

/// Decimals of a price and of a quote quantity.
pub(crate) const PRICE_DECIMALS: u32 = 6;
/// Decimals of a base quantity.
pub(crate) const QUANTITY_DECIMALS: u32 = 8;
/// Prices and base quantities stay below this. With the decimals above, price times quantity has at
/// most 28 digits, so no product and no sum of products is ever rounded.
pub(crate) const SIZE_LIMIT: Decimal = Decimal::from_parts(10_000_000, 0, 0, false, 0);
/// Quote quantities stay below this.
pub(crate) const QUOTE_LIMIT: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

/// Fee rates as shares of the quote amount.
const MAKER_FEE: Decimal = Decimal::from_parts(2, 0, 0, false, 4);
const TAKER_FEE: Decimal = Decimal::from_parts(5, 0, 0, false, 4);
const FEE_DECIMALS: u32 = 6;

#[derive(Debug)]
pub(crate) struct Market {
    pub(crate) symbol: &'static str,
    pub(crate) quote: &'static str,
    pub(crate) kind: MarketType,
}

static MARKETS: [Market; 6] = [
    Market::usdc("BTC_USDC", MarketType::Spot),
    Market::usdc("BTC_USDC_PERP", MarketType::Perp),
    Market::usdc("ETH_USDC", MarketType::Spot),
    Market::usdc("ETH_USDC_PERP", MarketType::Perp),
    Market::usdc("SOL_USDC", MarketType::Spot),
    Market::usdc("SOL_USDC_PERP", MarketType::Perp),
];

impl Market {
    const fn usdc(symbol: &'static str, kind: MarketType) -> Self {
        Self {
            symbol,
            quote: "USDC",
            kind,
        }
    }

    pub(crate) fn find(symbol: &str) -> Option<&'static Self> {
        MARKETS.iter().find(|market| market.symbol == symbol)
    }
}

/// The fee on one fill, in the quote asset.
pub(crate) fn fee(quote_amount: Decimal, is_maker: bool) -> Decimal {
    let rate = if is_maker { MAKER_FEE } else { TAKER_FEE };
    // Amounts within the size limits do not overflow here.
    quote_amount
        .checked_mul(rate)
        .unwrap_or_default()
        .round_dp(FEE_DECIMALS)
}
