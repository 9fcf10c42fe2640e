//! What accounts have set for themselves. It is kept and shown, and changes nothing else: margins are the
//! same for all, and nothing is lent or borrowed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::account::AccountId;
use crate::amount::Amount;

/// The settings of one account, as far as they were ever set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountSettings {
    pub(crate) auto_borrow_settlements: Option<bool>,
    pub(crate) auto_lend: Option<bool>,
    pub(crate) auto_realize_pnl: Option<bool>,
    pub(crate) auto_repay_borrows: Option<bool>,
    pub(crate) leverage_limit: Option<Amount>,
}

/// The settings of all accounts.
#[derive(Debug, Default)]
pub(crate) struct Settings(Mutex<HashMap<AccountId, AccountSettings>>);

impl Settings {
    pub(crate) fn get(&self, account: AccountId) -> AccountSettings {
        self.all().get(&account).copied().unwrap_or_default()
    }

    /// Takes over what is named, and leaves the rest.
    pub(crate) fn update(&self, account: AccountId, change: AccountSettings) {
        let mut all = self.all();
        let kept = all.entry(account).or_default();
        *kept = AccountSettings {
            auto_borrow_settlements: change
                .auto_borrow_settlements
                .or(kept.auto_borrow_settlements),
            auto_lend: change.auto_lend.or(kept.auto_lend),
            auto_realize_pnl: change.auto_realize_pnl.or(kept.auto_realize_pnl),
            auto_repay_borrows: change.auto_repay_borrows.or(kept.auto_repay_borrows),
            leverage_limit: change.leverage_limit.or(kept.leverage_limit),
        };
    }

    pub(crate) fn clear(&self) {
        self.all().clear();
    }

    fn all(&self) -> MutexGuard<'_, HashMap<AccountId, AccountSettings>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
