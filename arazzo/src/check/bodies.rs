//! Checks request bodies against the operation they go to.

use std::collections::BTreeMap;

use super::arguments::Called;
use super::spot::Spot;
use super::state::{WorkflowChecker, below};
use super::values::Site;
use super::{Origin, Type};
use crate::near::name_one_of;
use crate::payload::pointer;
use crate::scope::index as list_index;
use crate::{Body, Payload, Step};
use bpx_contract::model::{Body as ContractBody, Location, Media, Param, Shape};
use bpx_contract::{Place, is_json};

const MULTIPART: &str = "multipart/form-data";
/// What the contract says of a body that it does not describe.
const ANY_BYTES: &str = "application/octet-stream";

impl WorkflowChecker<'_> {
    pub(super) fn body(&mut self, step: &Step, called: &Called<'_>, spot: &Spot) {
        let place = below(&step.place, &["requestBody"]);
        let operation = called.operation;
        let is_multipart = operation
            .params
            .iter()
            .any(|it| it.location == Location::Part);
        let media = operation.body.as_ref().map(|it| it.media.as_str());
        let media = media.or(is_multipart.then_some(MULTIPART));
        let Some(body) = &step.body else {
            let is_required = operation.body.as_ref().is_some_and(|it| it.required);
            let has_part = |it: &Param| it.location == Location::Part && it.required;
            if is_required || operation.params.iter().any(has_part) {
                let problem = format!("`{}` requires a body", called.id);
                let fix = "add `requestBody`".to_owned();
                self.step_fault(step, &step.place, (problem, fix));
            }
            return;
        };
        let Some(media) = media else {
            let problem = format!("`{}` takes no body", called.id);
            self.step_doubt(step, &place, (problem, "remove `requestBody`".to_owned()));
            return self.body_value(body, &Type::any(), &place, spot);
        };
        if let Some(given) = body.content_type.as_deref()
            && !is_same(given, media)
        {
            self.other_media(step, called.id, (given, media), &place);
            return self.body_value(body, &Type::any(), &place, spot);
        }
        match &operation.body {
            _ if is_multipart => self.parts(body, called, &place, spot),
            Some(wanted) if self.is_no_json(body, wanted, called) => {
                let problem = "the payload is text, and not JSON".to_owned();
                let fix = "write the payload as an object, or its media type as `contentType`";
                let at = below(&place, &["payload"]);
                self.step_fault(step, &at, (problem, fix.to_owned()));
            }
            Some(wanted) => {
                let is_form = wanted.media == Media::Form;
                let is_text = matches!(body.payload, Payload::Text(_) | Payload::Literal(_));
                let is_open = wanted.media.as_str() == ANY_BYTES;
                let shape = match is_open || is_form && is_text {
                    // A form that is written as it is sent.
                    true => Shape::Any,
                    false => wanted.shape.clone(),
                };
                let wanted = of_source(shape, called.source);
                self.body_value(body, &wanted, &place, spot);
            }
            None => {}
        }
    }

    /// Whether a payload is a text where JSON of another type is wanted.
    fn is_no_json(&self, body: &Body, wanted: &ContractBody, called: &Called<'_>) -> bool {
        let is_text = match &body.payload {
            Payload::Literal(value) => value.is_string(),
            other => matches!(other, Payload::Text(_)),
        };
        let ty = of_source(wanted.shape.clone(), called.source);
        let takes_text = wanted.shape == Shape::Any || self.tables.is_scalar(&ty);
        is_text && matches!(wanted.media, Media::Json(_)) && !takes_text
    }

    fn other_media(&mut self, step: &Step, id: &str, (given, media): (&str, &str), place: &Place) {
        let wanted = match is_json(media) {
            true => "JSON".to_owned(),
            false => format!("`{media}`"),
        };
        let problem = format!("`{id}` takes {wanted}, not `{given}`");
        let media = media.split(';').next().unwrap_or(media);
        let fix = format!("write `{media}`, or leave `contentType` out");
        self.step_doubt(step, &below(place, &["contentType"]), (problem, fix));
    }

    /// The parts of a multipart body are parameters of the operation.
    fn parts(&mut self, body: &Body, called: &Called<'_>, place: &Place, spot: &Spot) {
        let at = below(place, &["payload"]);
        let Payload::Object(members) = &body.payload else {
            return self.body_value(body, &Type::any(), place, spot);
        };
        let parts = called.operation.params.iter();
        let parts: Vec<_> = parts.filter(|it| it.location == Location::Part).collect();
        let none = BTreeMap::new();
        for (name, value) in members {
            let place = below(&at, &[name]);
            match parts.iter().find(|it| it.name == *name) {
                Some(part) => {
                    let wanted = of_source(part.shape.clone(), called.source);
                    let wanted = wanted.or_absent(!part.required);
                    self.value(value, &wanted, &Site::new(place, &none), spot);
                }
                None => {
                    let problem = format!("the body of `{}` has no part `{name}`", called.id);
                    let known = parts.iter().map(|it| it.name.as_str());
                    self.doubt(spot, &place, (problem, name_one_of(name, known)));
                    self.value_type(value, &place, spot);
                }
            }
        }
        for part in parts.iter().filter(|it| it.required) {
            if !members.iter().any(|(name, _)| *name == part.name) {
                let problem = format!(
                    "the body of `{}` requires the part `{}`",
                    called.id, part.name
                );
                self.spot_fault(spot, &at, (problem, format!("add `{}`", part.name)));
            }
        }
    }

    /// Replacements that lead into the payload are checked in their place there, others by their target alone.
    fn body_value(&mut self, body: &Body, wanted: &Type, place: &Place, spot: &Spot) {
        let mut payload = body.payload.clone();
        let mut replaced = BTreeMap::new();
        for (index, replacement) in body.replacements.iter().enumerate() {
            let at = below(place, &["replacements", &index.to_string()]);
            if put(&mut payload, &replacement.target, &replacement.value) {
                replaced.insert(pointer(&replacement.target), at);
                continue;
            }
            let tokens = replacement.target.iter().map(String::as_str);
            match self.tables.walk(wanted.clone(), tokens, None) {
                Ok(found) => {
                    let none = BTreeMap::new();
                    self.value(
                        &replacement.value,
                        &found.ty.or_absent(true),
                        &Site::new(at, &none),
                        spot,
                    );
                }
                Err(missing) => {
                    let problem = format!("{} has no field `{}`", missing.schema, missing.token);
                    let known = missing.known.iter().map(String::as_str);
                    self.spot_fault(spot, &at, (problem, name_one_of(&missing.token, known)));
                }
            }
        }
        let site = Site::new(below(place, &["payload"]), &replaced);
        self.value(&payload, wanted, &site, spot);
    }
}

fn of_source(shape: Shape, source: &str) -> Type {
    Type {
        shape,
        origin: Origin::Source(source.to_owned()),
        optional: false,
        doc: String::new(),
    }
}

/// Whether two media types are the same, or both JSON. Parameters do not count.
fn is_same(given: &str, documented: &str) -> bool {
    let essence = |it: &str| {
        let essence = it.split(';').next().unwrap_or(it);
        essence.trim().to_ascii_lowercase()
    };
    let documented = essence(documented);
    let (kind, any) = documented.split_once('/').unwrap_or_default();
    let given_essence = essence(given);
    given_essence == documented
        || documented == ANY_BYTES
        || is_json(given) && is_json(&documented)
        || any == "*" && (kind == "*" || given_essence.starts_with(&format!("{kind}/")))
}

/// Puts a value into a payload; says whether its place is there.
fn put(payload: &mut Payload, target: &[String], value: &Payload) -> bool {
    let Some((first, rest)) = target.split_first() else {
        *payload = value.clone();
        return true;
    };
    match payload {
        Payload::Object(members) => match members.iter_mut().find(|(key, _)| key == first) {
            Some((_, member)) => put(member, rest, value),
            None if rest.is_empty() => {
                members.push((first.clone(), value.clone()));
                true
            }
            None => false,
        },
        Payload::List(items) => {
            let item = list_index(first).and_then(|index| items.get_mut(index));
            item.is_some_and(|item| put(item, rest, value))
        }
        _ => false,
    }
}
