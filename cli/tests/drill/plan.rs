//! What is called, and when it is killed: chosen by the seed.

use std::time::Duration;

use serde_json::{Value, json};

/// One call: the same number is the same call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call(u32);

impl Call {
    pub(crate) fn of(number: u32) -> Self {
        Self(number)
    }

    pub(crate) fn key(self) -> String {
        format!("call-{}", self.0)
    }

    pub(crate) fn is_cancellation(self) -> bool {
        self.0 % 10 == 9
    }

    fn is_batch(self) -> bool {
        matches!(self.0 % 10, 3 | 6)
    }

    pub(crate) fn method(self) -> &'static str {
        if self.is_cancellation() {
            "DELETE"
        } else {
            "POST"
        }
    }

    pub(crate) fn path(self) -> &'static str {
        if self.is_cancellation() || self.is_batch() {
            "/api/v1/orders"
        } else {
            "/api/v1/order"
        }
    }

    pub(crate) fn body(self) -> Value {
        let price = (self.0 % 50 + 1).to_string();
        let order = json!({
            "symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": price, "quantity": "0.01",
        });
        match self {
            call if call.is_cancellation() => json!({"symbol": "SOL_USDC"}),
            call if call.is_batch() => json!([order, order]),
            _ => order,
        }
    }

    /// The same as it is typed.
    pub(crate) fn line(self) -> Vec<String> {
        let price = self.0 % 50 + 1;
        let line = match self {
            call if call.is_cancellation() => "cancel-open-orders --symbol SOL_USDC".to_owned(),
            // JSON without a blank in it.
            call if call.is_batch() => format!("execute-order-batch --orders {}", call.body()),
            _ => format!(
                "execute-order --symbol SOL_USDC --side Bid --order-type Limit --quantity 0.01 --price {price}"
            ),
        };
        let common = format!(
            "--allow-trading --json --wait 60 --idempotency-key {}",
            self.key()
        );
        let words = line.split(' ').chain(common.split(' '));
        words.map(str::to_owned).collect()
    }
}

/// A sequence of choices (SplitMix64).
#[derive(Debug)]
pub(crate) struct Plan {
    state: u64,
    /// Around when the last kills hit the middle of a call.
    aim: Duration,
}

impl Plan {
    pub(crate) fn new(seed: u32) -> Self {
        Self {
            state: seed.into(),
            aim: Duration::ZERO,
        }
    }

    fn below(&mut self, bound: u32) -> u32 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ (mixed >> 31)) % u64::from(bound)).unwrap()
    }

    /// One of so many, in the long run.
    pub(crate) fn one_in(&mut self, many: u32) -> bool {
        self.below(many) == 0
    }

    /// Any moment of a time.
    pub(crate) fn moment(&mut self, whole: Duration) -> Duration {
        whole * self.below(1_000) / 1_000
    }

    /// A moment near the aim.
    pub(crate) fn near_aim(&mut self) -> Duration {
        self.aim * (900 + self.below(200)) / 1_000
    }

    pub(crate) fn has_aim(&self) -> bool {
        !self.aim.is_zero()
    }

    pub(crate) fn aim_at(&mut self, aim: Duration) {
        self.aim = aim;
    }

    /// Aims later after a kill that came too early, and earlier after one that came too late.
    pub(crate) fn correct(&mut self, was_early: bool) {
        self.aim = self.aim * if was_early { 51 } else { 49 } / 50;
    }
}
