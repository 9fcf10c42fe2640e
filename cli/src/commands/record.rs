//! `bpx record`: what an exchange answers to reading calls, as a recording.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bpx_client::types::{ApiError, LiveOrder};
use bpx_client::{Client, Error, options, signer};
use bpx_recording::{Masking, Recorder, Recording, Summary};
use clap::Args;
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::access::base_url;
use crate::failure::{Category, Failure};
use crate::key::KeyArgs;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  bpx record day.ndjson.zst --base-url http://127.0.0.1:8800
  bpx record day.har --base-url http://127.0.0.1:8800 --symbol SOL_USDC --mask
  bpx record day.ndjson --base-url http://127.0.0.1:8800 && bpx check day.ndjson

Makes the reading calls alone: open orders, one order, fills, order history. Keys, signatures and cookies are never
written. A refusal is recorded like any other answer. What others ask is recorded by 'bpx serve --record', and with
--forward for clients of any language.

Environment:
  BACKPACK_API_SECRET  seed of the key pair, standard base64, where --api-secret-file is not given
  BACKPACK_API_KEY     public key; may be left out, and is checked against the seed when set
  BACKPACK_BASE_URL    the exchange, where --base-url is not given

Exit codes: 0 recorded, 1 failed, 2 wrong usage or bad input, 6 no connection.";

/// Record what an exchange answers to reading calls.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Record {
    /// The recording: .ndjson, .ndjson.gz, .ndjson.zst or .har
    file: PathBuf,
    /// The exchange to ask
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    #[command(flatten)]
    key: KeyArgs,
    /// One market only
    #[arg(long)]
    symbol: Option<String>,
    /// Rows of history to ask for, 1 to 1000
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1000))]
    limit: u64,
    /// Replace the digits of amounts and identifiers
    #[arg(long)]
    mask: bool,
    /// Print one JSON object: recording, recorded, dropped
    #[arg(long)]
    json: bool,
}

/// What is in a recording.
#[derive(Serialize)]
struct Recorded<'a> {
    recording: &'a Path,
    recorded: u64,
    dropped: u64,
}

impl Record {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let key = self.key.key()?;
        let base = base_url(self.base_url.as_deref())?;
        let (recorder, recording) = begin(&self.file, self.mask)?;
        let options = options().with_tap(recorder);
        let client = Client::with_options(&base, signer(key), options)?;
        let asked = Runtime::new()?.block_on(self.read(&client));
        if !self.json {
            end(recording)?;
            return asked;
        }
        let Summary { recorded, dropped } = recording.finish()?;
        asked?;
        output::json(&Recorded {
            recording: &self.file,
            recorded,
            dropped,
        })
    }

    async fn read(&self, client: &Client) -> Result<(), Failure> {
        let mut open = client.get_open_orders();
        let mut fills = client.get_fills().limit(self.limit);
        let mut history = client.get_order_history().limit(self.limit);
        if let Some(symbol) = &self.symbol {
            open = open.symbol(symbol.as_str());
            fills = fills.symbol(symbol.as_str());
            history = history.symbol(symbol.as_str());
        }
        let orders = answered(open.send().await)?;
        if let Some((symbol, id)) = orders
            .as_deref()
            .and_then(|orders| identified(orders.first()?))
        {
            answered(client.get_order().symbol(symbol).order_id(id).send().await)?;
        }
        answered(fills.send().await)?;
        answered(history.send().await)?;
        Ok(())
    }
}

impl From<bpx_recording::Error> for Failure {
    fn from(error: bpx_recording::Error) -> Self {
        match error {
            bpx_recording::Error::Connect(error) => error.into(),
            bpx_recording::Error::Input { file, source } => Self::bad_input(
                source.to_string(),
                "correct the path, or name a file that this user can read",
            )
            .at(Some(file)),
            error => Self::bad_input(
                error.to_string(),
                "correct the command line, or the file that is named",
            ),
        }
    }
}

/// Begins a recording.
pub(crate) fn begin(path: &Path, mask: bool) -> Result<(Arc<Recorder>, Recording), Failure> {
    let masking = if mask { Masking::Mask } else { Masking::Keep };
    Ok(Recorder::start(path, masking)?)
}

/// Ends it, and says what is in it.
pub(crate) fn end(recording: Recording) -> Result<(), Failure> {
    let Summary { recorded, dropped } = recording.finish()?;
    let said = format!("{recorded} exchanges recorded, {dropped} dropped");
    Ok(output::remark(&said)?)
}

/// Any answer will do; without one there is nothing to record.
fn answered<T>(
    result: Result<bpx_client::ResponseValue<T>, Error<ApiError>>,
) -> Result<Option<T>, Failure> {
    match result {
        Ok(answer) => Ok(Some(answer.into_inner())),
        Err(error) if error.status().is_some() => Ok(None),
        Err(error) => Err(Failure::new(
            match error.was_sent() {
                true => Category::Failed,
                false => Category::NotSent,
            },
            error.to_string(),
            "check the base URL and the network",
        )),
    }
}

fn identified(order: &LiveOrder) -> Option<(&str, &str)> {
    match order {
        LiveOrder::Limit(order) => Some((&order.symbol, &order.id)),
        LiveOrder::Market(order) => Some((&order.symbol, &order.id)),
        _ => None,
    }
}
