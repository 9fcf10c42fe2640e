//! One thing to do after an import.

use bpx_contract::Place;

/// One thing to do.
#[derive(Debug)]
pub(super) struct Step {
    /// `fact`, `names`, `capability`, `workflow`, `contract`, `words`, `overlay`, `unread`, `source` or `run`.
    pub(super) kind: &'static str,
    pub(super) place: Option<Place>,
    pub(super) action: String,
    /// Whether a fact is missing or `cargo xtask generate` fails without it.
    pub(super) is_needed: bool,
}

impl Step {
    /// A command to run.
    pub(super) fn run(command: &str) -> Self {
        Self {
            kind: "run",
            place: None,
            action: format!("run `{command}`"),
            is_needed: false,
        }
    }

    pub(super) fn at(kind: &'static str, place: Place, action: String) -> Self {
        let is_needed = matches!(
            kind,
            "fact" | "names" | "capability" | "workflow" | "contract"
        );
        Self {
            kind,
            place: Some(place),
            action,
            is_needed,
        }
    }
}
