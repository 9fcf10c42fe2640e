//! The market's filters.

use rust_decimal::Decimal;

use crate::limits::{PRICE_DECIMALS, SIZE_LIMIT, VALUE_LIMIT};
use crate::market::Filters;
use crate::refusal::{Code, Refusal};

pub(crate) fn check_price(filters: &Filters, price: Decimal) -> Result<(), Refusal> {
    let bad = |message: String| Err(Refusal::bad(Code::InvalidPrice, message));
    if price.scale() > filters.tick_size.scale() {
        return Err(Refusal::client("Price decimal too long"));
    }
    if price <= Decimal::ZERO || price >= SIZE_LIMIT {
        return bad("Invalid price".to_owned());
    }
    if price < filters.min_price {
        return bad(format!(
            "Price is below the minimum of {}",
            filters.min_price
        ));
    }
    if let Some(max) = filters.max_price.filter(|max| price > *max) {
        return bad(format!("Price is above the maximum of {max}"));
    }
    if !is_multiple(price, filters.tick_size) {
        let tick = filters.tick_size;
        return bad(format!("Price is not a multiple of the tick size {tick}"));
    }
    Ok(())
}

pub(crate) fn check_quantity(filters: &Filters, quantity: Decimal) -> Result<(), Refusal> {
    let bad = |message: String| Err(Refusal::bad(Code::InvalidQuantity, message));
    if quantity.scale() > filters.step_size.scale() {
        return Err(Refusal::client("Quantity decimal too long"));
    }
    if quantity <= Decimal::ZERO || quantity >= SIZE_LIMIT {
        return bad("Invalid quantity".to_owned());
    }
    if quantity < filters.min_quantity {
        let min = filters.min_quantity;
        return bad(format!("Quantity is below the minimum of {min}"));
    }
    if let Some(max) = filters.max_quantity.filter(|max| quantity > *max) {
        return bad(format!("Quantity is above the maximum of {max}"));
    }
    if !is_multiple(quantity, filters.step_size) {
        let step = filters.step_size;
        return bad(format!(
            "Quantity is not a multiple of the step size {step}"
        ));
    }
    Ok(())
}

fn is_multiple(value: Decimal, unit: Decimal) -> bool {
    value.checked_rem(unit).is_some_and(|rest| rest.is_zero())
}

pub(crate) fn check_quote_quantity(quote: Decimal) -> Result<(), Refusal> {
    if quote.scale() > PRICE_DECIMALS {
        return Err(Refusal::client("Quantity decimal too long"));
    }
    if quote <= Decimal::ZERO || quote >= VALUE_LIMIT {
        return Err(Refusal::bad(Code::InvalidQuantity, "Invalid quantity"));
    }
    Ok(())
}

/// Price times quantity stays within what sums up exactly.
pub(crate) fn check_value(price: Decimal, quantity: Decimal) -> Result<(), Refusal> {
    if price * quantity >= VALUE_LIMIT {
        let message = format!("Order value must be below {VALUE_LIMIT}");
        return Err(Refusal::bad(Code::InvalidQuantity, message));
    }
    Ok(())
}

pub(crate) fn check_tolerance(tolerance: Decimal) -> Result<(), Refusal> {
    if tolerance < Decimal::ZERO || tolerance >= SIZE_LIMIT || tolerance.scale() > PRICE_DECIMALS {
        return Err(Refusal::client("Invalid `slippageTolerance`"));
    }
    Ok(())
}

/// Whether a limit price is within the band around the last active price, where there are both.
pub(crate) fn check_band(
    filters: &Filters,
    price: Decimal,
    active: Option<Decimal>,
) -> Result<(), Refusal> {
    let Some((percent, active)) = filters.price_band_percent.zip(active) else {
        return Ok(());
    };
    let distance = (price - active).abs();
    if distance * Decimal::ONE_HUNDRED > active * percent {
        return Err(Refusal::bad(
            Code::InvalidPrice,
            "Price is too far from the last active price",
        ));
    }
    Ok(())
}
