//! `bpx cancel-after`: cancels all open orders of some markets unless somebody shows in time that all is well.

use std::io::{self, BufRead as _};
use std::thread;
use std::time::Duration;

use bpx_dispatch::{Call, Dispatch, Outcome, Settled};
use bpx_venue::operations::{CANCEL_OPEN_ORDERS, GET_OPEN_ORDERS};
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::sandbox::Stop;
use crate::access::{Access, ENVIRONMENT, Patience};
use crate::failure::{Category, Failure};
use crate::output::{self, plain};

const CALLER: &str = "bpx cancel-after";
/// How long after a look that still shows open orders they are cancelled again.
const AGAIN: Duration = Duration::from_secs(1);

const EXAMPLES: &str = "\
Examples:
  bpx cancel-after 30 --symbol SOL_USDC --allow-trading
  (while pgrep -x bot > /dev/null; do echo; sleep 5; done) | bpx cancel-after 20 --symbol SOL_USDC --symbol BTC_USDC --allow-trading

It waits here. Each line on standard input, such as Enter, starts the time anew; the end of standard input does not. When the
time is over, and at Ctrl-C or SIGTERM, it cancels until the list of open orders is empty for every market. It ends only
then, or at a second Ctrl-C, with exit code 5. 'bpx cancel-open-orders --dry-run' shows the request.

The exchange knows nothing of it. If this process is killed, or the computer stops, sleeps or loses its network, nothing is
cancelled before it is back. It does not keep another program from placing new orders; 'bpx kill' does, for programs
with this state folder. Orders that filled before they were cancelled stay filled.

Exit codes: 0 nothing is open any more, 1 failed or refused, 2 wrong usage or bad input, 3 and 6 the exchange cannot be asked
at the start, 5 it was ended before it was certain that nothing is open.";

/// Cancel all open orders of markets after a time, unless a line on standard input starts it anew.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}"))]
pub(crate) struct CancelAfter {
    /// The time until the orders are cancelled
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// Market whose open orders are cancelled; may be repeated
    #[arg(long, required = true)]
    symbol: Vec<String>,
    /// Allow this command to change the account
    #[arg(long)]
    allow_trading: bool,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    patience: Patience,
    /// Print one JSON object at the end: symbols, reason (time or signal), rounds
    #[arg(long, help_heading = None)]
    json: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    symbols: &'a [String],
    reason: &'static str,
    /// How often it cancelled until nothing was open.
    rounds: u32,
}

impl CancelAfter {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let settings = self.access.settings(bpx_venue::api(), self.allow_trading)?;
        let settings = settings.with_bounds(self.patience.bounds());
        output::log_to_stderr("off");
        let runtime = Runtime::new()?;
        let ended = runtime.block_on(async {
            let mut stop = Stop::listen()?;
            let dispatch = Dispatch::open(settings).await?;
            let ended = self.watch(&dispatch, &mut stop).await;
            dispatch.close().await;
            ended
        });
        // The thread that reads standard input ends with the process.
        runtime.shutdown_background();
        ended
    }

    async fn watch(&self, dispatch: &Dispatch, stop: &mut Stop) -> Result<(), Failure> {
        // What would keep it from cancelling later is reported now.
        for symbol in &self.symbol {
            dispatch.check(&cancel(symbol))?;
            let settled = dispatch.call(look(symbol)).await?;
            open(&settled).map_err(|(category, why)| unreadable(category, symbol, &why))?;
        }
        let symbols = plain(&self.symbol.join(", "));
        self.say(&format!(
            "open orders of {symbols} are cancelled in {} s; Enter starts the time anew, Ctrl-C cancels now",
            self.seconds
        ))?;
        let reason = self.expired(stop).await?;
        self.say(&format!("cancelling the open orders of {symbols}"))?;
        let rounds = tokio::select! {
            rounds = self.cancelled(dispatch) => rounds,
            _ = stop.asked() => return Err(self.uncertain(&symbols)),
        };
        self.say(&format!("nothing of {symbols} is open"))?;
        match self.json {
            true => output::json(&Report {
                symbols: &self.symbol,
                reason,
                rounds,
            }),
            false => Ok(()),
        }
    }

    /// Waits until the time is over without a line, or a signal comes.
    async fn expired(&self, stop: &mut Stop) -> Result<&'static str, Failure> {
        let mut lines = lines();
        loop {
            tokio::select! {
                () = sleep(Duration::from_secs(self.seconds)) => return Ok("time"),
                _ = stop.asked() => return Ok("signal"),
                Some(()) = lines.recv() => self.say(&format!("{} s from now", self.seconds))?,
            }
        }
    }

    /// Cancels until the lists of open orders are empty, whatever fails meanwhile, and tells how often.
    async fn cancelled(&self, dispatch: &Dispatch) -> u32 {
        let mut rounds = 0;
        loop {
            rounds += 1;
            let mut is_over = true;
            for symbol in &self.symbol {
                if let Err(why) = cancelled_once(dispatch, symbol).await {
                    is_over = false;
                    // Without stderr it goes on.
                    let _ = output::remark(&format!("{}: {}; again", plain(symbol), plain(&why)));
                }
            }
            if is_over {
                return rounds;
            }
            sleep(AGAIN).await;
        }
    }

    fn say(&self, text: &str) -> Result<(), Failure> {
        if !self.json {
            output::remark(text)?;
        }
        Ok(())
    }

    fn uncertain(&self, symbols: &str) -> Failure {
        let next = self.symbol.first().map_or("", String::as_str);
        Failure::new(
            Category::Unknown,
            format!("ended before it was certain that nothing of {symbols} is open"),
            format!(
                "look with `bpx get-open-orders`, and cancel with `bpx cancel-open-orders --symbol {}`",
                plain(next)
            ),
        )
    }
}

/// Cancels the orders of one market, and looks whether that left none.
async fn cancelled_once(dispatch: &Dispatch, symbol: &str) -> Result<(), String> {
    let cancelled = match dispatch.call(cancel(symbol)).await {
        Ok(settled) => settled.outcome.kind().to_owned(),
        Err(refused) => format!("refused ({})", refused.problem()),
    };
    let looked = dispatch.call(look(symbol)).await;
    match looked.map(|settled| open(&settled)) {
        Ok(Ok(0)) => Ok(()),
        Ok(Ok(left)) => Err(format!(
            "{left} open after the cancellation was {cancelled}"
        )),
        Ok(Err((_, why))) => Err(format!("not known what is open: {why}")),
        Err(refused) => Err(format!("not known what is open: {}", refused.problem())),
    }
}

fn arguments(symbol: &str) -> Map<String, Value> {
    [("symbol".to_owned(), Value::from(symbol))]
        .into_iter()
        .collect()
}

fn cancel(symbol: &str) -> Call {
    Call::new(&CANCEL_OPEN_ORDERS, arguments(symbol), CALLER)
}

fn look(symbol: &str) -> Call {
    Call::new(&GET_OPEN_ORDERS, arguments(symbol), CALLER)
}

/// How many orders are open; or why that is not known.
fn open(settled: &Settled) -> Result<usize, (Category, String)> {
    match &settled.outcome {
        Outcome::Done(done) => serde_json::from_str::<Vec<Value>>(done.body.get())
            .map(|orders| orders.len())
            .map_err(|error| (Category::Unknown, error.to_string())),
        Outcome::Rejected(rejected) => {
            let category = match settled.outcome.kind() {
                "not_sent" => Category::NotSent,
                _ => Category::Rejected,
            };
            Err((category, rejected.summary()))
        }
        Outcome::Accepted(accepted) => Err((Category::Unknown, accepted.why.clone())),
        Outcome::Unknown(unknown) => Err((Category::Unknown, unknown.why.clone())),
    }
}

fn unreadable(category: Category, symbol: &str, why: &str) -> Failure {
    Failure::new(
        category,
        format!(
            "the open orders of {} cannot be read: {}",
            plain(symbol),
            plain(why)
        ),
        "check symbol, base URL and key with 'bpx doctor', and start again: nothing is watched now",
    )
}

/// A message for each line of standard input.
fn lines() -> mpsc::Receiver<()> {
    let (sender, receiver) = mpsc::channel(1);
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            if line.is_err() || sender.blocking_send(()).is_err() {
                return;
            }
        }
    });
    receiver
}
