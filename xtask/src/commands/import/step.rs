//! One thing to do after an import.

use bpx_contract::Place;

/// One thing to do.
#[derive(Debug)]
pub(super) struct Step {
    /// `fact`, `names`, `capability`, `workflow`, `contract`, `words`, `overlay`, `unread`, `source` or `generate`.
    pub(super) kind: &'static str,
    pub(super) place: Option<Place>,
    pub(super) action: String,
    /// Whether a fact is missing or `cargo xtask generate` fails without it.
    pub(super) is_needed: bool,
}

impl Step {
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
