//! The streams of a document as they are written: what a checker of messages reads, also where nothing can be generated.

use super::message::{Requests, is_read, payload};
use super::route::{Action, Route, Version};
use crate::cursor::Cursor;
use crate::lower::look::{enum_values, texts};
use crate::lower::{Lowerer, excise, structure};
use crate::{Diagnostics, Document};

/// What a server and its clients send each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenStreams {
    /// Hosts of the servers, with their ports.
    pub hosts: Vec<String>,
    /// What the server sends, by the names of streams.
    pub channels: Vec<WrittenChannel>,
    /// Pointers to the schemas of what clients send.
    pub requests: Vec<String>,
    /// Pointers to the schemas of what the server sends in reply to requests.
    pub replies: Vec<String>,
}

/// Streams whose names have one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenChannel {
    /// The form of their names, with parameters between braces.
    pub address: String,
    /// JSON pointer to the channel.
    pub pointer: String,
    /// Parameters whose values the document lists.
    pub values: Vec<(String, Vec<String>)>,
    /// Pointers to the schemas of the messages, the envelope included; a message of another form than JSON Schema has none.
    pub payloads: Vec<String>,
}

/// The streams of an AsyncAPI document, as they are written.
///
/// # Errors
/// A document that is not an AsyncAPI document of version 2 or 3.
pub fn written_streams(document: &Document) -> Result<WrittenStreams, Diagnostics> {
    let version = Version::of(&Cursor::root(document))?;
    let (document, _) = excise::sound(document, structure::check_streams);
    let root = Cursor::root(&document);
    let routes = Lowerer::new(&document).routes(&root, version);
    let requests = Requests::among(&routes);
    let is_from_server = |route: &Route<'_>| match &requests {
        Some(requests) => requests.is_from_server(route),
        None => route.action == Action::Send,
    };
    let is_control = |route: &Route<'_>| requests.as_ref().is_some_and(|it| it.holds(route));
    let mut written = WrittenStreams {
        hosts: hosts(&root),
        ..WrittenStreams::default()
    };
    for route in &routes {
        let payloads = route.messages.iter().filter_map(|it| schema(&root, it));
        let address = route.address.as_ref().filter(|_| !is_control(route));
        match (is_from_server(route), address) {
            (false, _) => written.requests.extend(payloads),
            (true, None) => written.replies.extend(payloads),
            (true, Some(address)) => written.add(address, &route.channel, payloads.collect()),
        }
    }
    Ok(written)
}

impl WrittenStreams {
    /// Two operations may send over one channel.
    fn add(&mut self, address: &str, channel: &Cursor<'_>, payloads: Vec<String>) {
        let mut known = self.channels.iter_mut();
        match known.find(|it| it.address == address) {
            Some(known) => known.payloads.extend(payloads),
            None => self.channels.push(WrittenChannel {
                address: address.to_owned(),
                pointer: channel.pointer.clone(),
                values: values(channel),
                payloads,
            }),
        }
    }
}

/// The schema of a message, if it is JSON Schema.
fn schema(root: &Cursor<'_>, message: &Cursor<'_>) -> Option<String> {
    is_read(root, message).ok()?;
    payload(message).map(|it| it.pointer)
}

fn values(channel: &Cursor<'_>) -> Vec<(String, Vec<String>)> {
    let parameters = channel.entries("parameters").into_iter();
    let listed = parameters.filter_map(|(name, at)| {
        let at = at.follow().ok()?;
        let at = at
            .get("schema")
            .and_then(|it| it.follow().ok())
            .unwrap_or(at);
        let (values, _) = enum_values(&at);
        let values: Vec<_> = texts(&values).into_iter().map(str::to_owned).collect();
        (!values.is_empty()).then(|| (name.to_owned(), values))
    });
    listed.collect()
}

fn hosts(root: &Cursor<'_>) -> Vec<String> {
    let servers = root.entries("servers").into_iter();
    let hosts = servers.filter_map(|(_, at)| {
        let at = at.follow().ok()?;
        let url = at.str("host").or_else(|| at.str("url"))?;
        let bare = url.split_once("://").map_or(url, |(_, bare)| bare);
        bare.split(['/', '?']).next().map(str::to_owned)
    });
    // A variable may stand for any host.
    let hosts: Vec<_> = hosts.collect();
    match hosts.iter().any(|it| it.contains('{')) {
        true => Vec::new(),
        false => hosts,
    }
}
