//! `bpx sandbox`: a local exchange until it is stopped.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bpx_contract::api::Operation;
use bpx_contract::{Api, Document};
use bpx_dispatch::make_private;
use bpx_sandbox::{AccountKeys, DescribedOperation, Sandbox as Exchange, SandboxConfig};
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::failure::Failure;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  bpx sandbox
  bpx sandbox --listen 127.0.0.1:0 --control 127.0.0.1:8801
  bpx sandbox --no-liquidity
  bpx sandbox --env exchange.env        then, in another terminal: . ./exchange.env; bpx buy SOL_USDC 1 --allow-trading
  bpx sandbox --config sandbox.toml
  bpx sandbox --openapi capital.yml

When ready it prints one line of JSON on stdout: base_url, control_url, api_key, api_secret, and, where the
configuration has several accounts, accounts with name, api_key and api_secret of each. The keys are for this
exchange only.

Open control_url in a browser to watch it, arm faults and set prices; programs use the same port without a
signature. Faults of a single request go into its header, for example X-Sandbox-Fault: drop-after; faults of the
WebSocket streams, which are at ws://ADDR/, are armed there, for example stream-drop.

Logs go to stderr; RUST_LOG chooses what. It stops on Ctrl-C and SIGTERM.

Exit codes: 0 stopped as asked, 1 failed, 2 wrong usage or bad configuration.";

/// Where the exchange listens by default.
const LISTEN_DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8800);

/// Run a local exchange in memory, with a ready key pair.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Sandbox {
    /// Address to listen on; port 0 takes any free port [default: the configuration's, else 127.0.0.1:8800]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Address of the control port and its page [default: the configuration's, else any free port of 127.0.0.1]
    #[arg(long, value_name = "ADDR")]
    control: Option<SocketAddr>,
    /// Start with empty books instead of the configured liquidity
    #[arg(long)]
    no_liquidity: bool,
    /// Write the base URL and the first account's secret to a file for `. FILE`, readable by this user alone
    #[arg(long, value_name = "FILE")]
    env: Option<PathBuf>,
    /// OpenAPI document whose further operations are answered with its examples, signatures verified; may be repeated
    #[arg(long, value_name = "FILE")]
    openapi: Vec<PathBuf>,
    /// TOML file with accounts, markets, liquidity and switches
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print a failure as one JSON object too
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Ready {
    base_url: String,
    control_url: String,
    api_key: String,
    api_secret: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<ReadyAccount>,
}

#[derive(Serialize)]
struct ReadyAccount {
    name: String,
    api_key: String,
    api_secret: String,
}

impl Sandbox {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let config = self.configuration()?;
        output::log_to_stderr("info");
        Runtime::new()?.block_on(serve(config, self.env.as_deref()))
    }

    fn configuration(&self) -> Result<SandboxConfig, Failure> {
        let mut config = match &self.config {
            Some(path) => read(path)?,
            None => SandboxConfig {
                listen: LISTEN_DEFAULT,
                ..SandboxConfig::default()
            },
        };
        config.listen = self.listen.unwrap_or(config.listen);
        config.control = self.control.or(config.control);
        if self.no_liquidity {
            config.liquidity.clear();
        }
        for path in &self.openapi {
            let api = Api::from_documents_lossy(Document::read(path)?, None)?;
            config.described.extend(api.operations().map(described));
        }
        Ok(config)
    }
}

/// An operation with the answer that its document describes.
fn described(operation: &Arc<Operation>) -> DescribedOperation {
    let (status, body) = operation.example().unwrap_or((200, None));
    let media = match operation.is_text() {
        true => "text/plain; charset=utf-8",
        false => "application/json; charset=utf-8",
    };
    let body = body.map(|body| match (operation.is_text(), body) {
        (true, Value::String(text)) => text,
        (_, body) => body.to_string(),
    });
    let signing = operation.signing.as_ref();
    DescribedOperation {
        method: operation.method.as_str().to_owned(),
        path: operation.path.clone(),
        instruction: signing.map(|signing| signing.instruction.clone()),
        status,
        body: body.unwrap_or_default(),
        media: media.to_owned(),
    }
}

fn read(path: &Path) -> Result<SandboxConfig, Failure> {
    let place = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::bad_input(
            format!("{place} cannot be read ({error})"),
            "name a readable file in UTF-8",
        )
    })?;
    let config = SandboxConfig::from_toml(&text);
    config.map_err(|error| Failure::from(error).about(&place.to_string()))
}

impl Ready {
    fn of(exchange: &Exchange) -> Self {
        let accounts = exchange.accounts();
        let shown = if accounts.len() > 1 {
            accounts
        } else {
            Vec::new()
        };
        Self {
            base_url: exchange.base_url(),
            control_url: exchange.control_url(),
            api_key: exchange.api_key(),
            api_secret: exchange.api_secret(),
            accounts: shown.into_iter().map(ReadyAccount::from).collect(),
        }
    }
}

impl From<AccountKeys> for ReadyAccount {
    fn from(keys: AccountKeys) -> Self {
        Self {
            name: keys.name,
            api_key: keys.api_key,
            api_secret: keys.api_secret,
        }
    }
}

/// Writes what a shell exports to reach the exchange.
fn write_env(exchange: &Exchange, path: &Path) -> Result<(), Failure> {
    let text = format!(
        "export BACKPACK_BASE_URL='{}' BACKPACK_API_SECRET='{}'\n",
        exchange.base_url(),
        exchange.api_secret()
    );
    let written = make_private(path).and_then(|()| fs::write(path, text));
    written.map_err(|error| {
        let problem = format!("{} cannot be written ({error})", path.display());
        Failure::bad_input(problem, "name another file in a folder of yours")
    })
}

async fn serve(config: SandboxConfig, env: Option<&Path>) -> Result<(), Failure> {
    // Before the ready line, so that a signal right after it is not lost.
    let mut stop = Stop::listen()?;
    let exchange = Exchange::start(config).await?;
    if let Some(path) = env {
        write_env(&exchange, path)?;
    }
    output::json(&Ready::of(&exchange))?;
    if io::stderr().is_terminal() {
        output::remark(&format!("watch it at {}", exchange.control_url()))?;
    }
    tracing::info!("sandbox ready");
    stop.asked().await?;
    tracing::info!("sandbox stopping");
    exchange.shutdown().await;
    Ok(())
}

/// The signals that stop a command.
#[cfg(unix)]
pub(crate) struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    pub(crate) async fn asked(&mut self) -> io::Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => Ok(()),
            _ = self.terminate.recv() => Ok(()),
        }
    }
}

/// The signal that stops a command.
#[cfg(not(unix))]
pub(crate) struct Stop;

#[cfg(not(unix))]
impl Stop {
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) async fn asked(&mut self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
