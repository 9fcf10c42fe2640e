//! The streams of an AsyncAPI document: the channel of a message, and the schemas of what is sent either way.

use std::collections::BTreeSet;

use bpx_contract::model::{Model, Shape};
use bpx_contract::oracle::{Schemas, Side};
use bpx_contract::{Api, Document, WrittenChannel, WrittenStreams, lower_streams, written_streams};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::hosts::Hosts;
use super::plan::Envelope;
use super::{Contract, Use};
use crate::Error;

/// Schemas of AsyncAPI are of this draft.
const DRAFT: &str = "http://json-schema.org/draft-07/schema#";
/// What a pointer may hold that a URI's fragment may not.
const NOT_IN_FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'~')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.');
/// References and parts are followed this deep.
const DEPTH_MAX: usize = 16;

/// The channels of a document, by the roots of their messages.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    pub(crate) all: Vec<Channel>,
    /// What clients send.
    pub(crate) requests: Vec<usize>,
    /// What the server sends in reply.
    pub(crate) replies: Vec<usize>,
}

/// Streams whose names have one form.
#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) address: String,
    pub(crate) roots: Vec<usize>,
    /// The model's type of `data`.
    pub(crate) shape: Option<Shape>,
    parts: Vec<Part>,
    /// What divides names of this form; no value of a parameter holds it.
    dividers: BTreeSet<char>,
}

/// A part of an address.
#[derive(Debug)]
enum Part {
    Constant(String),
    /// A parameter, with its values if they are listed.
    Parameter(String, Vec<String>),
}

/// A channel that the name of a stream fits.
#[derive(Debug)]
pub(crate) struct Fit<'a> {
    pub(crate) channel: &'a Channel,
    /// Parameters with a value that the document does not list.
    pub(crate) unlisted: Vec<(&'a str, String)>,
}

impl Channels {
    /// The most specific channel: listed values before others, long constants before short ones.
    pub(crate) fn fit(&self, name: &str) -> Option<Fit<'_>> {
        let fitting = self.all.iter().filter_map(|channel| {
            let unlisted = channel.fit(&channel.parts, name)?;
            Some(Fit { channel, unlisted })
        });
        fitting.min_by_key(|fit| {
            (
                fit.unlisted.len(),
                std::cmp::Reverse(fit.channel.constant()),
            )
        })
    }
}

impl Channel {
    fn new(written: &WrittenChannel, roots: Vec<usize>, shape: Option<Shape>) -> Self {
        let parts = parts(written);
        let constants = parts.iter().filter_map(|part| match part {
            Part::Constant(text) => Some(text),
            Part::Parameter(..) => None,
        });
        let is_divider = |c: &char| !c.is_alphanumeric() && !['_', '-'].contains(c);
        Self {
            address: written.address.clone(),
            dividers: constants
                .flat_map(|it| it.chars())
                .filter(is_divider)
                .collect(),
            roots,
            shape,
            parts,
        }
    }

    /// How much of a name is constant.
    fn constant(&self) -> usize {
        let lengths = self.parts.iter().map(|part| match part {
            Part::Constant(text) => text.len(),
            Part::Parameter(..) => 0,
        });
        lengths.sum()
    }

    /// The unlisted values in a name; `None` if it has another form.
    fn fit<'a>(&'a self, parts: &'a [Part], name: &str) -> Option<Vec<(&'a str, String)>> {
        let Some((first, rest)) = parts.split_first() else {
            return name.is_empty().then(Vec::new);
        };
        match first {
            Part::Constant(text) => self.fit(rest, name.strip_prefix(text.as_str())?),
            Part::Parameter(parameter, listed) => {
                let end = name
                    .find(|c| self.dividers.contains(&c))
                    .unwrap_or(name.len());
                // The longest value first, since nothing but a divider ends one.
                let mut ends = name
                    .char_indices()
                    .map(|(at, c)| at + c.len_utf8())
                    .filter(|at| *at <= end)
                    .collect::<Vec<_>>();
                ends.reverse();
                ends.into_iter().find_map(|end| {
                    let (value, after) = name.split_at_checked(end)?;
                    let mut unlisted = self.fit(rest, after)?;
                    if !listed.is_empty() && !listed.iter().any(|it| it == value) {
                        unlisted.push((parameter, value.to_owned()));
                    }
                    Some(unlisted)
                })
            }
        }
    }
}

fn parts(written: &WrittenChannel) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = written.address.as_str();
    while let Some((constant, (name, after))) = rest
        .split_once('{')
        .and_then(|(constant, after)| Some((constant, after.split_once('}')?)))
    {
        let listed = written.values.iter().find(|(known, _)| known == name);
        let listed = listed.map(|(_, values)| values.clone()).unwrap_or_default();
        parts.push(Part::Constant(constant.to_owned()));
        parts.push(Part::Parameter(name.to_owned(), listed));
        rest = after;
    }
    parts.push(Part::Constant(rest.to_owned()));
    parts
}

impl Contract {
    /// Adds the streams of an AsyncAPI document (2.x or 3.x), which recorded messages are then checked against.
    ///
    /// # Errors
    /// A document of another version.
    pub fn with_asyncapi(mut self, document: Document) -> Result<Self, Error> {
        self.streams = Some(Box::new(Self::of_streams(document)?));
        Ok(self)
    }

    fn of_streams(document: Document) -> Result<Self, Error> {
        let model = lower_streams(&document)?;
        let written = written_streams(&document)?;
        let judged = with_draft(&document, &written);
        let schemas = [Side::Sent, Side::Received].map(|side| Schemas::new(&judged, side));
        let mut this = Self::of_schemas(Api::new(document, model), schemas, None)?;
        this.hosts = Hosts::named(&written.hosts);
        this.channels = this.channels_of(&written);
        Ok(this)
    }

    fn channels_of(&mut self, written: &WrittenStreams) -> Channels {
        let all = written.channels.iter().map(|channel| {
            let shape = shape_of(self.model(), &channel.address);
            let payloads = channel.payloads.iter();
            let roots = payloads.map(|it| self.add_envelope(Side::Received, it, shape.as_ref()));
            Channel::new(channel, roots.collect(), shape)
        });
        let all = all.collect();
        let mut roots = |side, pointers: &[String]| {
            let pointers = pointers.iter();
            pointers
                .map(|it| self.add_envelope(side, it, None))
                .collect()
        };
        Channels {
            all,
            requests: roots(Side::Sent, &written.requests),
            replies: roots(Side::Received, &written.replies),
        }
    }

    fn add_envelope(&mut self, side: Side, pointer: &str, data: Option<&Shape>) -> usize {
        let index = self.add_root(side, pointer, None);
        let data = data.map_or(Use::Any, |shape| self.plan.use_of(shape));
        let names = documented(&self.document().value, pointer);
        if let Some(root) = self.roots.get_mut(index) {
            root.use_ = Use::Envelope(Box::new(Envelope { names, data }));
        }
        index
    }

    /// The streams, if an AsyncAPI document was added.
    pub(crate) fn streams(&self) -> Option<&Self> {
        self.streams.as_deref()
    }

    pub(crate) fn channels(&self) -> &Channels {
        &self.channels
    }
}

fn shape_of(model: &Model, address: &str) -> Option<Shape> {
    let streams = model.streams.as_ref()?;
    streams.channels.get(address).map(|it| it.message.clone())
}

/// The document as a JSON Schema of its draft that has its messages for definitions.
fn with_draft(document: &Document, written: &WrittenStreams) -> Document {
    let mut judged = document.clone();
    let Some(root) = judged.value.as_object_mut() else {
        return judged;
    };
    let payloads = written.channels.iter().flat_map(|it| &it.payloads);
    let payloads = payloads.chain(&written.requests).chain(&written.replies);
    let definitions: Map<_, _> = payloads
        .map(|pointer| {
            let fragment = utf8_percent_encode(pointer, NOT_IN_FRAGMENT);
            (pointer.clone(), json!({"$ref": format!("#{fragment}")}))
        })
        .collect();
    root.insert("$schema".to_owned(), DRAFT.into());
    root.insert("definitions".to_owned(), definitions.into());
    judged
}

/// The members that a schema and its parts document; `None` where one says what further members are.
fn documented(document: &Value, pointer: &str) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let mut open = vec![(pointer.to_owned(), 0)];
    while let Some((pointer, depth)) = open.pop() {
        let Some(schema) = document.pointer(&pointer).filter(|_| depth < DEPTH_MAX) else {
            continue;
        };
        if schema
            .get("additionalProperties")
            .is_some_and(|it| *it != json!(false))
        {
            return None;
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        names.extend(
            properties
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone()),
        );
        for key in ["allOf", "anyOf", "oneOf"] {
            let parts = schema
                .get(key)
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            open.extend((0..parts).map(|part| (format!("{pointer}/{key}/{part}"), depth + 1)));
        }
        let reference = schema.get("$ref").and_then(Value::as_str);
        if let Some(fragment) = reference.and_then(|it| it.strip_prefix('#')) {
            let target = percent_decode_str(fragment).decode_utf8_lossy();
            open.push((target.into_owned(), depth + 1));
        }
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An address, and the values that its parameters may have.
    type Address<'a> = (&'a str, &'a [(&'a str, &'a [&'a str])]);

    fn channels(addresses: &[Address<'_>]) -> Channels {
        let all = addresses.iter().map(|(address, values)| {
            let values = values.iter().map(|(name, values)| {
                let values = values.iter().map(|it| (*it).to_owned());
                ((*name).to_owned(), values.collect())
            });
            let written = WrittenChannel {
                address: (*address).to_owned(),
                pointer: String::new(),
                values: values.collect(),
                payloads: Vec::new(),
            };
            Channel::new(&written, Vec::new(), None)
        });
        Channels {
            all: all.collect(),
            ..Channels::default()
        }
    }

    #[test]
    fn a_name_belongs_to_the_most_specific_channel() {
        let every: &[&str] = &["1m", "1h"];
        let channels = channels(&[
            ("wind", &[]),
            ("wind.{station}", &[]),
            ("wind.{every}.{station}", &[("every", every)]),
            ("wind.north", &[]),
            ("{a}/{b}", &[]),
            ("rain{mm}mm", &[]),
        ]);
        let fit = |name: &str| {
            let fit = channels.fit(name)?;
            let unlisted = fit
                .unlisted
                .into_iter()
                .map(|(name, value)| format!(" {name}={value}"));
            Some(fit.channel.address.clone() + &unlisted.collect::<String>())
        };
        for (name, expected) in [
            ("wind", Some("wind")),
            ("wind.south_9", Some("wind.{station}")),
            ("wind.north", Some("wind.north")),
            ("wind.1m.south", Some("wind.{every}.{station}")),
            ("wind.9m.south", Some("wind.{every}.{station} every=9m")),
            ("wind.1m.south.x", None),
            ("wind.", None),
            ("a.b/c", Some("{a}/{b}")),
            ("a/b/c", None),
            ("rain12mm", Some("rain{mm}mm")),
            ("", None),
        ] {
            assert_eq!(fit(name).as_deref(), expected, "{name}");
        }
    }
}
