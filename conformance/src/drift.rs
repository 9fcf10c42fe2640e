//! Changes that would make the contract agree with the recordings: JSON Patch (RFC 6902), with evidence.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::model::{Kind, Operation};
use bpx_contract::pointer::escape;
use serde::Serialize;
use serde_json::{Value, json};

use crate::Contract;
use crate::report::{Finding, Seen, Tally};
use crate::rules::Rule;

/// One operation of a JSON Patch on the contract's document, and what speaks for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    /// Always `add`.
    pub op: &'static str,
    /// JSON Pointer into the document.
    pub path: String,
    /// What to put there.
    pub value: Value,
    /// In words.
    #[serde(skip)]
    pub why: String,
    /// How often and when.
    #[serde(skip)]
    pub seen: Seen,
}

/// Proposals for unknown members, values and statuses; each place once, those seen most often first.
#[must_use]
pub fn proposals(contract: &Contract, tally: &Tally) -> Vec<Proposal> {
    let mut found: BTreeMap<(String, String), Proposal> = BTreeMap::new();
    let is_message = |finding: &&Finding| {
        let streams = contract
            .streams()
            .into_iter()
            .flat_map(|it| &it.channels().all);
        let mut addresses = streams.map(|channel| &channel.address);
        addresses.any(|address| *address == finding.subject.operation)
    };
    // Their types are of another document.
    for finding in tally.findings.values().filter(|it| !is_message(it)) {
        for proposal in of_finding(contract, finding) {
            // At `/enum/-` several values are added, each once; elsewhere a place takes one value.
            let value = if proposal.path.ends_with("/-") {
                proposal.value.to_string()
            } else {
                String::new()
            };
            let key = (proposal.path.clone(), value);
            match found.get_mut(&key) {
                Some(known) => together(known, proposal),
                None => {
                    found.insert(key, proposal);
                }
            }
        }
    }
    let mut proposals: Vec<_> = found.into_values().collect();
    proposals.sort_by(|a, b| (b.seen.count, &a.path).cmp(&(a.seen.count, &b.path)));
    proposals
}

fn of_finding(contract: &Contract, finding: &Finding) -> Vec<Proposal> {
    let subject = &finding.subject;
    match subject.rule {
        Rule::FieldUnknown => field(contract, finding).into_iter().collect(),
        Rule::EnumUnknown => values(contract, finding),
        Rule::StatusUndocumented => status(contract, finding).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Where two findings ask for other values at one place, any value is proposed; nulls have no say.
fn together(known: &mut Proposal, other: Proposal) {
    known.seen.merge(other.seen);
    let open = json!({});
    if known.value == open && known.why.contains("(null)") {
        (known.value, known.why) = (other.value, other.why);
    } else if known.value != other.value && !other.why.contains("(null)") {
        known.value = open;
    }
}

fn field(contract: &Contract, finding: &Finding) -> Option<Proposal> {
    let subject = &finding.subject;
    let name = subject.pointer.rsplit('/').next()?;
    let schema = match &*subject.detail {
        "boolean" => json!({"type": "boolean"}),
        "integer" => json!({"type": "integer", "format": "int64"}),
        "number" => json!({"type": "number"}),
        "decimal string" => json!({"type": "string", "format": "decimal"}),
        "string" => json!({"type": "string"}),
        "array" => json!({"type": "array", "items": {}}),
        "object" => json!({"type": "object", "additionalProperties": {}}),
        _ => json!({}),
    };
    let place = contract
        .model()
        .types
        .get(&subject.type_name)?
        .place
        .pointer
        .clone()?;
    let (path, value) = property(&contract.document().value, &place, name, schema)?;
    Some(Proposal {
        op: "add",
        path,
        value,
        why: format!("`{name}` ({}) in {}", subject.detail, subject.type_name),
        seen: finding.seen,
    })
}

/// The properties of a schema: its own, else those of a part.
fn property(root: &Value, place: &str, name: &str, schema: Value) -> Option<(String, Value)> {
    let at = root.pointer(place)?.as_object()?;
    if at.get("properties").is_some_and(Value::is_object) {
        return Some((format!("{place}/properties/{name}"), schema));
    }
    let parts = at.get("allOf").and_then(Value::as_array);
    let part = parts.and_then(|parts| {
        parts
            .iter()
            .position(|part| part.get("properties").is_some())
    });
    match part {
        Some(part) => Some((format!("{place}/allOf/{part}/properties/{name}"), schema)),
        None => Some((format!("{place}/properties"), json!({name: schema}))),
    }
}

/// A value for the enumeration, and for each inline copy that was taken for the same type.
fn values(contract: &Contract, finding: &Finding) -> Vec<Proposal> {
    let subject = &finding.subject;
    let types = &contract.model().types;
    let Some(def) = types.get(&subject.type_name) else {
        return Vec::new();
    };
    let Kind::Enum(listed) = &def.kind else {
        return Vec::new();
    };
    let others: BTreeSet<_> = types
        .values()
        .filter_map(|def| def.place.pointer.as_deref())
        .collect();
    let own = def.place.pointer.clone().unwrap_or_default();
    let mut copies = Vec::new();
    copies_of(
        &contract.document().value,
        &json!(listed.values),
        String::new(),
        &mut copies,
    );
    copies
        .into_iter()
        .filter(|place| *place == own || !others.contains(place.as_str()))
        .map(|place| Proposal {
            op: "add",
            path: format!("{place}/enum/-"),
            value: json!(subject.detail),
            why: format!("`{}` in {}", subject.detail, subject.type_name),
            seen: finding.seen,
        })
        .collect()
}

/// Every schema that lists exactly these values.
fn copies_of(value: &Value, values: &Value, place: String, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if members.get("enum") == Some(values) {
                found.push(place.clone());
            }
            for (name, member) in members {
                copies_of(member, values, format!("{place}/{}", escape(name)), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                copies_of(item, values, format!("{place}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn status(contract: &Contract, finding: &Finding) -> Option<Proposal> {
    let subject = &finding.subject;
    let operation = contract.model().operations.get(&subject.operation)?;
    let place = operation.place.pointer.clone()?;
    let mut response = json!({
        "description": "Seen in recordings; not documented.",
        "x-undocumented": true,
    });
    let content = like(contract, operation, &place, &subject.detail);
    if let (Some(content), Value::Object(response)) = (content, &mut response) {
        response.insert("content".to_owned(), content);
    }
    Some(Proposal {
        op: "add",
        path: format!("{place}/responses/{}", subject.detail),
        value: response,
        why: format!("status {} of {}", subject.detail, subject.operation),
        seen: finding.seen,
    })
}

/// The content of a sibling: a failure's for a failure, a success's for a success.
fn like(contract: &Contract, operation: &Operation, place: &str, status: &str) -> Option<Value> {
    let root = &contract.document().value;
    let sibling = match status.starts_with(['4', '5']) {
        true => operation
            .errors
            .iter()
            .find(|it| it.has_body())
            .map(|it| it.status.as_str()),
        false => operation
            .success
            .statuses
            .first()
            .map(|(status, _)| status.as_str()),
    }?;
    let mut response = root.pointer(&format!("{place}/responses/{sibling}"))?;
    if let Some(target) = response.get("$ref").and_then(Value::as_str) {
        response = root.pointer(target.strip_prefix('#')?)?;
    }
    response.get("content").cloned()
}
