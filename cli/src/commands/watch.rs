//! `bpx watch`: orders, fills or a book as they change, as lines or as NDJSON.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;

use bpx_client::streams::Streams;
use bpx_client::types::{OrderUpdate, OrderUpdateEvent};
use bpx_client::{Client, signer};
use bpx_recording::{Recorder, Recording, Summary};
use bpx_runtime::Decimal;
use bpx_runtime::stream::{StreamError, StreamOptions};
use bpx_venue::stream::{Book, BookEvent, BookUpdates, OrderEvent, OrderGap, OrderUpdates};
use clap::{Args, Subcommand};
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::access::base_url;
use crate::commands::record;
use crate::commands::sandbox::Stop;
use crate::failure::{Category, Failure};
use crate::key::KeyArgs;
use crate::output::{self, plain};

const EXAMPLES: &str = "\
Examples:
  bpx watch orders --base-url http://127.0.0.1:8800
  bpx watch fills SOL_USDC --json --base-url http://127.0.0.1:8800 > fills.ndjson
  bpx watch depth SOL_USDC --levels 5 --base-url http://127.0.0.1:8800
  bpx watch fills --record day.ndjson --base-url http://127.0.0.1:8800; bpx check day.ndjson

Goes on until Ctrl-C, over every disconnection: what the stream missed is read from the lists of orders and fills and
marked as recovered, and what cannot be known is reported as a gap.

Environment:
  BACKPACK_API_SECRET  seed of the key pair, standard base64, where --api-secret-file is not given
  BACKPACK_API_KEY     public key; may be left out, and is checked against the seed when set
  BACKPACK_BASE_URL    the exchange, where --base-url is not given

Exit codes: 0 ended by Ctrl-C or --count, 1 failed or refused, 2 wrong usage or bad input, 6 no connection.";

/// Watch orders, fills or a book as they change.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Watch {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// What happens to the account's orders
    Orders(Account),
    /// The account's trades
    Fills(Account),
    /// The book of a market
    Depth(Depth),
}

#[derive(Debug, Args)]
struct Account {
    /// One market only
    symbol: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct Depth {
    /// The market
    symbol: String,
    /// Prices to show on each side
    #[arg(long, default_value_t = 10)]
    levels: usize,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct Common {
    /// The exchange to listen to
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    #[command(flatten)]
    key: KeyArgs,
    /// End after so many lines
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Print NDJSON, one object a line
    #[arg(long)]
    json: bool,
    /// Write the messages as they come and go to a recording: .ndjson, .ndjson.gz or .ndjson.zst
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Replace the digits of amounts and identifiers in the recording
    #[arg(long, requires = "record")]
    mask: bool,
}

impl Common {
    /// Begins the recording, if one is asked for.
    fn recording(&self) -> Result<Option<(Arc<Recorder>, Recording)>, Failure> {
        let Some(path) = &self.record else {
            return Ok(None);
        };
        if path.extension().is_some_and(|it| it == "har") {
            let problem = format!("{}: a HAR file takes no messages alone", path.display());
            return Err(Failure::bad_input(
                problem,
                "name a recording that ends in .ndjson",
            ));
        }
        record::begin(path, self.mask).map(Some)
    }
}

/// One line of NDJSON.
#[derive(Serialize)]
#[serde(untagged)]
enum Line<'a> {
    Update {
        recovered: bool,
        #[serde(flatten)]
        update: &'a OrderUpdate,
    },
    Gap {
        gap: &'a str,
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        order_ids: &'a [String],
    },
    Book {
        symbol: &'a str,
        last_update_id: i64,
        bids: Vec<[String; 2]>,
        asks: Vec<[String; 2]>,
    },
}

impl Watch {
    pub(crate) fn run(self) -> Result<(), Failure> {
        output::log_to_stderr("off");
        let (What::Orders(Account { common, .. })
        | What::Fills(Account { common, .. })
        | What::Depth(Depth { common, .. })) = &self.what;
        let key = common.key.key()?;
        let client = Client::new(&base_url(common.base_url.as_deref())?, signer(key))?;
        let (recorder, recording) = common.recording()?.unzip();
        let options = recorder
            .into_iter()
            .fold(StreamOptions::default(), |options, recorder| {
                options.with_tap(recorder)
            });
        let ended = Runtime::new()?.block_on(async {
            let mut stop = Stop::listen()?;
            let streams = client.stream_with_options(options);
            tokio::select! {
                ended = self.what.show(&client, &streams) => ended,
                _ = stop.asked() => Ok(()),
            }
        });
        if let Some(recording) = recording {
            let Summary { recorded, dropped } = recording.finish()?;
            let said = format!("{recorded} messages recorded, {dropped} dropped");
            output::remark(&said)?;
        }
        ended
    }
}

impl What {
    async fn show(&self, client: &Client, streams: &Streams) -> Result<(), Failure> {
        match self {
            Self::Orders(account) => account.show(client, streams, false).await,
            Self::Fills(account) => account.show(client, streams, true).await,
            Self::Depth(depth) => depth.show(client, streams).await,
        }
    }
}

impl Account {
    async fn show(
        &self,
        client: &Client,
        streams: &Streams,
        only_fills: bool,
    ) -> Result<(), Failure> {
        let mut updates = OrderUpdates::new(client, streams, self.symbol.as_deref());
        let mut left = self.common.count.unwrap_or(u64::MAX);
        while left > 0
            && let Some(event) = updates.next().await
        {
            match event? {
                OrderEvent::Update { update, .. }
                    if only_fills && update.event != OrderUpdateEvent::OrderFill => {}
                OrderEvent::Update { update, recovered } => {
                    self.tell(&update, recovered)?;
                    left -= 1;
                }
                OrderEvent::Gap(gap) => self.warn(&gap)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn tell(&self, update: &OrderUpdate, recovered: bool) -> Result<(), Failure> {
        if self.common.json {
            return output::json(&Line::Update { recovered, update });
        }
        Ok(output::text(&row(update, recovered))?)
    }

    fn warn(&self, gap: &OrderGap) -> Result<(), Failure> {
        let OrderGap {
            reason, order_ids, ..
        } = gap;
        if self.common.json {
            return output::json(&Line::Gap {
                gap: reason,
                order_ids,
            });
        }
        let orders = match order_ids.as_slice() {
            [] => String::new(),
            ids => format!(" (orders {})", plain(&ids.join(", "))),
        };
        Ok(output::remark(&format!("gap: {}{orders}", plain(reason)))?)
    }
}

/// An update in columns: time, market, side, what happened, amount, order.
fn row(update: &OrderUpdate, recovered: bool) -> String {
    let time =
        bpx_runtime::DateTime::<bpx_runtime::Utc>::from_timestamp_micros(update.engine_time_us);
    let time = time.map_or_else(
        || "-".to_owned(),
        |time| time.format("%H:%M:%S%.3f").to_string(),
    );
    let (quantity, price) = match update.event {
        OrderUpdateEvent::OrderFill => (update.fill_quantity, update.fill_price),
        _ => (update.quantity, update.price),
    };
    let amount =
        |amount: Option<Decimal>| amount.map_or_else(|| "-".to_owned(), |it| it.to_string());
    let mark = if recovered { "  recovered" } else { "" };
    format!(
        "{time}  {:<14} {:<4} {:<14} {:>14} @ {:<12} {:<16} {}{mark}\n",
        plain(&update.symbol),
        plain(update.side.as_ref()),
        plain(update.event.as_ref()),
        amount(quantity),
        amount(price),
        plain(update.status.as_ref()),
        plain(&update.order_id),
    )
}

impl Depth {
    async fn show(&self, client: &Client, streams: &Streams) -> Result<(), Failure> {
        let mut updates = BookUpdates::new(client, streams, &self.symbol);
        let is_redrawn = io::stdout().is_terminal() && !self.common.json;
        let mut left = self.common.count.unwrap_or(u64::MAX);
        while left > 0
            && let Some(event) = updates.next().await
        {
            match (event?, updates.book()) {
                (BookEvent::Stale { reason }, _) if self.common.json => {
                    output::json(&Line::Gap {
                        gap: &reason,
                        order_ids: &[],
                    })?;
                }
                (BookEvent::Stale { reason }, _) => {
                    output::remark(&format!("gap: {}", plain(&reason)))?;
                }
                (_, Some(book)) => {
                    self.tell(book, is_redrawn)?;
                    left -= 1;
                }
                (_, None) => {}
            }
        }
        Ok(())
    }

    fn tell(&self, book: &Book, is_redrawn: bool) -> Result<(), Failure> {
        let (bids, asks) = (
            book.bids().take(self.levels).collect::<Vec<_>>(),
            book.asks().take(self.levels).collect::<Vec<_>>(),
        );
        if self.common.json {
            let text = |levels: Vec<(Decimal, Decimal)>| {
                let text = |(price, quantity): (Decimal, Decimal)| {
                    [price.to_string(), quantity.to_string()]
                };
                levels.into_iter().map(text).collect()
            };
            return output::json(&Line::Book {
                symbol: &self.symbol,
                last_update_id: book.last_update_id(),
                bids: text(bids),
                asks: text(asks),
            });
        }
        let mut shown = String::new();
        if is_redrawn {
            shown.push_str("\u{1b}[H\u{1b}[J");
        }
        let _ = writeln!(
            shown,
            "{}  update {}",
            plain(&self.symbol),
            book.last_update_id()
        );
        for (side, (price, quantity)) in asks
            .iter()
            .rev()
            .map(|it| ("ask", it))
            .chain(bids.iter().map(|it| ("bid", it)))
        {
            let _ = writeln!(shown, "{side}  {price:>14}  {quantity:>14}");
        }
        Ok(output::text(&shown)?)
    }
}

impl From<StreamError> for Failure {
    fn from(error: StreamError) -> Self {
        let category = match error {
            StreamError::Unreachable { .. } => Category::NotSent,
            _ => Category::Failed,
        };
        Self::new(
            category,
            error.to_string(),
            "check the URL, the key and the market's name",
        )
    }
}
