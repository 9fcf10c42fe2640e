//! Calls that wait for a person's approval, for every process with the same state folder.
//!
//! A call that waits is a file in the folder `approvals`: what the person is shown, and the digest of the call. A decision
//! is a second file beside it, which can be made once only. A third is locked as long as the process lives whose call
//! waits. A decision is sealed with the content of `approve.token`, for a short
//! time, over the call and the text that was shown, so it counts for no other call, and only from a holder of that token.
//! No file holds a token or the value of a header.

mod folder;
mod held;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bpx_dispatch::KillSwitch;
use rmcp::model::{RequestStateCodec, SealOptions};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::error::{ApprovalError, GatewayError};
use crate::token;
use folder::Folder;
pub(crate) use held::{Asking, Held, Outlook};

/// The path of the page, on the REST port.
pub(crate) const PAGE: &str = "/approve";
const FOLDER: &str = "approvals";
pub(crate) const TOKEN: &str = "approve.token";
const DECLINED: &str = "declined";
const ID_CHARS: usize = 16;
/// What distinguishes keys made of the token for this purpose.
const KEY_PURPOSE: &str = "bpx approval\n";

/// What a person decides about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It may be made once, exactly as shown.
    Approve,
    /// It is not made.
    Decline,
}

impl Decision {
    const ALL: [Self; 2] = [Self::Approve, Self::Decline];

    /// `approve` or `decline`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Decline => "decline",
        }
    }
}

/// A call that a person is to decide about. Its texts come from the gateway, in which values of others stand; all hidden
/// characters are written as codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WaitingCall {
    /// Its id, 16 hexadecimal digits.
    pub id: String,
    /// What it does and where; the account; then one line for each argument, and for what each order comes to.
    pub summary: String,
    /// What the policy says about it; or, where it would be refused as things stand, why.
    pub policy: String,
    /// Whether it would be refused as things stand.
    pub is_refused: bool,
    /// Whether the kill switch stops it.
    pub heeds_kill_switch: bool,
    /// Who asks: the name in the journal, such as `mcp:trade`.
    pub caller: String,
    /// What the client calls itself: its name and version.
    pub client: String,
    /// When it was made, in milliseconds since 1970.
    pub since_ms: u64,
    /// Until when the call waits, in milliseconds since 1970; past if its process ended. Approved later, it has to be
    /// made again.
    pub waits_until_ms: u64,
    /// Until when it can be decided, and an approval is valid, in milliseconds since 1970.
    pub expires_ms: u64,
    /// The digest of account, caller, tool, arguments and idempotency key.
    pub digest: String,
}

impl WaitingCall {
    /// What comes of this decision, as far as is known.
    #[must_use]
    pub fn outlook(&self, decision: Decision) -> String {
        let now = now_ms();
        let seconds = self.expires_ms.saturating_sub(now).div_ceil(1_000);
        match decision {
            Decision::Decline => "declined: it is not made".to_owned(),
            Decision::Approve if self.is_refused => format!("approved, but {}", self.policy),
            Decision::Approve if now < self.waits_until_ms => {
                "approved: it is made now, once, if its client still waits".to_owned()
            }
            Decision::Approve => format!(
                "approved: it is made once, when its client makes it again within {seconds} s"
            ),
        }
    }

    fn is_live(&self, now: u64) -> bool {
        now < self.expires_ms
    }

    /// What a decision is sealed over.
    fn sealed_over(&self) -> Vec<u8> {
        format!("{}\n{}\n{}", self.id, self.digest, self.summary).into_bytes()
    }
}

/// The calls that wait, of all processes with one state folder, and the token that decides about them.
#[derive(Debug, Clone)]
pub struct Approvals {
    state: PathBuf,
    folder: Folder,
    token: PathBuf,
}

impl Approvals {
    /// Opens the state folder for a gateway. It, the folder of the calls and `approve.token` are made, for this user
    /// alone, where they are missing.
    ///
    /// # Errors
    /// [`GatewayError::TokenFile`] or [`GatewayError::Token`].
    pub fn open(state: &Path) -> Result<Self, GatewayError> {
        let path = state.join(FOLDER);
        let folder = bpx_dispatch::private_folder(&path).and_then(|()| Folder::open(&path));
        let folder = folder.map_err(|source| GatewayError::TokenFile { path, source })?;
        let token = state.join(TOKEN);
        token::open(&token)?;
        Ok(Self {
            state: state.to_owned(),
            folder,
            token,
        })
    }

    /// Opens the state folder that a gateway made, and makes nothing.
    ///
    /// # Errors
    /// [`ApprovalError::NeverServed`], [`ApprovalError::Folder`], or [`ApprovalError::Token`].
    pub fn find(state: &Path) -> Result<Self, ApprovalError> {
        let path = state.join(FOLDER);
        if !path.exists() {
            let path = state.to_owned();
            return Err(ApprovalError::NeverServed { path });
        }
        let folder = Folder::open(&path);
        let folder = folder.map_err(|source| ApprovalError::Folder { path, source })?;
        let token = state.join(TOKEN);
        token::read(&token)?;
        Ok(Self {
            state: state.to_owned(),
            folder,
            token,
        })
    }

    /// The file of the token.
    #[must_use]
    pub fn token_file(&self) -> &Path {
        &self.token
    }

    /// The calls that wait for a decision, the oldest first.
    ///
    /// # Errors
    /// [`ApprovalError::Folder`].
    pub fn waiting(&self) -> Result<Vec<WaitingCall>, ApprovalError> {
        let mut calls = self.entries()?;
        calls.retain(|call| !self.is_decided(&call.id));
        calls
            .iter_mut()
            .for_each(|call| self.heed_kill_switch(call));
        Ok(calls)
    }

    /// Decides about a call, once and for all, and returns it as it stands now.
    ///
    /// # Errors
    /// [`ApprovalError::NotWaiting`], [`ApprovalError::Decided`], [`ApprovalError::Folder`], or
    /// [`ApprovalError::Token`] if the token cannot be read.
    pub fn decide(&self, id: &str, decision: Decision) -> Result<WaitingCall, ApprovalError> {
        let id = id.to_owned();
        let now = now_ms();
        let found = is_id(&id).then(|| self.entry(&id)).flatten();
        let Some(mut call) = found.filter(|call| call.is_live(now)) else {
            return Err(ApprovalError::NotWaiting { id });
        };
        self.heed_kill_switch(&mut call);
        let over = call.sealed_over();
        let options = SealOptions::new()
            .associated_data(&over)
            .ttl(Duration::from_millis(call.expires_ms.saturating_sub(now)));
        let word = decision.word().as_bytes();
        let sealed = self.codec()?.seal_with(word, &options);
        if decision == Decision::Decline && !self.is_decided(&id) {
            self.remember_no(&call)?;
        }
        let created = self.folder.create(&decision_file(&id), sealed.as_bytes());
        match created.map_err(|source| self.failed(source))? {
            true => {
                if decision == Decision::Approve {
                    self.folder.remove(&declined_file(&call.digest));
                }
                Ok(call)
            }
            false => Err(ApprovalError::Decided { id }),
        }
    }

    /// Whether this is the token that decides. The time it takes depends on the token's length alone.
    pub(crate) fn is_token(&self, token: &str) -> Result<bool, GatewayError> {
        let own = token::read(&self.token)?;
        Ok(own.as_bytes().ct_eq(token.as_bytes()).into())
    }

    /// Whether a person declined a call of this digest and approved none since, as long as an answer to an earlier
    /// question may come.
    pub(crate) fn is_declined(&self, digest: &str) -> bool {
        self.is_no(&declined_file(digest), now_ms())
    }

    fn remember_no(&self, call: &WaitingCall) -> Result<(), ApprovalError> {
        if !call.digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(());
        }
        let name = declined_file(&call.digest);
        let written = self
            .folder
            .replace(&name, call.expires_ms.to_string().as_bytes());
        written.map_err(|source| self.failed(source))
    }

    /// Whether this file says no, and is not too old.
    fn is_no(&self, name: &str, now: u64) -> bool {
        let text = self
            .folder
            .read(name)
            .and_then(|it| String::from_utf8(it).ok());
        let until = text.and_then(|text| text.parse::<u64>().ok());
        until.is_some_and(|until| now < until)
    }

    /// The kill switch is the same for every process, so it is not left to the one whose call waits.
    fn heed_kill_switch(&self, call: &mut WaitingCall) {
        if !call.heeds_kill_switch {
            return;
        }
        let killed = KillSwitch::open(&self.state)
            .ok()
            .and_then(|it| it.killed());
        if let Some(reason) = killed {
            call.policy = format!("the kill switch is on ({reason}): it will be refused");
            call.is_refused = true;
        }
    }

    /// The decision about a call; none if there is none, or none that counts.
    fn decision(&self, call: &WaitingCall) -> Option<Decision> {
        let file = decision_file(&call.id);
        let sealed = self.folder.read(&file)?;
        let opened = self.codec().ok().and_then(|codec| {
            let sealed = String::from_utf8(sealed).ok()?;
            codec.open_with(&sealed, &call.sealed_over()).ok()
        });
        let word = opened.unwrap_or_default();
        let decision = Decision::ALL
            .into_iter()
            .find(|it| it.word().as_bytes() == word);
        if decision.is_none() {
            tracing::warn!(
                id = call.id,
                "a decision does not count: it is too old, or not made with approve.token"
            );
            self.folder.remove(&file);
        }
        decision
    }

    /// The key is made of the token as it is now, so a new token ends what the old one decided.
    fn codec(&self) -> Result<RequestStateCodec, ApprovalError> {
        let token = token::read(&self.token)?;
        let digest = Sha256::new()
            .chain_update(KEY_PURPOSE)
            .chain_update(token.as_bytes());
        let codec = RequestStateCodec::try_new(digest.finalize().to_vec());
        codec.map_err(|_| ApprovalError::Token(GatewayError::Random))
    }

    fn is_decided(&self, id: &str) -> bool {
        self.folder.has(&decision_file(id))
    }

    /// All calls that are not too old, decided or not, the oldest first. What nobody needs any more is removed.
    fn entries(&self) -> Result<Vec<WaitingCall>, ApprovalError> {
        let now = now_ms();
        let names = self.folder.names().map_err(|source| self.failed(source))?;
        let ids = names.iter().filter_map(|name| name.strip_suffix(".json"));
        let mut calls: Vec<_> = ids.filter_map(|id| self.entry(id)).collect();
        calls.retain(|call| call.is_live(now));
        calls.sort_by(|a, b| (a.since_ms, &a.id).cmp(&(b.since_ms, &b.id)));
        self.tidy(&names, &calls, now);
        Ok(calls)
    }

    fn tidy(&self, names: &[String], calls: &[WaitingCall], now: u64) {
        for name in names {
            let (id, kind) = name.split_once('.').unwrap_or((name, ""));
            let is_needed = match kind {
                DECLINED => self.is_no(name, now),
                _ => calls.iter().any(|call| call.id == id),
            };
            if !is_needed {
                self.folder.remove_if_old(name);
            }
        }
    }

    fn entry(&self, id: &str) -> Option<WaitingCall> {
        let name = call_file(id);
        let bytes = self.folder.read(&name)?;
        let call = serde_json::from_slice(&bytes).ok();
        let call = call.filter(|call: &WaitingCall| call.id == id);
        let Some(mut call) = call else {
            self.folder.warn(&name, "it holds no call of this id");
            return None;
        };
        if !self.folder.is_locked(&lock_file(id)) {
            call.waits_until_ms = call.waits_until_ms.min(now_ms());
        }
        Some(call)
    }

    fn failed(&self, source: std::io::Error) -> ApprovalError {
        ApprovalError::Folder {
            path: self.folder.path().to_owned(),
            source,
        }
    }
}

fn is_id(id: &str) -> bool {
    id.len() == ID_CHARS && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn call_file(id: &str) -> String {
    format!("{id}.json")
}

fn decision_file(id: &str) -> String {
    format!("{id}.decision")
}

/// Locked by the process whose call waits.
fn lock_file(id: &str) -> String {
    format!("{id}.lock")
}

fn declined_file(digest: &str) -> String {
    format!("{digest}.{DECLINED}")
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    ms(since.unwrap_or_default())
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
