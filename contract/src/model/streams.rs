//! What a server sends without being asked each time: streams of messages over one connection (AsyncAPI).

use std::collections::BTreeMap;

use super::{Kind, Model, Shape, TypeDef};
use crate::{Place, pointer};

/// The streams of a document that one connection carries.
#[derive(Debug, Clone, PartialEq)]
pub struct Streams {
    /// Where the connection is opened: `ws://…` or `wss://…`.
    pub url: String,
    /// The method of a request that asks for streams.
    pub subscribe: String,
    /// The method of a request that ends streams.
    pub unsubscribe: String,
    /// What is signed in a request for streams that need a signature; none if no stream does.
    pub instruction: Option<String>,
    /// Every stream, by its address, such as `depth.{symbol}`.
    pub channels: BTreeMap<String, Channel>,
}

/// A stream, or one stream for each value of its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// One line about it.
    pub summary: String,
    /// Its description.
    pub doc: String,
    /// The parameters of the address, in the order in which they stand there.
    pub params: Vec<ChannelParam>,
    /// What a message carries: the `data` of its envelope.
    pub message: Shape,
    /// Whether a subscription has to be signed.
    pub signed: Signed,
    /// Where it is described.
    pub place: Place,
}

/// Whether a subscription has to be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// Anybody may subscribe.
    No,
    /// The request carries a signature.
    Yes,
    /// The document has a security scheme, and says nowhere what it is for.
    Unknown,
}

/// A parameter of an address.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelParam {
    /// Its name between the braces.
    pub name: String,
    /// Its description.
    pub doc: String,
    /// The values that the document allows; empty if it allows any.
    pub values: Vec<String>,
    /// Its type: an enumeration if values are listed, otherwise text.
    pub shape: Shape,
}

/// A stream as callers see it: a channel, or two of which one has a parameter more at its end.
#[derive(Debug, Clone, Copy)]
pub struct StreamCall<'a> {
    /// The address of the channel without the last parameter; it identifies the call.
    pub address: &'a str,
    /// The channel at that address.
    pub channel: &'a Channel,
    /// Address and channel with one more parameter, which is optional then.
    pub narrower: Option<(&'a str, &'a Channel)>,
}

impl Streams {
    /// Every stream as callers see it, in the order of addresses.
    pub fn calls(&self) -> Vec<StreamCall<'_>> {
        let of = |(address, channel)| StreamCall {
            address,
            channel,
            narrower: self.narrower(address, channel),
        };
        let all = self.channels.iter().map(|(address, it)| (&**address, it));
        let all: Vec<_> = all.map(of).collect();
        let narrower: Vec<_> = all.iter().filter_map(|it| it.narrower).collect();
        let is_own = |it: &StreamCall<'_>| !narrower.iter().any(|(other, _)| *other == it.address);
        all.into_iter().filter(is_own).collect()
    }

    /// The channel of the same messages whose address goes on with one parameter.
    fn narrower(&self, address: &str, channel: &Channel) -> Option<(&str, &Channel)> {
        self.channels.iter().find_map(|(longer, other)| {
            let rest = longer
                .strip_prefix(address)?
                .strip_prefix(['.', '/', ':'])?;
            let name = rest.strip_prefix('{')?.strip_suffix('}')?;
            let is_same = other.message == channel.message && other.signed == channel.signed;
            let is_last = other.params.len() == channel.params.len() + 1
                && other.params.last().is_some_and(|it| it.name == name);
            (is_same && is_last).then_some((&**longer, other))
        })
    }

    pub(crate) fn shapes_mut(&mut self) -> impl Iterator<Item = &mut Shape> {
        self.channels.values_mut().flat_map(|it| {
            let params = it.params.iter_mut().map(|param| &mut param.shape);
            params.chain([&mut it.message])
        })
    }
}

impl<'a> StreamCall<'a> {
    /// The parameters of the call; the last one is optional if there is a narrower channel.
    pub fn params(&self) -> &'a [ChannelParam] {
        match self.narrower {
            Some((_, channel)) => &channel.params,
            None => &self.channel.params,
        }
    }
}

impl Model {
    /// This model with the streams of another one, and the types that they are made of. A type that both have is one type;
    /// where two differ, that of the streams gets a number after its name.
    #[must_use]
    pub fn with_streams(mut self, mut other: Self) -> Self {
        let differs = |(name, def): &(&String, &TypeDef)| {
            let known = self.types.get(*name);
            known.is_some_and(|known| !is_same(known, def))
        };
        let free = |name: &str| {
            let mut numbered = (2_usize..).map(|number| format!("{name}_{number}"));
            let is_free =
                |it: &String| !self.types.contains_key(it) && !other.types.contains_key(it);
            numbered.find(is_free).unwrap_or_default()
        };
        let renamed = other.types.iter().filter(differs);
        let renamed: BTreeMap<_, _> = renamed
            .map(|(name, _)| (name.clone(), free(name)))
            .collect();
        other.rename_types(&renamed);
        for (name, def) in other.types {
            let (sent, read) = (def.sent, def.read);
            let known = self.types.entry(name).or_insert(def);
            known.sent |= sent;
            known.read |= read;
        }
        self.streams = other.streams;
        self.notes.extend(other.notes);
        self.losses.extend(other.losses);
        self.losses.sort_by(|a, b| a.diagnostic.cmp(&b.diagnostic));
        self
    }
}

/// Whether two types are the same: by what they say, or because one is the other, reached over a reference.
fn is_same(known: &TypeDef, other: &TypeDef) -> bool {
    let is_reached = other.place.pointer.as_deref().is_some_and(|at| {
        let Some((stem, within)) = external(at) else {
            return false;
        };
        let file = known.place.file.rsplit('/').next().unwrap_or_default();
        let is_file = file
            .strip_prefix(&*stem)
            .is_some_and(|rest| rest.starts_with('.'));
        is_file && known.place.pointer.as_deref() == Some(within)
    });
    is_reached || says_the_same(&known.kind, &other.kind)
}

/// The stem of the file that a pointer into a document leads to, and the pointer there, if it is another file.
fn external(at: &str) -> Option<(String, &str)> {
    let rest = at.strip_prefix("/$external/")?;
    let (key, _) = rest.split_once('/')?;
    let (stem, _) = key.rsplit_once('-')?;
    Some((
        pointer::unescape(stem).into_owned(),
        rest.strip_prefix(key)?,
    ))
}

/// Equal but for prose.
fn says_the_same(one: &Kind, other: &Kind) -> bool {
    match (one, other) {
        (Kind::Object(one), Kind::Object(other)) => {
            let bare = |fields: &[super::Field]| -> Vec<_> {
                let bare = fields.iter().cloned().map(|field| super::Field {
                    doc: String::new(),
                    ..field
                });
                bare.collect()
            };
            bare(one) == bare(other)
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::external;

    #[test]
    fn a_pointer_into_another_file_names_its_stem() {
        let found = external("/$external/shop.openapi-12/components/schemas/Side");
        assert_eq!(
            found,
            Some(("shop.openapi".to_owned(), "/components/schemas/Side"))
        );
        assert_eq!(external("/components/schemas/Side"), None);
    }
}
