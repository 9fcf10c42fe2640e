//! Which operations are signed, and with what instruction.

use super::Lowerer;
use crate::cursor::Cursor;
use crate::model::Signing;

/// The headers a signature consists of, in lower case.
const SIGNING_HEADERS: [&str; 4] = ["x-api-key", "x-signature", "x-timestamp", "x-window"];

/// How the venue's prose names an instruction; the flag says that it is repeated for every item of a batch.
const PROSE: [(&str, bool); 2] = [
    ("**Instruction:**", false),
    ("**Batch commands instruction:**", true),
];

/// Whether a header parameter belongs to the signature (`X-API-KEY` and its like), which the signer sets by itself.
pub fn is_signing_header(name: &str) -> bool {
    SIGNING_HEADERS
        .iter()
        .any(|header| name.eq_ignore_ascii_case(header))
}

impl Lowerer<'_> {
    /// `x-instruction` or the prose names the instruction. In a document that signs some operations, headers or a
    /// security requirement demand one of the others too.
    pub(super) fn signing(
        &mut self,
        root: &Cursor<'_>,
        at: &Cursor<'_>,
        params: &[Cursor<'_>],
    ) -> Option<Signing> {
        if let Some(instruction) = at.str("x-instruction") {
            if !is_instruction(instruction) {
                let problem = format!("`x-instruction: {instruction}` is no instruction");
                let fault = at.fault(problem, "write it in ASCII letters and digits");
                self.obstacles.push(fault);
            }
            return Some(Signing {
                instruction: instruction.to_owned(),
                batch: at.flag("x-instruction-batch"),
            });
        }
        if let Some(signing) = from_prose(at.str("description").unwrap_or_default()) {
            self.note(
                at,
                format!("the prose names the instruction `{}`", signing.instruction),
            );
            return Some(signing);
        }
        if self.signs && (has_signature_header(params) || secured(root, at)) {
            self.obstacles.push(at.fault(
                "this operation is signed, but nothing names its instruction",
                "add `x-instruction` to the operation",
            ));
        }
        None
    }
}

/// Whether some operation names an instruction: only such a document is about signatures of this kind. In another,
/// a scheme called `X-API-Key` is a key like any other.
pub(super) fn is_declared(root: &Cursor<'_>) -> bool {
    let items = root.entries("paths").into_iter();
    let operations = items.flat_map(|(_, item)| item.members());
    operations.into_iter().any(|(_, at)| {
        at.str("x-instruction").is_some()
            || from_prose(at.str("description").unwrap_or_default()).is_some()
    })
}

/// ``**Instruction:** `x` ``, anywhere in the description.
fn from_prose(description: &str) -> Option<Signing> {
    PROSE.iter().find_map(|(marker, batch)| {
        let after = description.split_once(marker)?.1.trim_start();
        let instruction = after.strip_prefix('`')?.split('`').next()?;
        is_instruction(instruction).then(|| Signing {
            instruction: instruction.to_owned(),
            batch: *batch,
        })
    })
}

pub(super) fn is_instruction(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric())
}

fn has_signature_header(params: &[Cursor<'_>]) -> bool {
    params.iter().any(|param| {
        param.str("in") == Some("header")
            && param
                .str("name")
                .is_some_and(|name| name.eq_ignore_ascii_case("x-signature"))
    })
}

/// Whether a security requirement names a scheme that travels in a signing header.
fn secured(root: &Cursor<'_>, at: &Cursor<'_>) -> bool {
    let own = at.value.get("security").is_some();
    let requirements = if own {
        at.items("security")
    } else {
        root.items("security")
    };
    let schemes = root
        .get("components")
        .map(|it| it.entries("securitySchemes"))
        .unwrap_or_default();
    let signs = |name: &str| {
        schemes.iter().any(|(known, scheme)| {
            *known == name
                && scheme.str("in") == Some("header")
                && scheme.str("name").is_some_and(is_signing_header)
        })
    };
    requirements
        .iter()
        .any(|requirement| requirement.members().iter().any(|(name, _)| signs(name)))
}
