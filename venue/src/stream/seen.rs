//! What a reader of order updates got already.

use std::collections::{HashMap, HashSet, VecDeque};

use bpx_client::types::{OrderUpdate, OrderUpdateEvent};

use crate::state::{self, State};

/// How many ended orders, and how many trades, are remembered: more than a venue shows of what happened in one gap.
const REMEMBERED: usize = 100_000;

/// What tells one happening from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Happening {
    /// A trade has two sides, which may be of one account.
    Trade(String, i64, String),
    Placed(String),
    /// A message that says how the order ended.
    Ended(String),
    /// Nothing more can happen to the order, by what a message said of its state.
    Closed(String),
}

/// What was reported, and which orders are open by it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    reported: HashSet<Happening>,
    /// Of `reported`, what may be forgotten, oldest first.
    old: VecDeque<Happening>,
    /// The symbols of the open orders, by order.
    open: HashMap<String, String>,
}

impl Seen {
    /// Takes note of an update; whether it is new. What happens more than once to an order, and what this program does
    /// not know, always is.
    pub(super) fn take(&mut self, update: &OrderUpdate) -> bool {
        let happening = happening(update);
        let is_new = happening.is_none_or(|happening| self.is_new(happening));
        self.keep_open(update);
        is_new
    }

    fn is_new(&mut self, happening: Happening) -> bool {
        if !self.reported.insert(happening.clone()) {
            return false;
        }
        self.old.push_back(happening);
        if self.old.len() > REMEMBERED
            && let Some(oldest) = self.old.pop_front()
        {
            self.reported.remove(&oldest);
        }
        true
    }

    fn keep_open(&mut self, update: &OrderUpdate) {
        let id = &update.order_id;
        if closes(update) {
            self.close(id);
        } else if !self.is_closed(id) {
            self.open.insert(id.clone(), update.symbol.clone());
        }
    }

    /// Takes note that nothing more can happen to the order.
    pub(super) fn close(&mut self, order_id: &str) {
        self.open.remove(order_id);
        self.is_new(Happening::Closed(order_id.to_owned()));
    }

    /// Whether the order is known to be closed.
    pub(super) fn is_closed(&self, order_id: &str) -> bool {
        self.reported
            .contains(&Happening::Closed(order_id.to_owned()))
    }

    /// The orders that are open by what was reported, with their symbols.
    pub(super) fn open(&self) -> impl Iterator<Item = (&str, &str)> {
        self.open
            .iter()
            .map(|(id, symbol)| (id.as_str(), symbol.as_str()))
    }
}

fn happening(update: &OrderUpdate) -> Option<Happening> {
    let id = || update.order_id.clone();
    match update.event {
        OrderUpdateEvent::OrderFill => {
            let trade = update.trade_id?;
            Some(Happening::Trade(update.symbol.clone(), trade, id()))
        }
        OrderUpdateEvent::OrderAccepted | OrderUpdateEvent::TriggerPlaced => {
            Some(Happening::Placed(id()))
        }
        OrderUpdateEvent::OrderCancelled
        | OrderUpdateEvent::OrderExpired
        | OrderUpdateEvent::TriggerFailed => Some(Happening::Ended(id())),
        _ => None,
    }
}

/// Event and state may disagree for a moment; either is enough.
fn closes(update: &OrderUpdate) -> bool {
    let is_end = matches!(happening(update), Some(Happening::Ended(_)));
    is_end || state::of(&update.status) == State::Closed
}
