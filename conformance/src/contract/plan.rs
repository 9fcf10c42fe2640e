//! The model's types, prepared for a walk over values: what is looked up by name, and where it is counted.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bpx_contract::model::{Kind, Model, Shape, TypeDef};
use bpx_contract::schema;

/// Types by number, and the names of what is counted.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) types: Vec<TypePlan>,
    /// What can be seen: fields `Order.price`, values `Side=Bid`, arms `LiveOrder:Market`.
    pub(crate) slots: Vec<String>,
    /// By type, its first slot.
    pub(crate) firsts: Vec<usize>,
    numbers: BTreeMap<String, usize>,
}

/// One type.
#[derive(Debug)]
pub(crate) enum TypePlan {
    Object {
        name: String,
        fields: HashMap<String, FieldPlan>,
        /// The schema says what further members are.
        is_open: bool,
    },
    Enum(String, HashMap<String, usize>),
    Tagged {
        name: String,
        tag: String,
        arms: HashMap<String, ArmPlan>,
    },
    /// Told apart by shape only.
    Untagged(String, Vec<ArmPlan>),
}

impl TypePlan {
    /// The type's name in the model.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Object { name, .. }
            | Self::Enum(name, _)
            | Self::Tagged { name, .. }
            | Self::Untagged(name, _) => name,
        }
    }
}

#[derive(Debug)]
pub(crate) struct FieldPlan {
    pub(crate) slot: usize,
    pub(crate) use_: Use,
    /// The contract requires the member.
    pub(crate) required: bool,
    /// The contract declares that it can be null.
    pub(crate) nullable: bool,
}

#[derive(Debug)]
pub(crate) struct ArmPlan {
    pub(crate) slot: usize,
    pub(crate) use_: Use,
    pub(crate) shape: Shape,
}

/// A use of a type, as far as a walk needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Use {
    Scalar,
    Any,
    Array(Box<Use>),
    Map(Box<Use>),
    Type(usize),
    /// A message of a stream.
    Envelope(Box<Envelope>),
}

/// The members of a message around its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// The names that the schema documents; none where it says what further ones are.
    pub(crate) names: Option<BTreeSet<String>>,
    pub(crate) data: Use,
}

impl Plan {
    pub(crate) fn of(model: &Model) -> Self {
        let numbers = model.types.keys().cloned().zip(0..).collect();
        let mut plan = Self {
            numbers,
            ..Self::default()
        };
        for (name, def) in &model.types {
            plan.firsts.push(plan.slots.len());
            let compiled = plan.compile(name, def);
            plan.types.push(compiled);
        }
        plan
    }

    pub(crate) fn use_of(&self, shape: &Shape) -> Use {
        match shape {
            Shape::Array(item) => Use::Array(Box::new(self.use_of(item))),
            Shape::Map(value) => Use::Map(Box::new(self.use_of(value))),
            Shape::Named(name) => self.numbers.get(name).map_or(Use::Any, |n| Use::Type(*n)),
            Shape::Nullable(shape) => self.use_of(shape),
            Shape::Any | Shape::Tuple(_) => Use::Any,
            _ => Use::Scalar,
        }
    }

    fn slot(&mut self, name: String) -> usize {
        self.slots.push(name);
        self.slots.len() - 1
    }

    fn compile(&mut self, name: &str, def: &TypeDef) -> TypePlan {
        match &def.kind {
            Kind::Enum(values) | Kind::IntegerEnum(values) => {
                let slots = values.values.iter();
                TypePlan::Enum(
                    name.to_owned(),
                    slots
                        .map(|value| (value.clone(), self.slot(format!("{name}={value}"))))
                        .collect(),
                )
            }
            Kind::Object(fields) => {
                let compiled = fields.iter().map(|field| {
                    let plan = FieldPlan {
                        slot: self.slot(format!("{name}.{}", field.name)),
                        use_: self.use_of(&field.shape),
                        required: field.required,
                        nullable: field.nullable,
                    };
                    (field.name.clone(), plan)
                });
                TypePlan::Object {
                    fields: compiled.collect(),
                    name: name.to_owned(),
                    is_open: def.extra.is_some(),
                }
            }
            Kind::Union(union) => {
                let arms = union.arms.iter().map(|arm| {
                    let plan = ArmPlan {
                        slot: self.slot(format!("{name}:{}", arm.value)),
                        use_: self.use_of(&arm.shape),
                        shape: arm.shape.clone(),
                    };
                    (arm.value.clone(), plan)
                });
                match &union.tag {
                    Some(tag) => TypePlan::Tagged {
                        name: name.to_owned(),
                        tag: tag.clone(),
                        arms: arms.collect(),
                    },
                    None => {
                        let arms = arms.map(|(_, plan)| plan).collect();
                        TypePlan::Untagged(name.to_owned(), arms)
                    }
                }
            }
        }
    }

    /// The slots that values of these shapes can show.
    pub(crate) fn reachable<'a>(
        &self,
        model: &'a Model,
        shapes: impl IntoIterator<Item = &'a Shape>,
    ) -> Vec<usize> {
        let names = schema::reached(&model.types, shapes);
        let of_reached = |slot: &str| {
            let ends = |rest: &str| rest.starts_with(['.', '=', ':']);
            let mut names = names.iter();
            names.any(|name| slot.strip_prefix(name).is_some_and(ends))
        };
        let slots = self.slots.iter().enumerate();
        slots
            .filter(|(_, slot)| of_reached(slot))
            .map(|(index, _)| index)
            .collect()
    }
}
