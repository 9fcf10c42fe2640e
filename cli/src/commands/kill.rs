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
them with 'bpx cancel-open-orders'. No key is needed. It says how many running programs use the folder: one that was started with another
--state goes on.

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
    #[arg(default_value = "no reason given")]
    reason: String,
    #[command(flatten)]
    state: StateFolder,
    /// Print one JSON object: state, kill_switch, reason, running
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
    /// How many programs use the folder now.
    #[serde(skip_serializing_if = "Option::is_none")]
    running: Option<usize>,
}

impl Kill {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let folder = self.state.existing()?;
        let switch = KillSwitch::open(&folder)?;
        switch.kill(&self.reason)?;
        let running = switch.running();
        if self.json {
            return output::json(&Switched {
                state: &folder,
                kill_switch: "on",
                reason: Some(&self.reason),
                running: Some(running),
            });
        }
        let (shown, reason) = (folder.display(), plain(&self.reason));
        output::remark(&format!("the kill switch of {shown} is on: {reason}"))?;
        output::remark(&match running {
            0 => "warning: no running program uses this folder; one that was started with another --state goes on trading"
                .to_owned(),
            1 => "1 running program uses this folder".to_owned(),
            count => format!("{count} running programs use this folder"),
        })?;
        Ok(output::remark(
            "next: open orders stay until `bpx cancel-open-orders`; `bpx revive` turns the switch off",
        )?)
    }
}

impl Revive {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let folder = self.state.existing()?;
        let switch = KillSwitch::open(&folder)?;
        let was = switch.killed();
        switch.revive()?;
        if self.json {
            return output::json(&Switched {
                state: &folder,
                kill_switch: "off",
                reason: was.as_deref(),
                running: None,
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
