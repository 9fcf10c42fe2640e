//! How an order enters the book: what is checked against the book's state, what it trades, where the
//! rest of it stays.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::account::AccountId;
use crate::book::journal::OrderEvent;
use crate::book::ledger::Settlement;
use crate::book::matching::{End, Plan, Step, Taker, Trade};
use crate::book::obstacle::Obstacle;
use crate::book::order::{Fill, Order};
use crate::book::tape::PublicTrade;
use crate::book::terms::Terms;
use crate::book::{Book, funds};
use crate::market::fee;
use crate::words::{ExpiryReason, OrderStatus, Side, TriggerBy};

impl Book {
    /// What the order would do, or why it may not.
    pub(super) fn plan(&self, account: AccountId, terms: &Terms) -> Result<Plan, Obstacle> {
        let reducible = self.ledger.reducible(account, &terms.market, terms.side);
        if terms.is_reduce_only() && reducible.is_zero() {
            return Ok(Plan::nothing(End::Reduced));
        }
        if terms.post_only && self.would_take(terms) {
            return Err(Obstacle::WouldTake);
        }
        let taker = Taker {
            account,
            terms,
            quantity_max: terms.is_reduce_only().then_some(reducible),
        };
        let plan = Plan::new(taker, self.opposite(terms), |maker| {
            let market = &maker.terms.market;
            self.ledger
                .reducible(maker.account, market, maker.terms.side)
        });
        funds::check(&self.ledger, account, terms, &plan)?;
        Ok(plan)
    }

    fn would_take(&self, terms: &Terms) -> bool {
        let best = self.opposite(terms).next();
        best.and_then(|maker| maker.terms.limit)
            .is_some_and(|price| terms.accepts(price))
    }

    fn opposite(&self, terms: &Terms) -> impl Iterator<Item = &Order> {
        let side = terms.side.opposite();
        let floor = self.floors.get(terms.market.index).into_iter();
        floor
            .flat_map(move |floor| floor.ladder.best_first(side))
            .filter_map(|id| self.register.get(id))
    }

    /// Carries out a plan for an order that is in the register but not in the book.
    pub(super) fn enter(&mut self, id: u64, plan: Plan, now: DateTime<Utc>) {
        if let Some(order) = self.register.get_mut(id) {
            order.status = OrderStatus::New;
        }
        self.note_order(OrderEvent::OrderAccepted, id, now);
        for step in &plan.steps {
            match step {
                Step::Trade(trade) => self.trade(id, *trade, now),
                Step::ExpireMaker(maker) => {
                    self.expire(*maker, ExpiryReason::SelfTradePrevention, now);
                }
            }
        }
        let Some(order) = self.register.get(id) else {
            return;
        };
        if plan.end == End::Filled {
            self.close(id, OrderStatus::Filled, None, now);
        } else if let Some(reason) = plan.end.expiry(&order.terms) {
            self.expire(id, reason, now);
        } else {
            self.rest(id);
        }
        self.after_trades(id, &plan, now);
    }

    /// One trade, booked on both orders.
    fn trade(&mut self, taker: u64, trade: Trade, now: DateTime<Utc>) {
        self.last_trade_id += 1;
        self.fill(taker, trade, false, now);
        self.fill(trade.maker, trade, true, now);
        let Some(maker) = self.register.get(trade.maker) else {
            return;
        };
        let (side, market) = (maker.terms.side, maker.terms.market.index);
        let (maker_id, is_filled) = (maker.id, maker.remaining().is_zero());
        if let Some(floor) = self.floors.get_mut(market) {
            floor.ladder.trade(side, trade.price, trade.quantity);
            floor.traded.add(trade.price, trade.quantity);
            let trade = PublicTrade {
                id: self.last_trade_id,
                price: trade.price,
                quantity: trade.quantity,
                is_buyer_maker: side == Side::Bid,
                at: now,
            };
            floor.tape.push(trade);
            self.journal.level(market, side, trade.price);
            self.journal.trade(market, trade, taker, maker_id);
        }
        self.lock_rest(trade.maker);
        if is_filled {
            self.close(trade.maker, OrderStatus::Filled, None, now);
        }
    }

    /// Books one side of a trade on its order and its account.
    fn fill(&mut self, id: u64, trade: Trade, is_maker: bool, now: DateTime<Utc>) {
        let Some(order) = self.register.get_mut(id) else {
            return;
        };
        let value = trade.price * trade.quantity;
        let fee = fee(value, is_maker);
        order.executed_quantity += trade.quantity;
        order.executed_quote += value;
        order.status = OrderStatus::PartiallyFilled;
        order.changed_at = Utc::now();
        let (account, side, market) = (order.account, order.terms.side, order.terms.market.clone());
        let client_id = order.terms.client_id;
        self.note_owned(account, &market);
        self.ledger.settle(Settlement {
            account,
            market: &market,
            side,
            price: trade.price,
            quantity: trade.quantity,
            fee,
        });
        if account == AccountId::MARKET_MAKER {
            return;
        }
        let fill = Fill {
            trade_id: self.last_trade_id,
            order_id: id,
            client_id,
            market,
            side,
            price: trade.price,
            quantity: trade.quantity,
            fee,
            is_maker,
            at: now,
        };
        if let Some(order) = self.register.get(id) {
            self.journal.fill(order, &fill);
        }
        self.register.add_fill(account, fill);
    }

    /// Puts what is left of an order at the end of the queue of its price.
    fn rest(&mut self, id: u64) {
        self.last_arrival += 1;
        let Some(order) = self.register.get_mut(id) else {
            return;
        };
        order.arrival = self.last_arrival;
        let (side, remaining) = (order.terms.side, order.remaining());
        let market = order.terms.market.index;
        let floor = self.floors.get_mut(market);
        if let Some((place, floor)) = order.place().zip(floor) {
            floor.ladder.insert(side, place, remaining);
            self.journal.level(market, side, place.price);
        }
        self.register.open(id);
        self.lock_rest(id);
    }

    /// Sets aside what the rest of an order may cost, no more and no less.
    pub(super) fn lock_rest(&mut self, id: u64) {
        let Some(order) = self.register.get_mut(id) else {
            return;
        };
        let remaining = if order.is_open() {
            order.remaining()
        } else {
            Decimal::ZERO
        };
        let (asset, needed) = funds::lock(&order.terms, remaining);
        let more = needed - order.locked;
        order.locked = needed;
        let account = order.account;
        if !more.is_zero() {
            self.ledger.lock(account, asset, more);
            self.journal.balance(account, asset);
        }
    }

    /// What follows from trades: positions that leave reduce-only orders nothing to reduce, and a last
    /// price that triggers others.
    fn after_trades(&mut self, taker: u64, plan: &Plan, now: DateTime<Utc>) {
        let Some(market) = self
            .register
            .get(taker)
            .map(|order| order.terms.market.clone())
        else {
            return;
        };
        if market.is_perp() {
            let makers = plan.trades().map(|trade| trade.maker);
            for id in makers.chain([taker]) {
                if let Some(account) = self.register.get(id).map(|order| order.account) {
                    self.end_reducing(account, &market, now);
                }
            }
        }
        let mut price = None;
        for trade in plan.trades() {
            if price.replace(trade.price) != Some(trade.price) {
                self.move_price(&market, TriggerBy::Last, trade.price);
            }
        }
    }
}
