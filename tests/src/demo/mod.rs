//! The demo: all eight operations, signed, against a local exchange that verifies every signature by itself.
//!
//! [`run`] tells the story and returns a [`Report`]; [`render`] makes it readable.

mod order;
mod render;
mod report;
mod story;
mod watch;

use bpx_sandbox::{SandboxConfig, Side};

pub use render::render;
pub use report::{Call, CancelReplace, Files, Report, Signatures, Step, Summary};

use crate::exchange::{Exchange, resting, start};
use story::Story;

/// How long the exchange takes to settle a cancellation that it has merely accepted.
const SETTLE_DELAY_MS: u64 = 5;

/// Starts an exchange with some liquidity, tells the story, and reports. What goes otherwise than expected ends the
/// story and is in [`Report::problems`].
///
/// # Errors
/// An exchange that does not start.
pub async fn run(files: Files) -> anyhow::Result<Report> {
    let exchange = open().await?;
    let mut story = Story::new(&exchange, files);
    if let Err(problem) = story.tell().await {
        story.report.problems.push(format!("{problem:#}"));
    }
    let report = story.finish();
    exchange.sandbox.shutdown().await;
    Ok(report)
}

async fn open() -> anyhow::Result<Exchange> {
    start(SandboxConfig {
        liquidity: vec![
            resting(Side::Ask, "150.50", "10")?,
            resting(Side::Bid, "149.50", "10")?,
        ],
        settle_delay_ms: SETTLE_DELAY_MS,
        ..Default::default()
    })
    .await
}
