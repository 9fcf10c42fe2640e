//! Tokens: created once, kept in files, compared in constant time.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

use crate::caller::Scope;
use crate::error::GatewayError;
use crate::new_file;

const TOKEN_BYTES: usize = 32;
/// The length of 32 bytes in base64url. A token that the operator chose must not be shorter.
const TOKEN_CHARS_MIN: usize = 43;
const TOKEN_CHARS_MAX: usize = 256;

/// The two tokens that identify callers.
pub(crate) struct Tokens {
    read: Zeroizing<String>,
    trade: Zeroizing<String>,
}

impl Tokens {
    /// Reads the tokens, and creates those that are missing.
    pub(crate) fn open(state: &Path) -> Result<Self, GatewayError> {
        bpx_dispatch::private_folder(state).map_err(at(state))?;
        let tokens = Self {
            read: open(&file(state, Scope::Read))?,
            trade: open(&file(state, Scope::Trade))?,
        };
        if tokens.read == tokens.trade {
            return Err(GatewayError::Token {
                path: file(state, Scope::Trade),
                problem: "it holds the same token as the other file, so every reader could trade",
                fix: "delete one of the two files; a new token is made at the next start",
            });
        }
        Ok(tokens)
    }

    /// The scope of a token that is also one of the other account's.
    pub(crate) fn shared_with(&self, other: &Self) -> Option<Scope> {
        let own = [(&self.read, Scope::Read), (&self.trade, Scope::Trade)];
        let shared = own
            .into_iter()
            .find(|(token, _)| other.scope(token).is_some());
        shared.map(|(_, scope)| scope)
    }

    /// The scope of this token; none if it is unknown. The time it takes depends on the token's length alone.
    pub(crate) fn scope(&self, token: &str) -> Option<Scope> {
        let is = |own: &Zeroizing<String>| -> Choice { own.as_bytes().ct_eq(token.as_bytes()) };
        let (read, trade) = (is(&self.read), is(&self.trade));
        if bool::from(trade) {
            return Some(Scope::Trade);
        }
        bool::from(read).then_some(Scope::Read)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(hidden)")
    }
}

/// Where the token of a scope is kept.
pub(crate) fn file(state: &Path, scope: Scope) -> PathBuf {
    state.join(format!("{}.token", scope.word()))
}

/// The token in a file; one is made where there is no file.
pub(crate) fn open(path: &Path) -> Result<Zeroizing<String>, GatewayError> {
    if is_missing(path) {
        create(path).map_err(at(path))?;
    }
    read(path)
}

/// The token in a file.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, GatewayError> {
    if is_missing(path) {
        return Err(GatewayError::Token {
            path: path.to_owned(),
            problem: "it is missing",
            fix: "start the gateway again, and it makes a new one",
        });
    }
    require_private(path)?;
    let text = Zeroizing::new(fs::read_to_string(path).map_err(at(path))?);
    let token = Zeroizing::new(text.trim().to_owned());
    let is_valid = (TOKEN_CHARS_MIN..=TOKEN_CHARS_MAX).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_valid {
        return Err(GatewayError::Token {
            path: path.to_owned(),
            problem: "it holds no token of 43 to 256 visible ASCII characters",
            fix: "delete it; a new token is made at the next start",
        });
    }
    Ok(token)
}

fn at(path: &Path) -> impl Fn(io::Error) -> GatewayError {
    move |source| GatewayError::TokenFile {
        path: path.to_owned(),
        source,
    }
}

fn is_missing(path: &Path) -> bool {
    fs::metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// Writes a new token. The file appears complete and readable by this user only; if another process was faster, its
/// token stays.
fn create(path: &Path) -> io::Result<()> {
    let mut bytes = Zeroizing::new([0; TOKEN_BYTES]);
    getrandom::fill(bytes.as_mut_slice()).map_err(io::Error::other)?;
    // Room for all of it: a text that moves leaves a copy behind.
    let mut line = Zeroizing::new(String::with_capacity(2 * TOKEN_BYTES));
    URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut line);
    line.push('\n');
    new_file::create(path, line.as_bytes()).map(drop)
}

/// Refuses a token that other users can read.
#[cfg(unix)]
fn require_private(path: &Path) -> Result<(), GatewayError> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(path).map_err(at(path))?;
    if metadata.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(GatewayError::Token {
        path: path.to_owned(),
        problem: "other users can read it",
        fix: "delete it, and a new token is made at the next start; or run chmod 600 on it",
    })
}

#[cfg(not(unix))]
fn require_private(_: &Path) -> Result<(), GatewayError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_made_once_and_stay() {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("state");
        let first = Tokens::open(&folder).unwrap();
        let again = Tokens::open(&folder).unwrap();
        assert_eq!(first.read, again.read);
        assert_eq!(first.trade, again.trade);
        assert_eq!(first.read.len(), TOKEN_CHARS_MIN);
        assert_eq!(again.scope(&first.read), Some(Scope::Read));
        assert_eq!(again.scope(&first.trade), Some(Scope::Trade));
    }

    #[test]
    fn anything_but_a_whole_token_is_none() {
        let state = tempfile::tempdir().unwrap();
        let tokens = Tokens::open(state.path()).unwrap();
        let short = &tokens.trade[..42];
        let long = format!("{}x", tokens.trade.as_str());
        for wrong in ["", "read", short, &long] {
            assert_eq!(tokens.scope(wrong), None);
        }
        assert_eq!(format!("{tokens:?}"), "Tokens(hidden)");
    }

    #[cfg(unix)]
    #[test]
    fn files_are_for_this_user_alone_and_refused_if_they_are_not() {
        use std::os::unix::fs::PermissionsExt as _;
        let state = tempfile::tempdir().unwrap();
        Tokens::open(state.path()).unwrap();
        let path = file(state.path(), Scope::Trade);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let refused = Tokens::open(state.path()).unwrap_err().to_string();
        assert!(refused.contains("other users can read it"), "{refused}");
    }

    #[test]
    fn a_file_without_a_token_or_with_the_others_is_refused() {
        let state = tempfile::tempdir().unwrap();
        Tokens::open(state.path()).unwrap();
        let (read, trade) = (
            file(state.path(), Scope::Read),
            file(state.path(), Scope::Trade),
        );
        fs::write(&trade, fs::read(&read).unwrap()).unwrap();
        let refused = Tokens::open(state.path()).unwrap_err().to_string();
        assert!(refused.contains("the same token"), "{refused}");
        fs::write(&trade, "secret\n").unwrap();
        let refused = Tokens::open(state.path()).unwrap_err().to_string();
        assert!(refused.contains("no token of 43"), "{refused}");
        assert!(!refused.contains("secret"), "{refused}");
    }
}
