//! Response headers: which a success documents, and of what type.

use crate::cursor::Cursor;
use crate::model::{Header, IntFormat, Shape, StringFormat};

/// The headers of all successful responses. `Content-Type` is none of them: OpenAPI describes it under `content`.
pub(super) fn headers<'a>(responses: impl Iterator<Item = &'a Cursor<'a>> + Clone) -> Vec<Header> {
    let count = responses.clone().count();
    let mut found: Vec<(Header, usize)> = Vec::new();
    for header in responses.flat_map(of_response) {
        let known = found.iter_mut();
        let same = |known: &&mut (Header, usize)| known.0.name.eq_ignore_ascii_case(&header.name);
        match known.into_iter().find(same) {
            Some((known, times)) => {
                if known.shape != header.shape {
                    known.shape = Shape::String(StringFormat::Plain);
                }
                known.required &= header.required;
                *times += 1;
            }
            None => found.push((header, 1)),
        }
    }
    let mut headers: Vec<_> = found
        .into_iter()
        .map(|(header, times)| Header {
            required: header.required && times == count,
            ..header
        })
        .collect();
    headers.sort_by(|a, b| a.name.cmp(&b.name));
    headers
}

fn of_response(response: &Cursor<'_>) -> Vec<Header> {
    let declared = response.entries("headers").into_iter();
    declared
        .filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"))
        .filter_map(|(name, header)| {
            let header = header.follow().ok()?;
            Some(Header {
                name: name.to_owned(),
                required: header.flag("required"),
                shape: shape(&header),
            })
        })
        .collect()
}

fn shape(header: &Cursor<'_>) -> Shape {
    let schema = header.get("schema").and_then(|schema| schema.follow().ok());
    match schema {
        Some(schema) if schema.str("type") == Some("integer") => {
            let format = schema.str("format").and_then(IntFormat::parse);
            Shape::Integer(format.unwrap_or(IntFormat::Int64))
        }
        _ => Shape::String(StringFormat::Plain),
    }
}
