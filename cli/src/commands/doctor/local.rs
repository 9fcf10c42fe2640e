//! The checks that need no exchange: key, base URL, state folder, kill switch, tokens.

use std::fs;
use std::io;
use std::path::Path;

use bpx_dispatch::KillSwitch;
use bpx_runtime::{Connection, Options};

use super::Check;
use crate::access::{StateFolder, base_url as named};
use crate::key::KeyArgs;

/// The files with the tokens of callers of `bpx serve`.
const TOKENS: [&str; 2] = ["read.token", "trade.token"];
/// The bits of a file's mode that give access to other users.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

pub(super) fn key(given: &KeyArgs) -> Check {
    match given.key() {
        Ok(key) => Check::ok(
            "key",
            format!("the secret belongs to {}", key.public_base64()),
        ),
        Err(failure) => Check::failure("key", &failure),
    }
}

/// Whether the exchange's URL is allowed.
pub(super) fn base_url(given: Option<&str>) -> Check {
    let url = match named(given) {
        Ok(url) => url,
        Err(failure) => return Check::failure("base-url", &failure),
    };
    match Connection::public(&url, Options::default()) {
        Ok(connection) => {
            let how = if url.starts_with("https:") {
                "encrypted"
            } else {
                "on this computer"
            };
            Check::ok("base-url", format!("{}, {how}", connection.base_url()))
        }
        Err(error) => Check::refused("base-url", error.into()),
    }
}

/// The folder, its kill switch and its tokens.
pub(super) fn state(folder: &StateFolder) -> Vec<Check> {
    let folder = match folder.folder() {
        Ok(folder) => folder,
        Err(failure) => return vec![Check::failure("state", &failure)],
    };
    let switch = match KillSwitch::open(&folder) {
        Ok(switch) => switch,
        Err(refused) => return vec![Check::refused("state", refused)],
    };
    let mut checks = vec![private_folder(&folder), kill_switch(&switch)];
    checks.extend(TOKENS.map(|name| token(name, &folder)));
    checks
}

fn private_folder(folder: &Path) -> Check {
    let shown = folder.display();
    match open_to_others(folder) {
        Ok(false) => Check::ok("state", shown.to_string()),
        Ok(true) => Check::warn(
            "state",
            format!("{shown}: other users can look into it"),
            format!("chmod 700 {shown}"),
        ),
        Err(error) => Check::fail(
            "state",
            format!("{shown}: {error}"),
            "give a folder this user may use",
        ),
    }
}

fn kill_switch(switch: &KillSwitch) -> Check {
    match switch.killed() {
        None => Check::ok("kill-switch", "off"),
        Some(reason) => Check::warn(
            "kill-switch",
            format!("on: {reason}"),
            "orders are refused until 'bpx revive'",
        ),
    }
}

fn token(name: &'static str, folder: &Path) -> Check {
    let path = folder.join(name);
    let shown = path.display();
    match open_to_others(&path) {
        Ok(false) => Check::ok(name, "for this user alone"),
        Ok(true) => Check::fail(
            name,
            "other users can read it",
            format!("delete it, and 'bpx serve' makes a new one; or chmod 600 {shown}"),
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Check::ok(name, "none yet: 'bpx serve' makes it")
        }
        Err(error) => Check::fail(
            name,
            format!("{shown}: {error}"),
            "make it a file this user may read, or delete it",
        ),
    }
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::metadata(path)?.permissions().mode() & OTHERS != 0)
}

#[cfg(not(unix))]
fn open_to_others(path: &Path) -> io::Result<bool> {
    fs::metadata(path).map(|_| false)
}
