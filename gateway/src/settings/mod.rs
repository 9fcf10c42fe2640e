//! Settings of a gateway.

mod mcp;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use bpx_capability::Exposed;
use bpx_dispatch::Dispatch;

pub use mcp::{Confirm, McpSettings};

/// Settings of a gateway. `Debug` shows no secret.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GatewaySettings {
    /// Makes the calls. The gateway closes it when it shuts down.
    pub dispatch: Dispatch,
    /// The routes, tools and skill to serve, joined with the API of `dispatch`.
    pub exposed: Exposed,
    /// The folder that holds the tokens; it is created if it is missing.
    pub state: PathBuf,
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
    /// Limits on callers.
    pub limits: Limits,
    /// Settings of the MCP server.
    pub mcp_settings: McpSettings,
}

impl GatewaySettings {
    /// A gateway over `dispatch` that serves `exposed`, keeps its tokens in the folder `state`, and has no address yet.
    #[must_use]
    pub fn new(dispatch: Dispatch, exposed: Exposed, state: impl Into<PathBuf>) -> Self {
        Self {
            dispatch,
            exposed,
            state: state.into(),
            rest: None,
            mcp: None,
            allow_remote: false,
            hosts: Vec::new(),
            origins: Vec::new(),
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
    /// Connections per port. 512 by default; further ones wait to be accepted.
    pub connections_max: usize,
    /// Maximum size of a body in bytes. 64 KiB by default.
    pub body_bytes_max: usize,
    /// How long the head of a request may take, from the end of the previous request. 30 s by default.
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
            body_bytes_max: 64 * 1024,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(10),
            drain_max: Duration::from_secs(45),
        }
    }
}
