//! Errors of the oracle as findings: the rule by the keyword, the type by the model.

use std::collections::BTreeSet;

use bpx_contract::pointer::{escape, unescape};
use jsonschema::error::{TypeKind, ValidationErrorKind as Error};
use jsonschema::{JsonType, ValidationError, Validator};
use serde_json::Value;

use super::local::Found;
use super::redact::{name_or_shape, shape_of};
use super::walk;
use crate::contract::{Contract, TypePlan, Use, kind_of};
use crate::rules::Rule;

/// Findings of one body; of more, the first.
const FINDINGS_MAX: usize = 1_000;
/// Unions inside of unions are explained this deep.
const DEPTH_MAX: usize = 16;

/// What is wrong with a value that is not valid.
pub(super) fn explain(
    contract: &Contract,
    validator: &Validator,
    value: &Value,
    use_: &Use,
) -> Vec<Found> {
    let mut explanation = Explanation {
        contract,
        value,
        use_,
        faults: Vec::new(),
    };
    for error in validator.iter_errors(value).take(FINDINGS_MAX) {
        explanation.add(&error, 0);
    }
    explanation.findings()
}

struct Explanation<'a> {
    contract: &'a Contract,
    value: &'a Value,
    use_: &'a Use,
    faults: Vec<Fault>,
}

struct Fault {
    /// Pointer to the value, with its indices.
    at: String,
    /// The member that is missing or too many.
    member: Option<String>,
    rule: Rule,
    detail: String,
    value: Option<String>,
    /// A union with a discriminator, which says itself what is wrong.
    names_the_fault: bool,
}

impl Explanation<'_> {
    fn add(&mut self, error: &ValidationError<'_>, depth: usize) {
        let instance: &Value = error.instance();
        let at = error.instance_path().as_str().to_owned();
        let keyword = error.kind().keyword();
        let mut fault = Fault {
            at,
            member: None,
            rule: Rule::ConstraintViolated,
            detail: keyword.to_owned(),
            value: Some(shape_of(instance)),
            names_the_fault: false,
        };
        match error.kind() {
            Error::Required { property } => {
                fault.member = property.as_str().map(str::to_owned);
                (fault.rule, fault.detail) = (Rule::RequiredMissing, String::new());
                fault.value = None;
            }
            Error::Type { .. } => {
                (fault.rule, fault.detail) = (Rule::TypeWrong, kind_of(instance).to_owned());
            }
            Error::Format { format } => (fault.rule, fault.detail) = format_rule(format),
            Error::Minimum { .. } | Error::Maximum { .. } if !self.is_written(error) => {
                fault.rule = Rule::FormatInteger;
            }
            Error::Enum { options } => {
                let is_tag = !self.is_written(error) || self.is_tag(&fault.at);
                (fault.rule, fault.detail) = enumeration(instance, is_tag, options);
            }
            Error::AdditionalProperties { unexpected }
            | Error::UnevaluatedProperties { unexpected } => {
                return self.add_members(&fault.at, unexpected);
            }
            Error::FalseSchema if closes(error) => {
                let members = self.value.pointer(&fault.at).and_then(Value::as_object);
                let names: Vec<_> = members
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| name.clone())
                    .collect();
                return self.add_members(&fault.at, &names);
            }
            Error::FalseSchema if self.is_written_object(error) => {
                (fault.rule, fault.detail) = (Rule::DirectionWrong, String::new());
            }
            Error::AnyOf { context } | Error::OneOfNotValid { context } => {
                if let Some(arm) = only_arm(context, &fault.at).filter(|_| depth < DEPTH_MAX) {
                    arm.iter().for_each(|error| self.add(error, depth + 1));
                    return;
                }
                fault.names_the_fault = self.has_discriminator(error);
                (fault.rule, fault.detail) = (Rule::UnionNone, kind_of(instance).to_owned());
            }
            Error::OneOfMultipleValid { context } => {
                let fitting = context.iter().filter(|errors| errors.is_empty()).count();
                fault.rule = Rule::UnionAmbiguous;
                fault.detail = match fitting {
                    0 | 1 => "several arms".to_owned(),
                    fitting => format!("{fitting} arms"),
                };
            }
            _ => {}
        }
        self.faults.push(fault);
    }

    fn add_members(&mut self, at: &str, names: &[String]) {
        for name in names {
            self.faults.push(Fault {
                at: at.to_owned(),
                member: Some(name.clone()),
                rule: Rule::FieldUnknown,
                detail: String::new(),
                value: None,
                names_the_fault: false,
            });
        }
    }

    /// Whether the value is the tag of a union.
    fn is_tag(&self, at: &str) -> bool {
        let (owner, tag) = at.rsplit_once('/').unwrap_or_default();
        self.types(owner).iter().any(|plan| match plan {
            TypePlan::Tagged { tag: known, .. } => *known == unescape(tag),
            _ => false,
        })
    }

    /// Where in the document the keyword stands that an error is about.
    fn location(&self, error: &ValidationError<'_>) -> Option<String> {
        let uri = error.absolute_keyword_location()?.as_str();
        let (_, fragment) = uri.split_once('#')?;
        let decoded = percent_encoding::percent_decode_str(fragment).decode_utf8_lossy();
        // Where `null` is taken before a property's schema, the document has the schema itself.
        Some(decoded.replace("/else/", "/"))
    }

    fn written(&self, error: &ValidationError<'_>) -> Option<&Value> {
        let document = &self.contract.document().value;
        document.pointer(&self.location(error)?)
    }

    /// Bounds of an integer format, and the tags of a union, are not written.
    fn is_written(&self, error: &ValidationError<'_>) -> bool {
        self.written(error).is_some()
    }

    /// A schema that is refused because of its direction is not `false` in the document.
    fn is_written_object(&self, error: &ValidationError<'_>) -> bool {
        self.written(error).is_some_and(Value::is_object)
    }

    fn has_discriminator(&self, error: &ValidationError<'_>) -> bool {
        let location = self.location(error);
        let schema = location.as_deref().and_then(|it| it.rsplit_once('/'));
        let schema = schema.and_then(|(at, _)| self.contract.document().value.pointer(at));
        schema.is_some_and(|schema| schema.get("discriminator").is_some())
    }

    /// The faults as findings, each once. A value of the wrong type is nothing else besides, and a property in which something
    /// is wrong is known, though nothing evaluates it then.
    fn findings(self) -> Vec<Found> {
        let mistyped: BTreeSet<_> = self
            .faults
            .iter()
            .filter(|fault| fault.rule == Rule::TypeWrong)
            .map(|fault| fault.at.as_str())
            .collect();
        let is_below = |fault: &Fault, at: &str| {
            let rest = fault.at.strip_prefix(at);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let is_known = |fault: &Fault| {
            let member = fault.member.as_deref().map(escape);
            let member = member.filter(|_| fault.rule == Rule::FieldUnknown);
            let at = member.map(|member| format!("{}/{member}", fault.at));
            let mut faults = self.faults.iter();
            at.is_some_and(|at| faults.any(|it| is_below(it, &at)))
        };
        let is_kept = |fault: &&Fault| {
            let is_other = |it: &&Fault| !it.names_the_fault && is_below(it, &fault.at);
            let is_mistyped = mistyped.contains(fault.at.as_str());
            let is_said = fault.names_the_fault && self.faults.iter().any(|it| is_other(&it));
            let is_second = is_mistyped && fault.rule != Rule::TypeWrong;
            !(is_second || is_said || is_known(fault))
        };
        let mut seen = BTreeSet::new();
        let kept = self.faults.iter().filter(is_kept);
        kept.filter(|fault| seen.insert((&fault.at, &fault.member, fault.rule, &fault.detail)))
            .map(|fault| self.finding(fault))
            .collect()
    }

    fn finding(&self, fault: &Fault) -> Found {
        let pointer = generalised(&fault.at);
        let type_name = self.type_name(&fault.at, fault.member.as_deref());
        let member = fault.member.as_deref();
        if let Some(name) = member.filter(|_| fault.rule == Rule::FieldUnknown) {
            let owner = self.value.pointer(&fault.at);
            let value = owner
                .and_then(|owner| owner.get(name))
                .unwrap_or(&Value::Null);
            return walk::unknown(fault.rule, &pointer, name, value, &type_name);
        }
        let member = member.map(|name| format!("/{}", escape(name)));
        Found {
            rule: fault.rule,
            pointer: pointer + &member.unwrap_or_default(),
            detail: fault.detail.clone(),
            type_name,
            value: fault.value.clone(),
        }
    }

    /// The type that says what the value at a pointer has to be: its own, else that of the object around it.
    fn type_name(&self, at: &str, missing: Option<&str>) -> String {
        let mut types = self.types(at);
        // A tag that is missing is the union's, other members are the arm's.
        if let Some(missing) = missing
            && let Some(union) = types
                .iter()
                .position(|plan| matches!(plan, TypePlan::Tagged { tag, .. } if tag == missing))
        {
            types.truncate(union + 1);
        }
        let own = types.last().map(|plan| plan.name());
        let own = own.filter(|_| missing.is_some() || !types.is_empty());
        if let Some(name) = own {
            return name.to_owned();
        }
        let mut at = at;
        while let Some((outer, member)) = at.rsplit_once('/') {
            let types = self.types(outer);
            let with_tag = types.iter().rev().find(|plan| match plan {
                TypePlan::Tagged { tag, .. } => *tag == unescape(member),
                _ => false,
            });
            if let Some(plan) = with_tag.or(types.last()) {
                return plan.name().to_owned();
            }
            at = outer;
        }
        String::new()
    }

    /// The named types of the value at a pointer: a union before its arm. None for one without a name.
    fn types(&self, at: &str) -> Vec<&TypePlan> {
        let (mut use_, mut value) = (self.use_, self.value);
        let mut types = self.named(use_, value);
        for token in at.split('/').skip(1) {
            let name = unescape(token);
            use_ = match use_ {
                Use::Array(item) => item,
                Use::Map(of) => of,
                Use::Envelope(envelope) if name == "data" => &envelope.data,
                _ => match types.last() {
                    Some(TypePlan::Object { fields, .. }) => match fields.get(&*name) {
                        Some(field) => &field.use_,
                        None => return Vec::new(),
                    },
                    _ => return Vec::new(),
                },
            };
            let index = name.parse::<usize>().ok();
            let inner = value.get(&*name).or_else(|| value.get(index?));
            let Some(inner) = inner else {
                return Vec::new();
            };
            value = inner;
            types = self.named(use_, value);
        }
        types
    }

    fn named(&self, use_: &Use, value: &Value) -> Vec<&TypePlan> {
        let mut types = Vec::new();
        let mut use_ = use_;
        while let Use::Type(number) = use_ {
            let Some(plan) = self.contract.plan.types.get(*number) else {
                break;
            };
            types.push(plan);
            let arm = match plan {
                TypePlan::Tagged { tag, arms, .. } => {
                    let chosen = value.get(tag).and_then(Value::as_str);
                    chosen.and_then(|chosen| arms.get(chosen))
                }
                TypePlan::Untagged(_, arms) => {
                    let mut arms = arms.iter();
                    arms.find(|arm| self.contract.is_of(&arm.shape, value))
                }
                _ => None,
            };
            match arm {
                Some(arm) if types.len() < DEPTH_MAX => use_ = &arm.use_,
                _ => break,
            }
        }
        types
    }
}

/// A value outside a list is of another type, a tag without arm, or a value nobody listed.
fn enumeration(instance: &Value, is_tag: bool, options: &Value) -> (Rule, String) {
    let mut options = options.as_array().into_iter().flatten();
    if !options.any(|option| kind_of(option) == kind_of(instance)) {
        return (Rule::TypeWrong, kind_of(instance).to_owned());
    }
    let detail = match instance.as_str() {
        Some(text) => name_or_shape(text),
        None => shape_of(instance),
    };
    match is_tag {
        true => (Rule::UnionNone, detail),
        false => (Rule::EnumUnknown, detail),
    }
}

/// Whether an object is refused whose schema names no property at all.
fn closes(error: &ValidationError<'_>) -> bool {
    let path = error.schema_path().as_str();
    path.ends_with("/additionalProperties") || path.ends_with("/unevaluatedProperties")
}

/// The only arm that takes values of this JSON type, unless the union has several that take others than `null`.
fn only_arm<'a>(
    context: &'a [Vec<ValidationError<'static>>],
    at: &str,
) -> Option<&'a [ValidationError<'static>]> {
    let is_null = |error: &&ValidationError<'_>| match error.kind() {
        Error::Type { kind } => takes_null(kind) && error.instance_path().as_str() == at,
        _ => false,
    };
    let mut arms = context
        .iter()
        .filter(|errors| !(errors.len() == 1 && errors.iter().any(|it| is_null(&it))));
    match (arms.next(), arms.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

fn takes_null(kind: &TypeKind) -> bool {
    match kind {
        TypeKind::Single(kind) => *kind == JsonType::Null,
        TypeKind::Multiple(kinds) => kinds.contains(JsonType::Null),
    }
}

fn format_rule(format: &str) -> (Rule, String) {
    match format {
        "decimal" => (Rule::FormatDecimal, String::new()),
        "naive-date-time" | "date-time" => (Rule::FormatDateTime, format.to_owned()),
        other => (Rule::FormatInvalid, other.to_owned()),
    }
}

/// Indices become `*`, so that the same fault in two rows is one finding.
fn generalised(path: &str) -> String {
    let mut pointer = String::new();
    for segment in path.split('/').skip(1) {
        let is_index = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
        pointer.push('/');
        pointer.push_str(if is_index { "*" } else { segment });
    }
    pointer
}
