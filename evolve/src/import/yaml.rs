//! Edits a YAML text so that it has another value. What does not change keeps its layout, comments, quotes and order.
//!
//! It understands block mappings and block lists; other changed parts are written again. The caller parses the result to
//! check its value.

use bpx_contract::Document;
use serde_json::{Map, Value};

/// Rewrites `text`, whose value is `old`, so that its value is `new`. A layout that cannot be edited is given up.
pub(super) fn update(text: &str, old: &Value, new: &Value) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = Vec::new();
    if let (Value::Object(old), Value::Object(new)) = (old, new) {
        mapping(&lines, 0, old, new, &mut out);
    }
    let edited = out.join("\n") + "\n";
    match Document::parse("edited.yaml", edited.as_bytes()) {
        Ok(read) if read.value == *new => edited,
        _ => block(new, 0).join("\n") + "\n",
    }
}

/// A member of a block mapping, or an item of a block list, with the lines that belong to it.
struct Child<'a> {
    key: String,
    /// Comments and empty lines before it.
    lead: Vec<&'a str>,
    /// Its own lines, the first one with the key or dash.
    body: Vec<&'a str>,
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The indentation of a block.
fn first_indent(lines: &[&str]) -> Option<usize> {
    let first = lines.iter().find(|line| !is_filler(line))?;
    Some(indent_of(first))
}

fn is_filler(line: &str) -> bool {
    let trimmed = line.trim_start();
    trimmed.is_empty() || trimmed.starts_with('#')
}

/// Splits the lines of a block into its children; `key_of` recognises a first line.
fn children<'a>(
    lines: &[&'a str],
    indent: usize,
    key_of: fn(&str) -> Option<String>,
) -> Vec<Child<'a>> {
    let mut found: Vec<Child<'a>> = Vec::new();
    let mut lead = Vec::new();
    for line in lines {
        if is_filler(line) {
            lead.push(*line);
            continue;
        }
        let key = (indent_of(line) == indent)
            .then(|| key_of(line.trim_start()))
            .flatten();
        match (key, found.last_mut()) {
            (Some(key), _) => found.push(Child {
                key,
                lead: std::mem::take(&mut lead),
                body: vec![line],
            }),
            (None, Some(child)) => {
                child.body.append(&mut lead);
                child.body.push(line);
            }
            (None, None) => lead.push(line),
        }
    }
    if let Some(last) = found.last_mut() {
        last.body.append(&mut lead);
    }
    found
}

/// The key of `key: …`, with or without quotes. An item of a list, which may be indented as little as its key, has none.
fn mapping_key(line: &str) -> Option<String> {
    if list_item(line).is_some() {
        return None;
    }
    if let Some(quote) = line.chars().next().filter(|c| *c == '\'' || *c == '"') {
        let (key, rest) = line.get(1..)?.split_once(quote)?;
        return rest.starts_with(':').then(|| key.to_owned());
    }
    let end = line
        .find(": ")
        .or_else(|| line.strip_suffix(':').map(str::len))?;
    line.get(..end).map(str::to_owned)
}

fn list_item(line: &str) -> Option<String> {
    (line == "-" || line.starts_with("- ")).then(String::new)
}

fn mapping(
    lines: &[&str],
    indent: usize,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    out: &mut Vec<String>,
) {
    let children = children(lines, indent, mapping_key);
    let owned = |lines: &[&str]| {
        lines
            .iter()
            .map(|line| (*line).to_owned())
            .collect::<Vec<_>>()
    };
    // In the document's order first, so that what stays keeps its position.
    for child in &children {
        let (Some(before), Some(after)) = (old.get(&child.key), new.get(&child.key)) else {
            // Removed, with its comment.
            continue;
        };
        out.extend(owned(&child.lead));
        if before == after {
            out.extend(owned(&child.body));
        } else {
            member(child, indent, before, after, out);
        }
    }
    for (key, value) in new {
        if !children
            .iter()
            .any(|child| child.key == *key && old.contains_key(key))
        {
            out.extend(entry(key, value, indent));
        }
    }
}

/// A member whose value changed. One whose layout cannot be edited is written again.
fn member(child: &Child<'_>, indent: usize, before: &Value, after: &Value, out: &mut Vec<String>) {
    let start = out.len();
    edited(child, indent, before, after, out);
    let written = out.get(start..).unwrap_or_default().join("\n");
    let read = Document::parse("member.yaml", written.as_bytes()).ok();
    if read.as_ref().and_then(|it| it.value.get(&child.key)) != Some(after) {
        out.truncate(start);
        out.extend(entry(&child.key, after, indent));
    }
}

fn edited(child: &Child<'_>, indent: usize, before: &Value, after: &Value, out: &mut Vec<String>) {
    let Some((head, rest)) = child.body.split_first() else {
        return;
    };
    let inner = first_indent(rest);
    let is_block = head.trim_end().ends_with(':');
    match (before, after, inner) {
        (Value::Object(before), Value::Object(after), Some(inner))
            if is_block && !after.is_empty() =>
        {
            out.push((*head).to_owned());
            mapping(rest, inner, before, after, out);
        }
        (Value::Array(before), Value::Array(after), Some(inner))
            if is_block && !after.is_empty() =>
        {
            out.push((*head).to_owned());
            list(rest, inner, before, after, out);
        }
        _ => {
            let written = head
                .split_once(": ")
                .is_some_and(|(_, value)| value.starts_with(['{', '[']));
            out.extend(if written {
                vec![flow_entry(&child.key, after, indent)]
            } else {
                entry(&child.key, after, indent)
            });
        }
    }
}

fn list(lines: &[&str], indent: usize, old: &[Value], new: &[Value], out: &mut Vec<String>) {
    let children = children(lines, indent, list_item);
    let mut used = vec![false; old.len()];
    for (index, value) in new.iter().enumerate() {
        let same = old
            .iter()
            .zip(&used)
            .position(|(before, used)| before == value && !used);
        let child = same.or((index < old.len()
            && !new.contains(old.get(index).unwrap_or(&Value::Null)))
        .then_some(index));
        let Some((at, child)) = child.and_then(|at| children.get(at).map(|child| (at, child)))
        else {
            out.extend(item(value, indent));
            continue;
        };
        if let Some(used) = used.get_mut(at) {
            *used = true;
        }
        out.extend(child.lead.iter().map(|line| (*line).to_owned()));
        match (old.get(at), value) {
            (Some(before), _) if before == value => {
                out.extend(child.body.iter().map(|line| (*line).to_owned()))
            }
            (Some(Value::Object(before)), Value::Object(after)) => {
                item_mapping(child, indent, before, after, out)
            }
            _ => out.extend(item(value, indent)),
        }
    }
}

/// `- name: …` is a mapping whose first line carries the dash.
fn item_mapping(
    child: &Child<'_>,
    indent: usize,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    out: &mut Vec<String>,
) {
    let Some((head, rest)) = child.body.split_first() else {
        return;
    };
    let opened = head.replacen("- ", "  ", 1);
    let mut lines = vec![opened.as_str()];
    lines.extend(rest);
    let inner = indent_of(&opened);
    let mut body = Vec::new();
    mapping(&lines, inner, before, after, &mut body);
    if let Some(first) = body.first_mut() {
        *first = format!("{}- {}", " ".repeat(indent), first.trim_start());
    }
    out.extend(body);
}

fn item(value: &Value, indent: usize) -> Vec<String> {
    let pad = " ".repeat(indent);
    if is_small(value) {
        return vec![format!("{pad}- {}", flow(value))];
    }
    let mut lines = block(value, indent + 2);
    if let Some(first) = lines.first_mut() {
        *first = format!("{pad}- {}", first.trim_start());
    }
    lines
}

fn entry(key: &str, value: &Value, indent: usize) -> Vec<String> {
    if is_small(value) {
        return vec![flow_entry(key, value, indent)];
    }
    let mut lines = vec![format!("{}{}:", " ".repeat(indent), scalar(key))];
    lines.extend(block(value, indent + 2));
    lines
}

fn flow_entry(key: &str, value: &Value, indent: usize) -> String {
    format!("{}{}: {}", " ".repeat(indent), scalar(key), flow(value))
}

fn block(value: &Value, indent: usize) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, value)| entry(key, value, indent))
            .collect(),
        Value::Array(items) => items.iter().flat_map(|value| item(value, indent)).collect(),
        scalar => vec![format!("{}{}", " ".repeat(indent), flow(scalar))],
    }
}

/// Whether a value reads well on one line.
fn is_small(value: &Value) -> bool {
    let nested = match value {
        Value::Object(members) => members
            .values()
            .any(|value| value.is_object() && !is_reference(value)),
        Value::Array(items) => items.iter().any(Value::is_object),
        _ => false,
    };
    !nested && flow(value).len() <= 70
}

fn is_reference(value: &Value) -> bool {
    value
        .as_object()
        .is_some_and(|members| members.len() == 1 && members.contains_key("$ref"))
}

fn flow(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let inner: Vec<_> = members
                .iter()
                .map(|(key, value)| format!("{}: {}", scalar(key), flow(value)))
                .collect();
            format!("{{{}}}", inner.join(", "))
        }
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(flow).collect::<Vec<_>>().join(", ")
        ),
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A string, in quotes where YAML would read something else without them.
fn scalar(text: &str) -> String {
    let words = ["true", "false", "null", "yes", "no", "on", "off", "~"];
    let plain = text
        .starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '$' || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-$./;=+ ".contains(c))
        && !text.ends_with(' ')
        && !words.contains(&text.to_ascii_lowercase().as_str());
    if plain {
        text.to_owned()
    } else if text.chars().any(char::is_control) {
        Value::String(text.to_owned()).to_string()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}
