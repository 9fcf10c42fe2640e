//! What routes and tools have in common: a call, what goes into it, what comes out, and hints.

use super::given::Server;
use super::keys;
use super::model::{Call, Given, Hints, Input};
use super::reader::Reader;
use super::scope::{Functions, Scope, target};
use super::shaped::Shaped;
use super::warning::Rule;
use bpx_contract::Cursor;

/// What a route or a tool does.
pub(super) struct Unit {
    pub(super) description: String,
    pub(super) call: Call,
    /// As the function it refers to has them.
    pub(super) hints: Hints,
    /// Its own, or those of the function it refers to.
    pub(super) inputs: Vec<Input>,
    pub(super) given: Vec<Given>,
    pub(super) output: Option<Shaped>,
}

impl<'l> Reader<'l> {
    pub(super) fn functions<'a>(&mut self, levels: &[Cursor<'a>]) -> Functions<'a>
    where
        'l: 'a,
    {
        let mut functions = Functions::new();
        for level in levels {
            for item in self.section(level, "aggregates") {
                let namespace = self.namespace(&item, "an aggregate").unwrap_or_default();
                let at = item.at;
                self.keys(&at, &keys::AGGREGATE);
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

    /// Reads what is common.
    pub(super) fn unit(
        &mut self,
        at: &Cursor<'_>,
        server: Server<'_>,
        own: Vec<Input>,
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
        let of = |key: &str| if at.get(key).is_some() { at } else { source };
        let inputs = match (own.is_empty(), &function) {
            (true, Some(function)) => self.inputs(function, &keys::TOOL_INPUT),
            _ => own,
        };
        let given = self.given(of("with"), server, &inputs, scope);
        let output = self.outputs(of("outputParameters"));
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
            inputs,
            given,
            output,
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
