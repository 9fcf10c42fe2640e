//! Settings of one account.

use std::path::PathBuf;

use bpx_dispatch::Dispatch;

use crate::approval;
use crate::caller::Scope;
use crate::token;

/// One account that a gateway serves.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AccountSettings {
    /// The operator's name for it, in metrics and `/readyz`. None for the only account of a gateway.
    pub name: Option<String>,
    /// Makes the calls. The gateway closes it when it shuts down.
    pub dispatch: Dispatch,
    /// The folder that holds the tokens; it is created if it is missing. It serves one account.
    pub state: PathBuf,
}

impl AccountSettings {
    /// An account without a name.
    #[must_use]
    pub fn new(dispatch: Dispatch, state: impl Into<PathBuf>) -> Self {
        Self {
            name: None,
            dispatch,
            state: state.into(),
        }
    }

    /// The same with a name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What it is called in metrics: its name or, without one, its name in the journal.
    #[must_use]
    pub fn label(&self) -> &str {
        let name = self.name.as_deref();
        name.unwrap_or_else(|| self.dispatch.account())
    }

    /// The file that holds the token of this scope.
    #[must_use]
    pub fn token_file(&self, scope: Scope) -> PathBuf {
        token::file(&self.state, scope)
    }

    /// The file that holds the token of who approves calls.
    #[must_use]
    pub fn approve_token_file(&self) -> PathBuf {
        self.state.join(approval::TOKEN)
    }
}
