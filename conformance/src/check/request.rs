//! Checks the parameters of a request, in path, query, headers and cookies, and the headers of a response.

use std::borrow::Cow;

use bpx_recording::Interaction;

use super::Checker;
use super::explain::explain;
use super::local::{Context, Found, Local};
use super::parameter::{Raw, pairs, scalar_of};
use super::redact::{masked, name_or_shape};
use crate::contract::{Operation, Parameter};
use crate::rules::Rule;

/// Headers that OpenAPI has described elsewhere: parameters of these names are ignored.
const ELSEWHERE: [&str; 3] = ["accept", "authorization", "content-type"];

impl<'a> Checker<'a> {
    pub(super) fn request(
        &self,
        operation: &Operation,
        interaction: &Interaction<'_>,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let query = interaction.query.as_deref().unwrap_or_default();
        self.query(operation, query, &context.part("query"), local);
        let has_host = interaction.host.is_some();
        let path = self
            .contract
            .path_values(operation, &interaction.path, has_host);
        for parameter in operation.parameters("path") {
            let name = &parameter.written.name;
            let value = path.iter().find(|(known, _)| known == name);
            let raw: Vec<_> = value
                .iter()
                .map(|(name, text)| Raw::new(name, text))
                .collect();
            self.parameter(parameter, &raw, &context.part("path"), local);
        }
        if let Some(headers) = &interaction.request_headers {
            self.sent_headers(operation, headers, context, local);
        }
        self.sent_body(operation, interaction, &context.part("request"), local);
    }

    fn sent_headers(
        &self,
        operation: &Operation,
        headers: &[(String, String)],
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let is_elsewhere = |name: &str| ELSEWHERE.iter().any(|it| name.eq_ignore_ascii_case(it));
        for parameter in operation.parameters("header") {
            let name = &parameter.written.name;
            if !is_elsewhere(name) {
                let raw = joined(headers, name);
                let raw = raw.as_ref().map(|text| Raw::plain(name, text));
                let part = context.part("request-header");
                self.readable(parameter, raw.as_slice(), &part, local);
            }
        }
        let is_cookie = |name: &str| name.eq_ignore_ascii_case("cookie");
        let cookies = headers.iter().filter(|(name, _)| is_cookie(name));
        let cookies = cookies.flat_map(|(_, value)| value.split(';'));
        let cookies = cookies.filter_map(|pair| pair.trim().split_once('='));
        let cookies: Vec<_> = cookies.map(|(name, text)| Raw::new(name, text)).collect();
        for parameter in operation.parameters("cookie") {
            let own: Vec<_> = cookies
                .iter()
                .filter(|raw| parameter.has(raw))
                .cloned()
                .collect();
            self.readable(parameter, &own, &context.part("cookie"), local);
        }
    }

    fn query(
        &self,
        operation: &Operation,
        query: &str,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let whole: Vec<_> = operation.parameters("querystring").collect();
        for parameter in &whole {
            self.whole_query(parameter, query, context, local);
        }
        let mut pairs = pairs(query);
        pairs.retain(|raw| !operation.written.query_keys.contains(&raw.name));
        // One that takes any name gets what is left.
        let of_query = || operation.parameters("query");
        let named = of_query().filter(|it| !it.takes_any_name());
        let open = of_query().filter(|it| it.takes_any_name());
        for parameter in named.chain(open) {
            let is_own = |raw: &Raw| parameter.has(raw) || parameter.takes_any_name();
            let (own, rest): (Vec<_>, Vec<_>) = pairs.into_iter().partition(is_own);
            pairs = rest;
            self.parameter(parameter, &own, context, local);
        }
        for raw in pairs.iter().filter(|_| whole.is_empty()) {
            let name = name_or_shape(&raw.name);
            local.finding(context, Rule::ParameterUndocumented, name, "", None);
        }
    }

    /// The whole query as one value (OpenAPI 3.2).
    fn whole_query(
        &self,
        parameter: &Parameter,
        query: &str,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        if query.is_empty() || parameter.fields.is_empty() {
            let raw = Some(Raw::new("", query)).filter(|_| !query.is_empty());
            return self.parameter(parameter, raw.as_slice(), context, local);
        }
        if let Some(root) = parameter.root.and_then(|root| self.contract.root(root)) {
            self.held_value(&parameter.form(pairs(query)), root, context, local);
        }
    }

    /// One parameter that may have been made unreadable: then it was there, and nothing else is known.
    fn readable(
        &self,
        parameter: &Parameter,
        raw: &[Raw],
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        if !raw.iter().any(|raw| is_redacted(&raw.decoded())) {
            self.parameter(parameter, raw, context, local);
        }
    }

    /// One parameter, and everything of the request that is of it.
    fn parameter(
        &self,
        parameter: &Parameter,
        raw: &[Raw],
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let name = parameter.written.name.as_str();
        if raw.is_empty() {
            if parameter.written.required {
                local.finding(context, Rule::ParameterMissing, name, "", None);
            }
            return;
        }
        let Some(root) = parameter.root.and_then(|root| self.contract.root(root)) else {
            return;
        };
        let validator = match self.contract.validator(root) {
            Ok(validator) => validator,
            Err(unusable) => {
                let (pointer, reason) = (unusable.pointer.as_str(), unusable.reason.as_str());
                return local.finding(context, Rule::SchemaUnusable, pointer, reason, None);
            }
        };
        let readings = parameter.readings(raw);
        let is_left_empty = parameter.written.allows_empty && raw.iter().all(Raw::is_empty);
        if is_left_empty || readings.iter().any(|value| validator.is_valid(value)) {
            return;
        }
        let shown = raw.first().map(|raw| raw.decoded()).unwrap_or_default();
        let Some(value) = readings.first() else {
            let value = Some(masked(&shown));
            return local.finding(context, Rule::ParameterMalformed, name, "", value);
        };
        let type_name = self.contract.parameter_type(context.operation, name);
        for found in explain(self.contract, validator, value, &root.use_) {
            let found = of_parameter(found, name, &shown, type_name);
            local.found(context, found);
        }
    }

    /// The documented headers of a response; nothing is known of them where no headers were recorded.
    pub(super) fn headers(
        &self,
        operation: &Operation,
        interaction: &Interaction<'_>,
        context: &Context<'_>,
        local: &mut Local<'_>,
    ) {
        let Some(headers) = &interaction.headers else {
            return;
        };
        for header in operation.headers(interaction.status.unwrap_or_default()) {
            let name = header.written.name.as_str();
            // Media types say it (OpenAPI: "shall be ignored").
            if name.eq_ignore_ascii_case("content-type") {
                continue;
            }
            match joined(headers, name) {
                None if header.written.required => {
                    local.finding(context, Rule::HeaderMissing, name, "", None);
                }
                Some(value) if !is_redacted(&value) => self.header(header, &value, context, local),
                _ => {}
            }
        }
    }

    /// A documented header of a response.
    fn header(
        &self,
        header: &Parameter,
        value: &str,
        context: &Context<'_>,
        local: &mut Local<'_>,
    ) {
        let Some(root) = header.root.and_then(|root| self.contract.root(root)) else {
            return;
        };
        let name = header.written.name.as_str();
        let readings = header.readings(&[Raw::plain(name, value)]);
        match self.contract.validator(root) {
            Ok(validator) if readings.iter().any(|value| validator.is_valid(value)) => {}
            Ok(_) => {
                let format = scalar_of(self.contract.schemas(root.side).get(&root.pointer));
                let value = Some(masked(value));
                local.finding(context, Rule::HeaderMalformed, name, format, value);
            }
            Err(unusable) => {
                let (pointer, reason) = (unusable.pointer.as_str(), unusable.reason.as_str());
                local.finding(context, Rule::SchemaUnusable, pointer, reason, None);
            }
        }
    }
}

/// The value of a header. Of several with one name, the values with commas between them (RFC 9110, 5.3); of cookies, the first.
fn joined<'b>(headers: &'b [(String, String)], name: &str) -> Option<Cow<'b, str>> {
    let named = headers
        .iter()
        .filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let mut values = named.map(|(_, value)| value.trim());
    let first = values.next()?;
    if name.eq_ignore_ascii_case("set-cookie") {
        return Some(first.into());
    }
    Some(values.fold(first.into(), |all, value| format!("{all}, {value}").into()))
}

/// Recorders put such a word in the place of a secret.
fn is_redacted(value: &str) -> bool {
    let word = value.trim_matches(|c: char| !c.is_ascii_alphabetic());
    let is_mask = !value.is_empty() && value.chars().all(|c| c == '*');
    is_mask
        || ["redacted", "masked", "hidden"]
            .iter()
            .any(|it| word.eq_ignore_ascii_case(it))
}

/// A finding about a value as one about the parameter that holds it.
fn of_parameter(found: Found, name: &str, shown: &str, type_name: &str) -> Found {
    if found.rule == Rule::EnumUnknown {
        return Found {
            pointer: name.to_owned(),
            detail: name_or_shape(shown),
            type_name: type_name.to_owned(),
            value: None,
            ..found
        };
    }
    let detail = match found.rule {
        Rule::TypeWrong | Rule::FormatDecimal | Rule::FormatDateTime | Rule::FormatInteger => {
            String::new()
        }
        _ => found.detail,
    };
    Found {
        rule: Rule::ParameterMalformed,
        pointer: name.to_owned(),
        detail,
        type_name: String::new(),
        value: Some(masked(shown)),
    }
}
