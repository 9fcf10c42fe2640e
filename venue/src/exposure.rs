//! The most that an order can buy, sell and come to: the one function behind caps, day counter and consent text.
//!
//! # What counts
//!
//! | what | counted as |
//! |---|---|
//! | quantity | the greatest of `quantity`, `triggerQuantity`, and what `quoteQuantity` buys or sells at the low end of the price band |
//! | a share as `triggerQuantity` (`80%`) | without a bound: it is one of the position or the balance |
//! | a limit order that buys | at its limit price |
//! | a limit order that sells | at the higher of limit, trigger and reference price: it trades at the best bid |
//! | a market order | at the higher of reference and trigger price, plus its slippage tolerance where it buys |
//! | `price` on a market order, `quoteQuantity` on a limit order | not at all: the venue ignores them |
//! | stop loss, take profit | each as an order of its own, on the other side, over the whole quantity |
//!
//! The reference price is the operator's, from the policy file. It stands for the best price of the market: a bound that
//! rests on it is as good as it is.

use bpx_dispatch::order::{plus, times};
use bpx_dispatch::{Amount, Arguments, Exposure, Market};
use bpx_runtime::Decimal;
use serde_json::Value;

const NO_REFERENCE: &str = "what it comes to is not known before it trades: the policy file has no reference price for its market";
const NO_PRICE: &str = "its limit price is not known";
const NO_QUANTITY: &str = "its quantity is not known";
const SHARE: &str =
    "its trigger quantity is a share of the position or balance, which has no bound";
const NO_TOLERANCE: &str = "a market order without a slippage tolerance may trade at any price";
const NO_TICK: &str = "a slippage tolerance in ticks needs the market's tick and reference price, which the policy file does not have";
const NO_LOW: &str = "its price band has no low end, so its quantity has no bound";

/// The stop loss and the take profit of an order: trigger price and limit price.
const LEGS: [[&str; 2]; 2] = [
    ["stopLossTriggerPrice", "stopLossLimitPrice"],
    ["takeProfitTriggerPrice", "takeProfitLimitPrice"],
];

/// The most that an order can come to. `order` holds its arguments by wire name; what is missing is not known.
#[must_use]
pub fn of(order: &Arguments, market: &Market) -> Exposure {
    let terms = Terms { order, market };
    let quantity = terms.quantity();
    let entry = terms.entry();
    let legs = LEGS.iter().filter_map(|leg| terms.leg(*leg, quantity));
    let worth = legs.fold(entry, |sum, leg| Ok(plus(sum?, leg?)));
    Exposure {
        quantity,
        entry,
        worth,
        slippage_percent: terms.is_market().then(|| terms.slippage_percent()),
    }
}

/// A decimal argument of an order.
pub(crate) fn decimal(order: &Arguments, name: &str) -> Option<Decimal> {
    let text = order.get(name).and_then(Value::as_str)?;
    Decimal::from_str_exact(text).ok()
}

struct Terms<'a> {
    order: &'a Arguments,
    market: &'a Market,
}

impl Terms<'_> {
    fn is(&self, name: &str, value: &str) -> bool {
        self.order.get(name).and_then(Value::as_str) == Some(value)
    }

    fn is_market(&self) -> bool {
        self.is("orderType", "Market")
    }

    fn buys(&self) -> bool {
        self.is("side", "Bid")
    }

    fn reference(&self) -> Amount {
        self.market.reference_price.ok_or(NO_REFERENCE)
    }

    /// Every quantity of the base asset that may be traded.
    fn bases(&self) -> Vec<Amount> {
        let quantity = decimal(self.order, "quantity").map(Ok);
        let trigger = self.order.get("triggerQuantity");
        let trigger = trigger.map(|_| decimal(self.order, "triggerQuantity").ok_or(SHARE));
        quantity.into_iter().chain(trigger).collect()
    }

    /// The amount of the quote asset to spend or receive, if that sizes the order.
    fn quote(&self) -> Option<Decimal> {
        let quote = self
            .is_market()
            .then(|| decimal(self.order, "quoteQuantity"));
        quote.flatten()
    }

    fn quantity(&self) -> Amount {
        let quote = self.quote().map(|quote| self.bought_with(quote));
        greatest(self.bases().into_iter().chain(quote))
    }

    /// The base quantity that an amount of the quote asset trades at the lowest price.
    fn bought_with(&self, quote: Decimal) -> Amount {
        let reference = self.reference()?;
        let percent = self.market.price_band_percent.unwrap_or_default();
        let below = times(reference, percent) / Decimal::ONE_HUNDRED;
        let low = (reference - below.min(reference)).max(Decimal::ZERO);
        quote.checked_div(low).ok_or(NO_LOW)
    }

    fn entry(&self) -> Amount {
        let bases = self.bases().into_iter();
        let worths = bases.map(|base| Ok(times(base?, self.unit()?)));
        greatest(worths.chain(self.quote().map(Ok)))
    }

    /// The highest price of one unit.
    fn unit(&self) -> Amount {
        let trigger = decimal(self.order, "triggerPrice").unwrap_or_default();
        if self.is_market() {
            let price = self.reference()?.max(trigger);
            let tolerated = match self.buys() {
                true => self.slippage_percent().unwrap_or_default(),
                false => Decimal::ZERO,
            };
            return Ok(plus(price, times(price, tolerated) / Decimal::ONE_HUNDRED));
        }
        let limit = decimal(self.order, "price").ok_or(NO_PRICE)?;
        match self.buys() {
            true => Ok(limit),
            false => Ok(self.reference()?.max(limit).max(trigger)),
        }
    }

    /// What a stop loss or take profit comes to; none if the order asks for none.
    fn leg(&self, [trigger, limit]: [&str; 2], quantity: Amount) -> Option<Amount> {
        let [trigger, limit] = [decimal(self.order, trigger), decimal(self.order, limit)];
        let stated = trigger.max(limit)?;
        let reference = self.market.reference_price.unwrap_or_default();
        let unit = match (self.buys(), limit) {
            // It buys back, at its limit price at most.
            (false, Some(limit)) => limit,
            _ => stated.max(reference),
        };
        Some(quantity.map(|quantity| times(quantity, unit)))
    }

    /// How far from the best price a market order may trade, in percent.
    fn slippage_percent(&self) -> Amount {
        let tolerance = decimal(self.order, "slippageTolerance").ok_or(NO_TOLERANCE)?;
        if !self.is("slippageToleranceType", "TickSize") {
            return Ok(tolerance);
        }
        let market = self.market;
        let (tick, reference) = market.tick.zip(market.reference_price).ok_or(NO_TICK)?;
        times(times(tolerance, tick), Decimal::ONE_HUNDRED)
            .checked_div(reference)
            .ok_or(NO_TICK)
    }
}

/// The greatest of amounts; without a bound as soon as one of them is.
fn greatest(amounts: impl Iterator<Item = Amount>) -> Amount {
    let greatest = amounts.reduce(|a, b| Ok(a?.max(b?)));
    greatest.unwrap_or(Err(NO_QUANTITY))
}

#[cfg(test)]
mod tests {
    use bpx_dispatch::Policy;
    use serde_json::{Map, json};

    use super::*;

    const POLICY: &str =
        "[symbol.X]\nreference_price = \"150\"\nprice_band_percent = \"20\"\ntick = \"0.5\"";

    fn exposure(order: Value) -> Exposure {
        let policy = Policy::parse(POLICY, "policy.toml").unwrap();
        of(order.as_object().unwrap(), policy.market("X"))
    }

    fn text(amount: Amount) -> String {
        amount.map_or_else(str::to_owned, |amount| amount.normalize().to_string())
    }

    const LIMIT_BID: &str = r#""side":"Bid","orderType":"Limit","price":"155","quantity":"2""#;
    const LIMIT_ASK: &str = r#""side":"Ask","orderType":"Limit","price":"160","quantity":"2""#;
    const MARKET: &str = r#""side":"Bid","orderType":"Market","quantity":"2""#;

    /// What it is, the order as a base and more members, the base quantity, the quote amount.
    const WORST: [(&str, &str, &str, &str, &str); 13] = [
        ("a limit order that buys", LIMIT_BID, "", "2", "310"),
        (
            "one that sells below the market",
            LIMIT_ASK,
            r#""price":"0.01""#,
            "2",
            "300",
        ),
        ("one that sells above the market", LIMIT_ASK, "", "2", "320"),
        ("a market order", MARKET, "", "2", "300"),
        (
            "a market order with a tolerance",
            MARKET,
            r#""slippageTolerance":"10","slippageToleranceType":"Percent""#,
            "2",
            "330",
        ),
        (
            "a tolerance in ticks",
            MARKET,
            r#""slippageTolerance":"3","slippageToleranceType":"TickSize""#,
            "2",
            "303",
        ),
        (
            "a price that the venue ignores",
            MARKET,
            r#""price":"0.01""#,
            "2",
            "300",
        ),
        (
            "an amount to spend",
            r#""side":"Bid","orderType":"Market""#,
            r#""quoteQuantity":"240""#,
            "2",
            "240",
        ),
        (
            "an amount that the venue ignores",
            LIMIT_BID,
            r#""quoteQuantity":"1""#,
            "2",
            "310",
        ),
        (
            "a greater trigger quantity",
            LIMIT_BID,
            r#""triggerPrice":"140","triggerQuantity":"3""#,
            "3",
            "465",
        ),
        (
            "a market order that waits for a higher price",
            MARKET,
            r#""triggerPrice":"160","triggerQuantity":"2""#,
            "2",
            "320",
        ),
        (
            "a stop loss and a take profit",
            LIMIT_BID,
            r#""stopLossTriggerPrice":"140","stopLossLimitPrice":"0.01","takeProfitTriggerPrice":"170""#,
            "2",
            "950",
        ),
        (
            "a stop loss that buys back",
            LIMIT_ASK,
            r#""stopLossTriggerPrice":"165","stopLossLimitPrice":"166""#,
            "2",
            "652",
        ),
    ];

    #[test]
    fn each_kind_of_order_counts_at_its_worst() {
        for (name, base, more, quantity, worth) in WORST {
            let members = |text: &str| -> Map<String, Value> {
                serde_json::from_str(&format!("{{{text}}}")).unwrap()
            };
            let mut order = members(base);
            order.extend(members(more));
            let exposure = exposure(order.into());
            assert_eq!(text(exposure.quantity), quantity, "{name}");
            assert_eq!(text(exposure.worth), worth, "{name}");
        }
    }

    #[test]
    fn what_has_no_bound_says_why() {
        let share = json!({"side": "Ask", "orderType": "Limit", "price": "150", "quantity": "0.01",
                           "triggerPrice": "149", "triggerQuantity": "100%"});
        assert_eq!(exposure(share.clone()).worth, Err(SHARE));
        assert_eq!(exposure(share).quantity, Err(SHARE));
        let nothing = Market::default();
        let sell = json!({"side": "Ask", "orderType": "Limit", "price": "1", "quantity": "1"});
        assert_eq!(
            of(sell.as_object().unwrap(), &nothing).worth,
            Err(NO_REFERENCE)
        );
        let market = json!({"side": "Bid", "orderType": "Market", "quantity": "1"});
        let unknown = of(market.as_object().unwrap(), &nothing);
        assert_eq!(unknown.worth, Err(NO_REFERENCE));
        assert_eq!(unknown.slippage_percent, Some(Err(NO_TOLERANCE)));
        assert_eq!(
            exposure(json!({"side": "Bid", "orderType": "Limit", "price": "1"})).worth,
            Err(NO_QUANTITY)
        );
    }

    #[test]
    fn amounts_beyond_every_decimal_are_the_greatest_one() {
        let huge = "9999999999999999999999999999";
        let order = json!({"side": "Bid", "orderType": "Limit", "price": huge, "quantity": huge});
        assert_eq!(exposure(order).worth, Ok(Decimal::MAX));
    }
}
