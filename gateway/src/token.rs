//! The two tokens: created once, kept in files, compared in constant time.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::{Choice, ConstantTimeEq as _};
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use crate::caller::Scope;
use crate::error::GatewayError;

const TOKEN_BYTES: usize = 32;
/// The length of 32 bytes in base64url. A token that the operator chose must not be shorter.
const TOKEN_CHARS_MIN: usize = 43;
const TOKEN_CHARS_MAX: usize = 256;

/// The tokens that identify callers.
pub(crate) struct Tokens {
    read: Zeroizing<String>,
    trade: Zeroizing<String>,
}

impl Tokens {
    /// Reads the tokens, and creates those that are missing.
    pub(crate) fn open(state: &Path) -> Result<Self, GatewayError> {
        bpx_dispatch::private_folder(state).map_err(|source| GatewayError::TokenFile {
            path: state.to_owned(),
            source,
        })?;
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

fn open(path: &Path) -> Result<Zeroizing<String>, GatewayError> {
    let at = |source| GatewayError::TokenFile {
        path: path.to_owned(),
        source,
    };
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(path).map_err(at)?,
        _ => {}
    }
    require_private(path)?;
    let text = Zeroizing::new(fs::read_to_string(path).map_err(at)?);
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

/// Writes a new token. The file appears complete and readable by this user only; if another process was faster, its
/// token stays.
fn create(path: &Path) -> io::Result<()> {
    let mut bytes = Zeroizing::new([0; TOKEN_BYTES]);
    getrandom::fill(bytes.as_mut_slice()).map_err(io::Error::other)?;
    let token = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    writeln!(file, "{}", token.as_str())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
        Ok(_) => Ok(()),
    }
}

/// Refuses a token that other users can read.
#[cfg(unix)]
fn require_private(path: &Path) -> Result<(), GatewayError> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(path).map_err(|source| GatewayError::TokenFile {
        path: path.to_owned(),
        source,
    })?;
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
