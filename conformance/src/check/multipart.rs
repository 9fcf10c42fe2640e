//! Forms in parts (RFC 7578): each part as the property of its name.

use bpx_contract::is_json;
use bpx_contract::pointer::escape;
use bpx_contract::written::{WrittenMedia, media, parameters_of};
use serde_json::{Map, Value};

use super::Checker;
use super::json;
use super::local::{Context, Local};
use super::parameter::likeliest;
use super::redact::name_or_shape;
use crate::contract::{Form, Parameter};
use crate::rules::Rule;

/// One part.
#[derive(Debug, PartialEq, Eq)]
struct Part<'a> {
    name: String,
    /// Its `Content-Type`.
    media: Option<String>,
    body: &'a [u8],
}

impl<'a> Checker<'a> {
    /// The form as an object; `None` where it cannot be read, which is a finding.
    pub(super) fn multipart(
        &self,
        body: &[u8],
        content_type: Option<&str>,
        form: &Parameter,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) -> Option<Value> {
        let Some(parts) = parts(body, content_type) else {
            let rule = Rule::RequestNotChecked;
            local.finding(context, rule, "", "parts without end", None);
            return None;
        };
        let mut members: Map<String, Value> = Map::new();
        for part in &parts {
            let field = form.fields.iter().find(|it| it.written.name == part.name);
            let own = field.map_or_else(|| form.form.member(&part.name), |it| &it.form);
            let known = members.remove(&part.name);
            let is_list = own.takes("array") && !part.is_json();
            let value = match known {
                None if is_list => {
                    Value::Array(vec![part.value(field, own.item(0), context, local)?])
                }
                None => part.value(field, own, context, local)?,
                Some(Value::Array(mut items)) => {
                    items.push(part.value(field, own.item(items.len()), context, local)?);
                    Value::Array(items)
                }
                Some(first) => Value::Array(vec![first, part.value(field, own, context, local)?]),
            };
            members.insert(part.name.clone(), value);
        }
        Some(Value::Object(members))
    }
}

impl Part<'_> {
    fn is_json(&self) -> bool {
        self.media.as_deref().is_some_and(|it| is_json(essence(it)))
    }

    fn value(
        &self,
        field: Option<&Parameter>,
        form: &Form,
        context: &Context<'_>,
        local: &mut Local<'_>,
    ) -> Option<Value> {
        let pointer = format!("/{}", escape(&name_or_shape(&self.name)));
        let documented = field.and_then(|field| field.written.media.as_deref());
        if let (Some(sent), Some(documented)) = (&self.media, documented)
            && !allows(documented, sent)
        {
            let detail = super::masked_media_type(essence(sent));
            let rule = Rule::ContentTypeUndocumented;
            local.finding(context, rule, &*pointer, detail, None);
        }
        let assumed = documented.is_some_and(is_json) || form.takes("object");
        if self.is_json() || self.media.is_none() && assumed {
            return match json::parse(self.body) {
                Ok(parsed) => Some(parsed.value),
                Err(unparsed) => {
                    local.finding(context, unparsed.rule, pointer, unparsed.reason, None);
                    None
                }
            };
        }
        match std::str::from_utf8(self.body) {
            Ok(text) if !form.is_bytes => Some(likeliest(text, form)),
            _ => {
                let detail =
                    super::masked_media_type(essence(self.media.as_deref().unwrap_or("bytes")));
                local.finding(context, Rule::BytesNotChecked, pointer, detail, None);
                Some(
                    self.body
                        .iter()
                        .map(|byte| char::from(*byte))
                        .collect::<String>()
                        .into(),
                )
            }
        }
    }
}

/// Whether one of these media types, with commas between them, is that of a part.
fn allows(documented: &str, sent: &str) -> bool {
    let ranges = documented.split(',').map(|range| WrittenMedia {
        range: range.trim().to_owned(),
        schema: None,
        item_schema: None,
        encoding: Vec::new(),
    });
    media(&ranges.collect::<Vec<_>>(), sent).is_some()
}

fn essence(media: &str) -> &str {
    media.split(';').next().unwrap_or(media).trim()
}

/// The parts between boundaries; `None` where a part does not end or has no name.
fn parts<'a>(body: &'a [u8], content_type: Option<&str>) -> Option<Vec<Part<'a>>> {
    let named = content_type.and_then(|it| {
        let mut parameters = parameters_of(it);
        parameters.find(|(name, _)| name.eq_ignore_ascii_case("boundary"))
    });
    let delimiter = match named {
        Some((_, boundary)) => format!("--{boundary}").into_bytes(),
        // Not recorded: the first line is the boundary.
        None => cut(body, b"\n")?.0.trim_ascii().to_vec(),
    };
    if delimiter.len() < 3 {
        return None;
    }
    let (_, mut rest) = cut(body, &delimiter)?;
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let (part, behind) = cut(rest, &delimiter)?;
        parts.push(one(part)?);
        rest = behind;
    }
    Some(parts)
}

/// Headers, an empty line and the body, with a line end before and after.
fn one(part: &[u8]) -> Option<Part<'_>> {
    let part = part.strip_suffix(b"\n")?;
    let part = part.strip_suffix(b"\r").unwrap_or(part);
    let (head, body) = cut(part, b"\r\n\r\n").or_else(|| cut(part, b"\n\n"))?;
    let (mut name, mut media) = (None, None);
    for line in String::from_utf8_lossy(head).lines() {
        let Some((header, value)) = line.split_once(':') else {
            continue;
        };
        match header.to_ascii_lowercase().as_str() {
            "content-disposition" => {
                let found = parameters_of(value).find(|(name, _)| *name == "name");
                name = found.map(|(_, name)| name.to_owned());
            }
            "content-type" => media = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    Some(Part {
        name: name?,
        media,
        body,
    })
}

fn cut<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let index = bytes.windows(at.len()).position(|it| it == at)?;
    let (before, behind) = bytes.split_at_checked(index)?;
    Some((before, behind.get(at.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_cut_at_their_boundary_and_damaged_ones_are_none() {
        let body = b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b\r\n\
            content-disposition: form-data; name=\"f\"; filename=\"x.png\"\r\nContent-Type: image/png\r\n\r\n\xff\r\n\r\n--b--\r\n";
        let expected = [
            Part {
                name: "a".to_owned(),
                media: None,
                body: b"1",
            },
            Part {
                name: "f".to_owned(),
                media: Some("image/png".to_owned()),
                body: b"\xff\r\n",
            },
        ];
        assert_eq!(
            parts(body, Some("multipart/form-data; boundary=\"b\"")).unwrap(),
            expected
        );
        assert_eq!(parts(body, None).unwrap(), expected);
        for length in 0..body.len() - 4 {
            assert_eq!(
                parts(&body[..length], Some("multipart/form-data; boundary=b")),
                None,
                "{length}"
            );
        }
    }
}
