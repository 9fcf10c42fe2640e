//! Messages: requests for streams, and what the envelope of an update carries.

use super::route::{Action, Route};
use crate::cursor::Cursor;
use crate::lower::Lowerer;
use crate::lower::look::{arms, enum_values, property, texts};
use crate::lower::media::is_json;
use crate::model::LossKind;

/// Parts of the names of formats that are JSON Schema.
const SCHEMA_FORMATS: [&str; 3] = ["aai.asyncapi", "schema+json", "schema+yaml"];

/// How clients ask for streams.
pub(super) struct Requests {
    pub(super) subscribe: String,
    pub(super) unsubscribe: String,
    /// What the described application does with the requests: it tells whose view the document takes.
    action: Action,
    /// The pointers of their channels.
    channels: Vec<String>,
}

impl Requests {
    /// The requests, if some message has a word for subscribing and some message one for unsubscribing.
    pub(super) fn among(routes: &[Route<'_>]) -> Option<Self> {
        let words_of = |route: &Route<'_>| -> Vec<_> {
            let words = route.messages.iter().flat_map(methods);
            let action = route.action;
            words.map(|word| (word, action)).collect()
        };
        let words: Vec<_> = routes.iter().flat_map(words_of).collect();
        let is_end = |word: &str| word.to_ascii_lowercase().starts_with("unsub");
        let is_begin = |word: &str| !is_end(word) && word.to_ascii_lowercase().contains("sub");
        let (unsubscribe, action) = words.iter().find(|(word, _)| is_end(word))?;
        let is_same_way = |(word, way): &&(String, Action)| is_begin(word) && way == action;
        let (subscribe, _) = words.iter().find(is_same_way)?;
        let holds = |it: &&Route<'_>| it.action == *action && !words_of(it).is_empty();
        Some(Self {
            channels: routes
                .iter()
                .filter(holds)
                .map(|it| it.channel.pointer.clone())
                .collect(),
            subscribe: subscribe.clone(),
            unsubscribe: unsubscribe.clone(),
            action: *action,
        })
    }

    /// Whether the channel is that of requests.
    pub(super) fn holds(&self, route: &Route<'_>) -> bool {
        self.channels.contains(&route.channel.pointer)
    }

    pub(super) fn is_from_server(&self, route: &Route<'_>) -> bool {
        route.action == self.action.other()
    }
}

/// The values of `method` in a message that also has `params`.
fn methods(message: &Cursor<'_>) -> Vec<String> {
    let Some(payload) = payload(message) else {
        return Vec::new();
    };
    let Ok(payload) = payload.follow() else {
        return Vec::new();
    };
    let mut all = arms(&payload).0;
    all.push(payload);
    let of_one = |at: &Cursor<'_>| -> Option<Vec<String>> {
        property(at, "params")?;
        let method = property(at, "method")?.follow().ok()?;
        let values = enum_values(&method).0;
        Some(texts(&values).into_iter().map(str::to_owned).collect())
    };
    all.iter().filter_map(of_one).flatten().collect()
}

/// The schema of a message: AsyncAPI 3 may wrap it with its format.
pub(super) fn payload<'c>(message: &Cursor<'c>) -> Option<Cursor<'c>> {
    let payload = message.get("payload")?;
    let is_wrapped = payload.value.get("schemaFormat").is_some();
    match payload.get("schema").filter(|_| is_wrapped) {
        Some(schema) => Some(schema),
        None => Some(payload),
    }
}

/// Whether a message is JSON that JSON Schema describes; else the problem and its fix.
pub(super) fn is_read(
    root: &Cursor<'_>,
    message: &Cursor<'_>,
) -> Result<(), (String, &'static str)> {
    let content = message
        .str("contentType")
        .or(root.str("defaultContentType"));
    if let Some(content) = content.filter(|it| !is_json(it)) {
        let problem = format!("messages of `{content}` are not read");
        return Err((problem, "describe JSON, or leave the channel out"));
    }
    let wrapped = message.get("payload");
    let wrapped = wrapped.as_ref().and_then(|it| it.str("schemaFormat"));
    let format = message.str("schemaFormat").or(wrapped);
    let is_schema = |format: &str| SCHEMA_FORMATS.iter().any(|known| format.contains(known));
    match format.filter(|it| !is_schema(it)) {
        Some(format) => {
            let problem = format!("schemas of the format `{format}` are not read");
            Err((problem, "describe the payload as JSON Schema"))
        }
        None => Ok(()),
    }
}

impl Lowerer<'_> {
    /// The schema of `data` in the envelope of a message; without one the message is left out.
    pub(super) fn data<'c>(
        &mut self,
        root: &Cursor<'c>,
        message: &Cursor<'c>,
    ) -> Option<Cursor<'c>> {
        if let Err((problem, fix)) = is_read(root, message) {
            return self.without(message, problem, fix);
        }
        let Some(payload) = payload(message) else {
            let fix = "add the `payload`, with the members `stream` and `data`";
            return self.without(message, "the message has no payload".to_owned(), fix);
        };
        match (property(&payload, "stream"), property(&payload, "data")) {
            (Some(_), Some(data)) => Some(data),
            _ => {
                let problem = "the payload is not an envelope with `stream` and `data`, and no other convention is read";
                let fix = "describe the name of the stream as `stream` and the update as `data`";
                self.without(&payload, problem.to_owned(), fix)
            }
        }
    }

    /// Leaves out what a diagnostic is about.
    pub(super) fn without<T>(&mut self, at: &Cursor<'_>, problem: String, fix: &str) -> Option<T> {
        self.lose(LossKind::LeftOut, at.fault(problem, fix));
        None
    }
}
