//! Arbitrary bodies of responses: the quick validators and the oracle agree, on several documents.
//!
//! The bytes decide everything: which document, operation and status, and whether the body is made by the schema with a
//! fault here and there, a recorded one with some damage, or the rest of the bytes as they are.

use std::borrow::Cow;
use std::path::Path;
use std::sync::LazyLock;

use bpx_conformance::report::{Tally, Verdicts};
use bpx_conformance::{Contract, Quick, Severity, check_one};
use bpx_contract::Document;
use bpx_recording::Interaction;
use serde_json::{Map, Value};

/// A contract, and recorded interactions of it.
#[derive(Debug)]
pub struct Subject {
    /// The contract.
    pub contract: Contract,
    /// Recorded lines with a JSON body.
    recorded: Vec<Value>,
}

/// The workspace's document, the venue's own if it is there, and an invented one.
pub static SUBJECTS: LazyLock<Vec<Subject>> = LazyLock::new(|| {
    let file = |path: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let subject = |path: &str, recorded: &str| {
        let mut document = Document::read(&file(path)).expect("a document");
        if let Some(members) = document.value.as_object_mut() {
            // As our document declares it.
            members.insert("x-undeclared-null".to_owned(), "note".into());
            members.insert("x-undocumented-property".to_owned(), "error".into());
        }
        let lines = recorded.lines();
        let lines = lines.map(|line| serde_json::from_str(line).expect("a line of JSON"));
        Subject {
            contract: Contract::openapi(document).expect("a contract"),
            recorded: lines
                .filter(|line: &Value| line["body"].is_array() || line["body"].is_object())
                .collect(),
        }
    };
    let orders = include_str!("../../tests/recordings/exchanges/story.ndjson");
    let neutral = include_str!("../neutral.ndjson");
    let venue = "../../shared/upstream/backpack-order-api-openapi.yml";
    let mut subjects = vec![
        subject("../openapi/backpack-order.openapi.yaml", orders),
        subject("../fuzz/neutral.openapi.yaml", neutral),
    ];
    if file(venue).is_file() {
        subjects.push(subject(venue, orders));
    } else {
        println!("skipped: ../shared/upstream is not there");
    }
    subjects
});

/// Values that are put where they do not belong.
static ODD: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let values = r#"
        null true fals "x" "" -1 -0 1.0 1e3 01 4294967296 9223372036854775808 18446744073709551616 1e999
        [] {} [{}] "\u0041sk" "\ud800" "01" "-1." "2025-02-29T00:00:00" "2024-02-29T23:59:59.123456789"
        {"a":[{"b":"}"}]} "2024-02-29T23:59:59.5+14:00" "2016-12-31t23:59:60z" -1.5E+7 {"a":1,"a":2}
        [null,true,{"a":{"b":[0.5]}}]"#;
    values.split_whitespace().collect()
});
/// Tokens that are inserted anywhere.
const TOKENS: [&str; 12] = [
    " ", "\n", ",", ":", "}", "]", "\"", "\\", "null", "\u{feff}", "é", "\u{1}",
];

/// Panics where the two disagree. Returns which document the bytes chose, and what the quick validator decided.
pub fn check(data: &[u8]) -> (usize, Verdicts) {
    let mut source = Source(data);
    let subject = source.below(SUBJECTS.len());
    let chosen = &SUBJECTS[subject];
    let (operation, status, body) = source.response(chosen);
    (subject, agree(&chosen.contract, &operation, status, &body))
}

/// Compares both on one body: what the quick validator decides, the oracle decides too, and both count the same.
pub fn agree(contract: &Contract, operation: &str, status: u16, body: &[u8]) -> Verdicts {
    let described = &contract.model().operations[operation];
    let interaction = Interaction {
        method: described.method.as_str().into(),
        path: described.path.as_str().into(),
        status: Some(status),
        body: Some(Cow::Borrowed(body)),
        started_ms: Some(1_795_158_378_902),
        ..Interaction::default()
    };
    let slow = check_one(contract, &Quick::Off, &interaction);
    let quick = check_one(contract, &Quick::Contract, &interaction);
    let verdicts = quick.verdicts;
    // The request has faults of its own: it has no parameters.
    let of_body = slow.findings.values().map(|finding| &finding.subject);
    let of_body = of_body.filter(|it| it.part == "response" && it.rule.severity() > Severity::Note);
    let faults = of_body.count();
    let shown = String::from_utf8_lossy(body);
    assert!(
        verdicts.ok == 0 || faults == 0,
        "wrongly accepted: {operation} {status} {shown}"
    );
    assert!(
        verdicts.fail == 0 || faults > 0,
        "wrongly refused: {operation} {status} {shown}"
    );
    let quick = Tally {
        verdicts: slow.verdicts,
        ..quick
    };
    assert_eq!(
        quick, slow,
        "counted differently: {operation} {status} {shown}"
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

    fn response(&mut self, subject: &Subject) -> (String, u16, Vec<u8>) {
        let kind = self.byte() % 4;
        if kind == 0 {
            let line = &subject.recorded[self.below(subject.recorded.len())];
            let operation = line["operation"].as_str().expect("an operation").to_owned();
            let status = line["status"]
                .as_u64()
                .and_then(|it| u16::try_from(it).ok());
            let body = self.damaged(line["body"].to_string().into_bytes());
            return (operation, status.expect("a status"), body);
        }
        let contract = &subject.contract;
        let operations = &contract.model().operations;
        let index = self.below(operations.len());
        let operation = operations.keys().nth(index).expect("an operation");
        let status = if self.once_in(5) { 400 } else { 200 };
        let body = match (contract.schema_of(operation, status), kind) {
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

    /// Writes a value by its schema, now and then another.
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
        if let Some(arms) = schema.get("anyOf").and_then(Value::as_array) {
            let arm = self.below(arms.len());
            return self.value(root, &arms[arm], text);
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return text.push_str(&values[self.below(values.len())].to_string());
        }
        if let Some(value) = schema.get("const") {
            return text.push_str(&value.to_string());
        }
        match schema["type"].as_str().or(schema["type"][0].as_str()) {
            _ if schema["type"].is_array() && self.once_in(3) => text.push_str("null"),
            Some("object") if schema.get("additionalProperties").is_some() => {
                self.map(root, &schema["additionalProperties"], text);
            }
            Some("object") => self.object(root, schema, text),
            Some("array") => self.array(root, &schema["items"], text),
            Some("boolean") => text.push_str(["true", "false"][self.below(2)]),
            Some("integer") => text.push_str(&self.integer()),
            Some("number") => text.push_str(&self.number()),
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

    fn map(&mut self, root: &Value, value: &Value, text: &mut String) {
        text.push('{');
        for index in 0..self.byte() % 4 {
            text.push_str(if index > 0 { "," } else { "" });
            let name = self.pick(&[
                "a",
                "b",
                "c",
                "d",
                "e",
                "f",
                "longer than three words of a name",
            ]);
            self.name(name, text);
            text.push(':');
            self.value(root, value, text);
        }
        text.push('}');
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
            4 => (self.byte() % 10).to_string(),
            _ => self.below(usize::MAX).to_string(),
        }
    }

    fn number(&mut self) -> String {
        match self.byte() % 6 {
            0 => self.integer(),
            1 => format!("-0.{}", self.byte()),
            2 => format!("{}e-{}", self.byte(), self.byte()),
            _ => format!("{}.{}", self.byte(), self.byte()),
        }
    }

    fn string(&mut self, format: Option<&str>, text: &mut String) {
        let digits = self.below(60_000);
        let string = match format {
            Some("decimal") => format!("{}.{digits:05}", self.byte()),
            Some(format) => {
                let offset = match format {
                    "date-time" => self.pick(&["Z", "+02:00", "-11:30", "z", ""]),
                    _ => "",
                };
                format!(
                    "20{:02}-{:02}-{:02}T{:02}:{:02}:{:02}.{digits}{offset}",
                    digits % 100,
                    digits % 12 + 1,
                    digits % 30 + 1,
                    digits % 24,
                    digits % 60,
                    digits % 59
                )
            }
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
