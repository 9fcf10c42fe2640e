//! Settings of a gateway.

mod account;
mod mcp;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use bpx_capability::Exposed;
use bpx_dispatch::Dispatch;

pub use account::AccountSettings;
pub use mcp::{Confirm, McpSettings};

/// Settings of a gateway. `Debug` shows no secret.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GatewaySettings {
    /// The accounts, at least one, all with the same API. Several have names.
    pub accounts: Vec<AccountSettings>,
    /// The routes, tools and skill to serve, joined with the API of the accounts.
    pub exposed: Exposed,
    /// Where REST listens; none for no REST. Port 0 takes any free port.
    pub rest: Option<SocketAddr>,
    /// Where MCP listens; none for no MCP. Port 0 takes any free port.
    pub mcp: Option<SocketAddr>,
    /// Whether to listen on addresses that other computers can reach.
    pub allow_remote: bool,
    /// Further values of `Host` to accept, with their port unless it is the scheme's default: the names under which a
    /// proxy or other computers reach this gateway.
    pub hosts: Vec<String>,
    /// Origins of web pages that may call from a browser, such as `https://desk.example`. None by default.
    pub origins: Vec<String>,
    /// Whether to listen to what happens to the accounts, and to serve it as events. One gateway of an account does it.
    pub events: bool,
    /// Limits on callers.
    pub limits: Limits,
    /// Settings of the MCP server.
    pub mcp_settings: McpSettings,
}

impl GatewaySettings {
    /// A gateway over `dispatch` that serves `exposed`, keeps its tokens in the folder `state`, and has no address yet.
    #[must_use]
    pub fn new(dispatch: Dispatch, exposed: Exposed, state: impl Into<PathBuf>) -> Self {
        Self::of(vec![AccountSettings::new(dispatch, state)], exposed)
    }

    /// A gateway over several accounts, which has no address yet. The token of a request says whose it is.
    #[must_use]
    pub fn of(accounts: Vec<AccountSettings>, exposed: Exposed) -> Self {
        Self {
            accounts,
            exposed,
            rest: None,
            mcp: None,
            allow_remote: false,
            hosts: Vec::new(),
            origins: Vec::new(),
            events: false,
            limits: Limits::default(),
            mcp_settings: McpSettings::default(),
        }
    }

    /// The REST address that the capability file asks for: its port on this computer. None if it exposes no REST.
    #[must_use]
    pub fn rest_default(exposed: &Exposed) -> Option<SocketAddr> {
        exposed.rest.first().map(|server| local(server.port))
    }

    /// The MCP address that the capability file asks for: its port on this computer. None if it exposes no MCP over
    /// HTTP.
    #[must_use]
    pub fn mcp_default(exposed: &Exposed) -> Option<SocketAddr> {
        exposed.mcp.first()?.port.map(local)
    }
}

/// The capability file's own address is ignored: only [`GatewaySettings::allow_remote`] admits other computers.
fn local(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

/// Limits on callers. Rates are counted per token, over both ports together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Requests per second, of any kind. 100 by default.
    pub requests_per_second: NonZeroU32,
    /// Burst of requests after a pause. 200 by default.
    pub requests_burst: NonZeroU32,
    /// Calls per second that change the account. 10 by default.
    pub changes_per_second: NonZeroU32,
    /// Burst of calls that change the account, after a pause. 20 by default.
    pub changes_burst: NonZeroU32,
    /// Requests in flight, on both ports together. 256 by default; further ones are refused.
    pub in_flight_max: usize,
    /// Connections, on both ports together. 512 by default; a further one takes the place of the one that has had no
    /// request in flight for longest, first of those that have shown no valid token.
    pub connections_max: usize,
    /// Connections that have shown no valid token and have no request in flight, on both ports together. 128 by default;
    /// a further one takes the place of the oldest.
    pub strangers_max: usize,
    /// How long a connection that has shown no valid token may be silent. 5 s by default.
    pub stranger_timeout: Duration,
    /// Maximum size of a body in bytes. 64 KiB by default.
    pub body_bytes_max: usize,
    /// How long the head of a request may take, from the end of the previous request, on a connection that has shown a
    /// valid token. 30 s by default.
    pub head_timeout: Duration,
    /// How long a body may take. 10 s by default.
    pub body_timeout: Duration,
    /// How long a shutdown waits for requests in flight before it cuts their connections. It waits without a limit for
    /// calls that were sent to the exchange. 45 s by default: longer than dispatch needs to settle a call.
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
            strangers_max: 128,
            stranger_timeout: Duration::from_secs(5),
            body_bytes_max: 64 * 1024,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(10),
            drain_max: Duration::from_secs(45),
        }
    }
}
