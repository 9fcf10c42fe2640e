//! The operations of a document as they are written: what a checker of traffic reads, also where no client can be generated.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{Cursor, Document, oracle::Unusable};

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenOperation {
    /// Its `operationId`; its method and path where it has none of its own.
    pub id: String,
    /// HTTP method, in upper case.
    pub method: String,
    /// Path template below the base path.
    pub path: String,
    /// JSON pointer to it.
    pub pointer: String,
    /// Paths of the servers that apply to it, without a slash at the end; one at least.
    pub bases: Vec<String>,
    /// Hosts of the servers that apply to it, with their ports; none where a server is a path alone, which any host may have.
    pub hosts: Vec<String>,
    /// Parameters of the path and of the operation.
    pub parameters: Vec<WrittenParameter>,
    /// The request body.
    pub body: Option<WrittenBody>,
    /// Responses by status.
    pub responses: Vec<WrittenResponse>,
    /// Names of query parameters that security schemes describe.
    pub query_keys: Vec<String>,
    /// Parameters, responses and bodies that cannot be read.
    pub unusable: Vec<Unusable>,
}

/// A parameter, or a header of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenParameter {
    /// Its name on the wire.
    pub name: String,
    /// `path`, `query`, `querystring`, `header` or `cookie`.
    pub location: String,
    /// Whether it has to be there.
    pub required: bool,
    /// `style`, or its default.
    pub style: String,
    /// `explode`, or its default.
    pub explode: bool,
    /// Pointer to its schema.
    pub schema: Option<String>,
    /// Its media type, where `content` describes it; `contentType` of an encoding.
    pub media: Option<String>,
    /// Whether it may be sent without a value: `allowEmptyValue`.
    pub allows_empty: bool,
}

impl WrittenParameter {
    /// A property of a form, as it is encoded where the document says nothing about it.
    #[must_use]
    pub fn property(name: &str, media: Option<String>) -> Self {
        Self {
            name: name.to_owned(),
            location: "query".to_owned(),
            required: false,
            style: "form".to_owned(),
            explode: true,
            schema: None,
            media,
            allows_empty: false,
        }
    }
}

/// A request body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenBody {
    /// Whether it has to be there.
    pub required: bool,
    /// Its media types.
    pub content: Vec<WrittenMedia>,
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenResponse {
    /// `200`, `4XX` or `default`.
    pub status: String,
    /// Its media types; none for a response without a body.
    pub content: Vec<WrittenMedia>,
    /// Its headers.
    pub headers: Vec<WrittenParameter>,
}

/// A media type or range, and the schema of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenMedia {
    /// As it is written: `application/json; charset=utf-8`, `text/*`.
    pub range: String,
    /// Pointer to the schema.
    pub schema: Option<String>,
    /// Pointer to the schema of each item of a sequence (OpenAPI 3.2).
    pub item_schema: Option<String>,
    /// How properties of a form are encoded.
    pub encoding: Vec<WrittenParameter>,
}

impl WrittenOperation {
    /// The response to a status, with its index: by the status itself, by its class, by default.
    #[must_use]
    pub fn response(&self, status: u16) -> Option<(usize, &WrittenResponse)> {
        let spellings = [
            status.to_string(),
            format!("{}XX", status / 100),
            "default".to_owned(),
        ];
        spellings.iter().find_map(|spelling| {
            let mut responses = self.responses.iter().enumerate();
            responses.find(|(_, it)| it.status.eq_ignore_ascii_case(spelling))
        })
    }
}

/// Of several media types or ranges, the index of the one that applies to a content type: the same with its parameters, the
/// same without, `type/*`, `*/*`. One with another `version` or `profile` does not apply.
#[must_use]
pub fn media(content: &[WrittenMedia], content_type: &str) -> Option<usize> {
    if let Some(same) = content.iter().position(|it| it.range == content_type) {
        return Some(same);
    }
    let wanted = content_type.to_ascii_lowercase();
    let class = essence(&wanted).split('/').next().unwrap_or_default();
    let orders: [&dyn Fn(&str) -> bool; 4] = [
        &|range| squeezed(range) == squeezed(&wanted),
        &|range| essence(range) == essence(&wanted) && !contradicts(range, &wanted),
        &|range| essence(range).strip_suffix("/*") == Some(class),
        &|range| matches!(essence(range), "*/*" | "*"),
    ];
    orders.iter().find_map(|fits| {
        let mut content = content.iter();
        content.position(|media| fits(&media.range.to_ascii_lowercase()))
    })
}

fn essence(media: &str) -> &str {
    media.split(';').next().unwrap_or(media).trim()
}

/// Whether a parameter of the media type has another value; that of `charset` does not count.
fn contradicts(range: &str, wanted: &str) -> bool {
    let sent: Vec<_> = parameters_of(wanted).collect();
    parameters_of(range).any(|(name, value)| {
        let mut sent = sent.iter().filter(|(known, _)| *known == name);
        name != "charset" && sent.any(|(_, other)| *other != value)
    })
}

/// The parameters of a media type.
pub fn parameters_of(media: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = media.split(';').skip(1);
    let pairs = parts.filter_map(|part| part.split_once('='));
    pairs.map(|(name, value)| (name.trim(), value.trim().trim_matches('"')))
}

fn squeezed(media: &str) -> String {
    media.chars().filter(|c| *c != ' ' && *c != '"').collect()
}

const METHODS: [&str; 9] = [
    "delete", "get", "head", "options", "patch", "post", "put", "query", "trace",
];

/// Every operation of an OpenAPI document.
#[must_use]
pub fn operations(document: &Document) -> Vec<WrittenOperation> {
    let root = Cursor::root(document);
    let mut found = Vec::new();
    let mut ids = BTreeSet::new();
    let query_keys = query_keys(&root);
    for (path, item) in root.entries("paths") {
        let Some(item) = item.follow().ok().filter(|_| path.starts_with('/')) else {
            continue;
        };
        let additional = item.entries("additionalOperations");
        let named = METHODS
            .iter()
            .filter_map(|key| Some((*key, item.get(key)?)));
        for (method, at) in named.chain(additional) {
            if at.value.is_object() {
                let mut operation = operation(&root, &item, &at, (method, path), &mut ids);
                operation.query_keys.clone_from(&query_keys);
                found.push(operation);
            }
        }
    }
    found
}

fn query_keys(root: &Cursor<'_>) -> Vec<String> {
    let schemes = root
        .get("components")
        .map(|it| it.entries("securitySchemes"));
    let schemes = schemes.into_iter().flatten();
    let schemes = schemes.filter_map(|(_, scheme)| scheme.follow().ok());
    let keys =
        schemes.filter(|it| it.str("type") == Some("apiKey") && it.str("in") == Some("query"));
    keys.filter_map(|it| it.str("name").map(str::to_owned))
        .collect()
}

fn operation(
    root: &Cursor<'_>,
    item: &Cursor<'_>,
    at: &Cursor<'_>,
    (method, path): (&str, &str),
    ids: &mut BTreeSet<String>,
) -> WrittenOperation {
    let method = method.to_ascii_uppercase();
    let id = at.str("operationId").filter(|id| !id.trim().is_empty());
    let id = match id.filter(|id| ids.insert((*id).to_owned())) {
        Some(id) => id.to_owned(),
        None => format!("{method} {path}"),
    };
    let mut unusable = Vec::new();
    let servers = [at, item, root].into_iter().find_map(|owner| {
        let servers = owner.items("servers");
        (!servers.is_empty()).then_some(servers)
    });
    let urls: Vec<_> = servers.iter().flatten().flat_map(urls).collect();
    let hosts: Option<Vec<_>> = urls.iter().map(|url| host(url)).collect();
    let mut bases: Vec<_> = urls.iter().map(|url| base_path(url)).collect();
    if bases.is_empty() {
        bases.push(String::new());
    }
    let mut seen = BTreeSet::new();
    bases.retain(|base| seen.insert(base.clone()));
    WrittenOperation {
        parameters: parameters(item, at, &mut unusable),
        body: at
            .get("requestBody")
            .and_then(|body| followed(&body, &mut unusable))
            .map(|body| WrittenBody {
                required: body.flag("required"),
                content: content(&body),
            }),
        responses: responses(at, &mut unusable),
        query_keys: Vec::new(),
        path: path.to_owned(),
        pointer: at.pointer.clone(),
        id,
        method,
        bases,
        hosts: hosts.unwrap_or_default(),
        unusable,
    }
}

fn followed<'a>(at: &Cursor<'a>, unusable: &mut Vec<Unusable>) -> Option<Cursor<'a>> {
    match at.follow() {
        Ok(found) => Some(found),
        Err(fault) => {
            unusable.push(Unusable {
                pointer: at.pointer.clone(),
                reason: fault.problem,
            });
            None
        }
    }
}

/// The parameters of the path and of the operation; the latter win.
fn parameters(
    item: &Cursor<'_>,
    at: &Cursor<'_>,
    unusable: &mut Vec<Unusable>,
) -> Vec<WrittenParameter> {
    let mut found: Vec<WrittenParameter> = Vec::new();
    for parameter in [item.items("parameters"), at.items("parameters")].concat() {
        let Some(parameter) = followed(&parameter, unusable) else {
            continue;
        };
        let (name, location) = (parameter.str("name"), parameter.str("in"));
        let (Some(name), Some(location)) = (name, location) else {
            continue;
        };
        found.retain(|known| known.name != name || known.location != location);
        found.push(described(&parameter, name, location));
    }
    found
}

fn described(at: &Cursor<'_>, name: &str, location: &str) -> WrittenParameter {
    let style = at.str("style").unwrap_or(match location {
        "query" | "cookie" => "form",
        _ => "simple",
    });
    let explode = at.value.get("explode").and_then(Value::as_bool);
    let media = content(at).into_iter().next();
    WrittenParameter {
        name: name.to_owned(),
        location: location.to_owned(),
        required: at.flag("required"),
        style: style.to_owned(),
        explode: explode.unwrap_or(style == "form"),
        schema: match &media {
            Some(media) => media.schema.clone(),
            None => at.get("schema").map(|schema| schema.pointer),
        },
        media: media.map(|media| media.range),
        allows_empty: at.flag("allowEmptyValue"),
    }
}

/// How properties of a form are encoded. An encoding without a style says nothing about it.
fn encoding(at: &Cursor<'_>) -> Vec<WrittenParameter> {
    let named = at.entries("encoding").into_iter();
    named
        .map(|(name, at)| WrittenParameter {
            media: at.str("contentType").map(str::to_owned),
            ..described(&at, name, "query")
        })
        .collect()
}

fn responses(at: &Cursor<'_>, unusable: &mut Vec<Unusable>) -> Vec<WrittenResponse> {
    let mut found = Vec::new();
    for (status, response) in at.entries("responses") {
        if status.starts_with("x-") {
            continue;
        }
        let Some(response) = followed(&response, unusable) else {
            continue;
        };
        let headers = response.entries("headers").into_iter();
        let headers = headers.filter_map(|(name, header)| {
            let header = followed(&header, unusable)?;
            Some(described(&header, name, "header"))
        });
        found.push(WrittenResponse {
            status: status.replace('x', "X"),
            headers: headers.collect(),
            content: content(&response),
        });
    }
    found
}

fn content(at: &Cursor<'_>) -> Vec<WrittenMedia> {
    // In the document's order: of several that apply alike, the first counts.
    let ranges = at.value.get("content").and_then(Value::as_object);
    let ranges = ranges.into_iter().flatten().map(|(range, _)| range);
    let entry = |range: &String| at.get("content")?.get(range)?.follow().ok();
    let pointer = |at: &Option<Cursor<'_>>, key| Some(at.as_ref()?.get(key)?.pointer);
    ranges
        .map(|range| {
            let at = entry(range);
            WrittenMedia {
                range: range.clone(),
                schema: pointer(&at, "schema"),
                item_schema: pointer(&at, "itemSchema"),
                encoding: at.as_ref().map(encoding).unwrap_or_default(),
            }
        })
        .collect()
}

/// The URLs that a server can have: its variables have each value of their list, or the default and any other.
fn urls(server: &Cursor<'_>) -> Vec<String> {
    let url = server.str("url").unwrap_or_default();
    let mut urls = vec![url.to_owned()];
    for (name, variable) in server.entries("variables") {
        let listed = variable.value.get("enum").and_then(Value::as_array);
        let mut values: Vec<_> = listed.into_iter().flatten().collect();
        let is_open = values.is_empty();
        values.extend(variable.value.get("default").filter(|_| is_open));
        let braced = format!("{{{name}}}");
        let with = |url: &String| {
            let values = values.iter().filter_map(|value| value.as_str());
            let urls = values.map(|value| url.replace(&braced, value));
            urls.chain(is_open.then(|| url.clone())).collect::<Vec<_>>()
        };
        urls = urls.iter().flat_map(with).collect();
    }
    urls
}

fn host(server: &str) -> Option<String> {
    let (_, rest) = server.split_once("://")?;
    let host = rest.split('/').next().filter(|host| !host.is_empty())?;
    (!host.contains('{')).then(|| host.to_ascii_lowercase())
}

/// `https://host/base` has the base `/base`.
pub(crate) fn base_path(server: &str) -> String {
    let rest = server.split_once("://").map_or(server, |(_, rest)| rest);
    let path = rest
        .find('/')
        .and_then(|at| rest.get(at..))
        .unwrap_or_default();
    path.trim_end_matches('/').to_owned()
}
