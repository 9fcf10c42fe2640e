//! The exchanges of `tests/faults`: clean ones, and faults that are edits of them.

use std::path::{Path, PathBuf};

use bpx_contract::Document;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// Where documents and tables are.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/faults")
}

/// The invented APIs.
pub(crate) const APIS: [&str; 3] = ["library", "greenhouse", "harbour"];

/// One exchange.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) kind: String,
    /// The rule and the pointer that must be found; none in a clean exchange.
    pub(crate) find: Option<(String, String)>,
    /// The case it is an edit of; itself for one that is none.
    pub(crate) base: usize,
    /// As HAR has it.
    pub(crate) entry: Value,
}

/// Every exchange with an API; those that are no edits come first.
pub(crate) fn cases(api: &str) -> Vec<Case> {
    let file = folder().join(format!("{api}.faults.yaml"));
    let bytes = std::fs::read(&file).unwrap();
    let table = Document::parse(file.display().to_string(), &bytes)
        .unwrap()
        .value;
    let server = table["server"].as_str().unwrap();
    let bases = table["exchanges"].as_object().unwrap();
    let mut cases: Vec<_> = bases
        .iter()
        .enumerate()
        .map(|(base, (name, exchange))| Case {
            kind: name.clone(),
            find: None,
            base,
            entry: entry(server, exchange),
        })
        .collect();
    for edit in ["clean", "faults"]
        .iter()
        .flat_map(|key| table[key].as_array().unwrap())
    {
        let of = edit["of"].as_str().unwrap();
        let find = edit["find"].as_str();
        assert!(
            find.is_some() || table["clean"].as_array().unwrap().contains(edit),
            "{edit}"
        );
        cases.push(Case {
            kind: edit["kind"].as_str().unwrap().to_owned(),
            find: find.map(|find| {
                let (rule, pointer) = find.split_once(' ').unwrap_or((find, ""));
                (rule.to_owned(), pointer.to_owned())
            }),
            base: bases.keys().position(|name| name == of).unwrap(),
            entry: entry(server, &edited(bases[of].clone(), edit)),
        });
    }
    cases
}

fn edited(mut exchange: Value, edit: &Value) -> Value {
    for pointer in edit["drop"].as_array().into_iter().flatten() {
        let (owner, name) = pointer.as_str().unwrap().rsplit_once('/').unwrap();
        let owner = exchange
            .pointer_mut(owner)
            .unwrap()
            .as_object_mut()
            .unwrap();
        assert!(owner.remove(name).is_some(), "{edit}");
    }
    for (pointer, value) in edit["set"].as_object().into_iter().flatten() {
        // In the names of headers and properties there is no slash; that of media types is in values.
        let (owner, name) = pointer.rsplit_once('/').unwrap();
        exchange.pointer_mut(owner).unwrap()[name] = value.clone();
    }
    exchange
}

fn entry(server: &str, exchange: &Value) -> Value {
    let text = |name: &str| exchange[name].as_str().unwrap_or_default();
    let mut url = match text("url") {
        "" => format!("{server}{}", text("path")),
        url => url.to_owned(),
    };
    if exchange.get("query").is_some() {
        url = format!("{url}?{}", text("query"));
    }
    let sent = &exchange["headers"];
    let mut request = json!({
        "method": exchange["method"], "url": url, "httpVersion": "HTTP/1.1", "headers": headers(sent),
        "queryString": pairs(url.split_once('?').map_or("", |(_, query)| query), '&'),
        "cookies": pairs(sent["Cookie"].as_str().unwrap_or_default(), ';'), "headersSize": -1, "bodySize": -1,
    });
    let body = body(&exchange["sent"]);
    if !body.is_empty() {
        request["postData"] = json!({"mimeType": sent["Content-Type"], "text": body});
    }
    let received = &exchange["received"];
    let media = received.as_object().unwrap().iter();
    let media = media.filter(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let media = media.map(|(_, value)| value).next().cloned();
    let mut content = json!({"size": 0, "mimeType": media.unwrap_or_default(), "text": self::body(&exchange["body"])});
    if content["mimeType"].is_null() {
        content["mimeType"] = "".into();
    }
    if let Some(base64) = exchange.get("body64") {
        content["text"] = base64.clone();
        content["encoding"] = "base64".into();
    }
    content["size"] = content["text"].as_str().unwrap().len().into();
    json!({
        "startedDateTime": "2026-01-02T03:04:05.000Z", "time": 1, "cache": {}, "timings": {"send": 0, "wait": 1, "receive": 0},
        "request": request,
        "response": {
            "status": exchange["status"], "statusText": "", "httpVersion": "HTTP/1.1", "headers": headers(received), "cookies": [],
            "redirectURL": "", "headersSize": -1, "bodySize": -1, "content": content,
        },
    })
}

fn body(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn headers(headers: &Value) -> Value {
    let headers = headers.as_object().cloned().unwrap_or_else(Map::new);
    headers
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect()
}

fn pairs(text: &str, separator: char) -> Value {
    let decoded = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    let pairs = text.split(separator).filter(|pair| !pair.trim().is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.trim().split_once('=').unwrap_or((pair, ""));
            json!({"name": decoded(name), "value": decoded(value)})
        })
        .collect()
}
