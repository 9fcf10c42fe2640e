//! Errors of the libraries as failures of a command.

use bpx_contract::{Diagnostic, Diagnostics};
use bpx_dispatch::{Finding, Refused};
use bpx_runtime::ConnectError;
use bpx_sandbox::SandboxError;
use bpx_signing::SigningError;
use clap::error::{ContextKind, ErrorKind};

use super::{Category, Failure, Fault};

impl From<Diagnostic> for Fault {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            problem: diagnostic.problem,
            location: Some(diagnostic.place.to_string()),
            fix: diagnostic.fix,
        }
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        let faults = diagnostics.0.into_iter().map(Fault::from).collect();
        Self::with_faults(Category::InvalidInput, faults)
    }
}

/// The category of a refusal.
pub(crate) fn of_refused(refused: &Refused) -> Category {
    match refused {
        Refused::Invalid { .. } => Category::InvalidArguments,
        Refused::Policy { .. } => Category::Policy,
        Refused::TradingDisabled { .. } => Category::TradingDisabled,
        Refused::Killed { .. } => Category::KillSwitch,
        Refused::BadKey { .. } => Category::IdempotencyKeyInvalid,
        Refused::KeyReused { .. } => Category::IdempotencyKeyReused,
        Refused::InFlight { .. } => Category::InFlight,
        Refused::ClientIdInUse { .. } | Refused::OrderEnded { .. } => Category::ClientIdInUse,
        Refused::Journal { .. } => Category::Journal,
        Refused::State { .. } => Category::StateFolder,
        Refused::PolicyFile { .. } => Category::PolicyFile,
        Refused::Connect(_) => Category::BaseUrl,
        // The call may have been sent.
        Refused::Lost => Category::Unknown,
        _ => Category::Failed,
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let category = of_refused(&refused);
        if refused.findings().is_empty() {
            return Self::new(category, refused.problem(), refused.fix());
        }
        let problem = refused.problem();
        let fault = |finding: &Finding| Fault {
            problem: format!("{problem}: {}", finding.problem),
            location: Some(finding.pointer.clone()).filter(|it| !it.is_empty()),
            fix: format!("{} [{}]", finding.fix, finding.rule),
        };
        Self::with_faults(category, refused.findings().iter().map(fault).collect())
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        Refused::from(error).into()
    }
}

impl From<SigningError> for Failure {
    fn from(error: SigningError) -> Self {
        match error {
            SigningError::Entropy(_) => Self::failed(
                error.to_string(),
                "check the source of random bytes of this computer",
            ),
            _ => Self::bad_input(
                error.to_string(),
                "correct the request, and sign it again; `bpx sign --help` has examples",
            ),
        }
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        match error {
            SandboxError::Config {
                place,
                problem,
                fix,
            } => Self::bad_input(format!("{place} {problem}"), fix),
            SandboxError::Listen { address, source } => Self::new(
                Category::Listen,
                format!("cannot listen on {address}: {source}"),
                "choose a free port with --listen or --control, or port 0 for any free port",
            ),
            SandboxError::Random(_) => Self::failed(
                error.to_string(),
                "give each account an `api_secret` in the configuration",
            ),
            _ => Self::bad_input(error.to_string(), "correct the configuration (--config)"),
        }
    }
}

/// A command line that is not valid, for programs.
impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            let fix = "name a command; `--help` lists them";
            return Self::new(Category::Usage, "no command is named", fix);
        }
        let text = error.render().to_string();
        let (problem, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let tips = rest
            .lines()
            .filter_map(|line| line.trim().strip_prefix("tip: "));
        let tips: Vec<_> = tips.map(words).collect();
        let fix = match tips.is_empty() {
            true => "correct the command line; `--help` has its flags and examples".to_owned(),
            false => tips.join("; "),
        };
        let location = error.get(ContextKind::InvalidArg).map(ToString::to_string);
        let problem = words(problem.trim_start_matches("error: "));
        Self::new(Category::Usage, problem, fix).at(location.map(|it| words(&it)))
    }
}
