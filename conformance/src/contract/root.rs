//! The schemas of whole bodies, each with its validator.

use std::sync::OnceLock;

use bpx_contract::model::Shape;
use bpx_contract::oracle::{ANNOTATIONS, Schemas, Side, Unusable};
use jsonschema::Validator;
use serde_json::Value;

use super::{Contract, Use};
use crate::quick;

/// The schema of whole bodies.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) use_: Use,
    pub(crate) side: Side,
    pub(crate) pointer: String,
    validator: OnceLock<Result<Validator, Unusable>>,
    kind: quick::Kind,
    /// The schema has no keyword that any value could break.
    pub(crate) is_any: bool,
}

impl Root {
    /// What the quick validator needs to know.
    pub(super) fn kind(&self) -> &quick::Kind {
        &self.kind
    }
}

/// Whether any value fits the schema.
fn is_any(schemas: &Schemas, pointer: &str) -> bool {
    match schemas.get(pointer) {
        Some(Value::Object(keywords)) => keywords
            .keys()
            .all(|key| ANNOTATIONS.contains(&key.as_str()) || key.starts_with("x-")),
        Some(Value::Bool(takes_all)) => *takes_all,
        _ => false,
    }
}

impl Contract {
    /// The validator of a root; compiled when it is first needed.
    pub(crate) fn validator<'a>(&self, root: &'a Root) -> Result<&'a Validator, &'a Unusable> {
        let validator = root
            .validator
            .get_or_init(|| self.schemas(root.side).validator(&root.pointer));
        validator.as_ref()
    }

    pub(crate) fn schemas(&self, side: Side) -> &Schemas {
        match side {
            Side::Sent => &self.sent,
            _ => &self.received,
        }
    }

    pub(super) fn add_root(&mut self, side: Side, pointer: &str, shape: Option<&Shape>) -> usize {
        let key = (side, pointer.to_owned(), shape.cloned());
        if let Some(known) = self.root_of.get(&key) {
            return *known;
        }
        let index = self.roots.len();
        let kind = match (side, shape) {
            (Side::Received, Some(shape)) => {
                quick::kind(self.model(), shape, &self.received, pointer, self.leniency)
            }
            _ => quick::Kind::Doubt,
        };
        self.roots.push(Root {
            use_: shape.map_or(Use::Any, |shape| self.plan.use_of(shape)),
            side,
            pointer: pointer.to_owned(),
            validator: OnceLock::new(),
            kind,
            is_any: is_any(self.schemas(side), pointer),
        });
        self.root_of.insert(key, index);
        index
    }
}
