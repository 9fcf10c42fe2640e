//! One resource described twice: the JSON Schema and the OpenAPI component must say the same.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use heck::ToUpperCamelCase as _;
use serde_json::Value;

use crate::cursor::Cursor;
use crate::model::{Field, Kind, Model, Shape, StringEnum, TypeDef, Union};
use crate::{Diagnostic, Diagnostics, Document, Place, lower_schema, pointer};

/// Checks that `schema` agrees with the component it describes, and takes its prose over into the model.
/// Returns the component's name.
///
/// # Errors
/// The schema describes no component, or the two differ; every difference is reported.
pub fn agree(model: &mut Model, schema: &Document) -> Result<String, Diagnostics> {
    let described = described_component(model, schema);
    let types = lower_schema(schema, described.as_deref().unwrap_or("Root"));
    let (component, types) = match (described, types) {
        (Ok(component), Ok(types)) => (component, types),
        (described, types) => {
            let found = described.err().into_iter().chain(types.err());
            return Err(Diagnostics(found.flat_map(|found| found.0).collect()));
        }
    };
    let comparison = Comparison {
        ours: &types,
        theirs: &model.types,
        waiting: VecDeque::new(),
        seen: BTreeSet::new(),
        faults: Vec::new(),
    };
    Diagnostics::or(comparison.run(&component), ())?;
    take_prose(model, &types, &component);
    Ok(component)
}

/// The component a schema describes: after its title, the title's last word, or its file.
///
/// # Errors
/// No component has such a name.
pub fn described_component(model: &Model, schema: &Document) -> Result<String, Diagnostics> {
    let title = Cursor::root(schema).text("title");
    let stem = schema.file.rsplit('/').next().unwrap_or_default();
    let stem = stem.split('.').next().unwrap_or_default();
    let candidates = [
        title.as_str(),
        title.split_whitespace().last().unwrap_or_default(),
        stem,
    ];
    let names = candidates
        .iter()
        .map(|candidate| candidate.to_upper_camel_case());
    for name in names {
        if let Some(found) = model
            .types
            .keys()
            .find(|known| known.to_upper_camel_case() == name)
        {
            return Ok(found.clone());
        }
    }
    Err(Diagnostics::one(
        Place::at(schema.file.clone(), "/title"),
        format!("no component of the OpenAPI document is called after `{title}`"),
        "let the schema's title end in the component's name",
    ))
}

fn take_prose(model: &mut Model, types: &BTreeMap<String, TypeDef>, component: &str) {
    let Some(source) = types.get(component) else {
        return;
    };
    let Some(target) = model.types.get_mut(component) else {
        return;
    };
    target.doc.clone_from(&source.doc);
    let (Kind::Object(from), Kind::Object(to)) = (&source.kind, &mut target.kind) else {
        return;
    };
    for field in to {
        if let Some(described) = from.iter().find(|it| it.name == field.name) {
            field.doc.clone_from(&described.doc);
        }
    }
}

/// A structural comparison: names of types do not matter, what they hold does.
struct Comparison<'a> {
    ours: &'a BTreeMap<String, TypeDef>,
    theirs: &'a BTreeMap<String, TypeDef>,
    /// Pairs of types still to be compared; a queue, since types refer to one another in chains of any length.
    waiting: VecDeque<(String, String)>,
    seen: BTreeSet<(String, String)>,
    faults: Vec<Diagnostic>,
}

impl Comparison<'_> {
    fn run(mut self, component: &str) -> Vec<Diagnostic> {
        self.named(component, component);
        while let Some((ours, theirs)) = self.waiting.pop_front() {
            let (Some(a), Some(b)) = (self.ours.get(&ours), self.theirs.get(&theirs)) else {
                continue;
            };
            match (&a.kind, &b.kind) {
                (Kind::Object(ours), Kind::Object(theirs)) => self.fields(&a.place, ours, theirs),
                (Kind::Enum(ours), Kind::Enum(theirs))
                | (Kind::IntegerEnum(ours), Kind::IntegerEnum(theirs)) => {
                    self.values(&a.place, ours, theirs);
                }
                (Kind::Union(ours), Kind::Union(theirs)) => self.arms(&a.place, ours, theirs),
                _ => {
                    let what = format!("what `{theirs}` is");
                    self.differ(&a.place, &what, kind_word(&a.kind), kind_word(&b.kind));
                }
            }
        }
        self.faults
    }

    fn differ(&mut self, place: &Place, what: &str, ours: &str, theirs: &str) {
        self.faults.push(Diagnostic::new(
            place.clone(),
            format!("the JSON Schema and the OpenAPI document disagree about {what}: {ours} here, {theirs} there"),
            "make the two say the same; they describe one resource",
        ));
    }

    fn named(&mut self, ours: &str, theirs: &str) {
        let pair = (ours.to_owned(), theirs.to_owned());
        if self.seen.insert(pair.clone()) {
            self.waiting.push_back(pair);
        }
    }

    fn fields(&mut self, place: &Place, ours: &[Field], theirs: &[Field]) {
        for missing in theirs
            .iter()
            .filter(|field| !ours.iter().any(|our| our.name == field.name))
        {
            self.differ(
                place,
                &format!("`{}`", missing.name),
                "no such property",
                "one",
            );
        }
        for field in ours {
            let at = beneath(place, &field.name);
            match theirs.iter().find(|their| their.name == field.name) {
                None => self.differ(&at, &format!("`{}`", field.name), "a property", "none"),
                Some(their) => self.field(&at, field, their),
            }
        }
    }

    fn field(&mut self, at: &Place, ours: &Field, theirs: &Field) {
        let name = &ours.name;
        if ours.required != theirs.required {
            let word = |required: bool| if required { "required" } else { "optional" };
            self.differ(
                at,
                &format!("`{name}`"),
                word(ours.required),
                word(theirs.required),
            );
        }
        if ours.nullable != theirs.nullable {
            let word = |nullable: bool| {
                if nullable {
                    "null allowed"
                } else {
                    "null not allowed"
                }
            };
            self.differ(
                at,
                &format!("`{name}`"),
                word(ours.nullable),
                word(theirs.nullable),
            );
        }
        let keywords: BTreeSet<_> = ours
            .constraints
            .keys()
            .chain(theirs.constraints.keys())
            .collect();
        for keyword in keywords {
            let (a, b) = (
                ours.constraints.get(keyword),
                theirs.constraints.get(keyword),
            );
            if a != b {
                let word = |value: Option<&Value>| {
                    value.map_or_else(|| "none".to_owned(), Value::to_string)
                };
                self.differ(at, &format!("`{keyword}` of `{name}`"), &word(a), &word(b));
            }
        }
        self.shape(at, &format!("`{name}`"), &ours.shape, &theirs.shape);
    }

    fn shape(&mut self, at: &Place, what: &str, ours: &Shape, theirs: &Shape) {
        match (ours, theirs) {
            (Shape::Named(a), Shape::Named(b)) => self.named(a, b),
            (Shape::Array(a), Shape::Array(b)) | (Shape::Map(a), Shape::Map(b)) => {
                self.shape(at, what, a, b)
            }
            (a, b) if a == b => {}
            (a, b) => self.differ(
                at,
                &format!("the type of {what}"),
                &shape_words(a),
                &shape_words(b),
            ),
        }
    }

    fn values(&mut self, place: &Place, ours: &StringEnum, theirs: &StringEnum) {
        let a: BTreeSet<_> = ours.values.iter().collect();
        let b: BTreeSet<_> = theirs.values.iter().collect();
        for value in a.symmetric_difference(&b) {
            let word = |listed: &BTreeSet<&String>| {
                if listed.contains(value) {
                    "listed"
                } else {
                    "not listed"
                }
            };
            self.differ(place, &format!("the value `{value}`"), word(&a), word(&b));
        }
    }

    fn arms(&mut self, place: &Place, ours: &Union, theirs: &Union) {
        if ours.tag != theirs.tag {
            let word = |union: &Union| {
                union
                    .tag
                    .as_ref()
                    .map_or_else(|| "none".to_owned(), |tag| format!("`{tag}`"))
            };
            self.differ(place, "the tag of the union", &word(ours), &word(theirs));
            return;
        }
        let values = |union: &Union| {
            union
                .arms
                .iter()
                .map(|arm| arm.value.clone())
                .collect::<BTreeSet<_>>()
        };
        for value in values(ours).symmetric_difference(&values(theirs)) {
            let word = |union: &Union| {
                if values(union).contains(value) {
                    "there"
                } else {
                    "missing"
                }
            };
            self.differ(
                place,
                &format!("the arm `{value}`"),
                word(ours),
                word(theirs),
            );
        }
        for a in &ours.arms {
            if let Some(b) = theirs.arms.iter().find(|arm| arm.value == a.value) {
                self.shape(place, &format!("the arm `{}`", a.value), &a.shape, &b.shape);
            }
        }
    }
}

fn beneath(place: &Place, property: &str) -> Place {
    let pointer = place.pointer.clone().unwrap_or_default();
    let pointer = pointer::join(&format!("{pointer}/properties"), property);
    Place::at(place.file.clone(), pointer)
}

fn kind_word(kind: &Kind) -> &'static str {
    match kind {
        Kind::Object(_) => "an object",
        Kind::Enum(_) => "an enumeration",
        Kind::IntegerEnum(_) => "an enumeration of integers",
        Kind::Union(_) => "a union",
    }
}

fn shape_words(shape: &Shape) -> String {
    match shape {
        Shape::Boolean => "a boolean".to_owned(),
        Shape::Integer(format) => format!("an integer ({})", format.as_str()),
        Shape::Number => "a number".to_owned(),
        Shape::String(format) => match format.as_str() {
            Some(format) => format!("a string ({format})"),
            None => "a string".to_owned(),
        },
        Shape::Array(item) => format!("a list of {}", shape_words(item)),
        Shape::Map(value) => format!("a map to {}", shape_words(value)),
        Shape::Tuple(items) => {
            let items: Vec<_> = items.iter().map(shape_words).collect();
            format!("a list of exactly {}", items.join(", "))
        }
        Shape::Nullable(shape) => format!("{} or null", shape_words(shape)),
        Shape::Named(name) => format!("the type `{name}`"),
        Shape::Any => "any value".to_owned(),
    }
}
