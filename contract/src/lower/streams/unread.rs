//! Parts of AsyncAPI that streams of this kind do without: each is named, none is passed over.

use super::route::Route;
use crate::cursor::Cursor;
use crate::lower::Lowerer;

/// Members that are not read, what that means, and what to do.
const UNREAD: [(&str, &str, &str); 5] = [
    (
        "bindings",
        "what bindings say of the protocol is not read",
        "remove them if a plain WebSocket connection does",
    ),
    (
        "traits",
        "traits are not merged",
        "write what they say where they are applied",
    ),
    (
        "correlationId",
        "messages are not matched by a correlation id",
        "nothing is to be done if updates answer nothing",
    ),
    (
        "reply",
        "replies are not matched with what they answer",
        "nothing is to be done if updates answer nothing",
    ),
    (
        "headers",
        "headers of messages are not read: a WebSocket message has none",
        "describe them as members of the payload",
    ),
];

impl Lowerer<'_> {
    pub(super) fn unread(&mut self, root: &Cursor<'_>, routes: &[Route<'_>]) {
        let servers = root.entries("servers").into_iter();
        let servers: Vec<_> = servers.filter_map(|(_, at)| at.follow().ok()).collect();
        let of_routes = routes.iter().flat_map(|it| {
            let own = [&it.operation, &it.channel];
            own.into_iter().chain(&it.messages)
        });
        for at in servers.iter().chain(of_routes) {
            for (key, problem, fix) in UNREAD {
                if let Some(part) = at.get(key).filter(says_something) {
                    self.fault(part.fault(problem, fix));
                }
            }
        }
    }
}

/// Bindings that give their version alone say nothing.
fn says_something(at: &Cursor<'_>) -> bool {
    let is_bindings = at.pointer.ends_with("/bindings");
    let Ok(at) = at.follow() else { return true };
    let is_version = |protocol: &Cursor<'_>| {
        let members = protocol.members();
        members.iter().all(|(key, _)| *key == "bindingVersion")
    };
    match is_bindings {
        true => !at.members().iter().all(|(_, it)| is_version(it)),
        false => !(at.members().is_empty() && at.elements().is_empty()),
    }
}
