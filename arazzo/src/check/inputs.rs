//! The inputs of a workflow: a JSON Schema, lowered as any other.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase as _;
use serde_json::{Map, Value, json};

use crate::Workflow;
use bpx_contract::Cursor;
use bpx_contract::model::{Field, Kind, TypeDef};
use bpx_contract::{Diagnostic, Document, Place, lower_schema};

/// The inputs of a workflow.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The type that holds them all, in `types`.
    pub root: String,
    /// That type and those it is made of, named as the schema names them.
    pub types: BTreeMap<String, TypeDef>,
    /// The JSON Schema, whole: what it refers to stands below `components/inputs` in it.
    pub schema: Value,
}

impl Inputs {
    /// The inputs, sorted by name.
    pub fn fields(&self) -> &[Field] {
        match self.types.get(&self.root).map(|it| &it.kind) {
            Some(Kind::Object(fields)) => fields,
            _ => &[],
        }
    }
}

/// Definitions of `components.inputs` that a schema refers to live here, as in the document.
const COMPONENTS: &str = "#/components/inputs/";

pub(super) fn lower(
    document: &Document,
    workflow: &Workflow,
    faults: &mut Vec<Diagnostic>,
) -> Inputs {
    let root = format!("{}Inputs", workflow.id.to_upper_camel_case());
    let pointer = format!(
        "{}/inputs",
        workflow.place.pointer.clone().unwrap_or_default()
    );
    let schema = whole(document, &pointer, workflow.inputs.as_ref(), faults);
    let standalone = Document {
        file: document.file.clone(),
        value: schema.clone(),
        sha256: String::new(),
    };
    let types = lower_schema(&standalone, &root).unwrap_or_else(|found| {
        faults.extend(found.0.into_iter().map(|fault| below(fault, &pointer)));
        Default::default()
    });
    Inputs {
        root,
        types,
        schema,
    }
}

/// The schema with every component it reaches; one that is nothing but a reference is what it refers to.
fn whole(
    document: &Document,
    pointer: &str,
    schema: Option<&Value>,
    faults: &mut Vec<Diagnostic>,
) -> Value {
    let own = match Cursor::at(document, pointer).filter(|at| at.str("$ref").is_some()) {
        Some(at) => match at.follow() {
            Ok(found) => Some(found.value),
            Err(fault) => {
                faults.push(fault);
                None
            }
        },
        None => schema,
    };
    let Some(Value::Object(own)) = own else {
        return json!({"type": "object"});
    };
    let mut whole = own.clone();
    let reached = components(document, &whole);
    if !reached.is_empty() {
        whole.insert("components".to_owned(), json!({"inputs": reached}));
    }
    whole.into()
}

/// Every component that the schema refers to, directly or through others.
fn components(document: &Document, schema: &Map<String, Value>) -> Map<String, Value> {
    let all = document.value.pointer("/components/inputs");
    let mut names = BTreeSet::new();
    schema
        .values()
        .for_each(|value| referred(value, &mut names));
    let mut reached = Map::new();
    while let Some(name) = names.pop_first() {
        if let Some(found) = all.and_then(|it| it.get(&name))
            && !reached.contains_key(&name)
        {
            referred(found, &mut names);
            reached.insert(name, found.clone());
        }
    }
    reached
}

/// The names that references lead to; the documents' nesting is bounded, so recursion is.
fn referred(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str);
            let name = target.and_then(|it| it.strip_prefix(COMPONENTS));
            names.extend(name.and_then(|it| it.split('/').next()).map(str::to_owned));
            members.values().for_each(|it| referred(it, names));
        }
        Value::Array(items) => items.iter().for_each(|it| referred(it, names)),
        _ => {}
    }
}

/// A fault's place in the document instead of in the schema.
fn below(fault: Diagnostic, pointer: &str) -> Diagnostic {
    let inner = fault.place.pointer.clone().unwrap_or_default();
    let pointer = if inner.starts_with("/components/") {
        inner
    } else {
        format!("{pointer}{inner}")
    };
    Diagnostic {
        place: Place::at(&fault.place.file, pointer),
        ..fault
    }
}
