//! Checks one interaction against the contract.

mod body;
mod json;
mod local;
mod redact;
mod request;
mod walk;

use bpx_contract::model::{Header, Operation, Shape};
use bpx_contract::schema::formats::fits;
use bpx_recording::{Interaction, Location};

use self::local::Context;
pub(crate) use self::local::Local;
pub(crate) use self::redact::{masked, name_or_shape};
use crate::contract::{Contract, Expected, Root};
use crate::quick::{Counts, Quick, Verdict};
use crate::report::Skip;
use crate::rules::Rule;

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
        let found = self
            .contract
            .operation(&interaction.method, &interaction.path);
        let id = found.map(|(id, _)| id).unwrap_or_default();
        let context = Context::new(location, id, interaction.started_ms, interaction.status);
        match found {
            Some((_, operation)) => self.matched(operation, interaction, &context, local),
            None => {
                let method = name_or_shape(&interaction.method);
                let request = format!("{method} {}", redact::path_shape(&interaction.path));
                local.finding(&context, Rule::OperationUndocumented, request, "", None);
                local.skipped(Skip::OperationUndocumented);
            }
        }
        local.end(&context);
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
        let found = self
            .contract
            .operation(&interaction.method, &interaction.path);
        let (id, operation) = found?;
        match self.contract.expected(operation, status)? {
            Expected::Json { root, .. } => {
                let root = self.contract.root(root)?;
                self.judge(root, id, Some(status), body, counts)
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
        match self.quick {
            Quick::Off => None,
            Quick::Contract => Some(self.contract.judge(root, body, counts)),
            Quick::Given(validator) => Some(validator.judge(operation, status, body, counts)),
        }
    }

    /// A line that is a bare document of the schema's type.
    pub(crate) fn check_bare(&self, body: &[u8], location: Location<'_>, local: &mut Local<'a>) {
        local.begin(None);
        let context = Context::new(location, &self.contract.model().title, None, None);
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
        let Some(expected) = self.contract.expected(operation, status) else {
            let rule = Rule::StatusUndocumented;
            local.finding(context, rule, "", status.to_string(), None);
            local.skipped(Skip::StatusUndocumented);
            return;
        };
        if (200..300).contains(&status) {
            let context = context.part("header");
            headers(&operation.success.headers, interaction, &context, local);
        }
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
                self.documented_json(root, status, interaction, body, context, local);
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
        interaction: &Interaction<'_>,
        body: &[u8],
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let media_type = interaction.media_type();
        local.media_type(known_media_type(media_type.as_deref()));
        let header = context.part("header");
        match media_type.as_deref() {
            None if interaction.headers.is_some() => {
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

/// The documented headers of a success; nothing is known of them where no headers were recorded.
fn headers(
    documented: &[Header],
    interaction: &Interaction<'_>,
    context: &Context<'_>,
    local: &mut Local<'_>,
) {
    if interaction.headers.is_none() {
        return;
    }
    for header in documented {
        let name = header.name.as_str();
        match interaction.header(name) {
            None if header.required => {
                local.finding(context, Rule::HeaderMissing, name, "", None);
            }
            Some(value) if !fits(&header.shape, value.trim()) => {
                let format = match &header.shape {
                    Shape::Integer(format) => format.as_str(),
                    _ => "",
                };
                let value = Some(masked(value));
                local.finding(context, Rule::HeaderMalformed, name, format, value);
            }
            _ => {}
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

/// A media type is shown, unless it is not a valid one.
fn masked_media_type(essence: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '.' | '+');
    match essence.chars().all(plain) && essence.len() < 64 {
        true => essence.to_owned(),
        false => masked(essence),
    }
}
