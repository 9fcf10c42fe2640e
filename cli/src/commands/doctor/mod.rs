//! `bpx doctor`: whether key, clock, exchange, policy, state folder and journal are in order.

mod exchange;
mod local;
mod policy;

use anstyle::{AnsiColor, Style};
use bpx_dispatch::Refused;
use clap::Args;
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::access::{Access, ENVIRONMENT};
use crate::failure::{Category, Failure, fix};
use crate::output::{self, plain};

const EXAMPLES: &str = "\
Examples:
  bpx doctor --base-url http://127.0.0.1:8800
  bpx doctor --base-url http://127.0.0.1:8800 --policy policy.toml --json

It asks the exchange for the open orders, and for the outcome of earlier calls that have none yet. It changes nothing at
the exchange. It creates the state folder and the journal if they are missing.";

const EXIT_CODES: &str = "Exit codes: 0 nothing failed, 1 a check failed, 2 wrong usage.";

/// Check key, clock, exchange, policy, state folder and journal.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}\n\n{EXIT_CODES}"))]
pub(crate) struct Doctor {
    #[command(flatten)]
    access: Access,
    /// Print one JSON object: ok, and checks with name, status (ok, warn, fail), found, fix
    #[arg(long, help_heading = None)]
    json: bool,
}

/// The result of one check.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    status: Status,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Warn,
    Fail,
}

#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    checks: &'a [Check],
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            status: Status::Ok,
            found: found.into(),
            fix: None,
        }
    }

    fn warn(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            name,
            status: Status::Warn,
            found: found.into(),
            fix: Some(fix.into()),
        }
    }

    fn fail(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            status: Status::Fail,
            ..Self::warn(name, found, fix)
        }
    }

    /// A check that a refusal of dispatch made fail.
    fn refused(name: &'static str, refused: Refused) -> Self {
        Self::failure(name, &refused.into())
    }

    /// A check that failed as a command would.
    fn failure(name: &'static str, failure: &Failure) -> Self {
        let faults = failure.faults().iter();
        let found: Vec<_> = faults.clone().map(|it| it.problem.as_str()).collect();
        let fixes: Vec<_> = faults.map(|it| it.fix.as_str()).collect();
        Self::fail(name, found.join(", "), fixes.join(", "))
    }

    fn lines(&self) -> String {
        let (word, colour) = match self.status {
            Status::Ok => ("ok", AnsiColor::Green),
            Status::Warn => ("warn", AnsiColor::Yellow),
            Status::Fail => ("fail", AnsiColor::Red),
        };
        let style = Style::new().bold().fg_color(Some(colour.into()));
        let advice = self
            .fix
            .as_deref()
            .map(|advice| format!("      {}\n", fix(&plain(advice))));
        format!(
            "{style}{word:4}{style:#}  {:12}{}\n{}",
            self.name,
            plain(&self.found),
            advice.unwrap_or_default()
        )
    }
}

impl Doctor {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let checks = self.checks()?;
        let failed: Vec<_> = checks
            .iter()
            .filter(|it| it.status == Status::Fail)
            .collect();
        let report = Report {
            ok: failed.is_empty(),
            checks: &checks,
        };
        if !self.json {
            let lines: String = checks.iter().map(Check::lines).collect();
            output::text(&lines)?;
        }
        match (failed.first(), self.json) {
            (None, true) => output::json(&report),
            (None, false) => Ok(()),
            (Some(_), false) => Err(Failure::reported(Category::ChecksFailed)),
            (Some(first), true) => Err(Self::failure(first, failed.len()).print_with(&report)?),
        }
    }

    fn failure(first: &Check, count: usize) -> Failure {
        let problem = match count {
            1 => format!("{}: {}", first.name, first.found),
            _ => format!(
                "{count} checks failed, first {}: {}",
                first.name, first.found
            ),
        };
        Failure::new(
            Category::ChecksFailed,
            problem,
            first.fix.as_deref().unwrap_or_default(),
        )
    }

    fn checks(&self) -> Result<Vec<Check>, Failure> {
        let key = local::key(&self.access.key);
        let base_url = local::base_url(self.access.base_url.as_deref());
        let mut checks = vec![key, base_url];
        checks.extend(policy::checks(&self.access));
        checks.extend(local::state(&self.access.state));
        let settings = self.access.settings(bpx_venue::api(), false);
        checks.extend(match settings {
            Ok(settings) => Runtime::new()?.block_on(exchange::checks(settings)),
            Err(_) => exchange::not_checked(),
        });
        Ok(checks)
    }
}
