//! Arbitrary answers: the quick validators and the oracle come to the same.
//!
//! The bytes decide everything: which operation and status, and whether the body is a document made after the schema with
//! something wrong here and there, a recorded one with some damage, or the rest of the bytes as they are.

use std::borrow::Cow;
use std::sync::LazyLock;

use bpx_conformance::report::{Tally, Verdicts};
use bpx_conformance::{Contract, Exchange, FastPath, Generated, Severity, check_one};
use serde_json::{Map, Value};

static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| Contract::embedded().expect("the contract is checked in"));
static FAST: LazyLock<Generated> =
    LazyLock::new(|| Generated::of(&CONTRACT).expect("the validators come from it"));
static RECORDED: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let lines = include_str!("../../tests/recordings/exchanges/story.ndjson").lines();
    let lines = lines.map(|line| serde_json::from_str(line).expect("a line of JSON"));
    lines
        .filter(|line: &Value| line["body"].is_array() || line["body"].is_object())
        .collect()
});

/// What stands where it does not belong.
const ODD: [&str; 24] = [
    "null",
    "true",
    "fals",
    "\"x\"",
    "\"\"",
    "-1",
    "-0",
    "1.0",
    "1e3",
    "01",
    "4294967296",
    "9223372036854775808",
    "18446744073709551616",
    "1e999",
    "[]",
    "{}",
    "[{}]",
    "\"\\u0041sk\"",
    "\"\\ud800\"",
    "\"01\"",
    "\"-1.\"",
    "\"2025-02-29T00:00:00\"",
    "\"2024-02-29T23:59:59.123456789\"",
    "{\"a\":[{\"b\":\"}\"}]}",
];
/// What is put in anywhere.
const TOKENS: [&str; 12] = [
    " ", "\n", ",", ":", "}", "]", "\"", "\\", "null", "\u{feff}", "é", "\u{1}",
];

/// Panics where the two disagree; says what the quick validator said.
pub fn check(data: &[u8]) -> Verdicts {
    let mut source = Source(data);
    let (operation, status, body) = source.exchange();
    agree(&operation, status, &body)
}

/// Holds both against one body: what the quick validator decides, the oracle decides too, and whoever decides, the counts
/// are the same.
pub fn agree(operation: &str, status: u16, body: &[u8]) -> Verdicts {
    let row = &CONTRACT.model().operations[operation];
    let exchange = Exchange {
        method: row.method.as_str().into(),
        path: row.path.as_str().into(),
        status: Some(status),
        body: Some(Cow::Borrowed(body)),
        started_ms: Some(1_795_158_378_902),
        ..Exchange::default()
    };
    let slow = check_one(&CONTRACT, None, &exchange);
    let quick = check_one(&CONTRACT, Some(&*FAST as &dyn FastPath), &exchange);
    let verdicts = quick.verdicts;
    // The request says nothing, which is a fault of its own.
    let of_body = slow.findings.values().map(|finding| &finding.subject);
    let of_body = of_body.filter(|it| it.part == "response" && it.rule.severity() > Severity::Note);
    let faults = of_body.count();
    let shown = String::from_utf8_lossy(body);
    assert!(
        verdicts.ok == 0 || faults == 0,
        "wrongly fine: {operation} {status} {shown}"
    );
    assert!(
        verdicts.fail == 0 || faults > 0,
        "wrongly at fault: {operation} {status} {shown}"
    );
    let quick = Tally {
        verdicts: slow.verdicts,
        ..quick
    };
    assert_eq!(
        quick, slow,
        "counted otherwise: {operation} {status} {shown}"
    );
    verdicts
}

/// Bytes that decide; zeros when they are used up.
struct Source<'a>(&'a [u8]);

impl Source<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    fn below(&mut self, count: usize) -> usize {
        let number = usize::from(self.byte()) << 8 | usize::from(self.byte());
        number % count.max(1)
    }

    /// True once in so many; false when the bytes are used up.
    fn once_in(&mut self, count: u8) -> bool {
        self.byte() % count == count - 1
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }

    fn exchange(&mut self) -> (String, u16, Vec<u8>) {
        let kind = self.byte() % 4;
        if kind == 0 {
            let line = &RECORDED[self.below(RECORDED.len())];
            let operation = line["operation"].as_str().expect("an operation").to_owned();
            let status = line["status"]
                .as_u64()
                .and_then(|it| u16::try_from(it).ok());
            let body = self.damaged(line["body"].to_string().into_bytes());
            return (operation, status.expect("a status"), body);
        }
        let operations = &CONTRACT.model().operations;
        let index = self.below(operations.len());
        let operation = operations.keys().nth(index).expect("an operation");
        let status = if self.once_in(5) { 400 } else { 200 };
        let body = match (CONTRACT.schema_of(operation, status), kind) {
            (Some(schema), 1 | 2) => {
                let mut text = String::new();
                self.value(schema, schema, &mut text);
                text.into_bytes()
            }
            _ => self.0.to_vec(),
        };
        let body = if kind == 2 { self.damaged(body) } else { body };
        (operation.clone(), status, body)
    }

    /// None to three bytes or tokens other than they were.
    fn damaged(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..self.byte() % 4 {
            let at = self.below(bytes.len() + 1);
            match self.byte() % 4 {
                0 => bytes.truncate(at),
                1 if at < bytes.len() => bytes[at] = self.byte(),
                2 if at < bytes.len() => {
                    bytes.remove(at);
                }
                _ => {
                    let token = self.pick(&TOKENS);
                    bytes.splice(at..at, token.bytes());
                }
            }
        }
        bytes
    }

    /// Writes a value after its schema, now and then another.
    fn value(&mut self, root: &Value, schema: &Value, text: &mut String) {
        if self.once_in(97) {
            return text.push_str(self.pick(&ODD));
        }
        self.blank(text);
        let schema = resolved(root, schema);
        if let Some(other) = schema.get("else") {
            return match self.once_in(3) {
                true => text.push_str("null"),
                false => self.value(root, other, text),
            };
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return text.push_str(&values[self.below(values.len())].to_string());
        }
        if let Some(value) = schema.get("const") {
            return text.push_str(&value.to_string());
        }
        match schema["type"].as_str().or(schema["type"][0].as_str()) {
            _ if schema["type"].is_array() && self.once_in(3) => text.push_str("null"),
            Some("object") => self.object(root, schema, text),
            Some("array") => self.array(root, &schema["items"], text),
            Some("boolean") => text.push_str(["true", "false"][self.below(2)]),
            Some("integer") => text.push_str(&self.integer()),
            Some("string") => self.string(schema["format"].as_str(), text),
            _ => text.push_str(self.pick(&ODD)),
        }
        self.blank(text);
    }

    fn blank(&mut self, text: &mut String) {
        if self.once_in(61) {
            text.push_str([" ", "\n", "\t", "\r\n "][self.below(4)]);
        }
    }

    fn array(&mut self, root: &Value, item: &Value, text: &mut String) {
        text.push('[');
        for index in 0..self.byte() % 4 {
            text.push_str(if index > 0 { "," } else { "" });
            self.value(root, item, text);
        }
        text.push(']');
    }

    fn object(&mut self, root: &Value, schema: &Value, text: &mut String) {
        let mut members = Vec::new();
        self.members(root, schema, &mut members);
        for _ in 0..self.byte() % 4 {
            let (one, other) = (self.below(members.len()), self.below(members.len()));
            if !members.is_empty() {
                members.swap(one, other);
            }
        }
        if self.once_in(61) && !members.is_empty() {
            members.push(members[self.below(members.len())].clone());
        }
        if self.once_in(61) {
            members.insert(
                self.below(members.len()),
                ("novel".to_owned(), Value::from(true)),
            );
        }
        text.push('{');
        for (index, (name, schema)) in members.iter().enumerate() {
            text.push_str(if index > 0 { "," } else { "" });
            self.blank(text);
            self.name(name, text);
            self.blank(text);
            text.push(':');
            self.value(root, schema, text);
        }
        text.push('}');
    }

    fn name(&mut self, name: &str, text: &mut String) {
        let spelled = self
            .once_in(127)
            .then(|| name.split_at_checked(1))
            .flatten();
        let quoted = match spelled {
            Some((first, rest)) => format!("\"\\u{:04x}{rest}\"", u32::from(first.as_bytes()[0])),
            None => Value::from(name).to_string(),
        };
        text.push_str(&quoted);
    }

    /// The members an object of this schema has, those of its arm included.
    fn members(&mut self, root: &Value, schema: &Value, members: &mut Vec<(String, Value)>) {
        let schema = resolved(root, schema);
        if let Some(arms) = schema.get("allOf").and_then(Value::as_array) {
            let arm = &arms[self.below(arms.len())];
            let tags = arm["if"]["properties"]
                .as_object()
                .cloned()
                .unwrap_or_default();
            members.extend(tags);
            return self.members(root, &arm["then"], members);
        }
        let none = Map::new();
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (name, property) in schema["properties"].as_object().unwrap_or(&none) {
            let must = required.iter().any(|it| it == name);
            let left_out = if must {
                self.once_in(127)
            } else {
                self.once_in(3)
            };
            if !left_out {
                members.push((name.clone(), property.clone()));
            }
        }
    }

    fn integer(&mut self) -> String {
        match self.byte() % 8 {
            0 => "0".to_owned(),
            1 => u64::from(u32::MAX).to_string(),
            2 => i64::MAX.to_string(),
            3 if self.once_in(3) => i64::MIN.to_string(),
            _ => self.below(usize::MAX).to_string(),
        }
    }

    fn string(&mut self, format: Option<&str>, text: &mut String) {
        let digits = self.below(60_000);
        let string = match format {
            Some("decimal") => format!("{}.{digits:05}", self.byte()),
            Some(_) => format!(
                "20{:02}-{:02}-{:02}T{:02}:{:02}:{:02}.{digits}",
                digits % 100,
                digits % 12 + 1,
                digits % 30 + 1,
                digits % 24,
                digits % 60,
                digits % 59
            ),
            None => self
                .pick(&[
                    "",
                    "28",
                    "SOL_USDC",
                    "é\u{1f600}",
                    "a\"\\\n",
                    "a long text of some words",
                ])
                .to_owned(),
        };
        text.push_str(&Value::from(string).to_string());
    }
}

fn resolved<'v>(root: &'v Value, schema: &'v Value) -> &'v Value {
    let target = schema.get("$ref").and_then(Value::as_str);
    let target = target.and_then(|target| root.pointer(target.trim_start_matches('#')));
    target.unwrap_or(schema)
}
