//! Extensions of other runners: what they change there they do not change here, which is said.

use super::reader::{Reader, extensions};
use bpx_contract::Cursor;

/// Ours.
const OWN: &str = "x-bpx-";
/// Extensions that change what other runners send or take for success, and what to write instead.
const CHANGING: [(&str, &str); 7] = [
    (
        "x-security",
        "give the credentials with `--auth SCHEME=VALUE`, or as a parameter",
    ),
    ("x-operation", "name the operation with `operationId`"),
    ("x-serverUrl", "name the server with `--service NAME=URL`"),
    ("x-assert", "write `successCriteria`"),
    ("x-timeout", "write `timeout` (Arazzo 1.1)"),
    ("x-retry", "write an action of type `retry`"),
    (
        "x-speakeasy-test-server",
        "name the server with `--service NAME=URL`",
    ),
];

impl Reader<'_> {
    /// Names the extensions of a part.
    pub(super) fn foreign(&mut self, at: &Cursor<'_>, part: &str) {
        for name in extensions(at).keys().filter(|it| !it.starts_with(OWN)) {
            let Some(at) = at.get(name) else { continue };
            let problem = format!("`{name}` of {part} is not applied");
            match CHANGING.iter().find(|(known, _)| known == name) {
                Some((_, fix)) => {
                    let warning = at.fault(format!("{problem}; other runners do"), *fix);
                    self.warnings.push(warning);
                }
                None => self.note(&at, problem),
            }
        }
    }
}
