//! Conditional orders: how they wait, what triggers them, and the stop-loss and take-profit orders that
//! follow a fill.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::account::AccountId;
use crate::book::Book;
use crate::book::filter;
use crate::book::journal::OrderEvent;
use crate::book::order::Order;
use crate::book::terms::{Exit, Extras, Size, Terms, Trigger, TriggerQuantity};
use crate::book::trigger::Direction;
use crate::limits::{MONEY_DECIMALS, PRICE_DECIMALS};
use crate::market::{Market, TAKER_FEE};
use crate::words::{ExpiryReason, OrderStatus, SelfTradePrevention, Side, TimeInForce, TriggerBy};

/// The smallest amount of money.
const LAST_DIGIT: Decimal = Decimal::from_parts(1, 0, 0, false, MONEY_DECIMALS);

impl Trigger {
    /// The price that an order without a word on it looks at is the last one.
    pub(crate) fn reference(&self) -> TriggerBy {
        self.by.unwrap_or(TriggerBy::Last)
    }
}

impl Book {
    /// Sets a reference price and lets in what it triggers.
    pub(crate) fn set_price(
        &mut self,
        market: &Market,
        by: TriggerBy,
        price: Decimal,
        now: DateTime<Utc>,
    ) {
        self.move_price(market, by, price);
        self.run_fired(now);
    }

    /// Sets a reference price; what it triggers waits in line.
    pub(super) fn move_price(&mut self, market: &Market, by: TriggerBy, price: Decimal) {
        if let Some(floor) = self.floors.get_mut(market.index) {
            floor.prices.set(by, price);
            self.fired.extend(floor.triggers.reach(by, price));
        }
    }

    /// Lets in what was triggered, one after the other, also what that triggers in turn. It ends, since
    /// each order is triggered once and exits ask for no exits.
    pub(super) fn run_fired(&mut self, now: DateTime<Utc>) {
        while let Some(id) = self.fired.pop_front() {
            self.fire(id, now);
        }
    }

    fn fire(&mut self, id: u64, now: DateTime<Utc>) {
        let Some(order) = self
            .register
            .get(id)
            .filter(|order| order.is_pending_trigger())
        else {
            return;
        };
        let sibling = order.extras().and_then(|extras| extras.sibling);
        let size = self.trigger_size(order);
        if let Some(sibling) = sibling {
            self.cancel(sibling, now);
        }
        if let Some(order) = self.register.get_mut(id) {
            order.terms.extras_mut().triggered_at = Some(now);
        }
        let failed = match size {
            Ok(size) => self.let_in(id, size, now).err(),
            Err(reason) => Some(reason),
        };
        if failed.is_some() {
            self.close(id, OrderStatus::TriggerFailed, failed, now);
        }
    }

    /// A triggered order enters the book with the size its trigger gives it.
    fn let_in(&mut self, id: u64, size: Size, now: DateTime<Utc>) -> Result<(), ExpiryReason> {
        let order = self
            .register
            .get_mut(id)
            .ok_or(ExpiryReason::InvalidQuantity)?;
        order.terms.size = size;
        let Some(order) = self.register.get(id) else {
            return Ok(());
        };
        let (account, terms) = (order.account, &order.terms);
        let reducible = self.ledger.reducible(account, &terms.market, terms.side);
        if terms.is_reduce_only() && reducible.is_zero() {
            return Err(ExpiryReason::StopWithoutPosition);
        }
        let plan = self
            .plan(account, terms)
            .map_err(|obstacle| obstacle.expiry())?;
        self.enter(id, plan, now);
        Ok(())
    }

    /// How much a triggered order trades. A share is one of the position, or of what is available on a
    /// spot market: the base asset for an ask, the quote asset for a bid.
    fn trigger_size(&self, order: &Order) -> Result<Size, ExpiryReason> {
        let terms = &order.terms;
        let trigger = terms.trigger().ok_or(ExpiryReason::InvalidQuantity)?;
        let percent = match trigger.quantity {
            TriggerQuantity::Base(quantity) => return Ok(Size::Base(quantity)),
            TriggerQuantity::Percent(percent) => percent,
        };
        let share = |whole: Decimal| whole * percent / Decimal::ONE_HUNDRED;
        let market = &terms.market;
        let quantity = match (market.is_perp(), terms.side) {
            (true, _) => {
                let held = self.ledger.position(order.account, market).quantity.abs();
                if held.is_zero() {
                    return Err(ExpiryReason::StopWithoutPosition);
                }
                share(held)
            }
            (false, Side::Ask) => share(
                self.ledger
                    .balance(order.account, market.base_asset)
                    .available,
            ),
            (false, Side::Bid) => {
                let available = self
                    .ledger
                    .balance(order.account, market.quote_asset)
                    .available;
                // One last digit less, since the fee on it is rounded up.
                let quote = (share(available) - LAST_DIGIT) / (Decimal::ONE + TAKER_FEE);
                let Some(limit) = terms.limit else {
                    return quote_size(quote);
                };
                quote / limit
            }
        };
        base_size(market, terms.limit, market.step_down(quantity))
    }

    /// Lets an order wait for its trigger. Without a direction, the way from the present reference price
    /// is taken.
    pub(super) fn wait(&mut self, id: u64, direction: Option<Direction>) {
        let Some(order) = self.register.get(id) else {
            return;
        };
        if let Some((trigger, floor)) = order
            .terms
            .trigger()
            .zip(self.floors.get_mut(order.terms.market.index))
        {
            let by = trigger.reference();
            let present = floor.prices.get(by);
            let direction = direction
                .or_else(|| present.map(|present| Direction::towards(trigger.price, present)));
            floor.triggers.insert(by, direction, trigger.price, id);
        }
        let placed_at = order.created_at;
        self.register.open(id);
        self.note_order(OrderEvent::TriggerPlaced, id, placed_at);
    }

    pub(super) fn forget_trigger(&mut self, id: u64) {
        let Some(order) = self
            .register
            .get(id)
            .filter(|order| order.is_pending_trigger())
        else {
            return;
        };
        if let Some((trigger, floor)) = order
            .terms
            .trigger()
            .zip(self.floors.get_mut(order.terms.market.index))
        {
            floor
                .triggers
                .remove(trigger.reference(), trigger.price, id);
        }
    }

    /// Places the stop-loss and take-profit orders of an order that has ended with something executed.
    pub(super) fn add_exits(&mut self, id: u64, now: DateTime<Utc>) {
        let Some(order) = self.register.get(id) else {
            return;
        };
        let Some(extras) = order
            .extras()
            .filter(|_| !order.executed_quantity.is_zero())
        else {
            return;
        };
        let account = order.account;
        let exit = |exit: &Option<Exit>| exit.as_ref().map(|exit| exit_terms(order, exit));
        let (loss, profit) = (exit(&extras.stop_loss), exit(&extras.take_profit));
        let (falling, rising) = match order.terms.side {
            Side::Bid => (Direction::Falling, Direction::Rising),
            Side::Ask => (Direction::Rising, Direction::Falling),
        };
        let loss = loss.map(|terms| self.add_exit(account, terms, falling, now));
        let profit = profit.map(|terms| self.add_exit(account, terms, rising, now));
        if let Some((loss, profit)) = loss.zip(profit) {
            self.join(loss, profit);
            self.join(profit, loss);
        }
    }

    fn add_exit(
        &mut self,
        account: AccountId,
        terms: Terms,
        direction: Direction,
        now: DateTime<Utc>,
    ) -> u64 {
        let id = self.add(account, terms, OrderStatus::TriggerPending, now);
        self.wait(id, Some(direction));
        id
    }

    fn join(&mut self, id: u64, sibling: u64) {
        if let Some(order) = self.register.get_mut(id) {
            order.terms.extras_mut().sibling = Some(sibling);
        }
    }
}

fn base_size(
    market: &Market,
    limit: Option<Decimal>,
    quantity: Decimal,
) -> Result<Size, ExpiryReason> {
    filter::check_quantity(&market.filters, quantity)
        .and_then(|()| filter::check_value(limit.unwrap_or_default(), quantity))
        .map(|()| Size::Base(quantity))
        .map_err(|_| ExpiryReason::InvalidQuantity)
}

fn quote_size(quote: Decimal) -> Result<Size, ExpiryReason> {
    let quote = quote.round_dp_with_strategy(PRICE_DECIMALS, RoundingStrategy::ToZero);
    filter::check_quote_quantity(quote)
        .map(|()| Size::Quote(quote))
        .map_err(|_| ExpiryReason::InvalidQuantity)
}

/// The other side of what was executed, once the exit's price is reached. On a perpetual it only
/// reduces.
fn exit_terms(parent: &Order, exit: &Exit) -> Terms {
    let quantity = parent.executed_quantity;
    let market = Arc::clone(&parent.terms.market);
    let trigger = Trigger {
        price_text: exit.price_text.clone(),
        price: exit.price,
        by: exit.by,
        quantity_text: quantity.normalize().to_string(),
        quantity: TriggerQuantity::Base(quantity),
    };
    Terms {
        side: parent.terms.side.opposite(),
        limit: exit.limit,
        size: Size::AtTrigger,
        client_id: None,
        time_in_force: TimeInForce::Gtc,
        self_trade_prevention: SelfTradePrevention::default(),
        post_only: false,
        reduce_only: market.is_perp().then_some(true),
        extras: Some(Box::new(Extras {
            trigger: Some(trigger),
            parent: Some(parent.id),
            ..Extras::default()
        })),
        market,
    }
}
