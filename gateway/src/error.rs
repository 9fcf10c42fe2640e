//! The one error of this crate: why a gateway could not start.

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
