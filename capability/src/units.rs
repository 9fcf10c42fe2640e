//! What routes and tools have in common: a call, what goes into it, what comes out, and hints.

use std::collections::BTreeMap;

use super::keys;
use super::model::{Call, Consumed, ConsumedOperation, Hints, Input};
use super::reader::Reader;
use super::warning::Rule;
use bpx_contract::Cursor;

/// The functions (later: flows) of the file's aggregates, by `aggregate.function`.
type Functions<'a> = BTreeMap<String, Cursor<'a>>;

/// What the servers of one file share while they are read.
pub(super) struct Scope<'a> {
    pub(super) consumes: &'a [Consumed],
    pub(super) functions: Functions<'a>,
}

/// What a route or a tool does.
pub(super) struct Unit {
    pub(super) description: String,
    pub(super) call: Call,
    /// As the function it refers to has them.
    pub(super) hints: Hints,
}

impl Reader {
    pub(super) fn functions<'a>(&mut self, levels: &[Cursor<'a>]) -> Functions<'a> {
        let mut functions = Functions::new();
        for level in levels {
            for at in self.list(level, "aggregates") {
                self.keys(&at, &keys::AGGREGATE);
                let namespace = self.needed(&at, "namespace", "an aggregate");
                let namespace = namespace.unwrap_or_default();
                for key in ["functions", "flows"] {
                    for (name, function) in self.named(&at, key) {
                        self.keys(&function, &keys::FUNCTION);
                        let name = format!("{namespace}.{name}");
                        if functions.insert(name.clone(), function.clone()).is_some() {
                            let problem = format!("two functions are called `{name}`");
                            self.fault(&function, problem, "rename one of the two");
                        }
                    }
                }
            }
        }
        functions
    }

    /// Reads what is common; `server` is its namespace, and the word that stands for it in lenient references.
    pub(super) fn unit(
        &mut self,
        at: &Cursor<'_>,
        server: (&str, &str),
        inputs: &[Input],
        scope: &Scope<'_>,
    ) -> Option<Unit> {
        let function = self.function(at, scope)?;
        let source = function.as_ref().unwrap_or(at);
        for part in [at, source] {
            if let Some(steps) = part.get("steps") {
                let fix = "call one operation; write a workflow for several";
                self.fault(&steps, "steps are not run here", fix);
                return None;
            }
        }
        self.references(at, server, inputs);
        self.outputs(at);
        let call = self.call(if at.get("call").is_some() { at } else { source }, scope)?;
        let own = self.text_or_empty(at, "description");
        let description = if own.is_empty() {
            self.text_or_empty(source, "description")
        } else {
            own
        };
        let hints = function.map(|function| self.semantics(&function));
        Some(Unit {
            description,
            call,
            hints: hints.unwrap_or_default(),
        })
    }

    /// The function that `ref` names, if there is a `ref`; none at all if it names nothing.
    fn function<'a>(&mut self, at: &Cursor<'_>, scope: &Scope<'a>) -> Option<Option<Cursor<'a>>> {
        let Some(found) = at.get("ref") else {
            return Some(None);
        };
        let name = self.text(at, "ref")?;
        let function = scope.functions.get(&name);
        if function.is_none() {
            let problem = format!("`ref: {name}` names no function of an aggregate");
            self.fault(&found, problem, "correct the reference, or write a `call`");
        }
        function.map(|function| Some(function.clone()))
    }

    fn call(&mut self, at: &Cursor<'_>, scope: &Scope<'_>) -> Option<Call> {
        let Some(found) = at.get("call") else {
            let fix = "add `call: <namespace>.<operation>`";
            self.fault(at, "nothing says which operation is called", fix);
            return None;
        };
        let text = self.text(at, "call")?;
        let Some((namespace, operation)) = text.split_once('.') else {
            let problem = format!("`call: {text}` is no `<namespace>.<operation>`");
            self.fault(&found, problem, "write both, with one dot between them");
            return None;
        };
        let call = Call {
            namespace: namespace.to_owned(),
            operation: operation.to_owned(),
        };
        if target(&call, scope).is_none() {
            let problem = format!("`call: {text}` names no operation of a consumed API");
            self.fault(&found, problem, "correct the call, or add the operation");
            return None;
        }
        Some(call)
    }

    /// What `with` gives to the operation: inputs of the same name, and nothing else.
    fn references(&mut self, at: &Cursor<'_>, (namespace, alias): (&str, &str), inputs: &[Input]) {
        for (name, value) in at.entries("with") {
            let text = value.value.as_str().unwrap_or_default();
            let declared = inputs.iter().any(|input| input.name == name);
            if text == format!("{namespace}.{name}") && declared {
                continue;
            }
            if text == format!("{alias}.{name}") || text == format!("{namespace}.{name}") {
                let problem = format!("`{text}` refers to an input that is not declared");
                let reading = if name == "body" {
                    "what the caller sends as the body"
                } else {
                    "the caller's argument of this name"
                };
                self.warn(&value, Rule::Reference, problem, reading);
                continue;
            }
            let problem = format!("`with` gives `{name}` a value of its own, {}", value.value);
            let fix = "let callers give it, or refer to the input of the same name";
            self.fault(&value, problem, fix);
        }
    }

    /// Answers are passed on whole, so outputs only have to say nothing else.
    fn outputs(&mut self, at: &Cursor<'_>) {
        let Some(outputs) = at.get("outputParameters") else {
            return;
        };
        let items = if outputs.value.is_array() {
            outputs.elements()
        } else {
            let members = outputs.members().into_iter();
            members.map(|(_, output)| output).collect()
        };
        for output in items {
            let whole = matches!(output.str("mapping"), None | Some("$" | "$."));
            let shape = output.value.get("properties").or(output.value.get("items"));
            let container = matches!(output.str("type"), Some("object" | "array"));
            if whole && shape.is_none() && container {
                let problem = "an output of several parts that does not say of which";
                let reading = "the answer, object or list, is passed on whole with its status";
                self.warn(&output, Rule::OutputWithoutShape, problem, reading);
            } else {
                let problem = "an output that is a part of the answer";
                let reading = "as not there: the answer is passed on whole with its status";
                self.warn(&output, Rule::OutputMapping, problem, reading);
            }
        }
    }

    fn semantics(&mut self, function: &Cursor<'_>) -> Hints {
        let Some(semantics) = function.get("semantics") else {
            return Hints::default();
        };
        let safe = self.flag(&semantics, "safe");
        Hints {
            read_only: safe,
            destructive: safe.map(|safe| !safe),
            idempotent: self.flag(&semantics, "idempotent"),
            open_world: None,
        }
    }

    pub(super) fn hints(
        &mut self,
        at: &Cursor<'_>,
        inherited: Hints,
        call: &Call,
        scope: &Scope<'_>,
    ) -> Hints {
        let Some(found) = at.get("hints") else {
            return inherited;
        };
        self.keys(&found, &keys::HINTS);
        let hints = Hints {
            read_only: self.flag(&found, "readOnly").or(inherited.read_only),
            destructive: self.flag(&found, "destructive").or(inherited.destructive),
            idempotent: self.flag(&found, "idempotent").or(inherited.idempotent),
            open_world: self.flag(&found, "openWorld").or(inherited.open_world),
        };
        let changes = target(call, scope).is_some_and(|target| !target.method.is_safe());
        if changes && hints.read_only == Some(true) {
            let problem = "`readOnly: true` on an operation that changes something";
            let reading = "as it is written, for clients; the gateway goes by the operation";
            self.warn(&found, Rule::Hint, problem, reading);
        } else if changes && hints.destructive == Some(false) {
            let problem =
                "`destructive: false` makes a call that changes the account look harmless";
            let reading = "as it is written, for clients; the gateway goes by the operation";
            self.warn(&found, Rule::Hint, problem, reading);
        }
        hints
    }
}

/// The consumed operation that a call names.
pub(super) fn target<'a>(call: &Call, scope: &Scope<'a>) -> Option<&'a ConsumedOperation> {
    let api = scope
        .consumes
        .iter()
        .find(|api| api.namespace == call.namespace)?;
    api.operations
        .iter()
        .find(|operation| operation.name == call.operation)
}
