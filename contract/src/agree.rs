//! One resource described twice: the JSON Schema and the OpenAPI component must say the same.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase as _;

use crate::cursor::Cursor;
use crate::model::{Field, Kind, Model, Shape, StringEnum, TypeDef, Union};
use crate::{Diagnostic, Diagnostics, Document, Place, lower_schema};

/// Checks that `schema` agrees with the component it describes, and takes its prose over into the model.
/// Returns the component's name.
///
/// # Errors
/// The schema describes no component, or the two differ; every difference is reported.
pub fn agree(model: &mut Model, schema: &Document) -> Result<String, Diagnostics> {
    let component = described_component(model, schema)?;
    let types = lower_schema(schema, &component)?;
    let mut comparison = Comparison {
        ours: &types,
        theirs: &model.types,
        seen: BTreeSet::new(),
        faults: Vec::new(),
    };
    comparison.named(&component, &component);
    Diagnostics::or(comparison.faults, ())?;
    take_prose(model, &types, &component);
    Ok(component)
}

/// The component a schema describes: after its title, the title's last word, or its file.
fn described_component(model: &Model, schema: &Document) -> Result<String, Diagnostics> {
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
    seen: BTreeSet<(String, String)>,
    faults: Vec<Diagnostic>,
}

impl Comparison<'_> {
    fn differ(&mut self, place: &Place, what: &str, ours: &str, theirs: &str) {
        self.faults.push(Diagnostic::new(
            place.clone(),
            format!("the JSON Schema and the OpenAPI document disagree about {what}: {ours} here, {theirs} there"),
            "make the two say the same; they describe one resource",
        ));
    }

    fn named(&mut self, ours: &str, theirs: &str) {
        if !self.seen.insert((ours.to_owned(), theirs.to_owned())) {
            return;
        }
        let (Some(a), Some(b)) = (self.ours.get(ours), self.theirs.get(theirs)) else {
            return;
        };
        match (&a.kind, &b.kind) {
            (Kind::Object(ours), Kind::Object(theirs)) => self.fields(&a.place, ours, theirs),
            (Kind::Enum(ours), Kind::Enum(theirs)) => self.values(&a.place, ours, theirs),
            (Kind::Union(ours), Kind::Union(theirs)) => self.arms(&a.place, ours, theirs),
            _ => self.differ(
                &a.place,
                "what this is",
                kind_word(&a.kind),
                kind_word(&b.kind),
            ),
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
        if ours.constraints != theirs.constraints {
            let word = |it: &Field| format!("{:?}", it.constraints);
            self.differ(
                at,
                &format!("the limits of `{name}`"),
                &word(ours),
                &word(theirs),
            );
        }
        self.shape(at, name, &ours.shape, &theirs.shape);
    }

    fn shape(&mut self, at: &Place, name: &str, ours: &Shape, theirs: &Shape) {
        match (ours, theirs) {
            (Shape::Named(a), Shape::Named(b)) => self.named(a, b),
            (Shape::Array(a), Shape::Array(b)) | (Shape::Map(a), Shape::Map(b)) => {
                self.shape(at, name, a, b)
            }
            (a, b) if a == b => {}
            (a, b) => self.differ(
                at,
                &format!("the type of `{name}`"),
                &format!("{a:?}"),
                &format!("{b:?}"),
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
        let tags = |union: &Union| {
            union
                .arms
                .iter()
                .map(|arm| arm.value.clone())
                .collect::<Vec<_>>()
        };
        if ours.tag != theirs.tag || tags(ours) != tags(theirs) {
            self.differ(
                place,
                "the arms of the union",
                &tags(ours).join(", "),
                &tags(theirs).join(", "),
            );
            return;
        }
        for (a, b) in ours.arms.iter().zip(&theirs.arms) {
            self.shape(place, &a.value, &a.shape, &b.shape);
        }
    }
}

fn beneath(place: &Place, property: &str) -> Place {
    let pointer = place.pointer.clone().unwrap_or_default();
    Place::at(
        place.file.clone(),
        format!("{pointer}/properties/{property}"),
    )
}

fn kind_word(kind: &Kind) -> &'static str {
    match kind {
        Kind::Object(_) => "an object",
        Kind::Enum(_) => "an enumeration",
        Kind::Union(_) => "a union",
    }
}
