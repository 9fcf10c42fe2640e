//! Parameters as JSON: what `style` and `explode` wrote is taken apart by the schema's types.

use std::borrow::Cow;

use bpx_contract::is_json;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::contract::{Form, Parameter};

/// A name and a value as they were sent.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    /// Decoded.
    pub(super) name: String,
    value: String,
    /// Whether the value is percent-encoded.
    is_encoded: bool,
}

impl Raw {
    pub(super) fn new(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            is_encoded: true,
        }
    }

    /// A header's value stands as it is.
    pub(super) fn plain(name: &str, value: &str) -> Self {
        Self {
            is_encoded: false,
            ..Self::new(name, value)
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    pub(super) fn decoded(&self) -> String {
        self.part(&self.value).into_owned()
    }

    fn part<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.is_encoded {
            true => percent_decode_str(text).decode_utf8_lossy(),
            false => text.into(),
        }
    }

    /// The parts between delimiters, each decoded; an encoded delimiter counts where there is no plain one.
    fn parts(&self, delimiter: char) -> Vec<String> {
        if self.value.contains(delimiter) {
            let parts = self.value.split(delimiter);
            return parts.map(|part| self.part(part).into_owned()).collect();
        }
        self.decoded().split(delimiter).map(str::to_owned).collect()
    }
}

/// Names and values of a query or form (`+` is a space).
pub(super) fn pairs(query: &str) -> Vec<Raw> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = name.replace('+', " ");
            let name = percent_decode_str(&name).decode_utf8_lossy();
            Raw::new(&name, &value.replace('+', "%20"))
        })
        .collect()
}

impl Parameter {
    /// Whether `style` writes it as an object.
    fn is_object(&self) -> bool {
        self.form.takes("object") && self.written.media.is_none()
    }

    fn is_spread(&self) -> bool {
        self.is_object() && self.written.style == "form" && self.written.explode
    }

    /// Whether a pair of the query is of this parameter.
    pub(super) fn has(&self, raw: &Raw) -> bool {
        let name = self.written.name.as_str();
        if self.written.style == "deepObject" {
            let rest = raw.name.strip_prefix(name);
            return rest.is_some_and(|rest| rest.starts_with('['));
        }
        match self.is_spread() {
            true => self.form.members.contains_key(&raw.name),
            false => raw.name == name,
        }
    }

    /// Whether its members can have names that the schema does not list.
    pub(super) fn takes_any_name(&self) -> bool {
        self.is_spread() && !self.form.is_closed
    }

    /// The values that it can be read as, the likeliest first; none where it is written in another style.
    pub(super) fn readings(&self, raw: &[Raw]) -> Vec<Value> {
        let Some(first) = raw.first() else {
            return Vec::new();
        };
        if self.written.media.as_deref().is_some_and(is_json) {
            return serde_json::from_str(&first.decoded()).into_iter().collect();
        }
        let mut readings = Vec::new();
        if self.form.takes("array") {
            readings.extend(self.arrays(raw));
        }
        if self.is_object() {
            readings.extend(self.object(raw));
        }
        let is_alone = raw.len() == 1 || self.form.takes_any();
        if let Some(text) = self.unstyled(first).filter(|_| is_alone) {
            readings.extend(scalars(&text.decoded(), &self.form));
        }
        readings
    }

    fn arrays(&self, raw: &[Raw]) -> Vec<Value> {
        let written = &self.written;
        let style = written.style.as_str();
        let one = match raw {
            _ if style == "form" && written.explode => None,
            [one] => Some(one),
            _ if written.explode => None,
            _ => return Vec::new(),
        };
        let Some(one) = one else {
            let texts: Vec<_> = raw.iter().map(Raw::decoded).collect();
            return vec![self.array(&texts)];
        };
        let Some(one) = self.unstyled(one) else {
            return Vec::new();
        };
        let delimiters = match style {
            "spaceDelimited" => " ",
            "pipeDelimited" => "|",
            "label" if written.explode => ".",
            // Until OpenAPI 3.0.3, a label had points in either case.
            "label" => ",.",
            "matrix" if written.explode => ";",
            _ => ",",
        };
        let prefix = format!("{}=", written.name);
        let arrays = delimiters.chars().map(|delimiter| {
            let parts = one.parts(delimiter).into_iter();
            let parts = parts.map(|part| match (style, part.strip_prefix(&prefix)) {
                ("matrix", Some(rest)) => rest.to_owned(),
                ("simple", _) => part.trim().to_owned(),
                _ => part,
            });
            self.array(&parts.collect::<Vec<_>>())
        });
        arrays.collect()
    }

    fn array(&self, texts: &[String]) -> Value {
        let values = texts.iter().enumerate();
        let values = values.map(|(index, text)| likeliest(text, self.form.item(index)));
        Value::Array(values.collect())
    }

    fn object(&self, raw: &[Raw]) -> Option<Value> {
        let pairs: Vec<(String, String)> = match (raw, self.written.style.as_str()) {
            (_, "deepObject") => {
                let pairs = raw.iter().map(|raw| deep(&self.written.name, raw));
                pairs.collect::<Option<_>>()?
            }
            (_, "form") if self.written.explode => raw
                .iter()
                .map(|raw| (raw.name.clone(), raw.decoded()))
                .collect(),
            ([one], style) => self.packed(style, &self.unstyled(one)?)?,
            _ => return None,
        };
        Some(self.members(pairs))
    }

    /// `a,1,b,2`, or `a=1,b=2`.
    fn packed(&self, style: &str, one: &Raw) -> Option<Vec<(String, String)>> {
        let delimiter = match (style, self.written.explode) {
            ("spaceDelimited", _) => ' ',
            ("pipeDelimited", _) => '|',
            ("label", true) => '.',
            ("label", false) if !one.value.contains(',') => '.',
            ("matrix", true) => ';',
            _ => ',',
        };
        let parts = one.parts(delimiter).into_iter();
        let parts: Vec<_> = parts.map(|part| part.trim().to_owned()).collect();
        if self.written.explode {
            let pairs = parts.iter().map(|part| {
                let (name, value) = part.split_once('=')?;
                Some((name.to_owned(), value.to_owned()))
            });
            return pairs.collect();
        }
        let pairs = parts.chunks(2).map(|pair| match pair {
            [name, value] => Some((name.clone(), value.clone())),
            _ => None,
        });
        pairs.collect()
    }

    /// A name that comes several times is a list where its schema takes one.
    fn members(&self, pairs: Vec<(String, String)>) -> Value {
        let mut members = Map::new();
        for (name, text) in pairs {
            let form = self.form.member(&name);
            if !form.takes("array") {
                members.insert(name, likeliest(&text, form));
                continue;
            }
            let list = members
                .entry(name)
                .or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.push(likeliest(&text, form.item(list.len())));
            }
        }
        Value::Object(members)
    }

    /// Without the sign of its style: `.` of a label, `;name=` of a matrix.
    fn unstyled(&self, raw: &Raw) -> Option<Raw> {
        let value = raw.value.as_str();
        let value = match self.written.style.as_str() {
            "label" => value.strip_prefix('.')?,
            "matrix" => {
                let rest = value.strip_prefix(';')?;
                let own = rest.strip_prefix(&self.written.name);
                match own.and_then(|rest| rest.strip_prefix('=')) {
                    Some(own) => own,
                    None if self.is_object() && self.written.explode => rest,
                    None => return None,
                }
            }
            _ => value,
        };
        Some(Raw {
            value: value.to_owned(),
            ..raw.clone()
        })
    }

    /// A form as an object. What cannot be read as its property stays as it was sent.
    pub(super) fn form(&self, mut pairs: Vec<Raw>) -> Value {
        let mut members = Map::new();
        for field in &self.fields {
            let (own, rest): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|raw| field.has(raw));
            pairs = rest;
            let value = match (field.readings(&own).into_iter().next(), own.as_slice()) {
                (_, []) => continue,
                (Some(value), _) => value,
                (None, [one]) => one.decoded().into(),
                (None, several) => several.iter().map(Raw::decoded).collect(),
            };
            members.insert(field.written.name.clone(), value);
        }
        for raw in pairs {
            let value = likeliest(&raw.decoded(), self.form.member(&raw.name));
            members.insert(raw.name, value);
        }
        Value::Object(members)
    }
}

/// `name[member]` and its value.
fn deep(name: &str, raw: &Raw) -> Option<(String, String)> {
    let member = raw.name.strip_prefix(name)?.strip_prefix('[')?;
    let member = member.strip_suffix("[]").unwrap_or(member);
    Some((member.strip_suffix(']')?.to_owned(), raw.decoded()))
}

/// What a text is, given the types of its schema.
pub(super) fn likeliest(text: &str, form: &Form) -> Value {
    scalars(text, form).into_iter().next().unwrap_or_default()
}

/// What a text can be, given the types of its schema: a number, flag or object before a text.
fn scalars(text: &str, form: &Form) -> Vec<Value> {
    let mut values = Vec::new();
    let is_number = |it: &Value| it.is_number() && !text.starts_with(char::is_whitespace);
    if form.takes("integer") || form.takes("number") {
        values.extend(serde_json::from_str(text).ok().filter(is_number));
    }
    match text {
        "true" | "false" if form.takes("boolean") => values.push(Value::Bool(text == "true")),
        "null" | "" if form.takes("null") => values.push(Value::Null),
        _ => {}
    }
    if form.takes("object") {
        values.extend(serde_json::from_str(text).ok().filter(Value::is_object));
    }
    values.push(Value::from(text));
    values
}

/// The format of an integer, as a finding names it.
pub(super) fn scalar_of(schema: Option<&Value>) -> String {
    let is_integer = schema
        .and_then(|it| it.get("type"))
        .is_some_and(|it| it == "integer");
    let format = schema
        .and_then(|it| it.get("format"))
        .and_then(Value::as_str);
    match is_integer {
        true => format.unwrap_or("int64").to_owned(),
        false => String::new(),
    }
}
