//! `bpx sandbox`: a local exchange until it is stopped.

use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;

use bpx_sandbox::{Sandbox as Exchange, SandboxConfig};
use clap::Args;
use serde::Serialize;
use tokio::runtime::Runtime;
use tracing_subscriber::EnvFilter;

use crate::failure::Failure;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  bpx sandbox
  bpx sandbox --listen 127.0.0.1:0

When ready it prints one line of JSON on stdout: base_url, api_key, api_secret. The pair is for this exchange only.
Logs go to stderr; RUST_LOG chooses what. It stops on Ctrl-C and SIGTERM.

Exit codes: 0 stopped as asked, 1 failed, 2 wrong usage.";

/// Run a local exchange in memory, with a ready key pair.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Sandbox {
    /// Address to listen on; port 0 takes any free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8800")]
    listen: SocketAddr,
}

#[derive(Serialize)]
struct Ready {
    base_url: String,
    api_key: String,
    api_secret: String,
}

impl Sandbox {
    pub(crate) fn run(self) -> Result<(), Failure> {
        log_to_stderr();
        Runtime::new()?.block_on(serve(self.listen))
    }
}

async fn serve(listen: SocketAddr) -> Result<(), Failure> {
    // Before the ready line, so that a signal right after it is not lost.
    let stop = Stop::listen()?;
    let exchange = Exchange::start(SandboxConfig {
        listen,
        ..SandboxConfig::default()
    })
    .await?;
    output::json(&Ready {
        base_url: exchange.base_url(),
        api_key: exchange.api_key(),
        api_secret: exchange.api_secret(),
    })?;
    tracing::info!("sandbox ready");
    stop.asked().await?;
    tracing::info!("sandbox stopping");
    exchange.shutdown().await;
    Ok(())
}

fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
}

/// The signals that end the sandbox.
#[cfg(unix)]
struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn asked(mut self) -> io::Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => Ok(()),
            _ = self.terminate.recv() => Ok(()),
        }
    }
}

/// The signal that ends the sandbox.
#[cfg(not(unix))]
struct Stop;

#[cfg(not(unix))]
impl Stop {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn asked(self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
