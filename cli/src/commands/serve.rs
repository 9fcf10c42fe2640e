//! `bpx serve`: REST and MCP over one dispatcher, until it is stopped.

pub(super) mod confirm;
pub(super) mod exposed;
pub(super) mod log;
mod recording;

use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use bpx_capability::Exposed;
use bpx_dispatch::{Dispatch, Settings, Status};
use bpx_gateway::{Gateway, GatewayError, GatewaySettings, Scope};
use clap::Args;
use serde::Serialize;
use tokio::runtime::Runtime;

use self::confirm::ConfirmArgs;
use self::exposed::ExposedArgs;
use self::recording::RecordingArgs;
use super::record::end;
use super::sandbox::Stop;
use crate::access::{self, Access, ENVIRONMENT};
use crate::failure::{Category, Failure};
use crate::output;

const OFF: &str = "off";

const EXAMPLES: &str = "\
Examples:
  bpx serve --base-url http://127.0.0.1:8800
  bpx serve --base-url http://127.0.0.1:8800 --allow-trading --policy policy.toml
  bpx serve --base-url http://127.0.0.1:8800 --rest 127.0.0.1:0 --mcp off
  bpx serve --base-url http://127.0.0.1:8800 --record day.ndjson.zst
  bpx serve --base-url http://127.0.0.1:9000 --openapi pets.yaml --capability pets.capability.yaml
  bpx serve --base-url https://api.backpack.exchange --forward 127.0.0.1:8900 --record day.ndjson.zst
  curl -H \"Authorization: Bearer $(cat ~/.local/state/bpx/read.token)\" http://127.0.0.1:8080/api/v1/orders

When ready it prints one line of JSON on stdout: rest, mcp, read_token_file, trade_token_file, trading, base_url, account.
The tokens are created at the first start in those files, which only this user can read; no output contains them.
Logs go to stderr; RUST_LOG chooses what.

With --openapi and --capability it serves another API: what the capability files expose of the document. What is known of
Backpack Exchange beyond its document is used only if the document has the operations of the order API.

With --forward nothing is served: a client of any language uses the printed URL as its base URL, and its requests go to the
exchange unchanged, signatures included. The ready line then has forward, base_url, recording. No recording contains a key
or a signature, and of operations that the contract does not have, neither queries nor bodies.

Ctrl-C or SIGTERM stops it in order: it accepts nothing new, finishes calls in flight, and writes the outcome of each order
that was sent to the journal. A second one stops it at once; the next start asks for the outcomes that are then missing.
SIGHUP reads the policy file and the tokens again; calls that have begun keep the policy they began with, and a file that
cannot be read changes nothing.
";

/// `off`, or where to listen.
#[derive(Debug, Clone, Copy)]
struct Listen(Option<SocketAddr>);

/// Serve operations over REST and MCP, to callers with a token.
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
    contract: ExposedArgs,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    callers: Callers,
    #[command(flatten)]
    recording: RecordingArgs,
    /// Print a failure as one JSON object too
    #[arg(long, help_heading = None)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Callers")]
struct Callers {
    #[command(flatten)]
    confirm: ConfirmArgs,
    /// Whether MCP clients from before 2026-07-28 get sessions: they can ask a person only within one
    #[arg(long, value_name = "on|off", value_parser = ["on", "off"], num_args = 0..=1, require_equals = true,
        default_value = "on", default_missing_value = "on")]
    mcp_sessions: String,
    /// Listen on addresses that other computers can reach; put a proxy with TLS in front
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
            "not an address with a port; write one such as 127.0.0.1:8080, or off".to_owned()
        })
}

/// The line that is printed when everything listens, for the program that started this one.
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
        // Everything that a flag can have wrong comes before anything listens.
        let api = self.contract.api()?;
        let exposed = self.contract.exposed(&api)?;
        let settings = self.access.settings(&api, self.allow_trading)?;
        let (settings, recording) = self.recording.tapped(settings)?;
        let _exporting = log::start()?;
        let runtime = bpx_gateway::runtime()?;
        let ended = runtime.block_on(self.serve(settings, exposed));
        // A second signal does not wait for what is under way.
        runtime.shutdown_background();
        recording.map_or(Ok(()), end)?;
        ended
    }

    fn forward(self, address: SocketAddr) -> Result<(), Failure> {
        let base_url = access::base_url(self.access.base_url.as_deref())?;
        let _exporting = log::start()?;
        let runtime = Runtime::new()?;
        let api = self.contract.api()?;
        let ended = runtime.block_on(self.recording.forward(address, base_url, &api));
        runtime.shutdown_background();
        ended
    }

    async fn serve(self, settings: Settings, exposed: Exposed) -> Result<(), Failure> {
        // Before the ready line, so that a signal right after it is not lost.
        let mut stop = Stop::listen()?;
        let mut reload = Reload::listen()?;
        let dispatch = Dispatch::open(settings).await?;
        let gateway = self.gateway_settings(dispatch.clone(), exposed)?;
        let gateway = match Gateway::start(gateway).await {
            Ok(gateway) => gateway,
            Err(error) => {
                dispatch.close().await;
                return Err(error.into());
            }
        };
        let status = dispatch.status().await;
        output::json(&self.ready(&gateway, &status)?)?;
        if io::stderr().is_terminal() {
            output::remark(&remarks(&gateway, &status))?;
        } else if status.trading_off.is_none() && !status.has_policy {
            tracing::warn!("there is no policy: nothing is capped");
        }
        loop {
            tokio::select! {
                stopped = stop.asked() => break stopped?,
                () = reload.asked() => self.reload(&dispatch, &gateway),
            }
        }
        tracing::info!("finishing calls in flight; a second signal stops at once");
        tokio::select! {
            () = gateway.shutdown() => Ok(()),
            _ = stop.asked() => Err(Failure::failed(
                "stopped at once, with calls in flight",
                "start again: the next start asks for their outcomes",
            )),
        }
    }

    /// Takes the policy and the tokens from their files again; what cannot be read stays as it was.
    fn reload(&self, dispatch: &Dispatch, gateway: &Gateway) {
        match self.access.policy() {
            Ok(Some(policy)) => {
                dispatch.set_policy(policy);
                tracing::info!("the policy file was read again");
            }
            Ok(None) => {}
            Err(failure) => tracing::error!(%failure, "the policy stays as it was"),
        }
        match gateway.reload_tokens() {
            Ok(()) => tracing::info!("the tokens were read again"),
            Err(error) => tracing::error!(%error, "the tokens stay as they were"),
        }
    }

    fn gateway_settings(
        &self,
        dispatch: Dispatch,
        exposed: Exposed,
    ) -> Result<GatewaySettings, Failure> {
        let given = |listen: Option<Listen>, default| listen.map_or(default, |Listen(at)| at);
        let rest = given(self.rest, GatewaySettings::rest_default(&exposed));
        let mcp = given(self.mcp, GatewaySettings::mcp_default(&exposed));
        let mut settings = GatewaySettings::new(dispatch, exposed, self.access.state.folder()?);
        (settings.rest, settings.mcp) = (rest, mcp);
        let callers = &self.callers;
        settings.allow_remote = callers.allow_remote;
        settings.hosts.clone_from(&callers.host);
        settings.origins.clone_from(&callers.origin);
        settings.limits.requests_per_second = callers.rate;
        settings.limits.requests_burst = callers.rate.saturating_mul(TWICE);
        settings.limits.changes_per_second = callers.change_rate;
        settings.limits.changes_burst = callers.change_rate.saturating_mul(TWICE);
        settings.mcp_settings.sessions = callers.mcp_sessions != OFF;
        settings.mcp_settings.confirm = callers.confirm.value();
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
            "REST at http://{at}, its documentation at http://{at}/docs"
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

impl From<GatewayError> for Failure {
    fn from(error: GatewayError) -> Self {
        match error {
            GatewayError::NothingToServe => Self::bad_input(
                "there is nothing to serve",
                "give an address with --rest, with --mcp, or with both",
            ),
            GatewayError::Remote { address } => Self::bad_input(
                format!("{address} can be reached from other computers"),
                "listen on 127.0.0.1, or give --allow-remote and put a proxy with TLS in front",
            ),
            GatewayError::Listen { address, source } => Self::new(
                Category::Listen,
                format!("cannot listen on {address}: {source}"),
                "use another port, or stop the program that uses this one",
            ),
            GatewayError::TokenFile { path, source } => Self::new(
                Category::StateFolder,
                format!("{}: {source}", path.display()),
                "use a state folder that this user may write (--state)",
            ),
            GatewayError::Token { path, problem, fix } => {
                Self::bad_input(format!("{}: {problem}", path.display()), fix)
            }
            GatewayError::Setting {
                setting,
                problem,
                fix,
            } => Self::bad_input(format!("{setting}: {problem}"), fix),
            GatewayError::Route {
                route,
                problem,
                fix,
            } => Self::bad_input(format!("route `{route}`: {problem}"), fix),
            GatewayError::Client { problem } => Self::bad_input(
                format!("the client does not speak MCP: {problem}"),
                "start this command from an MCP client",
            ),
            error => Self::bad_input(error.to_string(), "correct the command line"),
        }
    }
}

/// The signal to read files again.
struct Reload {
    #[cfg(unix)]
    hangup: tokio::signal::unix::Signal,
}

impl Reload {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            hangup: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?,
        })
    }

    async fn asked(&mut self) {
        #[cfg(unix)]
        if self.hangup.recv().await.is_some() {
            return;
        }
        std::future::pending().await
    }
}
