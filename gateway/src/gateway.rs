//! A running gateway.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::accounts::Accounts;
use crate::caller::{Protocol, Scope};
use crate::error::GatewayError;
use crate::guard::Guard;
use crate::settings::GatewaySettings;
use crate::{listen, mcp, rest, token};

/// How many connections wait to be accepted. Where more come at once, a caller has to try again after a second.
const BACKLOG: u32 = 1024;

/// A running gateway. It stops accepting when this handle is dropped; [`Gateway::shutdown`] stops it in order.
pub struct Gateway {
    rest: Option<SocketAddr>,
    mcp: Option<SocketAddr>,
    accounts: Arc<Accounts>,
    servers: Vec<JoinHandle<()>>,
    stop: DropGuard,
}

/// The runtime with the lowest latency for a gateway: one thread. A call passes several tasks, and on one thread none of
/// them waits for another core to wake up. The time goes into waiting for the exchange, not into computing.
///
/// # Errors
/// What the system says.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

impl Gateway {
    /// Makes the tokens if there are none, listens, and serves in tasks of the current tokio runtime.
    ///
    /// # Errors
    /// [`GatewayError`]; then nothing is served.
    pub async fn start(settings: GatewaySettings) -> Result<Self, GatewayError> {
        if settings.rest.is_none() && settings.mcp.is_none() {
            return Err(GatewayError::NothingToServe);
        }
        let stop = CancellationToken::new();
        let rest = bind(settings.rest, settings.allow_remote)?;
        let mcp = bind(settings.mcp, settings.allow_remote)?;
        let rest_address = rest.as_ref().map(|(_, address)| *address);
        let accounts = Arc::new(Accounts::open(&settings, rest_address, stop.clone())?);
        if settings.events {
            listen_to(&accounts).await?;
        }
        let mut gateway = Self {
            rest: None,
            mcp: None,
            accounts,
            servers: Vec::new(),
            stop: stop.drop_guard(),
        };
        if let Some((listener, address)) = rest {
            let guard = gateway.guard(Protocol::Rest, address, &settings)?;
            gateway.rest = Some(address);
            gateway.serve(listener, Protocol::Rest, rest::router(&guard)?);
        }
        if let Some((listener, address)) = mcp {
            let guard = gateway.guard(Protocol::Mcp, address, &settings)?;
            gateway.mcp = Some(address);
            let routes = mcp::router(&guard, &settings.mcp_settings)?;
            gateway.serve(listener, Protocol::Mcp, routes);
        }
        Ok(gateway)
    }

    fn guard(
        &self,
        protocol: Protocol,
        address: SocketAddr,
        settings: &GatewaySettings,
    ) -> Result<Guard, GatewayError> {
        Guard::new(Arc::clone(&self.accounts), protocol, address, settings)
    }

    fn serve(&mut self, listener: TcpListener, protocol: Protocol, routes: Router) {
        let shared = Arc::clone(&self.accounts.first);
        let serving = listen::serve(listener, protocol, routes, shared);
        self.servers.push(tokio::spawn(serving));
    }

    /// Where REST listens.
    #[must_use]
    pub fn rest_address(&self) -> Option<SocketAddr> {
        self.rest
    }

    /// Where MCP listens.
    #[must_use]
    pub fn mcp_address(&self) -> Option<SocketAddr> {
        self.mcp
    }

    /// The file that holds the token of this scope, of the first account.
    #[must_use]
    pub fn token_file(&self, scope: Scope) -> PathBuf {
        token::file(&self.accounts.first.state, scope)
    }

    /// The file that holds the token of who approves calls, of the first account.
    #[must_use]
    pub fn approve_token_file(&self) -> PathBuf {
        self.accounts.first.approvals.token_file().to_owned()
    }

    /// Where the page for approvals is, as this computer reaches it; none without REST.
    #[must_use]
    pub fn approval_page(&self) -> Option<&str> {
        self.accounts.first.approval_page.as_deref()
    }

    /// Reads the tokens of every account from their files again, and makes those that are missing. Sessions and requests in flight go on.
    ///
    /// # Errors
    /// A file that cannot be read or holds no token; then the tokens stay as they are.
    pub fn reload_tokens(&self) -> Result<(), GatewayError> {
        self.accounts.reload_tokens()
    }

    /// Stops accepting, lets requests in flight finish for as long as
    /// [`Limits::drain_max`](crate::Limits::drain_max), and closes every dispatch: each call that was sent gets its outcome in
    /// the journal, however long that takes.
    pub async fn shutdown(self) {
        drop(self.stop);
        for server in self.servers {
            // A server task that panicked has nothing left to finish.
            let _ = server.await;
        }
        for account in self.accounts.iter() {
            account.dispatch.close().await;
        }
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("rest", &self.rest)
            .field("mcp", &self.mcp)
            .finish_non_exhaustive()
    }
}

/// Begins to write down what happens to each account.
async fn listen_to(accounts: &Accounts) -> Result<(), GatewayError> {
    for account in accounts.iter() {
        let listens = account.dispatch.listen().await;
        if !listens.map_err(GatewayError::Events)? {
            return Err(GatewayError::Setting {
                setting: "events".to_owned(),
                problem: "this API tells nothing by itself",
                fix: "leave the events out",
            });
        }
    }
    Ok(())
}

fn bind(
    address: Option<SocketAddr>,
    allow_remote: bool,
) -> Result<Option<(TcpListener, SocketAddr)>, GatewayError> {
    let Some(address) = address else {
        return Ok(None);
    };
    if !address.ip().is_loopback() && !allow_remote {
        return Err(GatewayError::Remote { address });
    }
    let failed = |source| GatewayError::Listen { address, source };
    let listener = listen_at(address).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok(Some((listener, bound)))
}

fn listen_at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // On Windows it would let another program take the port over.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
