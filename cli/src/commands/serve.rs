//! `bpx serve`: REST and MCP over one dispatcher, until it is stopped.

mod accounts;
pub(super) mod confirm;
pub(super) mod exposed;
pub(super) mod log;
mod recording;
mod services;

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;

use bpx_capability::Exposed;
use bpx_gateway::{AccountSettings, Gateway, GatewayError, GatewaySettings};
use clap::Args;
use serde::Serialize;
use tokio::runtime::Runtime;

use self::accounts::{AccountArgs, Open, Served};
use self::confirm::ConfirmArgs;
use self::exposed::ExposedArgs;
use self::log::LogArgs;
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
  bpx serve --base-url http://127.0.0.1:8800 --account desk=desk.secret --account lab=lab.secret
  bpx serve --base-url http://127.0.0.1:8800 --events
  bpx serve --base-url http://127.0.0.1:8800 --record day.ndjson.zst
  bpx serve --base-url http://127.0.0.1:9000 --openapi pets.yaml --capability pets.capability.yaml
  bpx serve --base-url http://127.0.0.1:8800 --with-orders --openapi capital.yml --capability capital.yaml
  bpx serve --base-url https://api.backpack.exchange --forward 127.0.0.1:8900 --record day.ndjson.zst
  curl -H \"Authorization: Bearer $(cat ~/.local/state/bpx/read.token)\" http://127.0.0.1:8080/api/v1/orders

When ready it prints one line of JSON on stdout: rest, mcp, base_url, account, read_token_file, trade_token_file,
approve_token_file, trading; with --account, accounts has a list of the last five, each with its name. The tokens are created
at the first start in those files, which only this user can read; no output contains them.
Logs go to stderr; RUST_LOG chooses what.

With --openapi and --capability, each as often as needed, it serves other APIs: what the capability files expose of the
documents, signed where a document names the instruction; --with-orders adds the order capability. --base-url stands for the
base URI of the exchange, or else of the first consumed API; other APIs are called at their own base URI or, with --service,
elsewhere. A change that is not known here needs its name in the policy ([operation.ID]), with limits.

With --forward nothing is served: a client of any language uses the printed URL as its base URL, and its requests go to the
exchange unchanged, signatures included. The ready line then has forward, base_url, recording. No recording contains a key
or a signature, and of operations that the contract does not have, neither queries nor bodies.

Ctrl-C or SIGTERM stops it in order: it accepts nothing new, finishes calls in flight, and writes the outcome of each order
that was sent to the journal. A second one stops it at once; the next start asks for the outcomes that are then missing.
SIGHUP reads policies and tokens again; calls that have begun keep the policy they began with, and a file that
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
    accounts: AccountArgs,
    #[command(flatten)]
    callers: Callers,
    /// Listen to what happens to the account, and serve it at /events and as an MCP resource; one gateway of an account
    /// does it
    #[arg(long)]
    events: bool,
    #[command(flatten)]
    recording: RecordingArgs,
    #[command(flatten, next_help_heading = None)]
    log: LogArgs,
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
    base_url: String,
    #[serde(flatten)]
    served: ReadyAccounts,
}

/// The only account, or those with names.
#[derive(Serialize)]
#[serde(untagged)]
enum ReadyAccounts {
    One(accounts::Ready),
    Several { accounts: Vec<accounts::Ready> },
}

impl Serve {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if let Some(address) = self.recording.forward {
            return self.forward(address);
        }
        // Everything that a flag can have wrong comes before anything listens.
        let (api, exposed) = self.contract.load()?;
        let base_url = access::base_url(self.access.base_url.as_deref())?;
        let services = self.contract.services(&exposed, &base_url)?;
        let served = self.accounts.served(&self.access, &api, self.allow_trading);
        let mut accounts = served?;
        accounts
            .iter_mut()
            .for_each(|account| account.add_services(&services));
        let recording = self.recording.tap(&mut accounts)?;
        let _exporting = self.log.start()?;
        let runtime = bpx_gateway::runtime()?;
        let ended = runtime.block_on(self.serve(accounts, exposed));
        // A second signal does not wait for what is under way.
        runtime.shutdown_background();
        recording.map_or(Ok(()), end)?;
        ended
    }

    fn forward(self, address: SocketAddr) -> Result<(), Failure> {
        let base_url = access::base_url(self.access.base_url.as_deref())?;
        let _exporting = self.log.start()?;
        let runtime = Runtime::new()?;
        let api = self.contract.api()?;
        let ended = runtime.block_on(self.recording.forward(address, base_url, &api));
        runtime.shutdown_background();
        ended
    }

    async fn serve(self, accounts: Vec<Served>, exposed: Exposed) -> Result<(), Failure> {
        // Before the ready line, so that a signal right after it is not lost.
        let mut stop = Stop::listen()?;
        let mut reload = Reload::listen()?;
        let accounts = accounts::open(accounts).await?;
        let settings = accounts.iter().map(|account| account.settings.clone());
        let settings = self.gateway_settings(settings.collect(), exposed);
        let gateway = match Gateway::start(settings).await {
            Ok(gateway) => gateway,
            Err(error) => {
                accounts::close(&accounts).await;
                return Err(error.into());
            }
        };
        output::json(&self.ready(&gateway, &accounts)?)?;
        if self.log.is_for_people() {
            output::remark(&remarks(&gateway, &accounts))?;
        } else {
            for account in accounts.iter().filter(|it| it.is_uncapped()) {
                let account = account.settings.name.as_deref();
                tracing::warn!(account, "there is no policy: nothing is capped");
            }
        }
        loop {
            tokio::select! {
                stopped = stop.asked() => break stopped?,
                () = reload.asked() => self.reload(&accounts, &gateway),
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

    /// Takes policies and tokens from their files again; what cannot be read stays as it was.
    fn reload(&self, accounts: &[Open], gateway: &Gateway) {
        for account in accounts {
            account.reload_policy(&self.access);
        }
        match gateway.reload_tokens() {
            Ok(()) => tracing::info!("the tokens were read again"),
            Err(error) => tracing::error!(%error, "the tokens stay as they were"),
        }
    }

    fn gateway_settings(
        &self,
        accounts: Vec<AccountSettings>,
        exposed: Exposed,
    ) -> GatewaySettings {
        let given = |listen: Option<Listen>, default| listen.map_or(default, |Listen(at)| at);
        let rest = given(self.rest, GatewaySettings::rest_default(&exposed));
        let mcp = given(self.mcp, GatewaySettings::mcp_default(&exposed));
        let mut settings = GatewaySettings::of(accounts, exposed);
        (settings.rest, settings.mcp) = (rest, mcp);
        let callers = &self.callers;
        settings.events = self.events;
        settings.allow_remote = callers.allow_remote;
        settings.hosts.clone_from(&callers.host);
        settings.origins.clone_from(&callers.origin);
        settings.limits.requests_per_second = callers.rate;
        settings.limits.requests_burst = callers.rate.saturating_mul(TWICE);
        settings.limits.changes_per_second = callers.change_rate;
        settings.limits.changes_burst = callers.change_rate.saturating_mul(TWICE);
        settings.mcp_settings.sessions = callers.mcp_sessions != OFF;
        callers.confirm.apply(&mut settings.mcp_settings);
        settings
    }

    fn ready(&self, gateway: &Gateway, accounts: &[Open]) -> Result<Ready, Failure> {
        let mut accounts: Vec<_> = accounts.iter().map(Open::ready).collect();
        Ok(Ready {
            rest: gateway.rest_address().map(|at| format!("http://{at}")),
            mcp: gateway.mcp_address().map(|at| format!("http://{at}/mcp")),
            base_url: access::base_url(self.access.base_url.as_deref())?,
            served: match accounts.pop_if(|it| it.name.is_none()) {
                Some(only) => ReadyAccounts::One(only),
                None => ReadyAccounts::Several { accounts },
            },
        })
    }
}

const TWICE: NonZeroU32 = match NonZeroU32::new(2) {
    Some(two) => two,
    None => NonZeroU32::MIN,
};

fn remarks(gateway: &Gateway, accounts: &[Open]) -> String {
    let mut lines = Vec::new();
    if let Some(at) = gateway.rest_address() {
        lines.push(format!(
            "REST at http://{at}, its documentation at http://{at}/docs"
        ));
    }
    if let Some(at) = gateway.mcp_address() {
        lines.push(format!("MCP at http://{at}/mcp"));
    }
    lines.extend(accounts.iter().flat_map(|account| account.remarks(gateway)));
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
            GatewayError::OtherAccount {
                path,
                held,
                account,
            } => Self::new(
                Category::StateFolder,
                format!(
                    "{}: the state folder is of account {held}, and the key is of {account}",
                    path.display()
                ),
                "give each account a state folder of its own (--state); or, if this one takes the folder over, delete that \
                 file and the tokens beside it",
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
            GatewayError::Events(refused) => refused.into(),
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
