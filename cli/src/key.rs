//! The key pair that requests are signed with: from a file, standard input or the environment.

use std::env::{self, VarError};
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bpx_signing::Key;
use clap::Args;
use zeroize::Zeroizing;

use crate::failure::{Category, Failure};

const SECRET_VARIABLE: &str = "BACKPACK_API_SECRET";
const KEY_VARIABLE: &str = "BACKPACK_API_KEY";
/// The folder of a systemd service's credentials.
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
const STDIN: &str = "-";
/// A seed has 44 characters; a file that is longer than this is another one.
const SECRET_BYTES_MAX: usize = 256;

/// Where the secret is.
#[derive(Debug, Default, Args)]
pub(crate) struct KeyArgs {
    /// File that holds the API secret, for this user alone; - for standard input [default: BACKPACK_API_SECRET]
    #[arg(long, value_name = "FILE|-")]
    api_secret_file: Option<PathBuf>,
    /// Read once: standard input has it only once.
    #[arg(skip)]
    key: OnceLock<Key>,
}

impl KeyArgs {
    /// The key pair.
    pub(crate) fn key(&self) -> Result<Key, Failure> {
        if let Some(key) = self.key.get() {
            return Ok(key.clone());
        }
        let key = self.read()?;
        Ok(self.key.get_or_init(|| key).clone())
    }

    /// The file that is named; none for the environment and standard input.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.api_secret_file.as_deref().filter(|_| !self.is_stdin())
    }

    /// Whether standard input is the secret's.
    pub(crate) fn is_stdin(&self) -> bool {
        self.api_secret_file.as_deref() == Some(Path::new(STDIN))
    }

    fn read(&self) -> Result<Key, Failure> {
        let (name, secret) = match &self.api_secret_file {
            None => (SECRET_VARIABLE.to_owned(), from_environment()?),
            Some(_) if self.is_stdin() => {
                let name = "standard input";
                (name.to_owned(), text_of(name, stdin()?)?)
            }
            Some(path) => {
                let name = path.display().to_string();
                let secret = secret_in(path, &name)?;
                (name, secret)
            }
        };
        let key = key_of(&name, &secret)?;
        if let Some(public) = variable(KEY_VARIABLE)? {
            key.require_public(&public).map_err(|error| {
                let fix = "set it to the public key of the seed, or leave it unset";
                wrong(format!("{KEY_VARIABLE}: {error}"), fix)
            })?;
        }
        Ok(key)
    }
}

/// The key pair of a secret in a file.
pub(crate) fn key_in(path: &Path) -> Result<Key, Failure> {
    let name = path.display().to_string();
    key_of(&name, &secret_in(path, &name)?)
}

fn secret_in(path: &Path, name: &str) -> Result<Zeroizing<String>, Failure> {
    text_of(name, private(path, name)?)
}

fn key_of(name: &str, secret: &str) -> Result<Key, Failure> {
    Key::from_base64(secret.trim_end_matches(['\r', '\n'])).map_err(|error| {
        let fix = "give the seed alone, as `bpx keygen` prints it after BACKPACK_API_SECRET=";
        wrong(format!("{name}: {error}"), fix)
    })
}

fn from_environment() -> Result<Zeroizing<String>, Failure> {
    variable(SECRET_VARIABLE)?.map(Zeroizing::new).ok_or_else(|| {
        wrong(
            format!("{SECRET_VARIABLE} is not set"),
            "set it to the seed in standard base64, or give --api-secret-file; `bpx sandbox --env FILE` starts a local exchange, and `. FILE` sets it",
        )
    })
}

/// Standard input without the buffer of the standard library, where the secret would stay.
#[cfg(unix)]
fn stdin() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

#[cfg(not(unix))]
fn stdin() -> io::Result<io::Stdin> {
    Ok(io::stdin())
}

/// The file, unless other users can read it.
fn private(path: &Path, name: &str) -> Result<File, Failure> {
    let unreadable = |error: io::Error| {
        let fix = "name a file that this user can read";
        wrong(format!("{name}: {error}"), fix)
    };
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    match is_open_to_others(path, &metadata) {
        true => Err(wrong(
            format!("{name}: other users can read it"),
            format!("chmod 600 {name}"),
        )),
        false => Ok(file),
    }
}

/// Pipes are left alone: what a shell passes by one (`<(…)`) has a mode of its own. So has a credential of systemd, which
/// gives the service's user access by a list; that shows as permissions of the group (systemd.exec(5), "Credentials").
#[cfg(unix)]
fn is_open_to_others(path: &Path, metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let credentials = env::var_os(CREDENTIALS_VARIABLE).filter(|folder| !folder.is_empty());
    let others = match credentials {
        Some(folder) if path.parent() == Some(Path::new(&folder)) => 0o007,
        _ => 0o077,
    };
    metadata.is_file() && metadata.permissions().mode() & others != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path, _: &Metadata) -> bool {
    false
}

/// Reads into memory that is never moved and is wiped afterwards.
fn text_of(name: &str, mut source: impl Read) -> Result<Zeroizing<String>, Failure> {
    let mut bytes = Zeroizing::new([0; SECRET_BYTES_MAX]);
    let mut length = 0;
    loop {
        let rest = bytes.get_mut(length..).unwrap_or_default();
        let read = source.read(rest).map_err(|error| {
            let fix = "give the seed in standard base64";
            wrong(format!("{name} cannot be read ({error})"), fix)
        })?;
        length += read;
        if read == 0 {
            break;
        }
    }
    let text = bytes.get(..length).filter(|_| length < SECRET_BYTES_MAX);
    let text = text.and_then(|bytes| str::from_utf8(bytes).ok());
    let text = text.map(|text| Zeroizing::new(text.to_owned()));
    text.ok_or_else(|| {
        wrong(
            format!("{name} is not an API secret"),
            "give the seed alone",
        )
    })
}

/// A variable's text; an empty one counts as not set.
fn variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        // The error holds the value, so it is not passed on.
        Err(VarError::NotUnicode(_)) => Err(wrong(
            format!("{name} is not text"),
            "set it to standard base64",
        )),
    }
}

fn wrong(problem: String, fix: impl Into<String>) -> Failure {
    Failure::new(Category::ApiSecret, problem, fix)
}
