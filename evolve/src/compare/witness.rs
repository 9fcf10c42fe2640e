//! Finds witnesses: values that are valid by the sender's document and invalid by the receiver's.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use bpx_contract::model::{Model, Shape};
use bpx_contract::schema::compiled;
use jsonschema::Validator;
use serde_json::Value;

use super::instances::{Instances, Segment};
use super::strict::{Party, Strict};
use crate::element::Element;
use crate::side::Side;

/// How much text of schemas is compiled to validators. Beyond it no witness is found.
const COMPILED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Which value to look for at the position of a change.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Probe {
    /// None: no value shows the change.
    None,
    Value(Value),
    Without(String),
    Null(String),
    Field(String),
    Arm(String),
    Several,
}

/// A pair of shapes at the same position of a body.
#[derive(Debug, Clone)]
pub(super) struct Visit<'a> {
    pub(super) side: Side,
    /// The body.
    pub(super) root: (&'a Shape, &'a Shape),
    /// From the body to this position; `None` if it is too long to be followed.
    pub(super) path: Option<Vec<Segment>>,
    /// What reports call the position.
    pub(super) label: String,
    /// The element that has these shapes for its type.
    pub(super) holder: Element,
    pub(super) old: &'a Shape,
    pub(super) new: &'a Shape,
}

impl Visit<'_> {
    /// The element for a change inside the types of this position: a part of the type, if both documents use the same
    /// type; otherwise the holder, which uses another type now.
    pub(super) fn inside(&self, part: impl FnOnce(String) -> Element) -> Element {
        match (self.old, self.new) {
            (Shape::Named(old), Shape::Named(new)) if old == new => part(old.clone()),
            _ => self.holder.clone(),
        }
    }
}

/// By document (whether it is the new one), party and shape; `None` if the schema cannot be compiled.
type Validators = BTreeMap<(bool, Party, Shape), Option<Rc<Validator>>>;

/// Finds witnesses and verifies them with both validators.
#[derive(Debug)]
pub(super) struct Prover<'a> {
    old: &'a Model,
    new: &'a Model,
    validators: RefCell<Validators>,
    compiled_bytes: Cell<usize>,
}

impl<'a> Prover<'a> {
    pub(super) fn new(old: &'a Model, new: &'a Model) -> Self {
        Self {
            old,
            new,
            validators: RefCell::default(),
            compiled_bytes: Cell::new(0),
        }
    }

    /// A body that is valid for the sender, and invalid for the receiver because of the value at the visited position.
    pub(super) fn witness(&self, visit: &Visit<'_>, probe: &Probe) -> Option<Value> {
        let path = visit.path.as_deref()?;
        let from_new = visit.side == Side::Response;
        let (sender, receiver, root) = if from_new {
            (visit.new, visit.old, visit.root.1)
        } else {
            (visit.old, visit.new, visit.root.0)
        };
        let instances = self.instances(from_new);
        let local = |value: &Value| self.differs(from_new, sender, receiver, value);
        let whole = |value: &Value| {
            let (old, new) = visit.root;
            let (sender, receiver) = if from_new { (new, old) } else { (old, new) };
            self.differs(from_new, sender, receiver, value)
        };
        self.candidates(from_new, sender, receiver, probe)
            .into_iter()
            .filter(local)
            .filter_map(|value| instances.along(root, path, value))
            .find(whole)
    }

    fn differs(&self, from_new: bool, sender: &Shape, receiver: &Shape, value: &Value) -> bool {
        let valid = |of_new, party, shape| {
            let validator = self.validator(of_new, party, shape);
            validator.map(|it| it.is_valid(value))
        };
        valid(from_new, Party::Sender, sender) == Some(true)
            && valid(!from_new, Party::Receiver, receiver) == Some(false)
    }

    fn instances(&self, of_new: bool) -> Instances<'a> {
        let model = if of_new { self.new } else { self.old };
        Instances {
            types: &model.types,
        }
    }

    fn candidates(
        &self,
        from_new: bool,
        sender: &Shape,
        receiver: &Shape,
        probe: &Probe,
    ) -> Vec<Value> {
        let make = self.instances(from_new);
        match probe {
            Probe::None => Vec::new(),
            Probe::Value(value) => vec![value.clone()],
            Probe::Without(_) => make.least(sender).into_iter().collect(),
            Probe::Null(name) => make
                .with_field(sender, name, Value::Null)
                .into_iter()
                .collect(),
            Probe::Field(name) => self.of_field(from_new, sender, receiver, name),
            Probe::Arm(value) => {
                let union = sender.named().and_then(|name| make.union(name));
                let arm = union.and_then(|union| {
                    let arm = union.arms.iter().find(|arm| arm.value == *value)?;
                    make.arm(union, arm)
                });
                arm.into_iter().collect()
            }
            Probe::Several => make.several(sender),
        }
    }

    fn of_field(&self, from_new: bool, sender: &Shape, receiver: &Shape, name: &str) -> Vec<Value> {
        let field = |of_new: bool, shape: &Shape| {
            let fields = self.instances(of_new).fields(shape.named()?)?;
            fields.iter().find(|field| field.name == name)
        };
        let (Some(sent), Some(taken)) = (field(from_new, sender), field(!from_new, receiver))
        else {
            return Vec::new();
        };
        let make = self.instances(from_new);
        make.of_field(sent, taken)
            .into_iter()
            .filter_map(|value| make.with_field(sender, name, value))
            .collect()
    }

    fn validator(&self, of_new: bool, party: Party, shape: &Shape) -> Option<Rc<Validator>> {
        let key = (of_new, party, shape.clone());
        if let Some(known) = self.validators.borrow().get(&key) {
            return known.clone();
        }
        let types = self.instances(of_new).types;
        let is_spent = self.compiled_bytes.get() >= COMPILED_BYTES_MAX;
        let schema = (!is_spent).then(|| Strict { types, party }.shape(shape));
        let schema = schema.flatten();
        let length = schema.as_ref().map_or(0, |it| it.to_string().len());
        self.compiled_bytes.set(self.compiled_bytes.get() + length);
        let validator = schema.and_then(|schema| compiled(&schema).ok());
        let validator = validator.map(Rc::new);
        self.validators.borrow_mut().insert(key, validator.clone());
        validator
    }
}
