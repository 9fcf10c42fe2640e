//! A running sandbox: the socket, its task, and the caller's handle on both.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::account::{Account, AccountKeys};
use crate::config::{RestingLiquidity, SandboxConfig};
use crate::errors::SandboxError;
use crate::exchange::Exchange;
use crate::http;
use crate::verified::Verified;

/// How long a shutdown waits for requests under way.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(2);

/// A running exchange. It stops when this handle is dropped or [`Sandbox::shutdown`] is called.
pub struct Sandbox {
    address: SocketAddr,
    exchange: Arc<Exchange>,
    /// The server runs as long as this end lives.
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Binds the address and serves in a task of the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] when the secret is not a key, the liquidity is refused, or the address cannot be bound.
    pub async fn start(config: SandboxConfig) -> Result<Self, SandboxError> {
        let exchange = Arc::new(Exchange::open(&config)?);
        let failed = |source| SandboxError::Listen {
            address: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(serve(listener, Arc::clone(&exchange), stopped));
        Ok(Self {
            address,
            exchange,
            stop,
            server,
        })
    }

    /// Where clients send requests, for example `http://127.0.0.1:49152`; no slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first account's public key in standard base64, as sent in `X-API-KEY`.
    #[must_use]
    pub fn api_key(&self) -> String {
        self.exchange.accounts.first().api_key()
    }

    /// The first account's 32-byte seed in standard base64.
    #[must_use]
    pub fn api_secret(&self) -> String {
        self.exchange.accounts.first().api_secret()
    }

    /// All accounts with their keys, in the order of the configuration. Only this and
    /// [`Sandbox::api_secret`] give secrets out.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountKeys> {
        self.exchange.accounts.iter().map(Account::keys).collect()
    }

    /// The last 10,000 authenticated requests in the order of their arrival. Requests whose signature
    /// did not verify are not in it.
    #[must_use]
    pub fn verified(&self) -> Vec<Verified> {
        self.exchange.log.snapshot()
    }

    /// From now on, whether both DELETE operations answer 202 and settle afterwards.
    pub fn settle_late(&self, late: bool) {
        self.exchange.set_settle_late(late);
    }

    /// Places one more order of the internal market maker. It trades with the account's orders it
    /// crosses, which is how those get filled, and rests the remainder.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Liquidity`] when the order is malformed or crosses the market maker's own orders.
    pub fn add_liquidity(&self, liquidity: &RestingLiquidity) -> Result<(), SandboxError> {
        self.exchange.add_liquidity(liquidity)
    }

    /// Stops accepting, lets requests under way finish for up to two seconds, then returns.
    pub async fn shutdown(self) {
        drop(self.stop);
        let abort = self.server.abort_handle();
        if tokio::time::timeout(SHUTDOWN_WAIT, self.server)
            .await
            .is_err()
        {
            abort.abort();
        }
    }
}

/// Serves until the sender of `stopped` is dropped.
async fn serve(listener: TcpListener, exchange: Arc<Exchange>, stopped: oneshot::Receiver<()>) {
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::warn!(%error, "TCP_NODELAY not set; answers may be late");
        }
    });
    let until_stopped = async move {
        let _ = stopped.await;
    };
    let served = axum::serve(listener, http::router(exchange))
        .with_graceful_shutdown(until_stopped)
        .await;
    if let Err(error) = served {
        tracing::error!(%error, "the sandbox stopped serving");
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("address", &self.address)
            .field("api_key", &self.api_key())
            .finish_non_exhaustive()
    }
}
