//! A slow exchange, written to be read: lists that are searched from the start, nothing kept that can be
//! counted, no line shared with the book it is compared to.

use std::collections::VecDeque;

use rust_decimal::{Decimal, RoundingStrategy};

use super::naive_matching::{Stop, reaches};
use super::naive_triggers::exit_of;
use super::spec::{Spec, USERS};
use crate::words::{CancelOrderType, ExpiryReason, OrderStatus, Side, TimeInForce, TriggerBy};

#[derive(Clone, Debug)]
pub(super) struct RefOrder {
    pub(super) spec: Spec,
    pub(super) status: OrderStatus,
    pub(super) reason: Option<ExpiryReason>,
    pub(super) executed: Decimal,
    pub(super) value: Decimal,
    /// When it came to rest.
    pub(super) rested: Option<u64>,
    pub(super) rises: Option<bool>,
    pub(super) is_queued: bool,
    pub(super) sibling: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Holding {
    pub(super) quantity: Decimal,
    pub(super) cost: Decimal,
}

#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) orders: Vec<RefOrder>,
    /// By account: SOL and USDC, available and locked together.
    pub(super) owned: Vec<[Decimal; 2]>,
    pub(super) holdings: Vec<Holding>,
    pub(super) fees: Decimal,
    /// Spot and perpetual: last price and mark price.
    pub(super) prices: [[Option<Decimal>; 2]; 2],
    /// Triggered orders in line.
    pub(super) queue: VecDeque<usize>,
    /// Maker accounts and prices of the trades of the order that entered last.
    pub(super) tape: Vec<(usize, Decimal)>,
    clock: u64,
}

pub(super) fn dec(mantissa: i64, scale: u32) -> Decimal {
    Decimal::new(mantissa, scale)
}

fn ceil(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(6, RoundingStrategy::AwayFromZero)
}

pub(super) fn floor(amount: Decimal, decimals: u32) -> Decimal {
    amount.round_dp_with_strategy(decimals, RoundingStrategy::ToZero)
}

pub(super) fn slot(by: TriggerBy) -> usize {
    usize::from(by == TriggerBy::Mark)
}

pub(super) fn is_open(order: &RefOrder) -> bool {
    use OrderStatus::{New, PartiallyFilled, TriggerPending};
    [New, PartiallyFilled, TriggerPending].contains(&order.status)
}

impl RefOrder {
    pub(super) fn rests(&self) -> bool {
        is_open(self) && self.rested.is_some()
    }

    pub(super) fn left(&self) -> Decimal {
        self.spec.base.unwrap_or_default() - self.executed
    }

    /// Base quantity still wanted at a price.
    pub(super) fn wants(&self, price: Decimal) -> Decimal {
        match self.spec.quote {
            Some(quote) => floor((quote - self.value) / price, 2),
            None => self.left(),
        }
    }
}

impl Reference {
    pub(super) fn new() -> Self {
        let user = [dec(20, 0), dec(300, 0)];
        let mut owned = vec![[Decimal::ZERO; 2]];
        owned.extend(vec![user; USERS as usize]);
        Self {
            orders: Vec::new(),
            holdings: vec![Holding::default(); owned.len()],
            owned,
            fees: Decimal::ZERO,
            prices: [[None; 2]; 2],
            queue: VecDeque::new(),
            tape: Vec::new(),
            clock: 0,
        }
    }

    pub(super) fn margin(&self, account: usize) -> Decimal {
        ceil(self.holdings[account].cost.abs() * dec(1, 1))
    }

    /// SOL and USDC that are set aside, counted over all resting orders.
    pub(super) fn locked(&self, account: usize) -> [Decimal; 2] {
        let mut locked = [Decimal::ZERO, self.margin(account)];
        let own = |order: &&RefOrder| order.rests() && order.spec.account as usize == account;
        for order in self.orders.iter().filter(own) {
            let (asset, amount) = set_aside(&order.spec, order.left());
            locked[asset] += amount;
        }
        locked
    }

    pub(super) fn available(&self, account: usize, asset: usize) -> Decimal {
        self.owned[account][asset] - self.locked(account)[asset]
    }

    /// How much of the position an order would close.
    pub(super) fn closable(&self, spec: &Spec) -> Decimal {
        let held = self.holdings[spec.account as usize].quantity;
        match (spec.is_perp, spec.side) {
            (true, Side::Ask) if held > Decimal::ZERO => held,
            (true, Side::Bid) if held < Decimal::ZERO => -held,
            _ => Decimal::ZERO,
        }
    }

    pub(super) fn place(&mut self, spec: Spec) -> Result<usize, &'static str> {
        let n = self.orders.len();
        if let Some(trigger) = &spec.trigger {
            let seen = self.prices[usize::from(spec.is_perp)][slot(trigger.by)];
            let rises = seen.map(|seen| trigger.price >= seen);
            self.push(spec, OrderStatus::TriggerPending, rises);
            return Ok(n);
        }
        self.obstacle(&spec).map_or(Ok(()), Err)?;
        self.push(spec, OrderStatus::New, None);
        self.enter(n);
        self.drain();
        Ok(n)
    }

    fn push(&mut self, spec: Spec, status: OrderStatus, rises: Option<bool>) {
        self.orders.push(RefOrder {
            spec,
            status,
            reason: None,
            executed: Decimal::ZERO,
            value: Decimal::ZERO,
            rested: None,
            rises,
            is_queued: false,
            sibling: None,
        });
    }

    /// Why an order may not enter, found out by trying it on a copy.
    pub(super) fn obstacle(&self, spec: &Spec) -> Option<&'static str> {
        if spec.reduce_only && self.closable(spec).is_zero() {
            return None;
        }
        let best = self.best(spec, &[]).and_then(|n| self.orders[n].spec.limit);
        if spec.post_only && best.is_some_and(|best| reaches(spec, best)) {
            return Some("INVALID_ORDER");
        }
        if spec.account == 0 {
            return None;
        }
        let (asset, needed) = self.needed(spec);
        let missing = if spec.is_perp {
            "INSUFFICIENT_MARGIN"
        } else {
            "INSUFFICIENT_FUNDS"
        };
        let has = self.available(spec.account as usize, asset);
        (needed > Decimal::ZERO && needed > has).then_some(missing)
    }

    fn needed(&self, spec: &Spec) -> (usize, Decimal) {
        if spec.limit.is_some() {
            return set_aside(spec, spec.base.unwrap_or_default());
        }
        let account = spec.account as usize;
        let mut copy = self.clone();
        let n = copy.orders.len();
        copy.push(spec.clone(), OrderStatus::New, None);
        copy.match_whole(n);
        let done = &copy.orders[n];
        if spec.is_perp {
            if done.executed <= self.closable(spec) {
                return (1, Decimal::ZERO);
            }
            let spent = self.owned[account][1] - copy.owned[account][1];
            return (1, spent + copy.margin(account) - self.margin(account));
        }
        match (spec.side, spec.quote) {
            (Side::Ask, None) => (0, spec.base.unwrap_or_default()),
            (Side::Ask, Some(_)) => (0, done.executed),
            (Side::Bid, Some(quote)) => (1, quote + ceil(quote * dec(5, 4))),
            (Side::Bid, None) => (1, done.value + ceil(done.value * dec(5, 4))),
        }
    }

    /// An accepted order trades, then rests or ends; then what follows from its trades.
    pub(super) fn enter(&mut self, n: usize) {
        self.orders[n].status = OrderStatus::New;
        self.tape.clear();
        let stop = self.match_whole(n);
        let spec = self.orders[n].spec.clone();
        let reason = match (stop, spec.time_in_force) {
            (Stop::Filled, _) => None,
            (Stop::SelfTrade, _) => Some(ExpiryReason::SelfTradePrevention),
            (Stop::Reduced, _) => Some(ExpiryReason::ReduceOnlyNotReduced),
            (_, TimeInForce::Fok) => Some(ExpiryReason::FillOrKill),
            (Stop::TooFar, _) => Some(ExpiryReason::PriceImpact),
            _ if spec.limit.is_none() => Some(ExpiryReason::InsufficientLiquidity),
            (_, TimeInForce::Ioc) => Some(ExpiryReason::ImmediateOrCancel),
            _ => None,
        };
        if stop == Stop::Filled {
            self.close(n, OrderStatus::Filled, None);
        } else if reason.is_some() {
            self.close(n, OrderStatus::Expired, reason);
        } else {
            self.clock += 1;
            self.orders[n].rested = Some(self.clock);
        }
        let tape = std::mem::take(&mut self.tape);
        let makers = tape.iter().map(|(account, _)| *account);
        for account in makers.chain([spec.account as usize]) {
            self.end_reduce_only(account);
        }
        for (_, price) in tape {
            self.move_price(spec.is_perp, TriggerBy::Last, price);
        }
    }

    /// Resting orders that may only reduce end where there is nothing left to.
    fn end_reduce_only(&mut self, account: usize) {
        for n in 0..self.orders.len() {
            let order = &self.orders[n];
            let own = order.spec.account as usize == account && order.rests();
            if own && order.spec.reduce_only && self.closable(&order.spec).is_zero() {
                let reason = Some(ExpiryReason::ReduceOnlyNotReduced);
                self.close(n, OrderStatus::Expired, reason);
            }
        }
    }

    /// Gives an order its last status, and places the exits of one that has executed something.
    pub(super) fn close(&mut self, n: usize, status: OrderStatus, reason: Option<ExpiryReason>) {
        let order = &mut self.orders[n];
        (order.status, order.reason) = (status, reason);
        let (spec, executed) = (order.spec.clone(), order.executed);
        if executed.is_zero() {
            return;
        }
        let is_long = spec.side == Side::Bid;
        let first = self.orders.len();
        for (exit, rises) in [(spec.stop_loss, !is_long), (spec.take_profit, is_long)] {
            if let Some((price, limit)) = exit {
                let exit = exit_of(&spec, executed, price, limit);
                self.push(exit, OrderStatus::TriggerPending, Some(rises));
            }
        }
        if self.orders.len() == first + 2 {
            self.orders[first].sibling = Some(first + 1);
            self.orders[first + 1].sibling = Some(first);
        }
    }

    pub(super) fn open(&self, account: u32) -> Vec<usize> {
        let own = |n: &usize| is_open(&self.orders[*n]) && self.orders[*n].spec.account == account;
        (0..self.orders.len()).filter(own).collect()
    }

    pub(super) fn cancel(&mut self, n: usize) {
        self.close(n, OrderStatus::Cancelled, None);
    }

    pub(super) fn cancel_all(
        &mut self,
        account: u32,
        is_perp: bool,
        kind: Option<CancelOrderType>,
    ) {
        for n in self.open(account) {
            let order = &self.orders[n];
            let fits = match kind {
                None => true,
                Some(CancelOrderType::RestingLimitOrder) => order.rested.is_some(),
                Some(CancelOrderType::ConditionalOrder) => order.rested.is_none(),
            };
            if fits && order.spec.is_perp == is_perp {
                self.cancel(n);
            }
        }
    }
}

/// The asset, 0 for SOL and 1 for USDC, and how much of it an order sets aside.
fn set_aside(spec: &Spec, quantity: Decimal) -> (usize, Decimal) {
    let value = spec.limit.unwrap_or_default() * quantity;
    let fee = ceil(value * dec(5, 4));
    match (spec.is_perp, spec.reduce_only, spec.side) {
        (true, true, _) => (1, Decimal::ZERO),
        (true, false, _) => (1, ceil(value * dec(1, 1)) + fee),
        (false, _, Side::Bid) => (1, value + fee),
        (false, _, Side::Ask) => (0, quantity),
    }
}
