//! Every order ever placed, and the indexes by which it is found without a search.

use std::collections::{BTreeMap, BTreeSet};

use crate::account::AccountId;
use crate::book::order::{Fill, Order};
use crate::market::Market;

/// Orders are numbered from 1 in order of arrival, so an order's place is its number.
#[derive(Debug, Default)]
pub(crate) struct Register {
    orders: Vec<Order>,
    /// Ids of every account's orders, and its fills, oldest first. The market maker's fills are left out.
    placed: BTreeMap<AccountId, Vec<u64>>,
    fills: BTreeMap<AccountId, Vec<Fill>>,
    /// Open orders by account and id, and by account, market and id; trigger orders included.
    open: BTreeSet<(AccountId, u64)>,
    open_on: BTreeSet<(AccountId, usize, u64)>,
    /// Open orders with a client id, by account, client id, market and id.
    client_ids: BTreeSet<(AccountId, u32, usize, u64)>,
    /// Resting reduce-only orders, by account, market and id.
    reducing: BTreeSet<(AccountId, usize, u64)>,
}

impl Register {
    /// The id of the next order.
    pub(crate) fn next_id(&self) -> u64 {
        self.orders.len() as u64 + 1
    }

    /// Takes in an order under [`Register::next_id`].
    pub(crate) fn add(&mut self, order: Order) {
        self.placed.entry(order.account).or_default().push(order.id);
        self.orders.push(order);
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Order> {
        self.orders.get(place(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut Order> {
        self.orders.get_mut(place(id)?)
    }

    /// Takes an order into the indexes of open ones.
    pub(crate) fn open(&mut self, id: u64) {
        let Some(order) = self.get(id) else { return };
        let (account, market) = (order.account, order.terms.market.index);
        let reduces = order.terms.is_reduce_only() && order.is_resting();
        let client_id = order.terms.client_id;
        self.open.insert((account, id));
        self.open_on.insert((account, market, id));
        if let Some(client_id) = client_id {
            self.client_ids.insert((account, client_id, market, id));
        }
        if reduces {
            self.reducing.insert((account, market, id));
        }
    }

    /// Takes an order out of the indexes of open ones.
    pub(crate) fn close(&mut self, id: u64) {
        let Some(order) = self.get(id) else { return };
        let (account, market) = (order.account, order.terms.market.index);
        let client_id = order.terms.client_id;
        self.open.remove(&(account, id));
        self.open_on.remove(&(account, market, id));
        if let Some(client_id) = client_id {
            self.client_ids.remove(&(account, client_id, market, id));
        }
        self.reducing.remove(&(account, market, id));
    }

    pub(crate) fn add_fill(&mut self, account: AccountId, fill: Fill) {
        self.fills.entry(account).or_default().push(fill);
    }

    /// An account's open orders, oldest first.
    pub(crate) fn open_orders(
        &self,
        account: AccountId,
    ) -> impl DoubleEndedIterator<Item = &Order> {
        let own = self.open.range((account, 0)..=(account, u64::MAX));
        own.filter_map(|(_, id)| self.get(*id))
    }

    /// An account's open orders on one market, oldest first.
    pub(crate) fn open_orders_on(
        &self,
        account: AccountId,
        market: &Market,
    ) -> impl DoubleEndedIterator<Item = &Order> {
        let key = |id| (account, market.index, id);
        let own = self.open_on.range(key(0)..=key(u64::MAX));
        own.filter_map(|(_, _, id)| self.get(*id))
    }

    /// The newest open order of an account's market with a client id.
    pub(crate) fn by_client_id(
        &self,
        account: AccountId,
        market: &Market,
        client_id: u32,
    ) -> Option<&Order> {
        let key = |id| (account, client_id, market.index, id);
        let newest = self.client_ids.range(key(0)..=key(u64::MAX)).next_back();
        newest.and_then(|(_, _, _, id)| self.get(*id))
    }

    /// Whether an open order of the account, on whichever market, has this client id.
    pub(crate) fn is_client_id_open(&self, account: AccountId, client_id: u32) -> bool {
        let range = (account, client_id, 0, 0)..=(account, client_id, usize::MAX, u64::MAX);
        self.client_ids.range(range).next().is_some()
    }

    /// Ids of an account's resting reduce-only orders on a market, oldest first.
    pub(crate) fn reducing_ids(&self, account: AccountId, market: &Market) -> Vec<u64> {
        let key = |id| (account, market.index, id);
        let range = self.reducing.range(key(0)..=key(u64::MAX));
        range.map(|(_, _, id)| *id).collect()
    }

    /// Every order an account ever placed, oldest first.
    pub(crate) fn placed(&self, account: AccountId) -> impl DoubleEndedIterator<Item = &Order> {
        let ids = self.placed.get(&account).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| self.get(*id))
    }

    /// An account's fills, oldest first.
    pub(crate) fn fills(&self, account: AccountId) -> &[Fill] {
        self.fills.get(&account).map_or(&[], Vec::as_slice)
    }
}

fn place(id: u64) -> Option<usize> {
    usize::try_from(id.checked_sub(1)?).ok()
}
