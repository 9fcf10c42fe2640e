//! What goes wrong in a run, and when: chosen by the seed.

use std::collections::BTreeMap;
use std::time::Duration;

use bpx_sandbox::{AccountConfig, Fault, FaultRule, SandboxConfig};
use fastrand::Rng;

pub(crate) const SYMBOL: &str = "SOL_USDC";
pub(crate) const OLD_PRICE: &str = "20";
pub(crate) const OLD_QUANTITY: &str = "2";
pub(crate) const NEW_PRICE: &str = "21";
pub(crate) const NEW_QUANTITY: &str = "3";

/// The order takes 40 of it; its replacement, with what the order had filled by then, at most 73. Both together would
/// take 92.5 at least.
const FUNDS: u32 = 80;

/// Faults of any request.
const FAULTS: [&str; 16] = [
    "drop-before",
    "drop-after",
    "503-before",
    "503-after",
    "maintenance",
    "html",
    "truncated",
    "cut-json",
    "429:1",
    "delay-before:200",
    "delay-after:200",
    "error:INSUFFICIENT_FUNDS",
    "error:TIMEOUT",
    "error-after:TIMEOUT",
    "unknown-enum",
    "hang-up",
];
/// The requests of the workflow, and a fault that they alone can have.
const OPERATIONS: [(&str, Option<&str>); 4] = [
    ("get_order", None),
    ("cancel_order", Some("settle:300")),
    ("get_order_history", Some("history-lag:700")),
    ("execute_order", None),
];
const PARTIAL_FILLS: [&str; 3] = ["total", "fresh", "stop"];
/// Of these two, the second fills the order whole.
const FILLS: [&str; 2] = ["0.5", OLD_QUANTITY];

/// How long the exchange holds a new order back, where it does.
const PENDING_RELEASE_MS: u64 = 100;
/// A process is killed in about its first so many lines, requests or milliseconds.
const LINES: u32 = 16;
const REQUESTS: usize = 6;
const TIME_MS: u64 = 250;
/// And then at once, or a little later.
const LATER_MS: u64 = 12;

/// When a process is killed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    Never,
    /// After it has shown so many lines.
    Lines(u32, Duration),
    /// After so many of its requests have been answered.
    Requests(usize, Duration),
    Time(Duration),
}

/// What is filled of the order while a process runs: after so many lines, this quantity.
pub(crate) type Fill = (u32, &'static str);

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) partial_fill: &'static str,
    pub(crate) filled_before: Option<&'static str>,
    pub(crate) filled_meanwhile: Option<Fill>,
    pub(crate) faults: Vec<FaultRule>,
    pub(crate) config: SandboxConfig,
    rng: Rng,
}

impl Plan {
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let mut rng = Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(number));
        let mut config = SandboxConfig {
            accounts: vec![account()],
            ..SandboxConfig::bare()
        };
        if one_in(&mut rng, 4) {
            config.venue.pending_release_ms = PENDING_RELEASE_MS;
        }
        let faults = OPERATIONS.iter().filter_map(|row| fault(&mut rng, row));
        let faults = faults.collect();
        // One of them at most: more would be beyond the account's funds.
        let filled = [8, 6].map(|many| one_in(&mut rng, many).then(|| rng.choice(FILLS).unwrap()));
        let [filled_before, filled_meanwhile] = filled;
        let line = rng.u32(1..LINES);
        Self {
            faults,
            partial_fill: rng.choice(PARTIAL_FILLS).unwrap(),
            filled_before,
            filled_meanwhile: filled_meanwhile
                .filter(|_| filled_before.is_none())
                .map(|quantity| (line, quantity)),
            config,
            rng,
        }
    }

    /// When the process of this turn is killed; the later ones are left alone.
    pub(crate) fn moment(&mut self, turn: usize) -> Moment {
        let rng = &mut self.rng;
        let later = Duration::from_millis(rng.u64(..LATER_MS));
        match (turn, rng.u32(..6)) {
            (0..4, 0 | 1) => Moment::Lines(rng.u32(1..LINES), later),
            (0..4, 2) => Moment::Requests(rng.usize(1..REQUESTS), later),
            (0..4, 3) => Moment::Time(Duration::from_millis(rng.u64(..TIME_MS))),
            _ => Moment::Never,
        }
    }
}

fn one_in(rng: &mut Rng, many: u32) -> bool {
    rng.u32(..many) == 0
}

fn account() -> AccountConfig {
    AccountConfig {
        balances: Some(BTreeMap::from([("USDC".to_owned(), FUNDS.into())])),
        ..AccountConfig::default()
    }
}

/// Half of the operations have a fault, at their first request or at their second.
fn fault(rng: &mut Rng, (operation, own): &(&str, Option<&str>)) -> Option<FaultRule> {
    if rng.bool() {
        return None;
    }
    let any = rng.choice(FAULTS).unwrap();
    let text = own.filter(|_| one_in(rng, 4)).unwrap_or(any);
    let fault: Fault = text.parse().unwrap();
    Some(fault.on(*operation).nth(rng.u64(1..=2)))
}
