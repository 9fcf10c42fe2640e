//! Why a gateway could not start, and why a call could not be decided about.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a gateway could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// Neither REST nor MCP is to be served.
    #[error("there is nothing to serve; set an address for REST, for MCP, or for both")]
    NothingToServe,
    /// The address can be reached from other computers, and remote access is not allowed.
    #[error(
        "{address} can be reached from other computers; listen on 127.0.0.1, or allow it and put a proxy with TLS in front"
    )]
    Remote {
        /// The address.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}; use another port, or stop the program that uses this one"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
    /// A token's file cannot be created or read.
    #[error("{}: {source}; the state folder must be a folder this user may write", path.display())]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A token's file holds no valid token.
    #[error("{}: {problem}; {fix}", path.display())]
    Token {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
        /// What to do about it.
        fix: &'static str,
    },
    /// The state folder is another account's: callers with its tokens could trade on this one.
    #[error(
        "{}: the folder is of account {held}, and the key is of {account}; give each account a state folder of its own, \
         or delete this file and the tokens beside it", path.display()
    )]
    OtherAccount {
        /// The file that says whose folder it is.
        path: PathBuf,
        /// The account that the folder is of.
        held: String,
        /// The account of the key.
        account: String,
    },
    /// An invalid setting.
    #[error("{setting}: {problem}; {fix}")]
    Setting {
        /// The setting, with its value.
        setting: String,
        /// What is wrong with it.
        problem: &'static str,
        /// What to do about it.
        fix: &'static str,
    },
    /// What happens to the account cannot be written down.
    #[error("what happens to the account cannot be written down: {0}")]
    Events(#[source] bpx_dispatch::Refused),
    /// A route of the capability that cannot be served.
    #[error("route `{route}` of the capability: {problem}; {fix}")]
    Route {
        /// Its method and path.
        route: String,
        /// What is wrong with it.
        problem: String,
        /// What to do about it.
        fix: &'static str,
    },
    /// The client on standard input does not begin as the protocol demands.
    #[error("the client does not speak MCP: {problem}; start this from an MCP client")]
    Client {
        /// What it did.
        problem: String,
    },
    /// The system gives no random bytes.
    #[error(
        "the system gives no random bytes, so no consent can be sealed; check its random device"
    )]
    Random,
}

/// Why a call cannot wait for a person, or be decided about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApprovalError {
    /// No call of this id can be decided about.
    #[error("no call `{id}` waits: it was withdrawn, was made, or is too old")]
    NotWaiting {
        /// The id.
        id: String,
    },
    /// Somebody decided already.
    #[error("the call `{id}` has been decided about already")]
    Decided {
        /// The id.
        id: String,
    },
    /// Too many calls wait.
    #[error("{max} calls wait for a person already")]
    TooMany {
        /// How many may wait.
        max: usize,
    },
    /// No gateway has used the state folder.
    #[error("{}: no gateway has served with this state folder", path.display())]
    NeverServed {
        /// The state folder.
        path: PathBuf,
    },
    /// The folder of the calls cannot be read or written.
    #[error("{}: {source}; it must be a folder this user may write", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The token that decides cannot be read.
    #[error(transparent)]
    Token(#[from] GatewayError),
}
