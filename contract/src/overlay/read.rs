//! The overlay file: its header, and its actions in a checked form.

use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use crate::load::kind;
use crate::{Diagnostic, Diagnostics, Document, Place};

/// Nested filters cost the JSONPath parser twice the time per level, nested parentheses stack.
pub const BRACKET_DEPTH_MAX: usize = 10;

/// One action of the overlay.
pub(super) struct Action<'a> {
    /// Counted from one, as people do.
    pub(super) number: usize,
    pub(super) place: Place,
    pub(super) target: JsonPath,
    pub(super) change: Change<'a>,
}

pub(super) enum Change<'a> {
    Update(&'a Value),
    Remove,
}

/// Reads the overlay, collecting every fault in it.
pub(super) fn actions(overlay: &Document) -> Result<Vec<Action<'_>>, Diagnostics> {
    let mut faults = header(overlay);
    let Some(Value::Array(listed)) = overlay.value.get("actions") else {
        faults.push(Diagnostic::new(
            Place::at(&overlay.file, "/actions"),
            "an overlay needs a list of `actions`",
            "add `actions:` with at least one entry",
        ));
        return Diagnostics::or(faults, Vec::new());
    };
    if listed.is_empty() {
        faults.push(Diagnostic::new(
            Place::at(&overlay.file, "/actions"),
            "this overlay has no action",
            "add one, or leave the overlay out",
        ));
    }
    let mut actions = Vec::new();
    for (index, value) in listed.iter().enumerate() {
        let entry = Entry {
            file: &overlay.file,
            pointer: format!("/actions/{index}"),
            number: index + 1,
        };
        match entry.action(value) {
            Ok(action) => actions.push(action),
            Err(found) => faults.extend(found),
        }
    }
    Diagnostics::or(faults, actions)
}

fn header(overlay: &Document) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let mut fault = |pointer: &str, problem: String, fix: &str| {
        faults.push(Diagnostic::new(
            Place::at(&overlay.file, pointer),
            problem,
            fix,
        ));
    };
    let text = |pointer: &str| overlay.value.pointer(pointer).and_then(Value::as_str);
    match overlay.value.get("overlay") {
        Some(Value::String(version)) if version == "1.0.0" => {}
        Some(Value::String(version)) => {
            fault(
                "/overlay",
                format!("Overlay {version} is not supported"),
                "write it as `overlay: 1.0.0`",
            );
        }
        _ => fault(
            "/overlay",
            "this is not an overlay: it states no version".to_owned(),
            "add `overlay: 1.0.0`",
        ),
    }
    for pointer in ["/info/title", "/info/version"] {
        if text(pointer).is_none() {
            fault(
                pointer,
                format!("an overlay needs a text at `{pointer}`"),
                "add it; Overlay 1.0.0 requires it",
            );
        }
    }
    for (key, _) in unknown(
        overlay.value.as_object(),
        &["overlay", "info", "extends", "actions"],
    ) {
        fault(
            &format!("/{key}"),
            format!("an overlay has no field `{key}`"),
            "correct its name or remove it",
        );
    }
    faults
}

/// An action on its way from JSON to its checked form.
struct Entry<'a> {
    file: &'a str,
    pointer: String,
    number: usize,
}

impl Entry<'_> {
    fn action<'v>(&self, value: &'v Value) -> Result<Action<'v>, Vec<Diagnostic>> {
        let Some(object) = value.as_object() else {
            let problem = format!("action {} is {}, not an object", self.number, kind(value));
            return Err(vec![self.fault(
                "",
                problem,
                "give it a `target`, and `update` or `remove`",
            )]);
        };
        let mut faults: Vec<_> =
            unknown(Some(object), &["target", "description", "update", "remove"])
                .map(|(key, _)| {
                    let problem = format!(
                        "action {} has a field `{key}` that Overlay 1.0.0 does not know",
                        self.number
                    );
                    self.fault(key, problem, "correct its name or remove it")
                })
                .collect();
        let target = self.target(object).map_err(|fault| faults.push(fault)).ok();
        let change = self.change(object).map_err(|fault| faults.push(fault)).ok();
        match (target, change) {
            (Some(target), Some(change)) if faults.is_empty() => Ok(Action {
                number: self.number,
                place: Place::at(self.file, self.pointer.as_str()),
                target,
                change,
            }),
            _ => Err(faults),
        }
    }

    fn target(&self, object: &Map<String, Value>) -> Result<JsonPath, Diagnostic> {
        let Some(Value::String(text)) = object.get("target") else {
            let problem = format!("action {} has no `target`", self.number);
            return Err(self.fault(
                "target",
                problem,
                "say in a JSONPath which nodes it changes",
            ));
        };
        if bracket_depth(text) > BRACKET_DEPTH_MAX {
            let problem = format!(
                "the target of action {} nests more than {BRACKET_DEPTH_MAX} brackets",
                self.number
            );
            return Err(self.fault(
                "target",
                problem,
                "select the nodes with a simpler path, or with several actions",
            ));
        }
        JsonPath::parse(text).map_err(|error| {
            let problem = format!(
                "the target of action {} is not a JSONPath: {error}",
                self.number
            );
            self.fault("target", problem, "correct it after RFC 9535")
        })
    }

    fn change<'v>(&self, object: &'v Map<String, Value>) -> Result<Change<'v>, Diagnostic> {
        let remove = match object.get("remove") {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(other) => {
                let problem = format!(
                    "`remove` of action {} is {}, not a boolean",
                    self.number,
                    kind(other)
                );
                return Err(self.fault("remove", problem, "write `remove: true`, or leave it out"));
            }
        };
        let one = "keep the one that is meant";
        match (object.get("update"), remove) {
            (Some(update), false) => Ok(Change::Update(update)),
            (None, true) => Ok(Change::Remove),
            (Some(_), true) => Err(self.fault(
                "",
                format!("action {} updates and removes at once", self.number),
                one,
            )),
            (None, false) => {
                let problem = format!("action {} neither updates nor removes", self.number);
                Err(self.fault("", problem, "add `update` or `remove: true`"))
            }
        }
    }

    fn fault(&self, key: &str, problem: String, fix: &str) -> Diagnostic {
        let separator = if key.is_empty() { "" } else { "/" };
        Diagnostic::new(
            Place::at(self.file, format!("{}{separator}{key}", self.pointer)),
            problem,
            fix,
        )
    }
}

/// The members that are neither known nor extensions.
fn unknown<'a>(
    object: Option<&'a Map<String, Value>>,
    known: &'static [&'static str],
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let members = object.into_iter().flatten();
    members.filter(|(key, _)| !known.contains(&key.as_str()) && !key.starts_with("x-"))
}

/// How deep brackets of any kind are nested, those in quotes left out.
pub fn bracket_depth(path: &str) -> usize {
    let (mut depth, mut deepest, mut quote, mut escaped) = (0_usize, 0, None, false);
    for c in path.chars() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
