//! The exchange and the gateway as processes of their own: this program, started again.

use std::io::{self, BufRead as _, BufReader};
use std::num::NonZeroU32;
use std::process::{Child, Command, Stdio};

use bpx_client::operations::OPERATIONS;
use bpx_dispatch::Dispatch;
use bpx_gateway::{Gateway, GatewaySettings, Scope};
use bpx_runtime::{Key, Options, Signer};
use bpx_sandbox::{Sandbox, SandboxConfig};
use bpx_venue::exposed;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The arguments that make this program one or the other.
pub(crate) const EXCHANGE: &str = "serve-the-exchange";
pub(crate) const GATEWAY: &str = "serve-the-gateway";

/// Nothing here is to be slowed down but by work.
const UNLIMITED: NonZeroU32 = NonZeroU32::MAX;

/// Serves until standard input ends, that is until the benchmark does.
pub(crate) fn serve_exchange() {
    Runtime::new().unwrap().block_on(async {
        let sandbox = Sandbox::start(SandboxConfig::bare()).await.unwrap();
        println!("{} {}", sandbox.base_url(), sandbox.api_secret());
        input_ends().await;
        sandbox.shutdown().await;
    });
}

/// Likewise; the arguments are the exchange, the secret and the state folder.
pub(crate) fn serve_gateway(arguments: Vec<String>) {
    let [base_url, secret, state] = arguments.try_into().unwrap();
    bpx_gateway::runtime().unwrap().block_on(async {
        let signer = Signer::new(Key::from_base64(&secret).unwrap(), OPERATIONS);
        let settings = bpx_venue::settings(base_url, signer, &state).allow_trading(true);
        let settings = settings.with_options(options());
        let dispatch = Dispatch::open(settings).await.unwrap();
        let mut settings = GatewaySettings::new(dispatch, exposed().clone(), state);
        settings.rest = Some("127.0.0.1:0".parse().unwrap());
        settings.mcp = settings.rest;
        settings.limits.requests_per_second = UNLIMITED;
        settings.limits.requests_burst = UNLIMITED;
        settings.limits.changes_per_second = UNLIMITED;
        settings.limits.changes_burst = UNLIMITED;
        let gateway = Gateway::start(settings).await.unwrap();
        let (rest, mcp) = (gateway.rest_address(), gateway.mcp_address());
        println!("{} {}", rest.unwrap(), mcp.unwrap());
        input_ends().await;
        gateway.shutdown().await;
    });
}

/// How everybody here calls the exchange.
pub(crate) fn options() -> Options {
    Options::default().with_retries_max(0).without_rate_limit()
}

pub(crate) async fn input_ends() {
    let end = tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink()));
    let _ = end.await;
}

/// An exchange, and a gateway before it. Both end with this value.
pub(crate) struct House {
    gateway: Child,
    exchange: Child,
    _state: TempDir,
    pub(crate) base_url: String,
    pub(crate) secret: String,
    pub(crate) rest: String,
    pub(crate) mcp: String,
    /// Allows everything.
    pub(crate) token: String,
}

impl House {
    pub(crate) fn start() -> Self {
        let (exchange, [base_url, secret]) = start(&[EXCHANGE]);
        // On a disk, and not in a folder that the system keeps in memory: the journal is to cost what it costs.
        let state = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let folder = state.path().to_str().unwrap();
        let (gateway, [rest, mcp]) = start(&[GATEWAY, &base_url, &secret, folder]);
        let file = state.path().join(format!("{}.token", Scope::Trade.word()));
        let token = std::fs::read_to_string(file).unwrap().trim().to_owned();
        Self {
            gateway,
            exchange,
            _state: state,
            base_url,
            secret,
            rest,
            mcp,
            token,
        }
    }

    /// The resident memory of the gateway, in KiB, where the system tells it.
    pub(crate) fn memory_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.gateway.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }
}

/// Starts this program again, and gives the two words it says when it is ready.
pub(crate) fn start(arguments: &[&str]) -> (Child, [String; 2]) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    let output = child.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut ready).unwrap();
    let words: Vec<_> = ready.split_whitespace().map(str::to_owned).collect();
    (child, words.try_into().unwrap())
}

impl Drop for House {
    fn drop(&mut self) {
        for child in [&mut self.gateway, &mut self.exchange] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
