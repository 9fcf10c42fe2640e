//! Messages of streams: lines of raw messages, lines of the recorder, and those of a HAR entry.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;

use super::Fault;
use super::raw::{self, Object, object, text, text_at};
use crate::{Content, Direction, Message};

/// The member of a HAR entry that Chromium writes messages to.
pub(super) const OF_HAR: &str = "_webSocketMessages";

/// A line of the recorder, `{"time":…,"direction":…,"text":…}`, or a message as it went over the wire: `{"stream":…,"data":…}`, a
/// refusal with `error`, or a request with `method` and `params`. `None` for any other object.
pub(super) fn of_object(line: &str) -> Option<Result<Message<'_>, Fault>> {
    let members = object(line)?;
    let has = |name: &str| members.contains_key(name);
    if has("direction") && (has("text") || has("base64")) {
        return Some(of_recorder(&members));
    }
    let is_refusal = has("error")
        && members
            .keys()
            .all(|name| ["id", "error"].contains(&&**name));
    let direction = match () {
        () if has("stream") && has("data") || is_refusal => Direction::Received,
        () if has("method") && has("params") => Direction::Sent,
        () => return None,
    };
    Some(Ok(Message::new(direction, Content::Text(line.into()))))
}

fn of_recorder<'a>(members: &Object<'a>) -> Result<Message<'a>, Fault> {
    let direction = match text_at(members, &["direction"]).as_deref() {
        Some("received") => Direction::Received,
        Some("sent") => Direction::Sent,
        _ => return Err(Fault::invalid("the direction is neither received nor sent")),
    };
    let content = match text_at(members, &["text"]) {
        Some(text) => Content::Text(text),
        None => Content::Binary(base64_bytes(text_at(members, &["base64"]).as_deref())?),
    };
    let mut message = Message::new(direction, content);
    message.at_ms = members.get("time").and_then(|raw| raw::time(raw));
    Ok(message)
}

fn base64_bytes(text: Option<&str>) -> Result<usize, Fault> {
    let bytes = text.and_then(|text| STANDARD.decode(text).ok());
    let bytes = bytes.ok_or_else(|| Fault::invalid("a message has neither text nor base64"))?;
    Ok(bytes.len())
}

/// The messages of a HAR entry, each with the byte of the entry that it begins at.
pub(super) fn of_har(entry: &str) -> Vec<(usize, Result<Message<'_>, Fault>)> {
    // Nearly all entries have none.
    if memchr::memmem::find(entry.as_bytes(), OF_HAR.as_bytes()).is_none() {
        return Vec::new();
    }
    let members = object(entry).unwrap_or_default();
    // Some write null for none.
    let Some(list) = members.get(OF_HAR).filter(|list| list.get() != "null") else {
        return Vec::new();
    };
    let host =
        text_at(&members, &["request/url"]).and_then(|url| crate::interaction::Url::of(url).host);
    let Ok(messages) = serde_json::from_str::<Vec<&RawValue>>(list.get()) else {
        let fault = Fault::invalid(format!("{OF_HAR} is not a list"));
        return vec![(0, Err(fault))];
    };
    let read = messages.into_iter().map(|raw| {
        let at = (raw.get().as_ptr() as usize).saturating_sub(entry.as_ptr() as usize);
        let message = of_frame(raw.get());
        let message = message.map(|it| Message {
            host: host.clone(),
            ..it
        });
        (at, message)
    });
    read.collect()
}

/// `{"type":"receive","time":1764478800.1,"opcode":1,"data":"…"}`; binary data is base64.
fn of_frame(raw: &str) -> Result<Message<'_>, Fault> {
    let members = object(raw).ok_or_else(|| Fault::invalid("a message is not an object"))?;
    let kind = text_at(&members, &["type"]);
    let direction = match kind.as_deref() {
        Some("send") => Direction::Sent,
        Some("receive" | "error") => Direction::Received,
        _ => {
            return Err(Fault::invalid(
                "a message whose type is neither send nor receive",
            ));
        }
    };
    let opcode = members.get("opcode").map_or("1", |raw| raw.get());
    let data = members.get("data").and_then(|raw| text(raw));
    let content = match (opcode, data) {
        _ if kind.as_deref() == Some("error") => Content::Control,
        ("8" | "9" | "10" | "-1", _) => Content::Control,
        ("1", Some(data)) => Content::Text(data),
        ("1", None) => return Err(Fault::missing("data of a message")),
        (_, data) => Content::Binary(data.map_or(0, |it| {
            STANDARD.decode(&*it).map_or(it.len(), |it| it.len())
        })),
    };
    let mut message = Message::new(direction, content);
    message.at_ms = members.get("time").and_then(|raw| raw::time(raw));
    Ok(message)
}
