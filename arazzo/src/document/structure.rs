//! Does a document have the form of an Arazzo document? One table says what may stand where.

use serde_json::Value;

use crate::Version;
use crate::near::name_one_of;
use bpx_contract::Cursor;
use bpx_contract::Diagnostic;
use bpx_contract::kind;

/// The forms a member may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Number,
    Whole,
    Any,
    /// An object of this part.
    One(Part),
    /// An object with free keys, each of this part.
    Map(Part),
    /// A list of objects of this part.
    List(Part),
    Texts,
    /// A text, or an object of this part.
    TextOr(Part),
    Schema,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Root,
    Info,
    Source,
    Workflow,
    Step,
    /// A parameter, or a reference to one.
    Parameter,
    RequestBody,
    Replacement,
    Criterion,
    ExpressionType,
    /// An action, or a reference to one.
    Success,
    Failure,
    Reusable,
    Components,
    Schema,
    /// An expression, or a selector.
    Output,
    Selector,
}

use Form::{Any, List, Map, Number, One, Schema, Text, TextOr, Texts, Whole};

/// A member: name, form, and whether it must be there.
type Member = (&'static str, Form, bool);

const MUST: bool = true;
const MAY: bool = false;

/// Members that came with 1.1.0.
const NEW: [(Part, &str); 6] = [
    (Part::Root, "$self"),
    (Part::Step, "timeout"),
    (Part::Step, "dependsOn"),
    (Part::Replacement, "targetSelectorType"),
    (Part::Success, "parameters"),
    (Part::Failure, "parameters"),
];

/// Members of asynchronous steps, which came with 1.1.0 and are not run.
const ASYNCHRONOUS: [&str; 3] = ["channelPath", "action", "correlationId"];

fn members(part: Part) -> &'static [Member] {
    match part {
        Part::Root => &[
            ("arazzo", Text, MUST),
            ("$self", Text, MAY),
            ("info", One(Part::Info), MUST),
            ("sourceDescriptions", List(Part::Source), MUST),
            ("workflows", List(Part::Workflow), MUST),
            ("components", One(Part::Components), MAY),
        ],
        Part::Info => &[
            ("title", Text, MUST),
            ("summary", Text, MAY),
            ("description", Text, MAY),
            ("version", Text, MUST),
        ],
        Part::Source => SOURCE,
        Part::Workflow => WORKFLOW,
        Part::Step => STEP,
        Part::Parameter => &[
            ("name", Text, MUST),
            ("in", Text, MAY),
            ("value", Any, MUST),
        ],
        Part::RequestBody => &[
            ("contentType", Text, MAY),
            ("payload", Any, MAY),
            ("replacements", List(Part::Replacement), MAY),
        ],
        Part::Replacement => &[
            ("target", Text, MUST),
            ("targetSelectorType", TextOr(Part::ExpressionType), MAY),
            ("value", Any, MUST),
        ],
        Part::Criterion => &[
            ("context", Text, MAY),
            ("condition", Text, MUST),
            ("type", TextOr(Part::ExpressionType), MAY),
        ],
        Part::ExpressionType => &[("type", Text, MUST), ("version", Text, MUST)],
        Part::Success => &[
            ("name", Text, MUST),
            ("type", Text, MUST),
            ("workflowId", Text, MAY),
            ("stepId", Text, MAY),
            ("parameters", List(Part::Parameter), MAY),
            ("criteria", List(Part::Criterion), MAY),
        ],
        Part::Failure => &[
            ("name", Text, MUST),
            ("type", Text, MUST),
            ("workflowId", Text, MAY),
            ("stepId", Text, MAY),
            ("parameters", List(Part::Parameter), MAY),
            ("retryAfter", Number, MAY),
            ("retryLimit", Whole, MAY),
            ("criteria", List(Part::Criterion), MAY),
        ],
        Part::Reusable => &[("reference", Text, MUST), ("value", Any, MAY)],
        Part::Components => &[
            ("inputs", Map(Part::Schema), MAY),
            ("parameters", Map(Part::Parameter), MAY),
            ("successActions", Map(Part::Success), MAY),
            ("failureActions", Map(Part::Failure), MAY),
        ],
        Part::Selector => SELECTOR,
        Part::Schema | Part::Output => &[],
    }
}

const SOURCE: &[Member] = &[
    ("name", Text, MUST),
    ("url", Text, MUST),
    ("type", Text, MAY),
];

const SELECTOR: &[Member] = &[
    ("context", Text, MUST),
    ("selector", Text, MUST),
    ("type", TextOr(Part::ExpressionType), MUST),
];

const WORKFLOW: &[Member] = &[
    ("workflowId", Text, MUST),
    ("summary", Text, MAY),
    ("description", Text, MAY),
    ("inputs", Schema, MAY),
    ("dependsOn", Texts, MAY),
    ("steps", List(Part::Step), MUST),
    ("successActions", List(Part::Success), MAY),
    ("failureActions", List(Part::Failure), MAY),
    ("outputs", Map(Part::Output), MAY),
    ("parameters", List(Part::Parameter), MAY),
];

const STEP: &[Member] = &[
    ("stepId", Text, MUST),
    ("description", Text, MAY),
    ("operationId", Text, MAY),
    ("operationPath", Text, MAY),
    ("workflowId", Text, MAY),
    ("parameters", List(Part::Parameter), MAY),
    ("requestBody", One(Part::RequestBody), MAY),
    ("successCriteria", List(Part::Criterion), MAY),
    ("onSuccess", List(Part::Success), MAY),
    ("onFailure", List(Part::Failure), MAY),
    ("outputs", Map(Part::Output), MAY),
    ("dependsOn", Texts, MAY),
    ("timeout", Whole, MAY),
];

/// What a part is called in a message.
fn name(part: Part) -> &'static str {
    match part {
        Part::Root => "the document",
        Part::Info => "`info`",
        Part::Source => "a source description",
        Part::Workflow => "a workflow",
        Part::Step => "a step",
        Part::Parameter => "a parameter",
        Part::RequestBody => "a request body",
        Part::Replacement => "a replacement",
        Part::Criterion => "a criterion",
        Part::ExpressionType => "an expression type",
        Part::Success | Part::Failure => "an action",
        Part::Reusable => "a reusable object",
        Part::Components => "`components`",
        Part::Schema => "a schema",
        Part::Output => "an output",
        Part::Selector => "a selector",
    }
}

/// Every fault in the form of a document.
pub(super) fn check(root: &Cursor<'_>, version: Version) -> Vec<Diagnostic> {
    let mut walk = Walk {
        version,
        faults: Vec::new(),
    };
    walk.object(root, Part::Root);
    walk.faults
}

struct Walk {
    version: Version,
    faults: Vec<Diagnostic>,
}

impl Walk {
    /// The documents' nesting is bounded, so recursion is.
    fn object(&mut self, at: &Cursor<'_>, part: Part) {
        let part = match part {
            Part::Parameter | Part::Success | Part::Failure if refers(at) => Part::Reusable,
            other => other,
        };
        if part == Part::Output {
            return self.output(at);
        }
        if part == Part::Schema {
            return self.form(at, "this schema", Schema);
        }
        if !at.value.is_object() {
            let problem = format!("{} is {}, not an object", name(part), kind(at.value));
            return self
                .faults
                .push(at.fault(problem, "write an object here, or remove it"));
        }
        for (key, child) in at.members() {
            self.member(&child, key, part);
        }
        for (key, _, _) in members(part).iter().filter(|(.., must)| *must) {
            if at.value.get(*key).is_none() {
                let problem = format!("{} has no `{key}`", name(part));
                self.faults.push(at.fault(problem, format!("add `{key}`")));
            }
        }
    }

    fn member(&mut self, at: &Cursor<'_>, key: &str, part: Part) {
        if key.starts_with("x-") && part != Part::Reusable {
            return;
        }
        if part == Part::Step && ASYNCHRONOUS.contains(&key) {
            let problem = format!("`{key}` belongs to asynchronous steps of 1.1.0");
            let fix = "asynchronous steps are not run; call an HTTP operation";
            return self.faults.push(at.fault(problem, fix));
        }
        let Some((_, form, _)) = members(part).iter().find(|(known, ..)| *known == key) else {
            let known = members(part).iter().map(|(known, ..)| *known);
            let problem = format!("{} has no member `{key}`", name(part));
            return self.faults.push(at.fault(problem, name_one_of(key, known)));
        };
        if self.version == Version::V1_0 && NEW.contains(&(part, key)) {
            let problem = format!("`{key}` of {} came with 1.1.0", name(part));
            let fix = "write `arazzo: 1.1.0`, or remove it";
            return self.faults.push(at.fault(problem, fix));
        }
        self.form(at, key, *form);
    }

    fn form(&mut self, at: &Cursor<'_>, key: &str, form: Form) {
        let value = at.value;
        let (fits, wanted) = match form {
            Text => (value.is_string(), "a text"),
            Number => (
                value.as_f64().is_some_and(|it| it >= 0.0),
                "a number, zero or more",
            ),
            Whole => (value.is_u64(), "a whole number, zero or more"),
            Any => (true, ""),
            One(_) | Map(_) => (value.is_object(), "an object"),
            List(_) => (value.is_array(), "a list"),
            Texts => (texts(value), "a list of texts"),
            TextOr(_) => (
                value.is_string() || value.is_object(),
                "a text or an object",
            ),
            Schema => (value.is_object() || value.is_boolean(), "a schema"),
        };
        if !fits {
            let problem = format!("`{key}` is {}, not {wanted}", kind(value));
            return self
                .faults
                .push(at.fault(problem, format!("write {wanted} here, or remove it")));
        }
        match form {
            One(part) => self.object(at, part),
            TextOr(part) if value.is_object() => self.object(at, part),
            Map(part) => at
                .members()
                .iter()
                .for_each(|(_, it)| self.object(it, part)),
            List(part) => {
                at.elements().iter().for_each(|it| self.object(it, part));
                self.never_empty(at, key);
            }
            _ => {}
        }
    }

    fn never_empty(&mut self, at: &Cursor<'_>, key: &str) {
        let needed = ["sourceDescriptions", "workflows", "steps"].contains(&key);
        if needed && at.value.as_array().is_some_and(Vec::is_empty) {
            self.faults
                .push(at.fault(format!("`{key}` is empty"), "list at least one"));
        }
    }

    fn output(&mut self, at: &Cursor<'_>) {
        match at.value {
            Value::String(_) => {}
            Value::Object(members) if members.contains_key("selector") => {
                if self.version == Version::V1_0 {
                    let fix = "write `arazzo: 1.1.0`, or an expression with a JSON Pointer";
                    let fault = at.fault("Selector objects came with 1.1.0", fix);
                    return self.faults.push(fault);
                }
                self.object(at, Part::Selector);
            }
            other => self.faults.push(at.fault(
                format!("an output is {}, not an expression", kind(other)),
                "write an expression, such as `$response.body#/id`",
            )),
        }
    }
}

/// A reusable object, by its `reference`.
pub(super) fn refers(at: &Cursor<'_>) -> bool {
    at.value.get("reference").is_some()
}

fn texts(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|list| list.iter().all(Value::is_string))
}
