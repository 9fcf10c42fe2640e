//! Who sends what over which channel, in the forms of AsyncAPI 2.6 and 3.0.

use crate::cursor::Cursor;
use crate::lower::{Lowerer, version};
use crate::model::LossKind;
use crate::{Diagnostics, Place};

/// The form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// Channels have operations.
    Two,
    /// Operations refer to channels.
    Three,
}

impl Version {
    pub(super) fn of(root: &Cursor<'_>) -> Result<Self, Diagnostics> {
        let stated = version::text(root.value.get("asyncapi"));
        match stated.split('.').next() {
            Some("2") => return Ok(Self::Two),
            Some("3") => return Ok(Self::Three),
            _ => {}
        }
        let problem = match stated.is_empty() {
            true => "this is not an AsyncAPI document: its `asyncapi` field states no version"
                .to_owned(),
            false => format!("AsyncAPI {stated} is not supported"),
        };
        let place = Place::at(&*root.document.file, "/asyncapi");
        Err(Diagnostics::one(
            place,
            problem,
            "give an AsyncAPI 2.6 or 3.0 document",
        ))
    }
}

/// What the described application does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Send,
    Receive,
}

impl Action {
    /// What whoever is connected to the application does.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Send => Self::Receive,
            Self::Receive => Self::Send,
        }
    }
}

/// What one side sends over a channel.
#[derive(Debug)]
pub(super) struct Route<'a> {
    /// The address; none for a channel that has none of its own.
    pub(super) address: Option<String>,
    pub(super) channel: Cursor<'a>,
    pub(super) operation: Cursor<'a>,
    pub(super) action: Action,
    pub(super) messages: Vec<Cursor<'a>>,
}

impl Lowerer<'_> {
    /// Every operation with its channel, in the order of their names.
    pub(super) fn routes<'c>(&mut self, root: &Cursor<'c>, version: Version) -> Vec<Route<'c>> {
        let stated = version::text(root.value.get("asyncapi"));
        let read = match version {
            Version::Two => "2.6",
            Version::Three => "3.0",
        };
        if !stated.starts_with(read) {
            self.note(root, format!("AsyncAPI {stated} is read as {read}"));
        }
        match version {
            Version::Two => self.routes_of_channels(root),
            Version::Three => self.routes_of_operations(root),
        }
    }

    /// AsyncAPI 2: clients subscribe to what the application sends, and publish what it receives.
    fn routes_of_channels<'c>(&mut self, root: &Cursor<'c>) -> Vec<Route<'c>> {
        let mut routes = Vec::new();
        for (address, at) in root.entries("channels") {
            let Some(channel) = self.ok(at.follow()) else {
                continue;
            };
            let actions = [("subscribe", Action::Send), ("publish", Action::Receive)];
            let operations = actions.map(|(key, action)| Some((channel.get(key)?, action)));
            if operations.iter().all(Option::is_none) {
                self.without_operation(&channel);
            }
            for (operation, action) in operations.into_iter().flatten() {
                let message = operation.get("message").into_iter();
                let messages = message.filter_map(|it| self.ok(it.follow()));
                let messages: Vec<_> = messages.flat_map(|it| one_of(&it)).collect();
                routes.push(Route {
                    address: Some(address.to_owned()),
                    channel: channel.clone(),
                    operation,
                    action,
                    messages: self.followed(messages),
                });
            }
        }
        routes
    }

    /// AsyncAPI 3: each operation names its channel and, if not all, its messages.
    fn routes_of_operations<'c>(&mut self, root: &Cursor<'c>) -> Vec<Route<'c>> {
        let mut routes: Vec<Route<'c>> = Vec::new();
        for (_, at) in root.entries("operations") {
            let Some(operation) = self.ok(at.follow()) else {
                continue;
            };
            let channel = operation.get("channel");
            let channel = channel.and_then(|channel| self.ok(channel.follow()));
            let action = match operation.str("action") {
                Some("send") => Some(Action::Send),
                Some("receive") => Some(Action::Receive),
                _ => None,
            };
            let (Some(channel), Some(action)) = (channel, action) else {
                let problem = "the operation has no channel, or neither sends nor receives";
                let fix = "give it a `channel` and an `action` of `send` or `receive`";
                self.lose(LossKind::LeftOut, operation.fault(problem, fix));
                continue;
            };
            let messages = match operation.get("messages") {
                Some(listed) => listed.elements(),
                None => {
                    let all = channel.entries("messages").into_iter();
                    all.map(|(_, message)| message).collect()
                }
            };
            routes.push(Route {
                address: channel.str("address").map(str::to_owned),
                channel,
                operation,
                action,
                messages: self.followed(messages),
            });
        }
        for (_, at) in root.entries("channels") {
            let pointer = at.follow().map(|it| it.pointer).unwrap_or_default();
            if !routes.iter().any(|it| it.channel.pointer == pointer) {
                self.without_operation(&at);
            }
        }
        routes
    }

    fn without_operation(&mut self, channel: &Cursor<'_>) {
        let problem = "no operation says who sends over this channel";
        let fix = "add an operation, or remove the channel";
        self.lose(LossKind::LeftOut, channel.fault(problem, fix));
    }

    /// The messages themselves, each once.
    fn followed<'c>(&mut self, messages: Vec<Cursor<'c>>) -> Vec<Cursor<'c>> {
        let mut followed: Vec<Cursor<'c>> = Vec::new();
        for message in messages {
            let Some(message) = self.ok(message.follow()) else {
                continue;
            };
            if !followed.iter().any(|it| it.pointer == message.pointer) {
                followed.push(message);
            }
        }
        followed
    }
}

/// The alternatives of a message, or the message.
fn one_of<'c>(message: &Cursor<'c>) -> Vec<Cursor<'c>> {
    let several = message.items("oneOf");
    match several.is_empty() {
        true => vec![message.clone()],
        false => several,
    }
}
