//! What the document says about the bodies of an operation: by status, then by media type.

use std::borrow::Cow;

use bpx_contract::is_json;
use bpx_contract::model::{Media, Shape};
use bpx_contract::oracle::Side;
use bpx_contract::written::{WrittenMedia, WrittenOperation, WrittenResponse, media};

use super::Contract;
use super::parameter::{FORM, Form, MULTIPART, Parameter};
use super::sequence::is_sequence;

/// An operation with the roots of its bodies.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) written: WrittenOperation,
    parameters: Vec<Parameter>,
    /// By response.
    headers: Vec<Vec<Parameter>>,
    /// By media type of the request body.
    sent: Vec<Described>,
    /// By response, by media type.
    received: Vec<Vec<Described>>,
}

/// What a media type says about bodies.
#[derive(Debug, Clone, Copy)]
struct Described {
    root: Option<usize>,
    /// Of each item of a sequence.
    item: Option<usize>,
    /// The content is any bytes.
    is_bytes: bool,
}

/// What a body has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// No body.
    Nothing,
    /// JSON of this root.
    Json(usize),
    /// A text of this root.
    Text(usize),
    /// An urlencoded form, whose members are of this root.
    Form(usize),
    /// A form in parts, whose members are of this root.
    Multipart(usize),
    /// A sequence, of which each item is of this root.
    Items(usize),
    /// A sequence, which as a list is of this root.
    List(usize),
    /// Bytes of which the contract says no more.
    Bytes,
    /// A form or a schema that is not applied.
    Unchecked,
    /// Another media type than this one.
    Other,
}

impl Operation {
    /// The parameters in this place.
    pub(crate) fn parameters(&self, location: &str) -> impl Iterator<Item = &Parameter> {
        let all = self.parameters.iter();
        all.filter(move |parameter| parameter.written.location == location)
    }

    /// The headers of a response.
    pub(crate) fn headers(&self, status: u16) -> &[Parameter] {
        let found = self.written.response(status);
        let headers = found.and_then(|(index, _)| self.headers.get(index));
        headers.map(Vec::as_slice).unwrap_or_default()
    }

    /// The response to a status, and what its body has to be if its content type is this one.
    pub(crate) fn expected(
        &self,
        status: u16,
        content_type: Option<&str>,
    ) -> Option<(&WrittenResponse, Expected)> {
        let (index, response) = self.written.response(status)?;
        let roots = self.received.get(index)?;
        // Such responses have no body (RFC 9110, 6.4.1).
        if self.written.method == "HEAD" || status == 204 || status == 304 {
            return Some((response, Expected::Nothing));
        }
        let ranges = &response.content;
        let expected = match ranges.is_empty() {
            true => Expected::Nothing,
            false => chosen(ranges, roots, content_type),
        };
        Some((response, expected))
    }

    /// What a request body has to be if its content type is this one.
    pub(crate) fn expected_sent(&self, content_type: Option<&str>) -> Expected {
        match &self.written.body {
            Some(body) if !body.content.is_empty() => {
                chosen(&body.content, &self.sent, content_type)
            }
            Some(_) => Expected::Unchecked,
            None => Expected::Nothing,
        }
    }
}

/// Where no content type was recorded, the documented one is assumed: JSON before others.
fn chosen(
    content: &[WrittenMedia],
    described: &[Described],
    content_type: Option<&str>,
) -> Expected {
    let found = match content_type {
        Some(content_type) => media(content, content_type),
        None => {
            let json = content.iter().position(|it| is_json(&it.range));
            Some(json.unwrap_or(0))
        }
    };
    let found = found.and_then(|index| Some((content.get(index)?, *described.get(index)?)));
    let Some((
        range,
        Described {
            root,
            item,
            is_bytes,
        },
    )) = found
    else {
        return Expected::Other;
    };
    let essence = content_type.unwrap_or(&range.range).split(';').next();
    let essence = essence.unwrap_or_default().trim();
    let mut lower = Cow::Borrowed(essence);
    if essence.bytes().any(|byte| byte.is_ascii_uppercase()) {
        lower.to_mut().make_ascii_lowercase();
    }
    let essence = &*lower;
    match (root, item) {
        _ if is_json(essence) => root.map_or(Expected::Unchecked, Expected::Json),
        (_, Some(item)) if is_sequence(essence) => Expected::Items(item),
        (Some(root), _) if is_sequence(essence) => Expected::List(root),
        (Some(root), _) if content_type.is_none() && essence.contains('*') => Expected::Json(root),
        (Some(root), _) if essence == FORM => Expected::Form(root),
        (Some(root), _) if essence == MULTIPART => Expected::Multipart(root),
        _ if is_bytes => Expected::Bytes,
        (Some(root), _) if essence.starts_with("text/") => Expected::Text(root),
        _ => Expected::Unchecked,
    }
}

impl Contract {
    /// Adds the roots of an operation's bodies, with the types that the model has for them.
    pub(super) fn compiled(&mut self, written: WrittenOperation) -> Operation {
        let model = self.model().operations.get(&written.id);
        let body = model.and_then(|it| it.body.as_ref());
        let shape = body
            .filter(|body| matches!(body.media, Media::Json(_)))
            .map(|body| body.shape.clone());
        let content = written.body.iter().flat_map(|body| &body.content);
        let mut sent = Vec::new();
        for media in content {
            let shape = shape.as_ref().filter(|_| is_json(&media.range));
            sent.push(self.described(Side::Sent, media, shape));
        }
        let parameters = written.parameters.iter();
        let parameters = parameters
            .map(|it| self.parameter(Side::Sent, it))
            .collect();
        let headers = written.responses.iter().map(|response| {
            let headers = response.headers.iter();
            headers
                .map(|it| self.parameter(Side::Received, it))
                .collect()
        });
        let headers = headers.collect();
        let responses = written.responses.iter();
        let received = responses.map(|response| self.of_response(&written, response));
        Operation {
            received: received.collect(),
            parameters,
            headers,
            sent,
            written,
        }
    }

    fn described(&mut self, side: Side, media: &WrittenMedia, shape: Option<&Shape>) -> Described {
        let schema = media.schema.as_deref();
        let root = schema.map(|schema| self.add_root(side, schema, shape));
        if let Some(root) = root {
            self.add_form(side, root, media);
        }
        let item = media.item_schema.as_deref();
        let item = item.map(|schema| self.add_root(side, schema, None));
        Described {
            is_bytes: !is_json(&media.range) && self.is_bytes(root),
            root,
            item,
        }
    }

    /// Whether a media type says no more than that its content is bytes.
    fn is_bytes(&self, root: Option<usize>) -> bool {
        let Some(root) = root.and_then(|root| self.root(root)) else {
            return self.omits_schemas_of_bytes();
        };
        let form = Form::of(self.schemas(root.side), &root.pointer);
        root.is_any || form.is_bytes && form.is_text()
    }

    fn of_response(
        &mut self,
        written: &WrittenOperation,
        response: &WrittenResponse,
    ) -> Vec<Described> {
        // The model has one type, for the JSON that comes first.
        let ranges = response.content.iter().map(|it| it.range.as_str());
        let first = ranges.filter(|range| is_json(range)).min();
        let shape = self.shape_of(&written.id, &response.status).cloned();
        let mut described = Vec::new();
        for media in &response.content {
            let is_typed = first.is_none_or(|first| first == media.range);
            let shape = shape.as_ref().filter(|_| is_typed);
            described.push(self.described(Side::Received, media, shape));
        }
        described
    }
}
