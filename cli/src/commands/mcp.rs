//! `bpx mcp`: the MCP tools over standard input and output, for the client that started it.

use bpx_dispatch::{Dispatch, Settings};
use bpx_gateway::{GatewaySettings, serve_stdio};
use clap::Args;

use super::sandbox::Stop;
use super::serve::confirm::ConfirmArgs;
use super::serve::exposed::ExposedArgs;
use super::serve::log::LogArgs;
use crate::access::{Access, ENVIRONMENT, base_url};
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  bpx mcp --base-url http://127.0.0.1:8800
  bpx mcp --base-url http://127.0.0.1:8800 --allow-trading --policy policy.toml
  bpx mcp --base-url http://127.0.0.1:9000 --openapi pets.yaml --capability pets.capability.yaml

An MCP client starts it and speaks to it over standard input and output; it needs no token. docs/mcp-clients.md has the
configuration of common clients. Logs go to stderr; RUST_LOG chooses what.

Without --allow-trading only the tools that read are listed. State folder, journal, policy and kill switch are those of
`bpx serve`, which may run at the same time.

At the end of its input, and at Ctrl-C or SIGTERM, it reads nothing more, finishes calls in flight, and writes the outcome of
each order that was sent to the journal. A second signal stops it at once; the next start asks for the missing outcomes.
";

/// Serve operations over MCP to the client that starts it, on standard input and output.
#[derive(Debug, Args)]
#[command(after_help = help())]
pub(crate) struct Mcp {
    /// Allow what changes the account, as far as the policy allows it too
    #[arg(long)]
    allow_trading: bool,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    contract: ExposedArgs,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    log: LogArgs,
}

fn help() -> String {
    format!(
        "{EXAMPLES}\n{ENVIRONMENT}\n\nExit codes: 0 the client left, or stopped as asked, 1 failed or stopped at once, 2 wrong usage or bad input."
    )
}

impl Mcp {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if self.access.key.is_stdin() {
            return Err(Failure::bad_input(
                "standard input is the client's, so it cannot hold the API secret",
                "name a file with --api-secret-file, or set BACKPACK_API_SECRET",
            ));
        }
        let (api, exposed) = self.contract.load()?;
        let base_url = base_url(self.access.base_url.as_deref())?;
        let services = self.contract.services(&exposed, &base_url)?.into_iter();
        let settings = self.access.serving(&api, self.allow_trading)?;
        let settings = services.fold(settings, Settings::with_service);
        let state = self.access.state.folder()?;
        let _exporting = self.log.start()?;
        let runtime = bpx_gateway::runtime()?;
        let gateway = |dispatch| GatewaySettings::new(dispatch, exposed, state);
        let ended = runtime.block_on(self.serve(settings, gateway));
        // The thread that reads standard input may never return.
        runtime.shutdown_background();
        ended
    }

    async fn serve(
        self,
        settings: Settings,
        gateway: impl FnOnce(Dispatch) -> GatewaySettings,
    ) -> Result<(), Failure> {
        let mut stop = Stop::listen()?;
        let mut again = Stop::listen()?;
        let dispatch = Dispatch::open(settings).await?;
        let status = dispatch.status().await;
        match status.trading_off {
            Some(why) => tracing::info!("reads only: {why}"),
            None if !status.has_policy => {
                tracing::warn!("trading, and there is no policy: nothing is capped");
            }
            None => tracing::info!("trading, within the policy"),
        }
        let mut gateway = gateway(dispatch);
        self.confirm.apply(&mut gateway.mcp_settings);
        let asked = async {
            let _ = stop.asked().await;
            tracing::info!("finishing calls in flight; a second signal stops at once");
        };
        let at_once = async {
            let _ = again.asked().await;
            let _ = again.asked().await;
        };
        tokio::select! {
            served = serve_stdio(gateway, asked) => Ok(served?),
            () = at_once => Err(Failure::failed(
                "stopped at once, with calls in flight",
                "start again: the next start asks for their outcomes",
            )),
        }
    }
}
