//! One channel: the parameters of its address, the type of its messages, whether it is signed.

use std::collections::BTreeSet;

use super::route::Route;
use super::security::Security;
use super::server::Server;
use crate::cursor::Cursor;
use crate::lower::Lowerer;
use crate::lower::hoist::Hint;
use crate::lower::look::{enum_values, texts};
use crate::lower::params::bare_as_text;
use crate::model::{Channel, ChannelParam, LossKind, Shape, Signed, StringFormat};

impl Lowerer<'_> {
    /// The channel of a route by its address; none if it has to be left out.
    pub(super) fn channel<'c>(
        &mut self,
        root: &Cursor<'c>,
        route: &Route<'c>,
        server: &Server<'_>,
        security: &Security<'_>,
    ) -> Option<(String, Channel)> {
        let at = &route.channel;
        let Some(address) = route.address.clone().filter(|it| !it.is_empty()) else {
            let fix = "write the name of the stream as its `address`";
            return self.without(at, "the channel has no address".to_owned(), fix);
        };
        let Some(placeholders) = placeholders(&address) else {
            let problem = format!("the braces of `{address}` do not each hold one name");
            return self.without(at, problem, "write each parameter once, like `{name}`");
        };
        if !server.carries(at) {
            let problem = format!(
                "the channel is not on the server that is used, {}",
                server.url
            );
            return self.without(at, problem, "name that server, or no server at all");
        }
        let [message] = route.messages.as_slice() else {
            let problem = format!(
                "a stream with {} kinds of message is not read",
                route.messages.len()
            );
            let fix = "describe one message, whose `data` is a `oneOf` if need be";
            return self.without(&route.operation, problem, fix);
        };
        let data = self.data(root, message)?;
        let signed = self.signed(route, security)?;
        let hint = Hint::new("", &message_name(message, &address));
        let mut shape = self.use_without_null(&data, &hint);
        // Outside of a named type nothing says in which notation a decimal is read.
        bare_as_text(&mut shape);
        let channel = Channel {
            summary: summary(route),
            doc: first_text(&[&route.operation, at, message], "description"),
            params: self.channel_params(at, &address, &placeholders),
            message: shape,
            signed,
            place: at.place(),
        };
        Some((address, channel))
    }

    fn signed(&mut self, route: &Route<'_>, security: &Security<'_>) -> Option<Signed> {
        let signed = security.of_route(route);
        match (signed, &security.instruction) {
            (Signed::Unknown, _) => {
                let problem =
                    "whether this stream asks for a signature is not said: it is taken for public";
                let fix = "write `x-signed: true` or `x-signed: false` on the channel, for instance with an overlay, or `security` \
                    on its operation";
                self.fault(route.channel.fault(problem, fix));
            }
            (Signed::Yes, None) => {
                let problem =
                    "this stream is signed, but nothing names the instruction that is signed";
                let fix = "add `x-instruction` to the security scheme";
                return self.without(&route.channel, problem.to_owned(), fix);
            }
            _ => {}
        }
        Some(signed)
    }

    /// The parameters in the order of the address.
    fn channel_params(
        &mut self,
        channel: &Cursor<'_>,
        address: &str,
        placeholders: &[&str],
    ) -> Vec<ChannelParam> {
        let declared = channel.entries("parameters");
        for (name, at) in &declared {
            if !placeholders.contains(name) {
                let problem = format!("`{name}` is no part of the address `{address}`");
                let fix = format!("write it as `{{{name}}}`, or remove the parameter");
                self.lose(LossKind::LeftOut, at.fault(problem, fix));
            }
        }
        let params = placeholders.iter().map(|name| {
            let found = declared.iter().find(|(known, _)| known == name);
            match found.and_then(|(_, at)| self.ok(at.follow())) {
                Some(at) => self.channel_param(name, address, &at),
                None => {
                    let text = format!("the parameter `{name}` is not declared: it is any text");
                    self.note(channel, text);
                    param(name, String::new())
                }
            }
        });
        params.collect()
    }

    fn channel_param(&mut self, name: &str, address: &str, at: &Cursor<'_>) -> ChannelParam {
        let schema = at.get("schema").and_then(|schema| self.ok(schema.follow()));
        // Values are listed by the parameter itself since AsyncAPI 3.
        let at_values = schema.unwrap_or_else(|| at.clone());
        let (values, _) = enum_values(&at_values);
        let listed = texts(&values);
        let mut param = param(name, at.text("description"));
        if at.get("location").is_some() {
            self.note(at, "where messages repeat the parameter is not read");
        }
        if listed.is_empty() || listed.len() != values.len() {
            return param;
        }
        let mut seen = BTreeSet::new();
        let distinct = listed.into_iter().filter(|value| seen.insert(*value));
        param.values = distinct.map(str::to_owned).collect();
        let first = address
            .split(['.', '/', ':', '{'])
            .next()
            .unwrap_or_default();
        let hint = Hint::new("", &format!("{first}_{name}"));
        let (values, doc) = (param.values.clone(), param.doc.clone());
        param.shape = self.hoisted.add_described(&at_values, doc, values, &hint);
        param
    }
}

/// A parameter of any text.
fn param(name: &str, doc: String) -> ChannelParam {
    ChannelParam {
        name: name.to_owned(),
        doc,
        values: Vec::new(),
        shape: Shape::String(StringFormat::Plain),
    }
}

/// The names between braces, in order; none if braces do not match or a name is empty or repeated.
fn placeholders(address: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut rest = address;
    while let Some((constant, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        let is_name = !name.is_empty() && !name.contains('{') && !names.contains(&name);
        if constant.contains('}') || !is_name {
            return None;
        }
        names.push(name);
        rest = after;
    }
    (!rest.contains('}')).then_some(names)
}

/// What a message without a schema of its own is called after.
fn message_name(message: &Cursor<'_>, address: &str) -> String {
    let name = message.str("name").filter(|name| !name.is_empty());
    name.map_or_else(|| format!("{address} update"), str::to_owned)
}

/// One line about the channel: titles are said by AsyncAPI 3 only.
fn summary(route: &Route<'_>) -> String {
    let at = [&route.operation, &route.channel];
    match first_text(&at, "summary") {
        summary if summary.is_empty() => first_text(&at, "title"),
        summary => summary,
    }
}

fn first_text(at: &[&Cursor<'_>], key: &str) -> String {
    let mut texts = at.iter().map(|at| at.text(key));
    texts.find(|text| !text.is_empty()).unwrap_or_default()
}
