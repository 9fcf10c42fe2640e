//! How the slow exchange triggers: after every change of a price, all orders are asked.

use rust_decimal::Decimal;

use super::reference::{Reference, dec, floor, is_open, slot};
use super::spec::{Spec, SpecTrigger};
use crate::words::{ExpiryReason, OrderStatus, SelfTradePrevention, Side, TimeInForce, TriggerBy};

impl Reference {
    pub(super) fn set_price(&mut self, is_perp: bool, by: TriggerBy, price: Decimal) {
        self.move_price(is_perp, by, price);
        self.drain();
    }

    pub(super) fn move_price(&mut self, is_perp: bool, by: TriggerBy, price: Decimal) {
        self.prices[usize::from(is_perp)][slot(by)] = Some(price);
        for n in 0..self.orders.len() {
            let order = &mut self.orders[n];
            let Some(trigger) = order.spec.trigger.clone() else {
                continue;
            };
            let waits = order.status == OrderStatus::TriggerPending && !order.is_queued;
            if !waits || order.spec.is_perp != is_perp || trigger.by != by {
                continue;
            }
            let rises = *order.rises.get_or_insert(trigger.price >= price);
            if (rises && price >= trigger.price) || (!rises && price <= trigger.price) {
                order.is_queued = true;
                self.queue.push_back(n);
            }
        }
    }

    pub(super) fn drain(&mut self) {
        while let Some(n) = self.queue.pop_front() {
            if self.orders[n].status == OrderStatus::TriggerPending {
                let failed = self.fire(n).err();
                if failed.is_some() {
                    self.close(n, OrderStatus::TriggerFailed, failed);
                }
            }
        }
    }

    fn fire(&mut self, n: usize) -> Result<(), ExpiryReason> {
        let trigger = self.orders[n].spec.trigger.clone().unwrap();
        let sized = self.sized(n, &trigger);
        if let Some(sibling) = self.orders[n].sibling
            && is_open(&self.orders[sibling])
        {
            self.cancel(sibling);
        }
        let spec = sized?;
        self.orders[n].spec = spec.clone();
        if spec.reduce_only && self.closable(&spec).is_zero() {
            return Err(ExpiryReason::StopWithoutPosition);
        }
        match self.obstacle(&spec) {
            Some("INVALID_ORDER") => Err(ExpiryReason::PostOnlyTaker),
            Some("INSUFFICIENT_FUNDS") => Err(ExpiryReason::InsufficientFunds),
            Some(_) => Err(ExpiryReason::InsufficientMargin),
            None => {
                self.enter(n);
                Ok(())
            }
        }
    }

    /// The order with the quantity that its trigger gives it.
    fn sized(&self, n: usize, trigger: &SpecTrigger) -> Result<Spec, ExpiryReason> {
        let mut spec = self.orders[n].spec.clone();
        let account = spec.account as usize;
        if !trigger.is_percent {
            spec.base = Some(trigger.quantity);
            return Ok(spec);
        }
        let share = |whole: Decimal| whole * trigger.quantity / dec(100, 0);
        let held = self.holdings[account].quantity.abs();
        let quote = || (share(self.available(account, 1)) - dec(1, 6)) / dec(10_005, 4);
        let whole = match (spec.is_perp, spec.side, spec.limit) {
            (true, ..) if held.is_zero() => return Err(ExpiryReason::StopWithoutPosition),
            (true, ..) => share(held),
            (false, Side::Ask, _) => share(self.available(account, 0)),
            (false, Side::Bid, Some(limit)) => quote() / limit,
            (false, Side::Bid, None) => {
                spec.quote = Some(floor(quote(), 6));
                let is_good = spec.quote > Some(Decimal::ZERO);
                return is_good.then_some(spec).ok_or(ExpiryReason::InvalidQuantity);
            }
        };
        spec.base = Some(floor(whole, 2));
        let is_good = spec.base > Some(Decimal::ZERO);
        is_good.then_some(spec).ok_or(ExpiryReason::InvalidQuantity)
    }
}

pub(super) fn exit_of(
    parent: &Spec,
    quantity: Decimal,
    price: Decimal,
    limit: Option<Decimal>,
) -> Spec {
    let side = if parent.side == Side::Bid {
        Side::Ask
    } else {
        Side::Bid
    };
    Spec {
        side,
        limit,
        base: None,
        quote: None,
        time_in_force: TimeInForce::Gtc,
        prevention: SelfTradePrevention::Taker,
        post_only: false,
        reduce_only: parent.is_perp,
        slippage: None,
        trigger: Some(SpecTrigger {
            price,
            by: TriggerBy::Last,
            quantity,
            is_percent: false,
        }),
        stop_loss: None,
        take_profit: None,
        ..parent.clone()
    }
}
