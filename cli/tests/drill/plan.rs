//! What is typed, and when it is killed: chosen by the seed.

use std::time::Duration;

const ORDER: &str = "--symbol SOL_USDC --side Bid --order-type Limit --quantity 0.01 --price";
const COMMON: &str = "--allow-trading --json --wait 60 --idempotency-key";

/// One call as it is typed, the same each time.
#[derive(Debug)]
pub(crate) struct Typed {
    line: Vec<String>,
    key: String,
}

impl Typed {
    fn new(key: String, command: &str, orders: Option<String>) -> Self {
        let words = command.split(' ').chain(COMMON.split(' '));
        let mut line: Vec<_> = words.map(str::to_owned).collect();
        line.push(key.clone());
        if let Some(orders) = orders {
            line.extend(["--orders".to_owned(), orders]);
        }
        Self { line, key }
    }

    /// A call that is none of the drill's: it cancels nothing.
    pub(crate) fn undisturbed() -> Self {
        let command = "cancel-open-orders --symbol SOL_USDC --order-type ConditionalOrder";
        let mut typed = Self::new(String::new(), command, None);
        // Each time it is a call of its own.
        typed.line.truncate(typed.line.len() - 2);
        typed
    }

    fn of(number: u32) -> Self {
        let key = format!("call-{number}");
        let price = number % 50 + 1;
        match number % 10 {
            3 | 6 => {
                let order = format!(
                    r#"{{"symbol":"SOL_USDC","side":"Bid","orderType":"Limit","price":"{price}","quantity":"0.01"}}"#
                );
                Self::new(
                    key,
                    "execute-order-batch",
                    Some(format!("[{order},{order}]")),
                )
            }
            9 => Self::new(key, "cancel-open-orders --symbol SOL_USDC", None),
            _ => Self::new(key, &format!("execute-order {ORDER} {price}"), None),
        }
    }

    pub(crate) fn arguments(&self) -> Vec<&str> {
        self.line.iter().map(String::as_str).collect()
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn method(&self) -> &'static str {
        if self.line[0].starts_with("cancel") {
            "DELETE"
        } else {
            "POST"
        }
    }
}

/// A sequence of waits (SplitMix64).
#[derive(Debug)]
pub(crate) struct Plan {
    state: u64,
    usual: Duration,
}

impl Plan {
    /// `usual` is how long a process takes that nothing disturbs.
    pub(crate) fn new(seed: u64, usual: Duration) -> Self {
        Self { state: seed, usual }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    pub(crate) fn call(&self, number: u32) -> Typed {
        Typed::of(number)
    }

    /// Three of four processes are killed, within the time they usually take; the others may end.
    pub(crate) fn wait(&mut self) -> Option<Duration> {
        if self.below(4) == 0 {
            return None;
        }
        let thousandths = u32::try_from(self.below(1_000)).unwrap();
        Some(self.usual * thousandths / 1_000)
    }
}
