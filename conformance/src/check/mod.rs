//! One exchange against the contract.

mod body;
mod json;
mod local;
mod redact;
mod request;
mod walk;

use bpx_contract::model::Operation;

use self::local::Context;
pub(crate) use self::local::Local;
pub(crate) use self::redact::{masked, name_or_shape};
pub(crate) use self::request::fits;
pub(crate) use self::walk::escaped;
use crate::contract::{Contract, Expected};
use crate::exchange::{Exchange, Place};
use crate::fast::{FastPath, Told, Verdict};
use crate::report::Skip;
use crate::rules::Rule;

/// The headers of a page, all whole numbers.
const PAGE_HEADERS: [&str; 4] = ["X-PAGE-COUNT", "X-CURRENT-PAGE", "X-PAGE-SIZE", "X-TOTAL"];

/// Holds exchanges against a contract. Shared by all threads; each counts into a tally of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checker<'a> {
    pub(crate) contract: &'a Contract,
    pub(crate) fast: Option<&'a dyn FastPath>,
}

impl<'a> Checker<'a> {
    pub(crate) fn check(&self, exchange: &Exchange<'_>, place: Place<'_>, local: &mut Local<'a>) {
        local.begin(exchange.started_ms);
        let found = self.contract.operation(&exchange.method, &exchange.path);
        let id = found.map(|(id, _)| id).unwrap_or_default();
        let context = Context::new(place, id, exchange.started_ms, exchange.status);
        match found {
            Some((_, operation)) => self.matched(operation, exchange, &context, local),
            None => {
                let method = name_or_shape(&exchange.method);
                let request = format!("{method} {}", redact::path_shape(&exchange.path));
                local.finding(&context, Rule::OperationUndocumented, request, "", None);
                local.skipped(Skip::OperationUndocumented);
            }
        }
        local.end(&context);
    }

    /// Checks an exchange whose body nobody has looked into yet, if a quick validator finds it fine. Else it does
    /// nothing: the line has to be read as a whole first.
    pub(crate) fn check_unseen(
        &self,
        exchange: &Exchange<'_>,
        place: Place<'_>,
        local: &mut Local<'a>,
    ) -> bool {
        local.told = self.told(exchange);
        let fine = local.told.is_some();
        if fine {
            self.check(exchange, place, local);
            local.told = None;
        }
        fine
    }

    fn told(&self, exchange: &Exchange<'_>) -> Option<Told> {
        let (status, body) = (exchange.status?, exchange.body.as_deref()?);
        let (id, operation) = self.contract.operation(&exchange.method, &exchange.path)?;
        let expected = self.contract.expected(operation, status)?;
        if !matches!(expected, Expected::Json { .. }) {
            return None;
        }
        let told = Told::by(self.fast?, id, Some(status), body);
        (told.verdict == Verdict::Ok).then_some(told)
    }

    /// A line that is a bare document of the schema's type.
    pub(crate) fn check_bare(&self, body: &[u8], place: Place<'_>, local: &mut Local<'a>) {
        local.begin(None);
        let context = Context::new(place, &self.contract.model().title, None, None);
        local.matched(&context, None);
        if let Some(root) = self.contract.bare() {
            self.json(body, root, &context, local);
        }
        local.end(&context);
    }

    fn matched(
        &self,
        operation: &Operation,
        exchange: &Exchange<'_>,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        local.matched(context, exchange.status);
        self.request(operation, exchange, context, local);
        let Some(status) = exchange.status else {
            local.finding(context, Rule::AnswerMissing, "", "", None);
            local.skipped(Skip::NoAnswer);
            return;
        };
        let Some(expected) = self.contract.expected(operation, status) else {
            let rule = Rule::StatusUndocumented;
            local.finding(context, rule, "", status.to_string(), None);
            local.skipped(Skip::StatusUndocumented);
            return;
        };
        if operation.success.paged() && (200..300).contains(&status) {
            page_headers(exchange, &context.part("header"), local);
        }
        self.body(expected, status, exchange, context, local);
    }

    fn body(
        &self,
        expected: Expected,
        status: u16,
        exchange: &Exchange<'_>,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let Some(body) = exchange.body.as_deref() else {
            local.skipped(Skip::BodyNotRecorded);
            return;
        };
        let detail = status.to_string();
        let nothing = body.is_empty();
        match expected {
            Expected::Nothing if nothing => local.validated(0),
            Expected::Nothing => {
                local.finding(context, Rule::BodyUnexpected, "", detail, None);
                local.skipped(Skip::BodyPresence);
            }
            Expected::Json { may_be_empty, .. } if nothing && may_be_empty => local.validated(0),
            Expected::Json { .. } if nothing => {
                let rule = if status < 400 {
                    Rule::BodyMissing
                } else {
                    Rule::ErrorBodyNotJson
                };
                local.finding(context, rule, "", detail, None);
                local.skipped(Skip::BodyPresence);
            }
            Expected::Json { root, .. } => {
                self.documented_json(root, status, exchange, body, context, local);
            }
            Expected::Text | Expected::Bytes => {
                local.finding(context, Rule::SchemaNotApplied, "", detail, None);
                local.skipped(Skip::NoSchema);
            }
        }
    }

    fn documented_json(
        &self,
        root: usize,
        status: u16,
        exchange: &Exchange<'_>,
        body: &[u8],
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let media_type = exchange.media_type();
        local.media_type(known_media_type(media_type.as_deref()));
        let header = context.part("header");
        match media_type.as_deref() {
            None if exchange.headers.is_some() => {
                local.finding(&header, Rule::ContentTypeMissing, "content-type", "", None);
            }
            Some(essence) if !is_json(essence) => {
                let (rule, skip) = match status {
                    400.. => (Rule::ErrorBodyNotJson, Skip::NotJson),
                    _ => (Rule::ContentTypeUndocumented, Skip::ContentType),
                };
                let detail = format!("{status} {}", masked_media_type(essence));
                local.finding(&header, rule, "content-type", detail, None);
                local.skipped(skip);
                return;
            }
            _ => {}
        }
        if status >= 400 && !body::looks_like_json(body) {
            local.finding(
                context,
                Rule::ErrorBodyNotJson,
                "",
                status.to_string(),
                None,
            );
            local.skipped(Skip::NotJson);
            return;
        }
        self.json(body, root, context, local);
    }
}

fn page_headers(exchange: &Exchange<'_>, context: &Context<'_>, local: &mut Local<'_>) {
    if exchange.headers.is_none() {
        return;
    }
    for name in PAGE_HEADERS {
        match exchange.header(name) {
            None => local.finding(context, Rule::HeaderMissing, name, "", None),
            Some(value) if value.trim().parse::<u64>().is_err() => {
                let value = Some(masked(value));
                local.finding(context, Rule::HeaderMalformed, name, "uint64", value);
            }
            Some(_) => {}
        }
    }
}

fn is_json(essence: &str) -> bool {
    essence == "application/json" || essence.ends_with("+json")
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

/// A media type is no secret, unless it is none.
fn masked_media_type(essence: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '.' | '+');
    match essence.chars().all(plain) && essence.len() < 64 {
        true => essence.to_owned(),
        false => masked(essence),
    }
}
