//! Reads exposed outputs.

use bpx_contract::Cursor;
use serde_json_path::JsonPath;

use super::reader::Reader;
use super::shaped::{Parts, Shaped};
use super::warning::Rule;

/// The types that an output can have.
const TYPES: [&str; 7] = [
    "", "string", "number", "integer", "boolean", "object", "array",
];

impl Reader<'_> {
    /// The outputs of a route or a tool; none where the response is passed on whole.
    pub(super) fn outputs(&mut self, at: &Cursor<'_>) -> Option<Shaped> {
        let outputs = at.get("outputParameters")?;
        let named = outputs.members().into_iter();
        let named = named.map(|(name, output)| (Some(name.to_owned()), output));
        let listed = outputs.elements().into_iter();
        let listed = listed.map(|output| (output.str("name").map(str::to_owned), output));
        let items: Vec<_> = named.chain(listed).collect();
        let is_single = items.len() == 1;
        let mut members = Vec::new();
        for (name, output) in items {
            if is_whole(&output) {
                let problem = "an output of several parts that does not say of which";
                let reading = "the answer, object or list, is passed on whole with its status";
                self.warn(&output, Rule::OutputWithoutShape, problem, reading);
                continue;
            }
            let shaped = self.shaped(&output)?;
            match name {
                Some(name) => members.push((name, shaped)),
                None if is_single => return Some(shaped),
                None => self.fault(
                    &output,
                    "one of several outputs has no name",
                    "add a `name`",
                ),
            }
        }
        (!members.is_empty()).then(|| Shaped {
            kind: "object".to_owned(),
            path: None,
            doc: String::new(),
            parts: Parts::Members(members),
        })
    }

    fn shaped(&mut self, at: &Cursor<'_>) -> Option<Shaped> {
        let kind = self.text_or_empty(at, "type");
        let parts = if let Some(value) = at.get("value") {
            Parts::Constant(value.value.clone())
        } else if at.get("properties").is_some() {
            let members = self.named(at, "properties").into_iter();
            let members = members.map(|(name, member)| Some((name, self.shaped(&member)?)));
            Parts::Members(members.collect::<Option<_>>()?)
        } else if let Some(item) = at.get("items").filter(|items| items.value.is_object()) {
            Parts::Items(Box::new(self.shaped(&item)?))
        } else {
            Parts::Whole
        };
        if !TYPES.contains(&kind.as_str()) {
            let problem = format!("there is no output of type `{kind}`");
            self.fault(at, problem, "use string, number, boolean, object or array");
            return None;
        }
        Some(Shaped {
            kind,
            path: self.mapping(at)?,
            doc: self.text_or_empty(at, "description"),
            parts,
        })
    }

    /// `mapping`: none for everything; nothing if it cannot be read.
    fn mapping(&mut self, at: &Cursor<'_>) -> Option<Option<JsonPath>> {
        let Some(text) = at.get("mapping").and(self.text(at, "mapping")) else {
            return Some(None);
        };
        if matches!(text.as_str(), "" | "$" | "$.") {
            return Some(None);
        }
        match JsonPath::parse(&text) {
            Ok(path) => Some(Some(path)),
            Err(_) => {
                let place = at.get("mapping").unwrap_or_else(|| at.clone());
                let problem = format!("the mapping `{text}` is no JSONPath");
                self.fault(&place, problem, "write one such as `$.name` (RFC 9535)");
                None
            }
        }
    }
}

/// Whether an output says nothing of its parts.
fn is_whole(output: &Cursor<'_>) -> bool {
    let all = matches!(output.str("mapping"), None | Some("$" | "$."));
    let container = matches!(output.str("type"), None | Some("object" | "array"));
    let parts = ["properties", "items", "value"].iter();
    all && container && parts.filter_map(|key| output.get(key)).next().is_none()
}
