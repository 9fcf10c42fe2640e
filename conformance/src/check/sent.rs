//! Checks bodies that are not JSON, and the body of a request.

use std::borrow::Cow;

use bpx_contract::written::parameters_of;
use bpx_recording::Interaction;
use serde_json::Value;

use super::local::{Context, Local};
use super::parameter::{likeliest, pairs};
use super::sequence::items;
use super::{Checker, masked_media_type};
use crate::contract::{Expected, Operation};
use crate::rules::Rule;

impl<'a> Checker<'a> {
    pub(super) fn sent_body(
        &self,
        operation: &Operation,
        interaction: &Interaction<'_>,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let written = operation.written.body.as_ref();
        if let Some(reason) = interaction.request_body_fault {
            let context = context.part("input");
            return local.finding(&context, Rule::BodyUnreadable, "", reason, None);
        }
        let body = interaction.request_body.as_deref();
        let Some(body) = body.filter(|body| !body.is_empty()) else {
            // Where headers were recorded, a body would have been too.
            let is_required = written.is_some_and(|body| body.required);
            let is_recorded = !interaction.request_body_left_out;
            if is_required && is_recorded && interaction.request_headers.is_some() {
                local.finding(context, Rule::BodyMissing, "", "", None);
            }
            return;
        };
        let content_type = interaction.request_header("content-type");
        let essence = content_type.unwrap_or_default().split(';').next();
        let essence = masked_media_type(essence.unwrap_or_default().trim());
        match operation.expected_sent(content_type) {
            Expected::Nothing => local.finding(context, Rule::BodyUnexpected, "", "", None),
            Expected::Json(root) => {
                if let Some(root) = self.contract.root(root) {
                    self.sent(body, root, context, local);
                }
            }
            Expected::Other => {
                let rule = Rule::ContentTypeUndocumented;
                local.finding(context, rule, "content-type", essence, None);
            }
            Expected::Bytes => local.finding(context, Rule::BytesNotChecked, "", essence, None),
            Expected::Unchecked => {
                local.finding(context, Rule::RequestNotChecked, "", essence, None);
            }
            other => self.other_body(other, body, content_type, context, local),
        }
    }

    /// A text, form or sequence, of a request or response.
    pub(super) fn other_body(
        &self,
        expected: Expected,
        body: &[u8],
        content_type: Option<&str>,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        match expected {
            Expected::Text(root) => match decoded(body, content_type) {
                Some(text) => {
                    let form = self.contract.form(root);
                    let value = form.map(|it| likeliest(&text, &it.form));
                    self.held_at(root, value.as_ref(), context, local);
                }
                None => local.finding(context, Rule::Utf8Invalid, "", "", None),
            },
            Expected::Form(root) => {
                let form = self.contract.form(root);
                let pairs = pairs(&String::from_utf8_lossy(body));
                let value = form.map(|form| form.form(pairs));
                self.held_at(root, value.as_ref(), context, local);
            }
            Expected::Multipart(root) => {
                let form = self.contract.form(root);
                let value =
                    form.and_then(|form| self.multipart(body, content_type, form, context, local));
                self.held_at(root, value.as_ref(), context, local);
            }
            Expected::Items(root) | Expected::List(root) => {
                let essence = content_type.unwrap_or_default().to_ascii_lowercase();
                match items(body, essence.split(';').next().unwrap_or_default().trim()) {
                    Ok(items) if matches!(expected, Expected::List(_)) => {
                        self.held_at(root, Some(&Value::Array(items)), context, local);
                    }
                    Ok(items) => items
                        .iter()
                        .for_each(|item| self.held_at(root, Some(item), context, local)),
                    Err(unparsed) => {
                        local.finding(context, unparsed.rule, "", unparsed.reason, None);
                    }
                }
            }
            _ => {}
        }
    }

    fn held_at(
        &self,
        root: usize,
        value: Option<&Value>,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        if let (Some(root), Some(value)) = (self.contract.root(root), value) {
            self.held_value(value, root, context, local);
        }
    }
}

/// A text in UTF-8, unless `charset` says ISO 8859-1.
fn decoded<'b>(body: &'b [u8], content_type: Option<&str>) -> Option<Cow<'b, str>> {
    let is_latin = parameters_of(content_type.unwrap_or_default()).any(|(name, value)| {
        name.eq_ignore_ascii_case("charset") && value.eq_ignore_ascii_case("iso-8859-1")
    });
    match is_latin {
        true => Some(body.iter().map(|byte| char::from(*byte)).collect()),
        false => std::str::from_utf8(body).ok().map(Cow::Borrowed),
    }
}
