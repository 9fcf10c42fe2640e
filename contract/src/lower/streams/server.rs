//! Where the connection is opened: the first server that speaks WebSocket.

use super::route::Version;
use crate::cursor::Cursor;
use crate::lower::{Lowerer, with_defaults};
use crate::model::LossKind;

/// A server that is used.
pub(super) struct Server<'a> {
    pub(super) at: Cursor<'a>,
    pub(super) url: String,
    /// Its name in the document, and the pointer of its entry.
    name: String,
    entry: String,
}

impl Server<'_> {
    /// Whether a channel is on this server; one that names no server is on all.
    pub(super) fn carries(&self, channel: &Cursor<'_>) -> bool {
        let named = channel.items("servers");
        let is_this = |at: &Cursor<'_>| {
            let by_name = at.value.as_str() == Some(&self.name);
            by_name
                || at
                    .follow()
                    .is_ok_and(|it| [&self.at.pointer, &self.entry].contains(&&it.pointer))
        };
        named.is_empty() || named.iter().any(is_this)
    }
}

impl Lowerer<'_> {
    pub(super) fn stream_server<'c>(
        &mut self,
        root: &Cursor<'c>,
        version: Version,
    ) -> Option<Server<'c>> {
        let mut chosen: Option<Server<'c>> = None;
        for (name, entry) in root.entries("servers") {
            let Some(at) = self.ok(entry.follow()) else {
                continue;
            };
            let protocol = at.str("protocol").unwrap_or_default().to_ascii_lowercase();
            if !["ws", "wss"].contains(&&*protocol) {
                let problem = format!("the server `{name}` speaks `{protocol}`, which is not read");
                let fix = "nothing is to be done if another server speaks `ws` or `wss`";
                self.lose(LossKind::LeftOut, at.fault(problem, fix));
                continue;
            }
            if let Some(chosen) = &chosen {
                let text = format!("the server `{name}` is not used; `{}` is", chosen.name);
                self.note(&at, text);
                continue;
            }
            let Some(url) = url(&at, version, &protocol) else {
                let problem = format!("the server `{name}` has no address");
                self.lose(LossKind::LeftOut, at.fault(problem, "add its host"));
                continue;
            };
            chosen = Some(Server {
                url,
                name: name.to_owned(),
                entry: entry.pointer,
                at,
            });
        }
        if chosen.is_none() {
            let fix = "add a server with `protocol: wss`";
            let fault = root.fault("no server speaks WebSocket, so no stream can be had", fix);
            self.lose(LossKind::LeftOut, fault);
        }
        chosen
    }
}

/// The URL with variables at their defaults; its path is `/` where none is given.
fn url(at: &Cursor<'_>, version: Version, protocol: &str) -> Option<String> {
    let written = match version {
        Version::Two => at.str("url")?.to_owned(),
        Version::Three => {
            let path = at.str("pathname").unwrap_or_default();
            let between = if path.is_empty() || path.starts_with('/') {
                ""
            } else {
                "/"
            };
            format!("{}{between}{path}", at.str("host")?)
        }
    };
    let written = with_defaults(at, written);
    let bare = written
        .split_once("://")
        .map_or(&*written, |(_, bare)| bare);
    let end = if bare.contains('/') { "" } else { "/" };
    (!bare.is_empty()).then(|| format!("{protocol}://{bare}{end}"))
}
