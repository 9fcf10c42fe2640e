//! The decimals and sizes with which this exchange computes exactly.

use rust_decimal::Decimal;

/// Decimals a price can have at most.
pub(crate) const PRICE_DECIMALS: u32 = 6;
/// Decimals a base quantity can have at most.
pub(crate) const QUANTITY_DECIMALS: u32 = 8;
/// Decimals of fees, of locked margin, and of the cost a closed part of a position sets free.
pub(crate) const MONEY_DECIMALS: u32 = 6;
/// Prices and base quantities stay below this.
pub(crate) const SIZE_LIMIT: Decimal = Decimal::from_parts(10_000_000, 0, 0, false, 0);
/// Quote quantities, and price times quantity, stay below this. With the decimals above, a sum of
/// 500,000 such values is still exact.
pub(crate) const VALUE_LIMIT: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);
