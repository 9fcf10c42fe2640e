//! The recordings of `bpx serve`, and its mode that forwards instead of serving.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bpx_client::options;
use bpx_contract::Api;
use bpx_recording::{Forward, Recorder, Recording};
use clap::Args;
use serde::Serialize;

use super::accounts::Served;
use crate::commands::record::{begin, end};
use crate::commands::sandbox::Stop;
use crate::failure::Failure;
use crate::output;

/// Flags that mean something only where the gateway serves.
const OF_SERVING: [&str; 18] = [
    "account",
    "allow_remote",
    "allow_trading",
    "capability",
    "change_rate",
    "confirm",
    "host",
    "journal",
    "mcp",
    "mcp_sessions",
    "origin",
    "policy",
    "rate",
    "rest",
    "service",
    "state",
    "with_markets",
    "with_orders",
];

#[derive(Debug, Args)]
#[command(next_help_heading = "Recording")]
pub(super) struct RecordingArgs {
    /// Record requests and responses of the exchange: .ndjson, .ndjson.gz, .ndjson.zst or .har
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Replace the digits of amounts and identifiers in the recording
    #[arg(long, requires = "record")]
    mask: bool,
    /// Serve nothing: forward the requests of any client on this computer to the exchange, unchanged; needs no key
    #[arg(long, value_name = "ADDR", requires = "record", conflicts_with_all = OF_SERVING)]
    pub(super) forward: Option<SocketAddr>,
}

/// The line that is printed when the forward proxy listens.
#[derive(Serialize)]
struct Ready {
    forward: String,
    base_url: String,
    recording: PathBuf,
}

impl RecordingArgs {
    /// Gives every account's settings the recorder; its file, if anything is recorded.
    pub(super) fn tap(&self, accounts: &mut [Served]) -> Result<Option<Recording>, Failure> {
        let Some((recorder, recording)) = self.begin()? else {
            return Ok(None);
        };
        for account in accounts {
            account.set_options(options().with_tap(recorder.clone()));
        }
        Ok(Some(recording))
    }

    fn begin(&self) -> Result<Option<(Arc<Recorder>, Recording)>, Failure> {
        let begun = self.record.as_deref().map(|path| begin(path, self.mask));
        begun.transpose()
    }

    /// Forwards and records until it is stopped.
    pub(super) async fn forward(
        &self,
        at: SocketAddr,
        base_url: String,
        api: &Api,
    ) -> Result<(), Failure> {
        let mut stop = Stop::listen()?;
        let (Some((recorder, recording)), Some(path)) = (self.begin()?, &self.record) else {
            let fix = "name a file with --record";
            return Err(Failure::bad_input("nothing is recorded", fix));
        };
        let started = Forward::start(at, &base_url, api, recorder).await;
        let forward = started?;
        output::json(&Ready {
            forward: format!("http://{}", forward.address()),
            base_url,
            recording: path.clone(),
        })?;
        stop.asked().await?;
        tracing::info!("finishing requests in flight; a second signal stops at once");
        let ended = tokio::select! {
            () = forward.shutdown() => Ok(()),
            _ = stop.asked() => Err(Failure::failed(
                "stopped at once, with requests in flight",
                "look at the exchange what became of them",
            )),
        };
        end(recording)?;
        ended
    }
}
