//! One process of the binary, watched and perhaps killed.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use bpx_sandbox::{RestingLiquidity, Side};

use crate::common;
use crate::common::exchange::Exchange;
use crate::plan::{Fill, Moment, OLD_PRICE, SYMBOL};

/// How often it is looked whether the moment has come.
const LOOK_EVERY: Duration = Duration::from_millis(2);

struct Watched<'a> {
    exchange: &'a Exchange,
    child: Child,
    started: Instant,
    requests_before: usize,
    lines: u32,
    fill: Option<Fill>,
}

/// Runs the binary; none if it was killed before it had printed everything. The fill is taken when it has happened.
pub(crate) fn run(
    exchange: &Exchange,
    arguments: &[&str],
    moment: Moment,
    fill: &mut Option<Fill>,
) -> Option<Output> {
    let requests_before = exchange.sandbox.verified().len();
    let mut command = exchange.command(arguments);
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut watched = Watched {
        exchange,
        child: command.spawn().unwrap(),
        started: Instant::now(),
        requests_before,
        lines: 0,
        fill: *fill,
    };
    let said = said(watched.child.stderr.take().unwrap());
    watched.until_its_end(&said, moment);
    *fill = watched.fill;
    let output = watched.child.wait_with_output().unwrap();
    output.status.code()?;
    Some(output)
}

/// What it says on stderr, line by line.
fn said(stderr: ChildStderr) -> Receiver<String> {
    let (tell, said) = mpsc::channel();
    thread::spawn(move || {
        let lines = BufReader::new(stderr).lines().map_while(Result::ok);
        for line in lines {
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    said
}

impl Watched<'_> {
    fn until_its_end(&mut self, said: &Receiver<String>, moment: Moment) {
        loop {
            match said.recv_timeout(LOOK_EVERY) {
                Ok(_) => self.line(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if let Some(later) = self.has_come(moment) {
                thread::sleep(later);
                common::end(&mut self.child);
                return;
            }
        }
    }

    fn line(&mut self) {
        self.lines += 1;
        if let Some((_, quantity)) = self.fill.take_if(|(line, _)| *line <= self.lines) {
            offer(self.exchange, quantity);
        }
    }

    /// Whether the moment has come, and how much later the process is killed.
    fn has_come(&self, moment: Moment) -> Option<Duration> {
        let (has_come, later) = match moment {
            Moment::Never => return None,
            Moment::Lines(lines, later) => (self.lines >= lines, later),
            Moment::Requests(requests, later) => {
                let made = self.exchange.sandbox.verified().len() - self.requests_before;
                (made >= requests, later)
            }
            Moment::Time(time) => (self.started.elapsed() >= time, Duration::ZERO),
        };
        has_come.then_some(later)
    }
}

/// Somebody sells at the order's price.
pub(crate) fn offer(exchange: &Exchange, quantity: &str) {
    let offer = RestingLiquidity {
        symbol: SYMBOL.to_owned(),
        side: Side::Ask,
        price: OLD_PRICE.parse().unwrap(),
        quantity: quantity.parse().unwrap(),
    };
    exchange.sandbox.add_liquidity(&offer).unwrap();
}
