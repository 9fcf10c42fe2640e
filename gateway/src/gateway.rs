//! A running gateway.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::caller::{Protocol, Scope};
use crate::error::GatewayError;
use crate::guard::Guard;
use crate::settings::GatewaySettings;
use crate::shared::Shared;
use crate::token::{self, Tokens};
use crate::{listen, mcp, rest};

/// A running gateway. It stops accepting when this handle is dropped; [`Gateway::shutdown`] stops it in order.
pub struct Gateway {
    rest: Option<SocketAddr>,
    mcp: Option<SocketAddr>,
    state: PathBuf,
    shared: Arc<Shared>,
    tokens: Arc<RwLock<Tokens>>,
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
        let tokens = Arc::new(RwLock::new(Tokens::open(&settings.state)?));
        let shared = Arc::new(Shared::new(&settings, stop.clone()));
        shared.metrics.watch(&shared.dispatch);
        let rest = bind(settings.rest, settings.allow_remote).await?;
        let mcp = bind(settings.mcp, settings.allow_remote).await?;
        let mut gateway = Self {
            rest: None,
            mcp: None,
            state: settings.state.clone(),
            shared,
            tokens,
            servers: Vec::new(),
            stop: stop.drop_guard(),
        };
        if let Some((listener, address)) = rest {
            let guard = gateway.guard(Protocol::Rest, address, &settings)?;
            gateway.rest = Some(address);
            gateway.serve(listener, rest::router(&guard)?);
        }
        if let Some((listener, address)) = mcp {
            let guard = gateway.guard(Protocol::Mcp, address, &settings)?;
            gateway.mcp = Some(address);
            let routes = mcp::router(&guard, &settings.mcp_settings)?;
            gateway.serve(listener, routes);
        }
        Ok(gateway)
    }

    fn guard(
        &self,
        protocol: Protocol,
        address: SocketAddr,
        settings: &GatewaySettings,
    ) -> Result<Guard, GatewayError> {
        let (shared, tokens) = (Arc::clone(&self.shared), Arc::clone(&self.tokens));
        Guard::new(shared, tokens, protocol, address, settings)
    }

    fn serve(&mut self, listener: TcpListener, routes: Router) {
        let shared = Arc::clone(&self.shared);
        self.servers
            .push(tokio::spawn(listen::serve(listener, routes, shared)));
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

    /// The file that holds the token of this scope.
    #[must_use]
    pub fn token_file(&self, scope: Scope) -> PathBuf {
        token::file(&self.state, scope)
    }

    /// Reads the tokens from their files again, and makes those that are missing. Sessions and requests in flight go on.
    ///
    /// # Errors
    /// A file that cannot be read or holds no token; then the tokens stay as they are.
    pub fn reload_tokens(&self) -> Result<(), GatewayError> {
        let tokens = Tokens::open(&self.state)?;
        let held = self.tokens.write();
        *held.unwrap_or_else(PoisonError::into_inner) = tokens;
        Ok(())
    }

    /// Stops accepting, lets requests in flight finish for as long as
    /// [`Limits::drain_max`](crate::Limits::drain_max), and closes dispatch: each call that was sent gets its outcome in
    /// the journal, however long that takes.
    pub async fn shutdown(self) {
        drop(self.stop);
        for server in self.servers {
            // A server task that panicked has nothing left to finish.
            let _ = server.await;
        }
        self.shared.dispatch.close().await;
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("rest", &self.rest)
            .field("mcp", &self.mcp)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

async fn bind(
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
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok(Some((listener, bound)))
}
