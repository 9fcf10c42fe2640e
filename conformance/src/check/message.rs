//! Checks one message of a stream against the channel of its stream.

use bpx_recording::{Content, Direction, Location, Message};
use serde_json::Value;

use super::Checker;
use super::explain::explain;
use super::json::{self, Parsed};
use super::local::{Context, Found, Local};
use super::redact::{masked, name_or_shape};
use crate::contract::{Fit, Root};
use crate::report::Skip;
use crate::rules::Rule;
use crate::settings::Exchange;

impl<'a> Checker<'a> {
    /// Checks a message against the contract's streams; the contract is that of an AsyncAPI document.
    pub(crate) fn message(
        &self,
        message: &Message<'_>,
        location: Location<'_>,
        local: &mut Local<'a>,
    ) {
        let (fit, name, parsed) = self.addressed(message);
        let address = fit.as_ref().map_or("", |it| &it.channel.address);
        let Some(context) = begin(message, location, address, &name, local) else {
            return;
        };
        if message
            .host
            .as_deref()
            .is_some_and(|host| self.contract.is_foreign(Some(host), ""))
        {
            local.skipped(Skip::OtherHost);
        } else if let Some(parsed) = parsed {
            self.text(message, parsed, fit, &name, &context, local);
        } else if matches!(message.content, Content::Binary(_)) {
            local.finding(&context, Rule::BytesNotChecked, "", "", None);
            local.skipped(Skip::Binary);
        } else {
            local.skipped(Skip::Control);
        }
        local.end(&context);
    }

    /// The channel of a message, the name of its stream, and its text as JSON, if it has text.
    fn addressed(
        &self,
        message: &Message<'_>,
    ) -> (
        Option<Fit<'a>>,
        String,
        Option<Result<Parsed, json::Unparsed>>,
    ) {
        let Content::Text(text) = &message.content else {
            return (None, String::new(), None);
        };
        let parsed = json::parse(text.as_bytes());
        let name = match (&parsed, message.direction) {
            (Ok(parsed), Direction::Received) => parsed.value.get("stream"),
            _ => None,
        };
        let name = name.and_then(Value::as_str).unwrap_or_default().to_owned();
        (self.contract.channels().fit(&name), name, Some(parsed))
    }

    fn text(
        &self,
        message: &Message<'_>,
        parsed: Result<Parsed, json::Unparsed>,
        fit: Option<Fit<'a>>,
        name: &str,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(unparsed) => {
                local.finding(context, unparsed.rule, "", unparsed.reason, None);
                return local.skipped(Skip::NotJson);
            }
        };
        match (message.direction, fit) {
            (Direction::Sent, _) => self.request_message(&parsed, context, local),
            (_, Some(fit)) => self.update(&parsed, &fit, message, context, local),
            (_, None) if parsed.value.get("stream").is_some() => {
                let rule = Rule::ChannelUndocumented;
                local.finding(context, rule, "", name_or_shape(name), None);
                local.skipped(Skip::NoChannel);
            }
            (_, None) => self.reply(&parsed, context, local),
        }
    }

    /// What the server sends over a stream.
    fn update(
        &self,
        parsed: &Parsed,
        fit: &Fit<'_>,
        message: &Message<'_>,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        local.matched(context, None);
        for (name, value) in &fit.unlisted {
            let rule = Rule::ParameterMalformed;
            local.finding(context, rule, *name, "enum", Some(masked(value)));
        }
        let mut roots = self.roots(&fit.channel.roots).filter(|it| !it.is_any);
        let Some(first) = roots.next() else {
            local.finding(context, Rule::SchemaNotApplied, "", "", None);
            return local.skipped(Skip::NoSchema);
        };
        let root = match self.fitting(&fit.channel.roots, &parsed.value) {
            Some(root) => root,
            // Which of several messages is meant cannot be known.
            None if roots.next().is_some() => {
                local.finding(context, Rule::UnionNone, "", "object", None);
                return local.validated(length(message));
            }
            None => first,
        };
        match self.contract.validator(root) {
            Ok(_) => local.validated(length(message)),
            Err(_) => local.skipped(Skip::NoSchema),
        }
        self.held(parsed, root, context, local);
    }

    /// What the server sends without the name of a stream.
    fn reply(&self, parsed: &Parsed, context: &Context<'_>, local: &mut Local<'a>) {
        let replies = &self.contract.channels().replies;
        let is_refusal = parsed.value.get("error").is_some();
        let root = self.fitting(replies, &parsed.value);
        let root = root.or_else(|| self.nearest(replies, &parsed.value, "/error"));
        match root.filter(|_| is_refusal) {
            Some(root) => {
                local.messages().refusals += 1;
                self.held(parsed, root, context, local);
            }
            None if self.fitting(replies, &parsed.value).is_some() => local.messages().replies += 1,
            None => {
                local.finding(context, Rule::MessageUndocumented, "", "", None);
                local.skipped(Skip::NoChannel);
            }
        }
    }

    /// What a client sends.
    fn request_message(&self, parsed: &Parsed, context: &Context<'_>, local: &mut Local<'a>) {
        let requests = &self.contract.channels().requests;
        let root = self.fitting(requests, &parsed.value);
        let root = root.or_else(|| self.nearest(requests, &parsed.value, "/method"));
        local.messages().requests += 1;
        match root {
            Some(root) => self.held(parsed, root, context, local),
            None => local.finding(context, Rule::MessageUndocumented, "", "", None),
        }
    }

    fn roots<'r>(&self, roots: &'r [usize]) -> impl Iterator<Item = &'a Root> + use<'a, 'r> {
        let contract = self.contract;
        roots.iter().filter_map(|root| contract.root(*root))
    }

    /// The first schema that a value fits.
    fn fitting(&self, roots: &[usize], value: &Value) -> Option<&'a Root> {
        self.roots(roots).find(|root| {
            let validator = self.contract.validator(root);
            validator.is_ok_and(|it| it.is_valid(value))
        })
    }

    /// The schema that a value breaks least, of those of which it has the member at this pointer.
    fn nearest(&self, roots: &[usize], value: &Value, mark: &str) -> Option<&'a Root> {
        value.pointer(mark)?;
        let faults = |root: &Root| -> Option<Vec<Found>> {
            let validator = self.contract.validator(root).ok()?;
            Some(explain(self.contract, validator, value, &root.use_))
        };
        let near = self.roots(roots).filter_map(|root| {
            let faults = faults(root)?;
            let is_other = faults.iter().any(|it| it.pointer == mark);
            (!is_other).then_some((faults.len(), root))
        });
        near.min_by_key(|(count, _)| *count).map(|(_, root)| root)
    }
}

/// Counts a message that no contract is there for.
pub(crate) fn unchecked(message: &Message<'_>, location: Location<'_>, local: &mut Local<'_>) {
    if let Some(context) = begin(message, location, "", "", local) {
        let context = context.part("input");
        local.finding(&context, Rule::MessageNotChecked, "", "", None);
        local.skipped(Skip::NoAsyncapi);
        local.end(&context);
    }
}

/// Begins a message, unless the settings leave it out.
fn begin<'c>(
    message: &Message<'_>,
    location: Location<'c>,
    address: &'c str,
    name: &str,
    local: &mut Local<'_>,
) -> Option<Context<'c>> {
    local.begin(message.at_ms);
    let exchange = Exchange {
        operation: address,
        path: name,
        host: message.host.as_deref(),
        status: None,
    };
    let part = match message.direction {
        Direction::Received => "message",
        Direction::Sent => "request",
    };
    let context = Context::new(location, address, message.at_ms, None).part(part);
    (!local.leaves_out(exchange)).then_some(context)
}

fn length(message: &Message<'_>) -> usize {
    match &message.content {
        Content::Text(text) => text.len(),
        _ => 0,
    }
}
