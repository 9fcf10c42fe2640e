//! Checks a JSON body: first by the quick validator, then by the oracle, whose errors become findings.

use bpx_contract::pointer::escape;
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, paths::Location};
use serde_json::Value;

use super::Checker;
use super::json::{self, Parsed};
use super::local::{Context, Found, Local};
use super::redact::{name_or_shape, shape_of};
use super::walk::Walk;
use crate::contract::{Contract, Root};
use crate::quick::Verdict;
use crate::report::Skip;
use crate::rules::Rule;

/// Findings of one body; of more, the first.
const FINDINGS_MAX: usize = 1_000;

impl<'a> Checker<'a> {
    pub(super) fn json(
        &self,
        body: &[u8],
        root: usize,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        let Some(root) = self.contract.root(root) else {
            return;
        };
        if root.is_any {
            local.finding(context, Rule::SchemaNotApplied, "", "", None);
            local.skipped(Skip::NoSchema);
            return;
        }
        if self.is_quickly_fine(root, body, context, local) {
            local.validated(body.len());
            return;
        }
        match json::parse(body) {
            Ok(parsed) => {
                local.validated(body.len());
                self.held(&parsed, root, context, local);
            }
            Err(unparsed) => {
                local.finding(context, unparsed.rule, "", unparsed.reason, None);
                local.skipped(Skip::NotJson);
            }
        }
    }

    /// Only [`Verdict::Ok`] is final; everything else goes to the oracle.
    fn is_quickly_fine(
        &self,
        root: &Root,
        body: &[u8],
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) -> bool {
        let verdict = match local.judged {
            true => Some(Verdict::Ok),
            false => {
                let (operation, status) = (context.operation, context.status);
                self.judge(root, operation, status, body, &mut local.counts)
            }
        };
        let Some(verdict) = verdict else { return false };
        local.verdict(verdict);
        if verdict == Verdict::Ok {
            local.take_counts(context);
        } else {
            local.counts.clear();
        }
        verdict == Verdict::Ok
    }

    /// The request's body; it does not count as a validated response.
    pub(super) fn sent(
        &self,
        body: &[u8],
        root: &Root,
        context: &Context<'_>,
        local: &mut Local<'a>,
    ) {
        match json::parse(body) {
            Ok(parsed) => self.held(&parsed, root, context, local),
            Err(unparsed) => local.finding(context, unparsed.rule, "", unparsed.reason, None),
        }
    }

    fn held(&self, parsed: &Parsed, root: &Root, context: &Context<'_>, local: &mut Local<'a>) {
        for key in &parsed.duplicates {
            let key = name_or_shape(key);
            local.finding(context, Rule::JsonDuplicateKey, "", key, None);
        }
        if !root.validator.is_valid(&parsed.value) {
            for error in root.validator.iter_errors(&parsed.value).take(FINDINGS_MAX) {
                local.found(context, found(&error, self.contract));
            }
        }
        let mut walk = Walk {
            contract: self.contract,
            local,
            context,
            pointer: String::new(),
        };
        walk.value(&parsed.value, &root.use_);
    }
}

/// The finding for an error of the oracle.
fn found(error: &ValidationError<'_>, contract: &Contract) -> Found {
    let instance = error.instance();
    let mut pointer = generalised(error.instance_path());
    let mut value = Some(shape_of(instance));
    let (rule, detail) = match error.kind() {
        ValidationErrorKind::Required { property } => {
            pointer.push('/');
            pointer.push_str(&escape(property.as_str().unwrap_or_default()));
            value = None;
            (Rule::RequiredMissing, String::new())
        }
        ValidationErrorKind::Type { .. } => (Rule::TypeWrong, kind_of(instance).to_owned()),
        ValidationErrorKind::Format { format } if format == "decimal" => {
            (Rule::FormatDecimal, String::new())
        }
        ValidationErrorKind::Format { format } => (Rule::FormatDateTime, format.clone()),
        ValidationErrorKind::Minimum { .. } | ValidationErrorKind::Maximum { .. }
            if !is_constraint(error.schema_path()) =>
        {
            (Rule::FormatInteger, error.kind().keyword().to_owned())
        }
        ValidationErrorKind::Enum { .. } => enumeration(error, instance),
        ValidationErrorKind::AnyOf { .. } => (Rule::UnionNone, kind_of(instance).to_owned()),
        other => (Rule::ConstraintViolated, other.keyword().to_owned()),
    };
    Found {
        rule,
        pointer,
        detail,
        type_name: type_of(error.schema_path(), contract),
        value,
    }
}

/// The type whose definition the error comes from: `/$defs/t7/…`.
fn type_of(path: &Location, contract: &Contract) -> String {
    let mut segments = path.as_str().split('/').skip(1);
    let number = match (segments.next(), segments.next()) {
        (Some("$defs"), Some(key)) => key.strip_prefix('t').and_then(|it| it.parse().ok()),
        _ => None,
    };
    let name = number.and_then(|number: usize| contract.model().types.keys().nth(number));
    name.cloned().unwrap_or_default()
}

/// A value outside a list is of another type, a tag without arm, or a value nobody listed.
fn enumeration(error: &ValidationError<'_>, instance: &Value) -> (Rule, String) {
    let Some(text) = instance.as_str() else {
        return (Rule::TypeWrong, kind_of(instance).to_owned());
    };
    let path = error.schema_path().as_str();
    let mut segments = path.rsplit('/').skip(2);
    let rule = match segments.next() {
        Some("properties") => Rule::UnionNone,
        _ => Rule::EnumUnknown,
    };
    (rule, name_or_shape(text))
}

/// Constraints of the document stand under `allOf`, bounds of a format do not.
fn is_constraint(path: &Location) -> bool {
    let mut segments = path.as_str().rsplit('/').skip(1);
    segments.next().is_some() && segments.next() == Some("allOf")
}

/// Indices become `*`, so that the same fault in two rows is one finding.
fn generalised(path: &Location) -> String {
    let mut pointer = String::new();
    for segment in path.as_str().split('/').skip(1) {
        let is_index = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
        pointer.push('/');
        pointer.push_str(if is_index { "*" } else { segment });
    }
    pointer
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Proxies answer in HTML or text under any media type.
pub(super) fn looks_like_json(body: &[u8]) -> bool {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'[' | b'"'))
}
