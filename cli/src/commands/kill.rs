//! `bpx kill` and `bpx revive`: the kill switch.

use std::path::Path;

use bpx_dispatch::KillSwitch;
use clap::Args;
use serde::Serialize;

use crate::access::StateFolder;
use crate::failure::Failure;
use crate::output::{self, plain};

const KILL_EXAMPLES: &str = "\
Examples:
  bpx kill
  bpx kill 'the book looks wrong'

Until 'bpx revive', no program with this state folder places an order: neither this one, nor 'bpx serve', nor a workflow,
not even after a restart. Reads and cancellations go through. Orders that were sent before stay at the exchange; cancel
them with 'bpx cancel-open-orders'. No key is needed.

Environment:
  BPX_STATE  the state folder, where --state is not given

Exit codes: 0 it is on, 1 failed: it is not on, 2 wrong usage.";

const REVIVE_EXAMPLES: &str = "\
Examples:
  bpx revive

Environment:
  BPX_STATE  the state folder, where --state is not given

Exit codes: 0 it is off, 1 failed, 2 wrong usage.";

/// Turn the kill switch on: no order is placed until it is off again.
#[derive(Debug, Args)]
#[command(after_help = KILL_EXAMPLES)]
pub(crate) struct Kill {
    /// Why: it is part of every refusal
    #[arg(default_value = "bpx kill")]
    reason: String,
    #[command(flatten)]
    state: StateFolder,
    /// Print one JSON object: state, kill_switch, reason
    #[arg(long)]
    json: bool,
}

/// Turn the kill switch off.
#[derive(Debug, Args)]
#[command(after_help = REVIVE_EXAMPLES)]
pub(crate) struct Revive {
    #[command(flatten)]
    state: StateFolder,
    /// Print one JSON object: state, kill_switch, and the reason if it was on
    #[arg(long)]
    json: bool,
}

/// The kill switch as it is now.
#[derive(Serialize)]
struct Switched<'a> {
    state: &'a Path,
    kill_switch: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl Kill {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let folder = self.state.folder()?;
        KillSwitch::open(&folder)?.kill(&self.reason)?;
        if self.json {
            return output::json(&Switched {
                state: &folder,
                kill_switch: "on",
                reason: Some(&self.reason),
            });
        }
        let (folder, reason) = (folder.display(), plain(&self.reason));
        Ok(output::remark(&format!(
            "the kill switch of {folder} is on: {reason}"
        ))?)
    }
}

impl Revive {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let folder = self.state.folder()?;
        let switch = KillSwitch::open(&folder)?;
        let was = switch.killed();
        switch.revive()?;
        if self.json {
            return output::json(&Switched {
                state: &folder,
                kill_switch: "off",
                reason: was.as_deref(),
            });
        }
        let folder = folder.display();
        let remark = match was {
            Some(reason) => format!(
                "the kill switch of {folder} is off; it was on: {}",
                plain(&reason)
            ),
            None => format!("the kill switch of {folder} was off"),
        };
        Ok(output::remark(&remark)?)
    }
}
