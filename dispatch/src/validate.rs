//! Whether arguments fit the contract: what the operation declares, in words a caller can act on; then the document's
//! own schemas, keyword by keyword; then the venue's rules between arguments.

use bpx_contract::api::{Argument, Body, Broken, DECIMAL_LENGTH_MAX, Kind, Location, Operation};
use bpx_contract::pointer::escape;
use bpx_runtime::Decimal;
use serde_json::{Map, Value};

use crate::call::{Arguments, Call};
use crate::error::Refused;
use crate::finding::Finding;
use crate::venue::Venue;

/// How alike two names have to be for the one to be meant by the other, 0 to 1.
const ALIKE_MIN: f64 = 0.75;
/// How much of a value a message repeats, in characters.
const SHOWN_CHARS_MAX: usize = 60;
const UNSIGNABLE: &str = "contract.unsignable";

/// Everything that is wrong with the arguments of an operation, as [`Dispatch::call`](crate::Dispatch::call) reports it;
/// empty if nothing is.
///
/// Three judges, the first that has a finding reports: the declared arguments (names, types, ranges, enum values), the
/// schemas of the document as they are written, and the venue's rules between arguments.
#[must_use]
pub fn validate(venue: &dyn Venue, operation: &Operation, arguments: &Arguments) -> Vec<Finding> {
    let findings = declared(operation, arguments);
    if !findings.is_empty() {
        return findings;
    }
    let unsigned = operation
        .signing
        .as_ref()
        .map(|_| unsignable(operation, arguments));
    if let Some(findings) = unsigned.filter(|findings| !findings.is_empty()) {
        return findings;
    }
    let broken = operation.judge(&Value::Object(arguments.clone()));
    if !broken.is_empty() {
        return broken.into_iter().map(schema_broken).collect();
    }
    venue.check(operation, arguments)
}

/// Texts that no signing string can hold: an `&` in one would begin another parameter.
fn unsignable(operation: &Operation, arguments: &Arguments) -> Vec<Finding> {
    let is_header = |name: &str| {
        let mut headers = operation.params.iter();
        headers.any(|it| it.name == name && it.location == Location::Header)
    };
    let signed = arguments.iter().filter(|(name, _)| !is_header(name));
    let mut findings = Vec::new();
    for (name, value) in signed {
        texts(&format!("/{}", escape(name)), value, &mut findings);
    }
    findings
}

fn texts(place: &str, value: &Value, findings: &mut Vec<Finding>) {
    match value {
        Value::String(text) if text.contains('&') || text.contains(char::is_control) => {
            let problem = "the text holds `&` or a control character, which cannot be signed";
            findings.push(Finding::new(UNSIGNABLE, place, problem, "leave it out"));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                texts(&format!("{place}/{index}"), item, findings);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                texts(&format!("{place}/{}", escape(name)), value, findings);
            }
        }
        _ => {}
    }
}

/// Refuses a call whose arguments do not fit.
pub(crate) fn require_valid(venue: &dyn Venue, call: &Call) -> Result<(), Refused> {
    let findings = validate(venue, &call.operation, &call.arguments);
    if findings.is_empty() {
        return Ok(());
    }
    Err(Refused::Invalid {
        operation: call.operation.id.clone(),
        findings,
    })
}

fn schema_broken(broken: Broken) -> Finding {
    let problem = format!("{} ({})", broken.problem, broken.keyword);
    let fix = "change the value so that it fits the contract";
    Finding::new("contract.schema", broken.pointer, problem, fix)
}

/// What the declared arguments refuse.
fn declared(operation: &Operation, arguments: &Arguments) -> Vec<Finding> {
    let declared: Vec<_> = operation.arguments().collect();
    let mut findings = object("", &declared, arguments);
    let Body::Array {
        argument, fields, ..
    } = &operation.body
    else {
        return findings;
    };
    let items = arguments.get(&argument.name).and_then(Value::as_array);
    let declared: Vec<_> = fields.iter().collect();
    for (index, item) in items.into_iter().flatten().enumerate() {
        let place = format!("/{}/{index}", escape(&argument.name));
        findings.extend(match item.as_object() {
            Some(item) => object(&place, &declared, item),
            None => vec![mistyped(
                &place,
                item,
                "an object",
                "write one object per item",
            )],
        });
    }
    findings
}

/// Checks one object against its declared members.
fn object(place: &str, declared: &[&Argument], object: &Map<String, Value>) -> Vec<Finding> {
    let at = |name: &str| format!("{place}/{}", escape(name));
    let row = |name: &str| declared.iter().find(|argument| argument.name == name);
    let mut findings = Vec::new();
    for (name, given) in object {
        match row(name) {
            Some(argument) => {
                value(&at(name), &argument.kind, given, &mut findings);
                findings.extend(limits(&at(name), argument, given));
            }
            None => findings.push(undeclared(&at(name), name, declared)),
        }
    }
    let missing = declared
        .iter()
        .filter(|argument| argument.required && !object.contains_key(&argument.name));
    findings.extend(missing.map(|argument| absent(&at(&argument.name), argument)));
    findings
}

fn value(place: &str, kind: &Kind, given: &Value, findings: &mut Vec<Finding>) {
    let found = match kind {
        Kind::Json => None,
        Kind::Text if given.is_string() => None,
        Kind::Text => Some(text_wanted(place, given)),
        Kind::Boolean if given.is_boolean() => None,
        Kind::Boolean => Some(mistyped(
            place,
            given,
            "true or false",
            "write true or false, without quotes",
        )),
        Kind::Decimal => decimal(place, given),
        Kind::Integer { min, max } => integer(place, given, *min, *max),
        Kind::Enum { values, .. } => word(place, given, values),
        Kind::Many(kind) => match given.as_array() {
            Some(items) => {
                for (index, item) in items.iter().enumerate() {
                    value(&format!("{place}/{index}"), kind, item, findings);
                }
                None
            }
            None => Some(mistyped(
                place,
                given,
                "a list",
                "write a list, even of one",
            )),
        },
    };
    findings.extend(found);
}

fn text_wanted(place: &str, given: &Value) -> Finding {
    mistyped(
        place,
        given,
        "text",
        &format!("write it in quotes: {}", quoted(given)),
    )
}

fn decimal(place: &str, given: &Value) -> Option<Finding> {
    let Some(text) = given.as_str() else {
        let fix = match given {
            Value::Number(number) => {
                format!("write it as text, so that no digit is lost: \"{number}\"")
            }
            _ => "write a decimal as text, such as \"20.5\"".to_owned(),
        };
        return Some(mistyped(place, given, "a decimal as text", &fix));
    };
    if is_decimal(text) {
        return None;
    }
    let meant = Decimal::from_scientific(text).or_else(|_| text.trim().parse());
    let meant = meant.map(|meant: Decimal| meant.to_string()).ok();
    let meant = meant.filter(|meant| is_decimal(meant));
    let fix = match &meant {
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None => format!(
            "write digits with at most one point, at most {DECIMAL_LENGTH_MAX} characters, such as \"20.5\""
        ),
    };
    let problem = format!("{} is not a plain decimal", quoted(given));
    Some(Finding::new("contract.decimal", place, problem, fix).suggesting(meant))
}

/// What [`DECIMAL_PATTERN`](bpx_contract::api::DECIMAL_PATTERN) and [`DECIMAL_LENGTH_MAX`] describe.
fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    text.len() <= DECIMAL_LENGTH_MAX
        && digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
}

fn integer(place: &str, given: &Value, min: i128, max: i128) -> Option<Finding> {
    let Some(number) = whole(given) else {
        let fix = match given.as_str().and_then(|text| text.parse::<i128>().ok()) {
            Some(number) => format!("write it without quotes: {number}"),
            None => "write digits only, without quotes".to_owned(),
        };
        return Some(mistyped(place, given, "a whole number", &fix));
    };
    let problem = match number {
        _ if number < min => format!("{number} is below the least, {min}"),
        _ if number > max => format!("{number} is above the greatest, {max}"),
        _ => return None,
    };
    Some(Finding::new(
        "contract.range",
        place,
        problem,
        "use a number within the range",
    ))
}

/// A number without a fraction, however it is written: 1.0 is an integer to JSON Schema.
#[must_use]
pub fn whole(given: &Value) -> Option<i128> {
    let number = given.as_number()?;
    if let Some(number) = number.as_i128() {
        return Some(number);
    }
    let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
    #[allow(
        clippy::cast_possible_truncation,
        reason = "beyond the range it saturates, and is refused as too large"
    )]
    Some(float as i128)
}

fn word(place: &str, given: &Value, values: &[String]) -> Option<Finding> {
    let listed = || format!("use one of: {}", values.join(", "));
    let Some(text) = given.as_str() else {
        return Some(mistyped(place, given, "text", &listed()));
    };
    if values.iter().any(|value| value == text) {
        return None;
    }
    let near = nearest(text, values.iter().map(String::as_str));
    let fix = match near {
        Some(near) => format!("did you mean `{near}`? ({})", values.join(", ")),
        None => listed(),
    };
    let problem = format!("{} is not one of the values", quoted(given));
    Some(Finding::new("contract.value", place, problem, fix).suggesting(near))
}

/// Further limits of an argument, as keywords of JSON Schema.
fn limits(place: &str, argument: &Argument, given: &Value) -> Vec<Finding> {
    let broken = argument.constraints.iter().filter(|(keyword, limit)| {
        let limit = limit.as_u64().and_then(|limit| usize::try_from(limit).ok());
        let length = given.as_str().map(|text| text.chars().count());
        let items = given.as_array().map(Vec::len);
        match (keyword.as_str(), limit) {
            ("minLength", Some(limit)) => length.is_some_and(|length| length < limit),
            ("maxLength", Some(limit)) => length.is_some_and(|length| length > limit),
            ("minItems", Some(limit)) => items.is_some_and(|items| items < limit),
            ("maxItems", Some(limit)) => items.is_some_and(|items| items > limit),
            _ => false,
        }
    });
    broken
        .map(|(keyword, limit)| {
            let problem = format!("{keyword} is {limit}");
            Finding::new("contract.limit", place, problem, "keep within the limit")
        })
        .collect()
}

fn mistyped(place: &str, given: &Value, wanted: &str, fix: &str) -> Finding {
    let is = match given {
        Value::Null => "null, which is not a value".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Number(_) => format!("the number {}", shown(&given.to_string())),
        Value::String(_) => format!("the text {}", quoted(given)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    let fix = if given.is_null() {
        "leave it out, or give it a value"
    } else {
        fix
    };
    Finding::new(
        "contract.type",
        place,
        format!("{is}, where {wanted} belongs"),
        fix,
    )
}

fn undeclared(place: &str, name: &str, declared: &[&Argument]) -> Finding {
    let names = declared.iter().map(|argument| argument.name.as_str());
    let near = nearest(name, names.clone());
    let fix = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if declared.is_empty() => "leave it out; there are no arguments".to_owned(),
        None => format!(
            "leave it out; the arguments are: {}",
            names.collect::<Vec<_>>().join(", ")
        ),
    };
    let problem = format!("`{}` is not an argument of this operation", shown(name));
    Finding::new("contract.undeclared", place, problem, fix).suggesting(near)
}

fn absent(place: &str, argument: &Argument) -> Finding {
    let fix = match &argument.kind {
        Kind::Enum { values, .. } => format!("give it one of: {}", values.join(", ")),
        _ => format!(
            "add it: {}",
            argument.doc.split(". ").next().unwrap_or_default()
        ),
    };
    Finding::new(
        "contract.missing",
        place,
        format!("`{}` is missing", argument.name),
        fix,
    )
}

/// The name that was probably meant.
fn nearest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    let alike = |name: &str| strsim::normalized_damerau_levenshtein(&given, &name.to_lowercase());
    let best = names
        .map(|name| (alike(name), name))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= ALIKE_MIN).then_some(best.1)
}

fn quoted(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{:?}", shown(text)),
        other => format!("\"{}\"", shown(&other.to_string())),
    }
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
