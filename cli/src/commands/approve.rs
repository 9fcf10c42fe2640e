//! `bpx approve`: decides about the MCP calls that wait for a person, without any server.

mod dialog;

use std::io::{self, IsTerminal as _};
use std::time::SystemTime;

use bpx_gateway::{ApprovalError, Approvals, Decision, WaitingCall};
use clap::Args;
use serde::Serialize;

use crate::access::StateFolder;
use crate::failure::{Category, Failure};
use crate::output::{self, plain};

const EXAMPLES: &str = "\
Examples:
  bpx approve
  bpx approve --list --json
  bpx approve 3f6c0a91d27be845
  bpx approve --decline 3f6c0a91d27be845

It decides about the calls of MCP clients that cannot ask a person themselves. 'bpx serve' and 'bpx mcp' with the same state
folder put them there; neither need listen. The page /approve of 'bpx serve' does the same in a browser.

Without arguments it stays, on a terminal: it shows each call as it comes, and asks. The first characters of the call's id approve
it, so what was typed for another call cannot; n declines; s, or nothing, leaves it to the page or to a later run. Ctrl-C or the
end of input ends it. A call is approved exactly as shown, once. One that no longer waits can be approved for a while too: its
client then has to make the same call again.

Whoever can read approve.token in the state folder can approve. Keep it from the model: a model with a shell of this user could
read it, and the API secret too.

Environment:
  BPX_STATE  the state folder, where --state is not given

Exit codes: 0 done, 1 failed or no such call waits, 2 wrong usage or no terminal to ask on.";

/// Decide about the MCP calls that wait for a person
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Approve {
    /// The call to approve; without it, asks about each call as it comes
    id: Option<String>,
    /// Decline the call instead
    #[arg(long, requires = "id", conflicts_with = "list")]
    decline: bool,
    /// Show what waits, and decide nothing
    #[arg(long, conflicts_with = "id")]
    list: bool,
    #[command(flatten)]
    state: StateFolder,
    /// Print one JSON object: waiting, or id and decision
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Listed {
    waiting: Vec<WaitingCall>,
}

#[derive(Serialize)]
struct Decided<'a> {
    id: &'a str,
    decision: Decision,
}

impl Approve {
    pub(crate) fn run(self) -> Result<(), Failure> {
        output::log_to_stderr("warn");
        let approvals = Approvals::find(&self.state.folder()?)?;
        if let Some(id) = &self.id {
            return self.decide(&approvals, id);
        }
        if self.list {
            return self.list(&approvals);
        }
        if self.json || !io::stdin().is_terminal() {
            return Err(Failure::new(
                Category::Usage,
                "there is no terminal to ask on",
                "give the id of a call, or --list",
            ));
        }
        dialog::ask_about_each(&approvals)
    }

    fn decide(&self, approvals: &Approvals, id: &str) -> Result<(), Failure> {
        let decision = match self.decline {
            true => Decision::Decline,
            false => Decision::Approve,
        };
        let call = approvals.decide(id, decision)?;
        match self.json {
            true => output::json(&Decided { id, decision }),
            false => Ok(output::remark(&format!(
                "{}\n{}",
                shown(&call),
                call.outlook(decision)
            ))?),
        }
    }

    fn list(&self, approvals: &Approvals) -> Result<(), Failure> {
        let waiting = approvals.waiting()?;
        if self.json {
            return output::json(&Listed { waiting });
        }
        if waiting.is_empty() {
            return Ok(output::remark("nothing waits")?);
        }
        let calls: Vec<_> = waiting.iter().map(shown).collect();
        Ok(output::text(&calls.join("\n"))?)
    }
}

/// A call in lines.
fn shown(call: &WaitingCall) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = u64::try_from(now.unwrap_or_default().as_millis()).unwrap_or(u64::MAX);
    let seconds = |until: u64| until.saturating_sub(now).div_ceil(1_000);
    let waits = match seconds(call.waits_until_ms) {
        0 => format!(
            "no longer: approved within {} s, it goes through when it is made again",
            seconds(call.expires_ms)
        ),
        seconds => format!("{seconds} s more"),
    };
    let mut lines: Vec<_> = call.summary.lines().map(plain).collect();
    lines.push(format!("policy: {}", plain(&call.policy)));
    lines.push(format!(
        "asked by: {}, as {}",
        plain(&call.client),
        plain(&call.caller)
    ));
    lines.push(format!("waits: {waits}"));
    format!("{}  {}\n", call.id, lines.join("\n  "))
}

impl From<ApprovalError> for Failure {
    fn from(error: ApprovalError) -> Self {
        match error {
            ApprovalError::NotWaiting { .. } | ApprovalError::Decided { .. } => Self::new(
                Category::NotWaiting,
                error.to_string(),
                "see what waits with 'bpx approve --list'",
            ),
            ApprovalError::Folder { path, source } => Self::new(
                Category::StateFolder,
                format!("{}: {source}", path.display()),
                "use a state folder that this user may write (--state)",
            ),
            ApprovalError::NeverServed { .. } => Self::new(
                Category::StateFolder,
                error.to_string(),
                "name the state folder of a 'bpx serve' or 'bpx mcp' (--state); of several accounts, that of one",
            ),
            ApprovalError::Token(error) => error.into(),
            error => Self::failed(error.to_string(), "try again later"),
        }
    }
}
