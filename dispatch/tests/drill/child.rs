//! The process that is killed.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bpx_client::operations::OPERATIONS;
use bpx_dispatch::{Bounds, Call, Checkpoint, Dispatch, Passing, Point, Settings};
use bpx_runtime::{Key, Options, Signer};
use bpx_venue::operations::{CANCEL_OPEN_ORDERS, EXECUTE_ORDER, EXECUTE_ORDER_BATCH};
use serde_json::{Value, json};

use crate::plan::Kill;

/// What it says once it is where it is to be killed.
pub(crate) const AT: &str = "at";
/// What it says, with the number, of a call that has its outcome.
pub(crate) const DONE: &str = "done";
/// Short for those that are killed, so that proofs need not wait for long.
const WINDOW_MS: u64 = 400;
const AUDIT_WINDOW_MS: u64 = 5_000;
const VARIABLES: [&str; 5] = [
    "DRILL_URL",
    "DRILL_SECRET",
    "DRILL_STATE",
    "DRILL_FIRST",
    "DRILL_KILL",
];

/// What one process has to do.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) base_url: String,
    pub(crate) secret: String,
    pub(crate) state: PathBuf,
    /// The first call whose outcome nobody has heard of.
    pub(crate) first: u64,
    pub(crate) kill: Kill,
}

/// The calls, by their number.
#[derive(Debug)]
pub(crate) struct Orders(u64);

impl Orders {
    pub(crate) fn of(number: u64) -> Self {
        Self(number)
    }

    fn order(&self) -> Value {
        let price = (self.0 % 50 + 1).to_string();
        json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": price, "quantity": "0.01"})
    }

    fn call(&self) -> Call {
        let (operation, arguments) = match self.0 % 10 {
            3 | 6 => (
                &EXECUTE_ORDER_BATCH,
                json!({"orders": [self.order(), self.order()]}),
            ),
            9 => (&CANCEL_OPEN_ORDERS, json!({"symbol": "SOL_USDC"})),
            _ => (&EXECUTE_ORDER, self.order()),
        };
        let arguments = arguments.as_object().unwrap().clone();
        Call::new(operation, arguments, "drill").with_idempotency_key(format!("call-{}", self.0))
    }

    /// The call, if it places orders.
    pub(crate) fn placing(&self) -> Option<Call> {
        let call = self.call();
        (call.operation.id != CANCEL_OPEN_ORDERS.id).then_some(call)
    }
}

/// Says that the place is reached for the n-th time, and stays there.
struct Stop {
    point: Point,
    left: AtomicU32,
}

impl Checkpoint for Stop {
    fn reached(&self, point: Point, _: Passing<'_>) {
        if point == self.point && self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            println!("{AT}");
            loop {
                std::thread::park();
            }
        }
    }
}

impl Work {
    /// What the environment says is to be done; none if this is not the process that is killed.
    pub(crate) fn from_environment() -> Option<Self> {
        let [base_url, secret, state, first, kill] = VARIABLES.map(|name| std::env::var(name).ok());
        Some(Self {
            base_url: base_url?,
            secret: secret?,
            state: PathBuf::from(state?),
            first: first?.parse().ok()?,
            kill: Kill::read(&kill?),
        })
    }

    pub(crate) fn put_into<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let values = [
            self.base_url.clone(),
            self.secret.clone(),
            self.state.display().to_string(),
            self.first.to_string(),
            self.kill.text(),
        ];
        command.envs(VARIABLES.into_iter().zip(values))
    }

    fn settings(&self, window_ms: u64) -> Settings {
        let key = Key::from_base64(&self.secret).unwrap();
        let signer = Signer::new(key, OPERATIONS)
            .with_window_ms(window_ms)
            .unwrap();
        let mut bounds = Bounds::default();
        bounds.clock_skew_max = Duration::from_millis(20);
        bounds.venue_lag_max = Duration::from_millis(20);
        bpx_venue::settings(&self.base_url, signer, &self.state)
            .allow_trading(true)
            .with_bounds(bounds)
            .with_options(Options::default().without_rate_limit())
    }

    /// For whoever looks at the end of it.
    pub(crate) async fn open(&self) -> Dispatch {
        Dispatch::open(self.settings(AUDIT_WINDOW_MS))
            .await
            .unwrap()
    }

    pub(crate) async fn run(self) {
        let mut settings = self.settings(WINDOW_MS);
        if let Kill::At(point, times) = self.kill {
            let left = AtomicU32::new(times);
            settings = settings.with_checkpoint(Stop { point, left });
        }
        let dispatch = Dispatch::open(settings).await.unwrap();
        dispatch.recovered().await;
        for number in self.first.. {
            dispatch.call(Orders::of(number).call()).await.unwrap();
            println!("{DONE} {number}");
        }
    }
}
