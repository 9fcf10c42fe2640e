//! The kill switch by itself, for whoever has no key at hand.

use std::path::Path;

use crate::Refused;
use crate::state::State;

/// The kill switch of a state folder, as every [`Dispatch`](crate::Dispatch) with that folder sees it. It needs neither a
/// key nor a journal.
///
/// ```
/// use bpx_dispatch::KillSwitch;
///
/// let state = tempfile::tempdir()?;
/// let switch = KillSwitch::open(state.path())?;
/// switch.kill("the book looks wrong")?;
/// assert_eq!(switch.killed().as_deref(), Some("the book looks wrong"));
/// switch.revive()?;
/// assert_eq!(switch.killed(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct KillSwitch {
    state: State,
}

impl KillSwitch {
    /// Opens the state folder; it is made, for this user alone, where it is missing.
    ///
    /// # Errors
    /// [`Refused::State`].
    pub fn open(state: &Path) -> Result<Self, Refused> {
        let state = State::open(state)?;
        Ok(Self { state })
    }

    /// Why it is on; none if it is off.
    #[must_use]
    pub fn killed(&self) -> Option<String> {
        self.state.killed()
    }

    /// Turns it on: no order is placed from here on, by any process with this state folder. Reads and cancellations go
    /// through. It survives a restart.
    ///
    /// # Errors
    /// [`Refused::State`]; then it is not on.
    pub fn kill(&self, reason: &str) -> Result<(), Refused> {
        self.state.kill(reason)
    }

    /// How many programs on this computer use the state folder now, and so keep to the switch.
    #[must_use]
    pub fn running(&self) -> usize {
        self.state.running()
    }

    /// Turns it off.
    ///
    /// # Errors
    /// [`Refused::State`]; then it is still on.
    pub fn revive(&self) -> Result<(), Refused> {
        self.state.revive()
    }
}
