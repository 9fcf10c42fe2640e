//! Checks one interaction against the contract.

mod body;
mod explain;
mod json;
mod local;
mod message;
mod multipart;
mod parameter;
mod redact;
mod request;
mod sent;
mod sequence;
mod walk;

use bpx_recording::{Interaction, Location};

use self::local::Context;
pub(crate) use self::local::Local;
pub(crate) use self::message::unchecked;
pub(crate) use self::redact::{masked, name_or_shape};
use crate::contract::{Contract, Expected, Operation, Root};
use crate::quick::{Counts, Quick, Verdict};
use crate::report::Skip;
use crate::rules::Rule;
use crate::settings::Exchange;

const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "PATCH"];

/// Checks interactions against a contract. Shared by all threads; each counts into a tally of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checker<'a> {
    pub(crate) contract: &'a Contract,
    pub(crate) quick: &'a Quick,
}

impl<'a> Checker<'a> {
    pub(crate) fn check(
        &self,
        interaction: &Interaction<'_>,
        location: Location<'_>,
        local: &mut Local<'a>,
    ) {
        local.begin(interaction.started_ms);
        let found = self.operation(&interaction.method, interaction);
        let id = found.map(|it| it.written.id.as_str()).unwrap_or_default();
        let exchange = Exchange {
            operation: id,
            path: &interaction.path,
            host: interaction.host.as_deref(),
            status: interaction.status,
        };
        if local.leaves_out(exchange) {
            return;
        }
        let context = Context::new(location, id, interaction.started_ms, interaction.status);
        match found {
            Some(operation) => self.matched(operation, interaction, &context, local),
            None if self.is_preflight(interaction) => local.skipped(Skip::Preflight),
            None if interaction.method.eq_ignore_ascii_case("CONNECT") => {
                local.skipped(Skip::Tunnel);
            }
            None if interaction.status == Some(101) => local.skipped(Skip::Upgrade),
            None if self.contract.is_foreign(exchange.host, exchange.path) => {
                local.skipped(Skip::OtherHost);
            }
            None => {
                let method = name_or_shape(&interaction.method);
                let request = format!("{method} {}", redact::path_shape(&interaction.path));
                local.finding(&context, Rule::OperationUndocumented, request, "", None);
                local.skipped(Skip::OperationUndocumented);
            }
        }
        local.end(&context);
    }

    fn operation(&self, method: &str, interaction: &Interaction<'_>) -> Option<&'a Operation> {
        let has_host = interaction.host.is_some();
        let find = |method: &str| self.contract.operation(method, &interaction.path, has_host);
        match method {
            Interaction::ANY_METHOD => METHODS.into_iter().find_map(find),
            method => find(method),
        }
    }

    /// Browsers ask before they send a request to another origin; the answer is no operation's.
    fn is_preflight(&self, interaction: &Interaction<'_>) -> bool {
        interaction.method.eq_ignore_ascii_case("OPTIONS")
            && METHODS
                .iter()
                .any(|method| self.operation(method, interaction).is_some())
    }

    /// Checks an interaction whose body nobody has parsed yet, if the quick validator accepts the body. Otherwise it does
    /// nothing and returns false: the whole line has to be parsed first.
    pub(crate) fn check_unparsed(
        &self,
        interaction: &Interaction<'_>,
        location: Location<'_>,
        local: &mut Local<'a>,
    ) -> bool {
        let verdict = self.unparsed(interaction, &mut local.counts);
        let is_fine = verdict == Some(Verdict::Ok);
        if is_fine {
            local.judged = true;
            self.check(interaction, location, local);
            local.judged = false;
        }
        local.counts.clear();
        is_fine
    }

    fn unparsed(&self, interaction: &Interaction<'_>, counts: &mut Counts) -> Option<Verdict> {
        let (status, body) = (interaction.status?, interaction.body.as_deref()?);
        let found = self.operation(&interaction.method, interaction);
        let operation = found?;
        match operation
            .expected(status, interaction.header("content-type"))?
            .1
        {
            Expected::Json(root) => {
                let root = self.contract.root(root)?;
                self.judge(root, &operation.written.id, Some(status), body, counts)
            }
            _ => None,
        }
    }

    /// The verdict of the quick validator on a body; `None` if this type has no quick validator.
    fn judge(
        &self,
        root: &Root,
        operation: &str,
        status: Option<u16>,
        body: &[u8],
        counts: &mut Counts,
    ) -> Option<Verdict> {
        // Nothing passes by a schema that cannot be applied.
        self.contract.validator(root).ok()?;
        match self.quick {
            Quick::Off => None,
            Quick::Contract => Some(self.contract.judge(root, body, counts)),
            Quick::Given(validator) => Some(validator.judge(operation, status, body, counts)),
        }
    }

    /// A line that is a bare document of the schema's type.
    pub(crate) fn check_bare(&self, body: &[u8], location: Location<'_>, local: &mut Local<'a>) {
        local.begin(None);
        let operation = &self.contract.model().title;
        let exchange = Exchange {
            operation,
            ..Exchange::default()
        };
        if local.leaves_out(exchange) {
            return;
        }
        let context = Context::new(location, operation, None, None);
        local.matched(&context, None);
        if let Some(root) = self.contract.bare() {
            self.json(body, root, &context, local);
        }
        local.end(&context);
    }

    fn matched(
        &self,
        operation: &Operation,
        interaction: &Interaction<'_>,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        local.matched(context, interaction.status);
        self.request(operation, interaction, context, local);
        let Some(status) = interaction.status else {
            local.finding(context, Rule::AnswerMissing, "", "", None);
            local.skipped(Skip::NoAnswer);
            return;
        };
        let content_type = interaction.header("content-type");
        let Some((_, expected)) = operation.expected(status, content_type) else {
            if status == 304 && interaction.body.as_ref().is_none_or(|body| body.is_empty()) {
                // Of the protocol: what the client has is still valid (RFC 9110, 15.4.5).
                return local.validated(0);
            }
            let rule = Rule::StatusUndocumented;
            local.finding(context, rule, "", status.to_string(), None);
            local.skipped(Skip::StatusUndocumented);
            return;
        };
        self.headers(operation, interaction, &context.part("header"), local);
        self.body(expected, status, interaction, context, local);
    }

    fn body(
        &self,
        expected: Expected,
        status: u16,
        interaction: &Interaction<'_>,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let Some(body) = interaction.body.as_deref() else {
            local.body_unread(interaction.body_fault, context);
            return;
        };
        let detail = status.to_string();
        match expected {
            Expected::Nothing if body.is_empty() => local.validated(0),
            Expected::Nothing => {
                local.finding(context, Rule::BodyUnexpected, "", detail, None);
                local.skipped(Skip::BodyPresence);
            }
            Expected::Text(_) | Expected::Bytes | Expected::Unchecked if body.is_empty() => {
                self.unstructured(expected, status, interaction, body, context, local);
            }
            _ if body.is_empty() => {
                let rule = match status {
                    400.. => Rule::ErrorBodyNotJson,
                    _ => Rule::BodyMissing,
                };
                local.finding(context, rule, "", detail, None);
                local.skipped(Skip::BodyPresence);
            }
            Expected::Json(root) => {
                self.documented_json(root, status, interaction, body, context, local);
            }
            Expected::Other => self.other_media(status, interaction, context, local),
            _ => self.unstructured(expected, status, interaction, body, context, local),
        }
    }

    /// A body that is not JSON.
    fn unstructured(
        &self,
        expected: Expected,
        status: u16,
        interaction: &Interaction<'_>,
        body: &[u8],
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let content_type = interaction.header("content-type");
        match expected {
            Expected::Unchecked => {
                let detail = status.to_string();
                local.finding(context, Rule::SchemaNotApplied, "", detail, None);
                local.skipped(Skip::NoSchema);
            }
            Expected::Bytes => {
                let media_type = interaction.media_type().unwrap_or_default();
                let detail = masked_media_type(&media_type);
                local.finding(context, Rule::BytesNotChecked, "", detail, None);
                local.validated(body.len());
            }
            _ => {
                local.validated(body.len());
                self.other_body(expected, body, content_type, context, local);
            }
        }
    }

    fn other_media(
        &self,
        status: u16,
        interaction: &Interaction<'_>,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let media_type = interaction.media_type().unwrap_or_default();
        local.media_type(known_media_type(Some(&media_type)));
        let (rule, skip) = match status {
            400.. if !bpx_contract::is_json(&media_type) => (Rule::ErrorBodyNotJson, Skip::NotJson),
            _ => (Rule::ContentTypeUndocumented, Skip::ContentType),
        };
        let detail = format!("{status} {}", masked_media_type(&media_type));
        local.finding(&context.part("header"), rule, "content-type", detail, None);
        local.skipped(skip);
    }

    fn documented_json(
        &self,
        root: usize,
        status: u16,
        interaction: &Interaction<'_>,
        body: &[u8],
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let media_type = interaction.media_type();
        local.media_type(known_media_type(media_type.as_deref()));
        if media_type.is_none() && interaction.headers.is_some() {
            let header = context.part("header");
            local.finding(&header, Rule::ContentTypeMissing, "content-type", "", None);
        }
        if status >= 400 && !body::looks_like_json(body) {
            let detail = status.to_string();
            local.finding(context, Rule::ErrorBodyNotJson, "", detail, None);
            local.skipped(Skip::NotJson);
            return;
        }
        self.json(body, root, context, local);
    }
}

/// Media types that are counted by name.
const MEDIA_TYPES: [&str; 7] = [
    "application/json",
    "application/octet-stream",
    "application/problem+json",
    "application/xml",
    "text/html",
    "text/plain",
    "text/xml",
];

/// The name under which a media type is counted: recordings cannot make the list grow.
fn known_media_type(essence: Option<&str>) -> &'static str {
    let Some(essence) = essence else {
        return "none";
    };
    let mut known = MEDIA_TYPES.into_iter();
    known.find(|known| *known == essence).unwrap_or("other")
}

/// A media type is shown, unless it is not a valid one.
fn masked_media_type(essence: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '.' | '+');
    match essence.chars().all(plain) && essence.len() < 64 {
        true => essence.to_owned(),
        false => masked(essence),
    }
}
