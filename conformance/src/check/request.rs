//! Checks the request: parameters of the query, and the body.

use bpx_contract::model::{Body, Kind, Location, Media, Operation, Param, Shape, Style};
use bpx_contract::schema::formats::fits;
use bpx_recording::Interaction;
use percent_encoding::percent_decode_str;

use super::Checker;
use super::local::{Context, Found, Local};
use super::redact::{masked, name_or_shape};
use crate::rules::Rule;

impl<'a> Checker<'a> {
    pub(super) fn request(
        &self,
        operation: &Operation,
        interaction: &Interaction<'_>,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let pairs = pairs(interaction.query.as_deref().unwrap_or_default());
        self.query(operation, &pairs, &context.part("query"), local);
        let sent = interaction.request_body.as_deref();
        let body = operation.body.as_ref();
        let is_json = |body: &&Body| matches!(body.media, Media::Json(_));
        let has_parts = operation
            .params
            .iter()
            .any(|it| it.location == Location::Part);
        let is_sent = sent.is_some_and(|sent| !sent.is_empty());
        if is_sent && (has_parts || body.is_some_and(|body| !is_json(&body))) {
            let media = body.map_or("multipart/form-data", |body| body.media.as_str());
            local.finding(
                &context.part("request"),
                Rule::RequestNotChecked,
                "",
                media,
                None,
            );
        }
        let shape = body.filter(is_json).map(|body| &body.shape);
        let root = shape.and_then(|shape| self.contract.root_of(shape));
        if let (Some(body), Some(root)) = (sent.filter(|body| !body.is_empty()), root)
            && let Some(root) = self.contract.root(root).filter(|root| !root.is_any)
        {
            self.sent(body, root, &context.part("request"), local);
        }
    }

    fn query(
        &self,
        operation: &Operation,
        pairs: &[(String, String)],
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let params: Vec<_> = operation
            .params
            .iter()
            .filter(|param| param.location == Location::Query)
            .collect();
        // What an object or a delimited list holds is spread over names and texts that are not taken apart here.
        let (plain, others): (Vec<_>, Vec<_>) = params
            .iter()
            .copied()
            .partition(|param| self.is_plain(param));
        for param in &others {
            let style = param.style.name();
            local.finding(context, Rule::RequestNotChecked, &*param.name, style, None);
        }
        let is_spread = |name: &str| {
            others.iter().any(|param| {
                let rest = name.strip_prefix(&*param.name);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
                    || param.style == Style::FormExploded
            })
        };
        for (name, value) in pairs {
            match plain.iter().find(|param| param.name == *name) {
                Some(param) => self.param(param, value, context, local),
                None if is_spread(name) => {}
                None => {
                    let name = name_or_shape(name);
                    local.finding(context, Rule::ParameterUndocumented, name, "", None);
                }
            }
        }
        let missing = plain
            .iter()
            .filter(|param| param.required && !pairs.iter().any(|(name, _)| *name == param.name));
        for param in missing {
            local.finding(context, Rule::ParameterMissing, &*param.name, "", None);
        }
    }

    /// Whether each value of a parameter stands by itself in the query.
    fn is_plain(&self, param: &Param) -> bool {
        let is_object = |shape: &Shape| match shape {
            Shape::Map(_) | Shape::Tuple(_) => true,
            Shape::Named(name) => {
                let def = self.contract.model().types.get(name);
                !matches!(def.map(|def| &def.kind), Some(Kind::Enum(_)))
            }
            _ => false,
        };
        match &param.shape {
            Shape::Array(item) => param.style == Style::FormExploded && !is_object(item),
            shape => param.style != Style::Json && !is_object(shape),
        }
    }

    fn param(&self, param: &Param, value: &str, context: &Context<'_>, local: &mut Local<'a>) {
        let shape = match &param.shape {
            Shape::Array(item) => item,
            shape => shape,
        };
        let values = shape
            .named()
            .and_then(|name| self.contract.model().types.get(name));
        if let Some(Kind::Enum(listed)) = values.map(|def| &def.kind) {
            if !listed.values.iter().any(|known| known == value) {
                let found = Found {
                    rule: Rule::EnumUnknown,
                    pointer: param.name.clone(),
                    detail: name_or_shape(value),
                    type_name: shape.named().unwrap_or_default().to_owned(),
                    value: None,
                };
                local.found(context, found);
            }
        } else if !fits(shape, value) {
            let value = Some(masked(value));
            local.finding(context, Rule::ParameterMalformed, &*param.name, "", value);
        }
    }
}

/// Names and values of a query, decoded (`+` is a space).
fn pairs(query: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}
