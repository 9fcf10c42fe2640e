//! The demo: all eight operations, signed, against a local exchange that verifies every signature by itself.
//!
//! [`run`] tells the story, records it, checks the recording, and returns a [`Report`]; [`render`] makes it readable.

mod order;
mod recording;
mod render;
mod report;
mod story;
mod watch;
mod workflow;

use std::path::Path;

use bpx_client::Options;
use bpx_sandbox::{SandboxConfig, Side};

pub use recording::{Covered, Recorded};
pub use render::render;
pub use report::{
    Call, CancelReplace, Files, Report, Signatures, Step, Summary, Workflow, WorkflowStep,
};

use crate::exchange::{Exchange, resting, start_with};
use story::Story;

/// How long the exchange takes to settle a cancellation that it has merely accepted.
const SETTLE_DELAY_MS: u64 = 5;

/// Starts an exchange with some liquidity, tells the story, records it to a file of this name, holds the recording
/// against the contract, and reports. What goes otherwise than expected ends the story and is in [`Report::problems`].
///
/// # Errors
/// An exchange that does not start; a recording that cannot be begun.
pub async fn run(files: Files, recording: &Path) -> anyhow::Result<Report> {
    let (recorder, recorded) = recording::start(recording)?;
    let exchange = open(Options::default().with_tap(recorder)).await?;
    let mut story = Story::new(&exchange, files);
    if let Err(problem) = story.tell().await {
        story.report.problems.push(format!("{problem:#}"));
    }
    match workflow::replace(&exchange).await {
        Ok(workflow) => story.ran(workflow),
        Err(problem) => story.report.problems.push(format!("{problem:#}")),
    }
    match recording::checked(recorded, recording) {
        Ok(recorded) => story.took(recorded, exchange.sandbox.verified().len()),
        Err(problem) => story.report.problems.push(format!("{problem:#}")),
    }
    let report = story.finish();
    exchange.sandbox.shutdown().await;
    Ok(report)
}

async fn open(options: Options) -> anyhow::Result<Exchange> {
    let config = SandboxConfig {
        liquidity: vec![
            resting(Side::Ask, "150.50", "10")?,
            resting(Side::Bid, "149.50", "10")?,
        ],
        settle_delay_ms: SETTLE_DELAY_MS,
        ..SandboxConfig::bare()
    };
    start_with(config, options).await
}
