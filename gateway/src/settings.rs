//! What a gateway is started with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use bpx_client::capability::{MCP, REST};
use bpx_dispatch::Dispatch;

use crate::mcp::McpSettings;

/// What a gateway is started with. `Debug` shows no secret.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GatewaySettings {
    /// Where calls go. The gateway closes it at its end.
    pub dispatch: Dispatch,
    /// The folder that holds the tokens; it is made where it is missing.
    pub state: PathBuf,
    /// Where REST listens; none for no REST. Port 0 takes any free port.
    pub rest: Option<SocketAddr>,
    /// Where MCP listens; none for no MCP. Port 0 takes any free port.
    pub mcp: Option<SocketAddr>,
    /// Whether an address may be listened on that other computers reach.
    pub allow_remote: bool,
    /// Further values of `Host` that are accepted, with their port unless it is the scheme's own: the names under which
    /// a proxy or other computers reach this gateway.
    pub hosts: Vec<String>,
    /// Web pages that may call from a browser, by their origin, such as `https://desk.example`. None by default.
    pub origins: Vec<String>,
    /// What callers may use up.
    pub limits: Limits,
    /// How the MCP face behaves.
    pub mcp_face: McpSettings,
}

impl GatewaySettings {
    /// A gateway over `dispatch` that keeps its tokens in the folder `state`, and listens nowhere yet.
    #[must_use]
    pub fn new(dispatch: Dispatch, state: impl Into<PathBuf>) -> Self {
        Self {
            dispatch,
            state: state.into(),
            rest: None,
            mcp: None,
            allow_remote: false,
            hosts: Vec::new(),
            origins: Vec::new(),
            limits: Limits::default(),
            mcp_face: McpSettings::default(),
        }
    }

    /// Where the capability file wants REST: its port on this computer. None if it exposes no REST.
    #[must_use]
    pub fn rest_default() -> Option<SocketAddr> {
        REST.first().map(|server| local(server.port))
    }

    /// Where the capability file wants MCP: its port on this computer. None if it exposes no MCP over HTTP.
    #[must_use]
    pub fn mcp_default() -> Option<SocketAddr> {
        MCP.first().and_then(|server| server.port).map(local)
    }
}

/// An address of the capability file is left out of account: other computers are allowed by settings alone.
fn local(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

/// What callers may use up. Rates are counted for each token; the port does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Requests per second, of any kind. 100 by default.
    pub requests_per_second: NonZeroU32,
    /// Requests at once that make up for earlier silence. 200 by default.
    pub requests_burst: NonZeroU32,
    /// Calls per second that change the account. 10 by default.
    pub changes_per_second: NonZeroU32,
    /// Calls at once that change the account and make up for earlier silence. 20 by default.
    pub changes_burst: NonZeroU32,
    /// Requests under way, on both ports together. 256 by default; beyond that they are refused.
    pub in_flight_max: usize,
    /// Connections of each port. 512 by default; beyond that they wait to be accepted.
    pub connections_max: usize,
    /// Most bytes of a body. 64 KiB by default.
    pub body_bytes_max: usize,
    /// How long the head of a request may take, from the end of the one before. 30 s by default.
    pub head_timeout: Duration,
    /// How long a body may take. 10 s by default.
    pub body_timeout: Duration,
    /// How long a shutdown waits for requests under way before it cuts their connections. What was sent to the exchange
    /// is waited for however long it takes. 45 s by default: longer than dispatch settles a call.
    pub drain_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        const fn number(value: u32) -> NonZeroU32 {
            match NonZeroU32::new(value) {
                Some(value) => value,
                None => NonZeroU32::MIN,
            }
        }
        Self {
            requests_per_second: number(100),
            requests_burst: number(200),
            changes_per_second: number(10),
            changes_burst: number(20),
            in_flight_max: 256,
            connections_max: 512,
            body_bytes_max: 64 * 1024,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(10),
            drain_max: Duration::from_secs(45),
        }
    }
}
