//! A call of this process that waits for its decision.

use std::fs::File;
use std::thread;
use std::time::Duration;

use super::{
    Approvals, Decision, ID_CHARS, WaitingCall, call_file, decision_file, lock_file, ms, now_ms,
};
use crate::error::{ApprovalError, GatewayError};

/// Calls that may wait for a decision at one moment: a person cannot judge more.
const WAITING_MAX: usize = 16;
const LOCK_TRIES: u64 = 4;

/// A call that a person is to be asked about.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    pub(crate) summary: String,
    pub(crate) outlook: Outlook,
    pub(crate) heeds_kill_switch: bool,
    pub(crate) caller: String,
    pub(crate) client: String,
    pub(crate) digest: String,
    /// How long the call waits.
    pub(crate) wait: Duration,
    /// How long after that it can be decided, and made again.
    pub(crate) lifetime: Duration,
}

/// What the process whose call waits says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outlook {
    pub(crate) policy: String,
    pub(crate) is_refused: bool,
}

/// A call that waits. When this is dropped nobody can decide about the call any more.
#[derive(Debug)]
pub(crate) struct Held {
    approvals: Approvals,
    call: WaitingCall,
    is_kept: bool,
    /// Others know by it that this process lives.
    _lock: File,
}

impl Approvals {
    /// Lets a call wait. It takes the place of the same call that no longer waits, with what was decided about that.
    pub(crate) fn hold(&self, asking: Asking) -> Result<Held, ApprovalError> {
        let now = now_ms();
        let calls = self.entries()?;
        let open = calls.iter().filter(|call| !self.is_decided(&call.id));
        if open.count() >= WAITING_MAX {
            return Err(ApprovalError::TooMany { max: WAITING_MAX });
        }
        let (id, lock) = match self.adopt(calls, &asking.digest) {
            Some(adopted) => adopted,
            None => self.fresh()?,
        };
        let waits_until_ms = now.saturating_add(ms(asking.wait));
        let held = Held {
            approvals: self.clone(),
            call: WaitingCall {
                id,
                summary: asking.summary,
                policy: asking.outlook.policy,
                is_refused: asking.outlook.is_refused,
                heeds_kill_switch: asking.heeds_kill_switch,
                caller: asking.caller,
                client: asking.client,
                since_ms: now,
                waits_until_ms,
                expires_ms: waits_until_ms.saturating_add(ms(asking.lifetime)),
                digest: asking.digest,
            },
            is_kept: false,
            _lock: lock,
        };
        held.write()?;
        Ok(held)
    }

    /// The same call that no longer waits: one that was declined rather than one that was approved, and that rather than
    /// one that is undecided.
    fn adopt(&self, calls: Vec<WaitingCall>, digest: &str) -> Option<(String, File)> {
        let mut same = self.left(calls, digest);
        same.sort_by_key(|(call, _)| match self.decision(call) {
            Some(Decision::Decline) => 0,
            Some(Decision::Approve) => 1,
            None => 2,
        });
        let found = same.into_iter().next();
        found.map(|(call, lock)| (call.id, lock))
    }

    /// The calls of this digest that no longer wait, each locked.
    fn left(&self, calls: Vec<WaitingCall>, digest: &str) -> Vec<(WaitingCall, File)> {
        let now = now_ms();
        let same = calls
            .into_iter()
            .filter(|call| call.digest == digest && call.waits_until_ms <= now);
        same.filter_map(|call| {
            let lock = self.lock(&call.id)?;
            // Another process may have made it meanwhile.
            let call = self.folder.has(&call_file(&call.id)).then_some(call)?;
            Some((call, lock))
        })
        .collect()
    }

    /// Tries more than once: who looks whether a file is locked locks it for a moment.
    fn lock(&self, id: &str) -> Option<File> {
        (0..LOCK_TRIES).find_map(|tries| {
            thread::sleep(Duration::from_millis(tries));
            self.folder.lock(&lock_file(id)).ok().flatten()
        })
    }

    fn fresh(&self) -> Result<(String, File), ApprovalError> {
        let id = random_id()?;
        let lock = self.folder.lock(&lock_file(&id));
        let lock = lock.map_err(|source| self.failed(source))?;
        let lock = lock.ok_or(ApprovalError::Token(GatewayError::Random))?;
        Ok((id, lock))
    }

    /// Removes a call; true if it was this that did.
    fn remove(&self, id: &str) -> bool {
        let is_removed = self.folder.remove(&call_file(id));
        if is_removed {
            self.folder.remove(&decision_file(id));
            self.folder.remove(&lock_file(id));
        }
        is_removed
    }
}

impl Held {
    pub(crate) fn id(&self) -> &str {
        &self.call.id
    }

    pub(crate) fn decision(&self) -> Option<Decision> {
        // A call that nobody is shown is worth a warning, which this writes.
        let _ = self.approvals.entry(&self.call.id);
        self.approvals.decision(&self.call)
    }

    /// Says how the call would fare now.
    pub(crate) fn tell(&mut self, outlook: Outlook) {
        let Outlook { policy, is_refused } = outlook;
        if self.call.policy != policy {
            (self.call.policy, self.call.is_refused) = (policy, is_refused);
            // It is what a person reads, and decides nothing.
            let _ = self.write();
        }
    }

    /// Uses up the decision: true for one holder alone. What was decided about the same call when it waited earlier
    /// counts no more.
    pub(crate) fn take(mut self) -> bool {
        self.is_kept = true;
        let approvals = &self.approvals;
        let is_taken = approvals.remove(&self.call.id);
        let others = approvals.entries().unwrap_or_default();
        for (other, _lock) in approvals.left(others, &self.call.digest) {
            approvals.remove(&other.id);
        }
        is_taken
    }

    /// Waits no longer, and leaves the call to be decided, and made again.
    pub(crate) fn leave(mut self) {
        self.is_kept = true;
    }

    fn write(&self) -> Result<(), ApprovalError> {
        let Approvals { folder, .. } = &self.approvals;
        let bytes = serde_json::to_vec(&self.call).map_err(Into::into);
        let written = bytes.and_then(|bytes| folder.replace(&call_file(&self.call.id), &bytes));
        written.map_err(|source| self.approvals.failed(source))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.is_kept {
            self.approvals.remove(&self.call.id);
        }
    }
}

fn random_id() -> Result<String, ApprovalError> {
    let mut bytes = [0; ID_CHARS / 2];
    getrandom::fill(&mut bytes).map_err(|_| ApprovalError::Token(GatewayError::Random))?;
    Ok(hex::encode(bytes))
}
