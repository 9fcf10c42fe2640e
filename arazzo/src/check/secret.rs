//! Which inputs, and which parts of them, must reach no file and no screen.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Names that mean a secret, in small letters.
const WORDS: [&str; 6] = [
    "secret",
    "password",
    "token",
    "signature",
    "apikey",
    "privatekey",
];

/// The schema of the inputs, with the components that it refers to.
pub(super) struct Secrets<'a>(pub(super) &'a Value);

impl<'a> Secrets<'a> {
    /// Whether the input is a secret or holds one.
    pub(super) fn has(&self, input: &str) -> bool {
        let schemas = self.layers(self.0);
        let properties = schemas
            .iter()
            .filter_map(|it| it.get("properties")?.get(input));
        let mut seen = BTreeSet::new();
        is_named_so(input)
            || properties
                .into_iter()
                .any(|it| self.marks("", it, &mut seen))
    }

    /// The parts of the inputs that are secrets.
    pub(super) fn values<'v>(&self, inputs: &'v Map<String, Value>) -> Vec<&'v Value> {
        let mut found = Vec::new();
        let schemas = self.layers(self.0);
        for (name, value) in inputs {
            if is_named_so(name) {
                found.push(value);
            }
            let properties = schemas
                .iter()
                .filter_map(|it| it.get("properties")?.get(name));
            properties.for_each(|it| self.collect("", it, value, &mut found));
        }
        found
    }

    /// Whether a part of such a schema is a secret; each schema is looked at once.
    fn marks(&self, name: &str, schema: &'a Value, seen: &mut BTreeSet<*const Value>) -> bool {
        let layers = self.layers(schema);
        if self.says(name, &layers) {
            return true;
        }
        seen.insert(schema)
            && layers.iter().any(|layer| {
                let mut properties = members(layer);
                let items = layer.get("items");
                properties.any(|(name, it)| self.marks(name, it, seen))
                    || items.is_some_and(|it| self.marks("", it, seen))
            })
    }

    fn collect<'v>(
        &self,
        name: &str,
        schema: &'a Value,
        value: &'v Value,
        found: &mut Vec<&'v Value>,
    ) {
        let layers = self.layers(schema);
        if self.says(name, &layers) {
            return found.push(value);
        }
        for layer in layers {
            for (name, inner) in members(layer) {
                if let Some(value) = value.get(name) {
                    self.collect(name, inner, value, found);
                }
            }
            if let (Some(items), Value::Array(values)) = (layer.get("items"), value) {
                values
                    .iter()
                    .for_each(|it| self.collect("", items, it, found));
            }
        }
    }

    fn says(&self, name: &str, layers: &[&Value]) -> bool {
        let is = |layer: &Value, key: &str, value: Value| layer.get(key) == Some(&value);
        let mut layers = layers.iter();
        is_named_so(name)
            || layers
                .any(|it| is(it, "format", "password".into()) || is(it, "writeOnly", true.into()))
    }

    /// A schema with those that describe the same value: what it refers to, and its alternatives.
    fn layers(&self, schema: &'a Value) -> Vec<&'a Value> {
        let mut all: Vec<&Value> = Vec::new();
        let mut next = vec![schema];
        while let Some(schema) = next.pop() {
            if all.iter().any(|it| std::ptr::eq(*it, schema)) {
                continue;
            }
            all.push(schema);
            let target = schema.get("$ref").and_then(Value::as_str);
            let target = target.and_then(|it| self.0.pointer(it.strip_prefix('#')?));
            let parts = ["allOf", "anyOf", "oneOf"].into_iter();
            let parts = parts.filter_map(|it| schema.get(it)?.as_array()).flatten();
            next.extend(parts.chain(target));
        }
        all
    }
}

fn members(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten()
}

fn is_named_so(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let name = letters.collect::<String>().to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Secrets;

    #[test]
    fn secrets_are_found_wherever_the_schema_has_them() {
        let schema = json!({
            "properties": {"apiToken": {}, "plain": {"type": "string"},
                "cred": {"properties": {"user": {}, "pin": {"format": "password"}}},
                "many": {"items": {"$ref": "#/components/inputs/key"}}, "tree": {"$ref": "#/components/inputs/tree"}},
            "allOf": [{"properties": {"code": {"writeOnly": true}}}],
            "components": {"inputs": {"key": {"anyOf": [{"format": "password"}, {}]},
                "tree": {"properties": {"left": {"$ref": "#/components/inputs/tree"}, "note": {}}}}},
        });
        let secrets = Secrets(&schema);
        for (input, wanted) in [
            ("apiToken", true),
            ("plain", false),
            ("cred", true),
            ("many", true),
            ("tree", false),
            ("code", true),
        ] {
            assert_eq!(secrets.has(input), wanted, "{input}");
        }
        let inputs = json!({"apiToken": "a", "plain": "b", "cred": {"user": "c", "pin": "d"}, "many": ["e"], "tree": {"left": {"note": "f"}}, "code": "g"});
        let mut found = secrets.values(inputs.as_object().unwrap());
        found.sort_by_key(|it| it.as_str());
        assert_eq!(found, ["a", "d", "e", "g"]);
    }
}
