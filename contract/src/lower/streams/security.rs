//! Which streams ask for a signature.

use serde_json::Value;

use super::route::Route;
use crate::cursor::Cursor;
use crate::lower::signing::is_instruction;
use crate::model::Signed;

/// What a document says of signatures, as a whole.
pub(super) struct Security<'a> {
    /// What is signed, by the first scheme that says so (`x-instruction`).
    pub(super) instruction: Option<String>,
    /// There is a security scheme.
    is_declared: bool,
    /// Something says which streams a scheme is for.
    is_used: bool,
    server: Cursor<'a>,
}

impl<'a> Security<'a> {
    pub(super) fn of(root: &Cursor<'a>, routes: &[Route<'_>], server: &Cursor<'a>) -> Self {
        let components = root.get("components");
        let schemes = components.map(|it| it.entries("securitySchemes"));
        let schemes = schemes.unwrap_or_default();
        let followed = schemes.iter().filter_map(|(_, at)| at.follow().ok());
        let instruction = |at: Cursor<'a>| at.str("x-instruction").map(str::to_owned);
        let mut instructions = followed.filter_map(instruction);
        let says = |it: &Route<'_>| {
            let own = [&it.operation, &it.channel];
            it.operation.get("security").is_some()
                || own.iter().any(|at| at.value.get("x-signed").is_some())
        };
        Self {
            instruction: instructions.find(|it| is_instruction(it)),
            is_declared: !schemes.is_empty(),
            is_used: server.get("security").is_some() || routes.iter().any(says),
            server: server.clone(),
        }
    }

    /// The channel's own word counts first (`x-signed`), then what the operation requires, then what the server does.
    pub(super) fn of_route(&self, route: &Route<'_>) -> Signed {
        let own = [&route.operation, &route.channel].into_iter();
        let mut own = own.filter_map(|at| at.value.get("x-signed"));
        if let Some(value) = own.next() {
            return match value {
                Value::Bool(true) => Signed::Yes,
                Value::Bool(false) => Signed::No,
                _ => Signed::Unknown,
            };
        }
        let traits = route.operation.items("traits").into_iter();
        let mut traits = traits.filter_map(|at| at.follow().ok());
        if traits.any(|at| at.get("security").is_some()) {
            return Signed::Unknown;
        }
        let required = route.operation.get("security");
        match required.or_else(|| self.server.get("security")) {
            Some(required) if is_required(&required) => Signed::Yes,
            Some(_) => Signed::No,
            None if self.is_declared && !self.is_used => Signed::Unknown,
            None => Signed::No,
        }
    }
}

/// Whether each alternative names a scheme. An empty one asks for nothing.
fn is_required(security: &Cursor<'_>) -> bool {
    let alternatives = security.elements();
    let is_empty = |at: &Cursor<'_>| at.members().is_empty();
    !alternatives.is_empty() && !alternatives.iter().any(is_empty)
}
