//! AsyncAPI documents, of one convention: a client opens one WebSocket connection and asks for streams by name with
//! `{"method": …, "params": [NAMES]}`; what the server sends is `{"stream": NAME, "data": …}`.
//!
//! A channel whose address is the name of a stream becomes a [`Channel`] of the model, and the schema of its `data` is
//! lowered as any other. Whatever else a document says is a loss with its place.

mod channel;
mod message;
mod route;
mod security;
mod server;
mod unread;
mod written;

use std::collections::BTreeMap;

use self::message::Requests;
use self::route::{Route, Version};
use self::security::Security;
pub use self::written::{WrittenChannel, WrittenStreams, written_streams};
use super::{Lowerer, excise, settled, structure, version};
use crate::cursor::Cursor;
use crate::model::{Channel, LossKind, Model, Signed, Streams};
use crate::{Diagnostics, Document};

/// Lowers an AsyncAPI document (2.x, read as 2.6, or 3.x, read as 3.0) as far as it goes: a model of streams and of the
/// types that they carry. What is not read is left out, and [`Model::losses`] says so of each part.
///
/// # Errors
/// A document that is not an AsyncAPI document of these versions.
///
/// # Example
///
/// ```
/// use bpx_contract::model::Shape;
/// use bpx_contract::{Document, lower_streams};
///
/// let text = br#"
/// asyncapi: 3.0.0
/// info: {title: Weather, version: '1'}
/// servers: {live: {host: ws.example.com, protocol: wss}}
/// channels:
///   wind:
///     address: wind.{station}
///     parameters: {station: {description: The station.}}
///     messages: {update: {payload: {type: object, properties: {stream: {type: string}, data: {$ref: '#/components/schemas/Wind'}}}}}
///   control:
///     address: null
///     messages:
///       request: {payload: {type: object, properties: {method: {enum: [SUBSCRIBE, UNSUBSCRIBE]}, params: {type: array}}}}
/// operations:
///   sendWind: {action: send, channel: {$ref: '#/channels/wind'}}
///   receiveRequests: {action: receive, channel: {$ref: '#/channels/control'}}
/// components:
///   schemas:
///     Wind: {type: object, properties: {s: {type: number, x-rust-name: speed}}}
/// "#;
/// let model = lower_streams(&Document::parse("weather.yaml", text)?)?;
/// let streams = model.streams.ok_or("no streams")?;
///
/// assert_eq!(streams.url, "wss://ws.example.com/");
/// assert_eq!(streams.channels["wind.{station}"].message, Shape::Named("Wind".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lower_streams(document: &Document) -> Result<Model, Diagnostics> {
    let version = Version::of(&Cursor::root(document))?;
    let (document, first) = excise::sound(document, structure::check_streams);
    let root = Cursor::root(&document);
    let mut this = Lowerer::new(&document);
    let routes = this.routes(&root, version);
    this.unread(&root, &routes);
    let streams = this.streams(&root, version, &routes);
    this.finish(&root);
    let info = root.get("info").unwrap_or_else(|| root.clone());
    let mut model = Model {
        title: info.text("title"),
        version: version::text(info.value.get("version")),
        doc: info.text("description"),
        types: this.types,
        streams,
        notes: this.notes,
        ..Model::default()
    };
    this.hoisted.rename(&mut model);
    model.settle_sides();
    Ok(settled(model, first, this.losses, this.consequences))
}

impl Lowerer<'_> {
    fn streams(
        &mut self,
        root: &Cursor<'_>,
        version: Version,
        routes: &[Route<'_>],
    ) -> Option<Streams> {
        let requests = Requests::among(routes);
        let server = self.stream_server(root, version);
        let Some(requests) = requests else {
            let problem = "no message asks for streams and ends them, so no stream can be had";
            let fix = "describe what clients send as `{method, params}`, where `method` lists a word for subscribing and one for \
                unsubscribing";
            self.lose(LossKind::LeftOut, root.fault(problem, fix));
            return None;
        };
        let server = server?;
        let security = Security::of(root, routes, &server.at);
        let mut channels = BTreeMap::new();
        for route in routes {
            if requests.holds(route) {
                continue;
            }
            if !requests.is_from_server(route) {
                let problem = "what clients send here is not a request for streams";
                let fix = "nothing is to be done if callers can do without it";
                self.lose(LossKind::LeftOut, route.operation.fault(problem, fix));
                continue;
            }
            let Some((address, channel)) = self.channel(root, route, &server, &security) else {
                continue;
            };
            if channels.contains_key(&address) {
                let problem = format!("another operation sends over `{address}` already");
                let fix = "describe one operation, with the message that the stream carries";
                self.lose(LossKind::LeftOut, route.operation.fault(problem, fix));
                continue;
            }
            channels.insert(address, channel);
        }
        self.note_refusals(routes, &requests);
        let is_signed = |it: &Channel| it.signed == Signed::Yes;
        let signs = channels.values().any(is_signed);
        (!channels.is_empty()).then(|| Streams {
            url: server.url,
            subscribe: requests.subscribe,
            unsubscribe: requests.unsubscribe,
            instruction: security.instruction.filter(|_| signs),
            channels,
        })
    }

    /// What the server sends where the requests come in answers them: it is no stream.
    fn note_refusals(&mut self, routes: &[Route<'_>], requests: &Requests) {
        let answers = routes.iter();
        let answers = answers.filter(|it| requests.holds(it) && requests.is_from_server(it));
        for route in answers {
            self.note(
                &route.operation,
                "what the server sends over the channel of the requests answers them and is no stream",
            );
        }
    }
}
