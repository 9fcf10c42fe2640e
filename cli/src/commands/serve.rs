//! `bpx serve`: REST and MCP over the account's one dispatch, until it is stopped.

mod recording;

use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use bpx_dispatch::{Dispatch, Status};
use bpx_gateway::{Confirm, Gateway, GatewayError, GatewaySettings, Scope};
use clap::Args;
use serde::Serialize;
use tokio::runtime::Runtime;

use self::recording::RecordingArgs;
use super::record::end;
use super::sandbox::Stop;
use crate::access::{self, Access, ENVIRONMENT};
use crate::failure::Failure;
use crate::output;

const OFF: &str = "off";
/// rmcp writes several lines for each request.
const LOG_DEFAULT: &str = "info,rmcp=warn";

const EXAMPLES: &str = "\
Examples:
  bpx serve --base-url http://127.0.0.1:8800
  bpx serve --base-url http://127.0.0.1:8800 --allow-trading --policy policy.toml
  bpx serve --base-url http://127.0.0.1:8800 --rest 127.0.0.1:0 --mcp off
  bpx serve --base-url http://127.0.0.1:8800 --record day.ndjson.zst
  bpx serve --base-url https://api.backpack.exchange --forward 127.0.0.1:8900 --record day.ndjson.zst
  curl -H \"Authorization: Bearer $(cat ~/.local/state/bpx/read.token)\" http://127.0.0.1:8080/api/v1/orders

When ready it prints one line of JSON on stdout: rest, mcp, read_token_file, trade_token_file, trading, base_url, account.
The tokens are made at the first start and stand in those files, which only this user can read; no output shows them.
Logs go to stderr; RUST_LOG chooses what.

With --forward nothing is served: a client of any language takes the printed URL for its base URL, and what it asks goes to
the exchange as it is, signatures included. Then the line says: forward, base_url, recording. No recording holds a key or
a signature; of operations that the contract does not know, it holds neither queries nor bodies.

Ctrl-C or SIGTERM ends it in order: nothing new is accepted, what is under way is finished, each order that was sent gets
its outcome in the journal. A second one ends it at once: what is open then is looked into at the next start.
";

/// `off`, or where to listen.
#[derive(Debug, Clone, Copy)]
struct Listen(Option<SocketAddr>);

/// Serve the eight operations over REST and MCP, to callers with a token.
#[derive(Debug, Args)]
#[command(after_help = help())]
pub(crate) struct Serve {
    /// Where REST listens, or `off` [default: 127.0.0.1 at the capability's port]
    #[arg(long, value_name = "ADDR", value_parser = listen)]
    rest: Option<Listen>,
    /// Where MCP listens, or `off` [default: 127.0.0.1 at the capability's port]
    #[arg(long, value_name = "ADDR", value_parser = listen)]
    mcp: Option<Listen>,
    /// Allow what changes the account, as far as the policy allows it too
    #[arg(long)]
    allow_trading: bool,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    callers: Callers,
    #[command(flatten)]
    recording: RecordingArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Callers")]
struct Callers {
    /// Over MCP, what a person is asked about before it is done
    #[arg(long, value_name = "WHICH", value_parser = ["never", "destructive", "all-writes"], default_value = "all-writes")]
    confirm: String,
    /// Keep sessions for MCP clients from before 2026-07-28: only within one can they ask a person
    #[arg(long)]
    mcp_sessions: bool,
    /// Listen where other computers reach it; put a proxy with TLS in front
    #[arg(long)]
    allow_remote: bool,
    /// A further value of the Host header to accept, such as orders.example; may be repeated
    #[arg(long, value_name = "HOST")]
    host: Vec<String>,
    /// The origin of web pages that may call from a browser, such as `https://desk.example`; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<String>,
    /// Requests per second, for each token
    #[arg(long, value_name = "N", default_value = "100")]
    rate: NonZeroU32,
    /// Calls per second that change the account
    #[arg(long, value_name = "N", default_value = "10")]
    change_rate: NonZeroU32,
}

fn help() -> String {
    format!(
        "{EXAMPLES}\n{ENVIRONMENT}\n\nExit codes: 0 stopped as asked, 1 failed or stopped at once, 2 wrong usage or bad input."
    )
}

fn listen(text: &str) -> Result<Listen, String> {
    if text == OFF {
        return Ok(Listen(None));
    }
    text.parse()
        .map(|address| Listen(Some(address)))
        .map_err(|_| {
            "it is no address with a port; write one such as 127.0.0.1:8080, or off".to_owned()
        })
}

/// What a program that started this one needs to know.
#[derive(Serialize)]
struct Ready {
    rest: Option<String>,
    mcp: Option<String>,
    read_token_file: PathBuf,
    trade_token_file: PathBuf,
    trading: bool,
    base_url: String,
    account: String,
}

impl Serve {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if let Some(address) = self.recording.forward {
            return self.forward(address);
        }
        // Before anything listens, so that nothing has to be stopped for a wrong flag.
        let settings = self.access.settings(self.allow_trading)?;
        let (settings, recording) = self.recording.tapped(settings)?;
        let _exporting = log::start()?;
        let runtime = bpx_gateway::runtime()?;
        let ended = runtime.block_on(self.serve(settings));
        // A second signal does not wait for what is under way.
        runtime.shutdown_background();
        recording.map_or(Ok(()), end)?;
        ended
    }

    fn forward(self, address: SocketAddr) -> Result<(), Failure> {
        let base_url = access::base_url(self.access.base_url.as_deref())?;
        let _exporting = log::start()?;
        let runtime = Runtime::new()?;
        let ended = runtime.block_on(self.recording.forward(address, base_url));
        runtime.shutdown_background();
        ended
    }

    async fn serve(self, settings: bpx_dispatch::Settings) -> Result<(), Failure> {
        // Before the ready line, so that a signal right after it is not lost.
        let mut stop = Stop::listen()?;
        let dispatch = Dispatch::open(settings).await?;
        let gateway = match Gateway::start(self.gateway_settings(dispatch.clone())?).await {
            Ok(gateway) => gateway,
            Err(error) => {
                dispatch.close().await;
                return Err(failure(&error));
            }
        };
        let status = dispatch.status().await;
        output::json(&self.ready(&gateway, &status)?)?;
        if io::stderr().is_terminal() {
            output::remark(&remarks(&gateway, &status))?;
        }
        stop.asked().await?;
        tracing::info!("finishing what is under way; a second signal ends at once");
        tokio::select! {
            () = gateway.shutdown() => Ok(()),
            _ = stop.asked() => Err(Failure::Failed(
                "stopped at once, with calls under way; the next start looks into them".to_owned(),
            )),
        }
    }

    fn gateway_settings(&self, dispatch: Dispatch) -> Result<GatewaySettings, Failure> {
        let mut settings = GatewaySettings::new(dispatch, self.access.state.folder()?);
        let given = |listen: Option<Listen>, default| listen.map_or(default, |Listen(at)| at);
        settings.rest = given(self.rest, GatewaySettings::rest_default());
        settings.mcp = given(self.mcp, GatewaySettings::mcp_default());
        let callers = &self.callers;
        settings.allow_remote = callers.allow_remote;
        settings.hosts.clone_from(&callers.host);
        settings.origins.clone_from(&callers.origin);
        settings.limits.requests_per_second = callers.rate;
        settings.limits.requests_burst = callers.rate.saturating_mul(TWICE);
        settings.limits.changes_per_second = callers.change_rate;
        settings.limits.changes_burst = callers.change_rate.saturating_mul(TWICE);
        settings.mcp_face.sessions = callers.mcp_sessions;
        let mut values = Confirm::ALL.into_iter();
        let confirm = values.find(|confirm| confirm.word() == callers.confirm);
        settings.mcp_face.confirm = confirm.unwrap_or_default();
        Ok(settings)
    }

    fn ready(&self, gateway: &Gateway, status: &Status) -> Result<Ready, Failure> {
        Ok(Ready {
            rest: gateway.rest_address().map(|at| format!("http://{at}")),
            mcp: gateway.mcp_address().map(|at| format!("http://{at}/mcp")),
            read_token_file: gateway.token_file(Scope::Read),
            trade_token_file: gateway.token_file(Scope::Trade),
            trading: status.trading_off.is_none(),
            base_url: access::base_url(self.access.base_url.as_deref())?,
            account: status.account.clone(),
        })
    }
}

const TWICE: NonZeroU32 = match NonZeroU32::new(2) {
    Some(two) => two,
    None => NonZeroU32::MIN,
};

fn remarks(gateway: &Gateway, status: &Status) -> String {
    let mut lines = Vec::new();
    if let Some(at) = gateway.rest_address() {
        lines.push(format!(
            "REST at http://{at}, routes to look at and try at http://{at}/docs"
        ));
    }
    if let Some(at) = gateway.mcp_address() {
        lines.push(format!("MCP at http://{at}/mcp"));
    }
    lines.push(match (status.trading_off, &status.killed) {
        (Some(why), _) => format!("reads only: {why}"),
        (None, Some(reason)) => {
            format!("the kill switch is on ({reason}): reads and cancellations only")
        }
        (None, None) if status.has_policy => "trading, within the policy".to_owned(),
        (None, None) => "trading, and no policy: nothing is capped".to_owned(),
    });
    let files = Scope::ALL.map(|scope| gateway.token_file(scope).display().to_string());
    lines.push(format!("tokens in {}", files.join(" and ")));
    lines.join("\n")
}

fn failure(error: &GatewayError) -> Failure {
    match error {
        GatewayError::Listen { .. } | GatewayError::TokenFile { .. } => {
            Failure::Failed(error.to_string())
        }
        _ => Failure::BadInput(error.to_string()),
    }
}

#[cfg(not(feature = "otel"))]
mod log {
    use crate::failure::Failure;

    #[allow(
        clippy::unnecessary_wraps,
        reason = "with the feature otel it can fail"
    )]
    pub(super) fn start() -> Result<Nowhere, Failure> {
        crate::output::log_to_stderr(super::LOG_DEFAULT);
        Ok(Nowhere)
    }

    /// Spans go nowhere.
    pub(super) struct Nowhere;
}

#[cfg(feature = "otel")]
mod log {
    use std::env;
    use std::io::{self, IsTerminal as _};

    use bpx_gateway::otel::{Exporting, layer};
    use tracing_subscriber::EnvFilter;
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;

    use crate::failure::Failure;

    const ENDPOINTS: [&str; 2] = [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    ];

    /// Logs to stderr, and spans to a collector where the environment names one.
    pub(super) fn start() -> Result<Option<Exporting>, Failure> {
        if !ENDPOINTS.iter().any(|name| env::var_os(name).is_some()) {
            crate::output::log_to_stderr(super::LOG_DEFAULT);
            return Ok(None);
        }
        let (spans, exporting) = layer().map_err(|error| super::failure(&error))?;
        let filter = EnvFilter::try_from_default_env()
            .unwrap_or_else(|_| EnvFilter::new(super::LOG_DEFAULT));
        let lines = tracing_subscriber::fmt::layer()
            .with_ansi(io::stderr().is_terminal())
            .with_writer(io::stderr);
        tracing_subscriber::registry()
            .with(filter)
            .with(lines)
            .with(spans)
            .init();
        Ok(Some(exporting))
    }
}
