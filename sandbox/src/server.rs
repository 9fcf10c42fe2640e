//! A running sandbox: its sockets, their tasks, and the caller's handle on all of it.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rust_decimal::Decimal;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::account::{Account, AccountKeys};
use crate::config::{RestingLiquidity, SandboxConfig};
use crate::control::{self, Control, WATCHERS_MAX};
use crate::errors::SandboxError;
use crate::exchange::Exchange;
use crate::fault::{ArmedFault, FaultFired, FaultRule, Faults, Line, LineListener};
use crate::http;
use crate::stop::Stop;
use crate::stream::{Streams, hub};
use crate::verified::Verified;
use crate::words::ReferencePrice;

/// How long a shutdown waits for requests under way.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(2);

/// A running exchange. It stops when this handle is dropped or [`Sandbox::shutdown`] is called.
pub struct Sandbox {
    address: SocketAddr,
    control: Arc<Control>,
    exchange: Arc<Exchange>,
    faults: Arc<Faults>,
    streams: Streams,
    /// The servers run as long as this end lives.
    stop: watch::Sender<()>,
    servers: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Binds the addresses and serves in tasks of the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] when the secret is not a key, the liquidity is refused, or an address cannot be bound.
    pub async fn start(config: SandboxConfig) -> Result<Self, SandboxError> {
        let exchange = Arc::new(Exchange::open(&config)?);
        let faults = Arc::<Faults>::default();
        let (listener, address) = bind(config.listen).await?;
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (control_listener, control_address) = bind(config.control.unwrap_or(any_port)).await?;
        let (stop, stopped) = Stop::channel();
        let streams = Streams::new(Arc::clone(&exchange), Arc::clone(&faults), stopped.clone());
        let routes = http::router(Arc::clone(&exchange), Arc::clone(&faults), streams.clone());
        let hub = hub::run(Arc::clone(&exchange), Arc::clone(&faults), stopped.clone());
        let control = Arc::new(Control {
            exchange: Arc::clone(&exchange),
            faults: Arc::clone(&faults),
            config,
            base_url: format!("http://{address}"),
            address: control_address,
            watchers: Arc::new(Semaphore::new(WATCHERS_MAX)),
            stop: stopped.clone(),
        });
        let control_routes = control::router(Arc::clone(&control));
        let servers = vec![
            tokio::spawn(hub),
            tokio::spawn(serve(listener, routes, stopped.clone())),
            tokio::spawn(serve(control_listener, control_routes, stopped)),
        ];
        Ok(Self {
            address,
            control,
            exchange,
            faults,
            streams,
            stop,
            servers,
        })
    }

    /// Where clients send requests, for example `http://127.0.0.1:49152`; no slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the control port and the page are, for example `http://127.0.0.1:49153`; no slash at the end.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("http://{}", self.control.address)
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

    /// Places one more order of the internal market maker. It trades with the accounts' orders it
    /// crosses, which is how those get filled, takes the place of the market maker's own that it crosses,
    /// and rests the remainder.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Liquidity`] when the order is malformed.
    pub fn add_liquidity(&self, liquidity: &RestingLiquidity) -> Result<(), SandboxError> {
        self.exchange.add_liquidity(liquidity)
    }

    /// Sets a reference price of a market, in the quote asset; the orders it triggers enter the book.
    ///
    /// # Errors
    ///
    /// [`SandboxError::ReferencePrice`] when there is no such market, or the price is not positive, not below
    /// 10,000,000, or has more than 6 decimals.
    pub fn set_reference_price(
        &self,
        symbol: &str,
        which: ReferencePrice,
        price: Decimal,
    ) -> Result<(), SandboxError> {
        self.exchange.set_reference_price(symbol, which, price)
    }

    /// Arms a fault: it happens to the requests its rule chooses. Gives the rule's number.
    ///
    /// ```
    /// # use bpx_sandbox::{Fault, Sandbox, SandboxConfig};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), bpx_sandbox::SandboxError> {
    /// let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    /// sandbox.arm(Fault::DropAfter.on("execute_order").nth(2))?;
    /// assert_eq!(sandbox.faults_armed().len(), 1);
    /// assert!(sandbox.faults_fired().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`SandboxError::Fault`] when the rule could never happen as written.
    pub fn arm(&self, rule: impl Into<FaultRule>) -> Result<u64, SandboxError> {
        let ids = self.faults.arm(vec![rule.into()])?;
        Ok(ids.into_iter().next().unwrap_or_default())
    }

    /// Takes all armed faults away; what happened stays on record.
    pub fn disarm(&self) {
        self.faults.disarm();
    }

    /// The armed rules, in the order they were armed.
    #[must_use]
    pub fn faults_armed(&self) -> Vec<ArmedFault> {
        self.faults.armed()
    }

    /// The last 1,000 faults that happened, oldest first, whether a rule or a header chose them.
    #[must_use]
    pub fn faults_fired(&self) -> Vec<FaultFired> {
        self.faults.fired(usize::MAX)
    }

    /// From now on, the exchange's clock and its `Date` header are ahead by this much, in milliseconds;
    /// negative for behind.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Fault`] when it is more than a year.
    pub fn set_clock_skew(&self, skew_ms: i64) -> Result<(), SandboxError> {
        self.faults.set_skew_ms(skew_ms)
    }

    /// Puts book, balances, faults and clock back to how they started; the keys stay.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] when the configuration no longer opens, which means that no random bytes were given.
    pub fn reset(&self) -> Result<(), SandboxError> {
        self.control.reset()
    }

    /// Stops accepting, ends the streams with Close frames, lets requests under way finish for up to two
    /// seconds, then returns.
    pub async fn shutdown(self) {
        drop(self.stop);
        let until = tokio::time::Instant::now() + SHUTDOWN_WAIT;
        for mut server in self.servers {
            if tokio::time::timeout_at(until, &mut server).await.is_err() {
                server.abort();
            }
        }
        let _ = tokio::time::timeout_at(until, self.streams.ended()).await;
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), SandboxError> {
    let failed = |source| SandboxError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Serves until the sandbox stops.
async fn serve(listener: TcpListener, router: Router, stop: Stop) {
    let service = router.into_make_service_with_connect_info::<Line>();
    let served = axum::serve(LineListener(listener), service)
        .with_graceful_shutdown(stop.asked())
        .await;
    if let Err(error) = served {
        tracing::error!(%error, "the sandbox stopped serving");
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("address", &self.address)
            .field("control", &self.control.address)
            .field("api_key", &self.api_key())
            .finish_non_exhaustive()
    }
}
