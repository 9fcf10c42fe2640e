//! Equal inline enumerations become one named type.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase as _;

use super::Lowerer;
use super::look::value_names;
use crate::cursor::Cursor;
use crate::model::{Kind, Model, Shape, Streams, StringEnum};

/// Where an anonymous schema stands, to name it by.
#[derive(Debug, Clone)]
pub(super) struct Hint {
    parent: String,
    name: String,
}

impl Hint {
    pub(super) fn new(parent: &str, name: &str) -> Self {
        Self {
            parent: parent.to_owned(),
            name: name.to_owned(),
        }
    }

    /// The hint for an item of a list or map that stands here.
    pub(super) fn item(&self) -> Self {
        Self {
            parent: self.parent.clone(),
            name: format!("{}_item", self.name),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The hint for something else at this place.
    pub(super) fn renamed(&self, name: &str) -> Self {
        Self::new(&self.parent, name)
    }

    pub(super) fn type_name(&self) -> String {
        if self.parent.is_empty() {
            self.name.clone()
        } else {
            format!("{}_{}", self.parent, self.name)
        }
    }
}

/// One inline enumeration and every place it was met.
#[derive(Debug)]
struct Met {
    hints: Vec<Hint>,
    docs: Vec<String>,
    pointer: String,
    /// Only where every place says so.
    closed: bool,
    /// What the document calls the values.
    names: BTreeMap<String, String>,
}

/// The inline enumerations of a document, by their values.
#[derive(Debug, Default)]
pub(super) struct Hoisted {
    met: BTreeMap<Vec<String>, Met>,
    names: BTreeMap<String, String>,
}

impl Hoisted {
    /// Remembers an inline enumeration; the shape holds a stand-in name until all are known.
    pub(super) fn add(&mut self, at: &Cursor<'_>, values: Vec<String>, hint: &Hint) -> Shape {
        self.add_described(at, at.text("description"), values, hint)
    }

    /// As [`Hoisted::add`], where the description stands elsewhere.
    pub(super) fn add_described(
        &mut self,
        at: &Cursor<'_>,
        doc: String,
        values: Vec<String>,
        hint: &Hint,
    ) -> Shape {
        let stand_in = stand_in(&values);
        let met = self.met.entry(values).or_insert_with(|| Met {
            hints: Vec::new(),
            docs: Vec::new(),
            pointer: at.pointer.clone(),
            closed: true,
            names: value_names(at),
        });
        met.hints.push(hint.clone());
        met.docs.push(doc);
        met.closed &= at.flag("x-closed");
        Shape::Named(stand_in)
    }

    /// Stand-in names with the final names that replace them.
    pub(super) fn names(&self) -> &BTreeMap<String, String> {
        &self.names
    }

    /// Puts the final names into a model.
    pub(super) fn rename(&self, model: &mut Model) {
        for def in model.types.values_mut() {
            def.shapes_mut()
                .into_iter()
                .for_each(|shape| shape.rename(&self.names));
        }
        for shape in model
            .webhooks
            .values_mut()
            .chain(model.aliases.values_mut())
            .chain(model.streams.iter_mut().flat_map(Streams::shapes_mut))
        {
            shape.rename(&self.names);
        }
        for operation in model.operations.values_mut() {
            operation
                .shapes_mut()
                .into_iter()
                .for_each(|shape| shape.rename(&self.names));
        }
    }
}

/// A name no component can have.
fn stand_in(values: &[String]) -> String {
    format!("\u{0}{}", values.join("\u{0}"))
}

impl Met {
    /// The place with the shortest name: of `triggerBy` and `stopLossTriggerBy`, the former.
    fn shortest(&self) -> Option<(&Hint, &String)> {
        let places = self.hints.iter().zip(&self.docs);
        places.min_by_key(|(hint, _)| (hint.name.len(), hint.name.clone()))
    }

    fn short_name(&self) -> String {
        self.shortest()
            .map(|(hint, _)| hint.name.to_upper_camel_case())
            .unwrap_or_default()
    }
}

impl Lowerer<'_> {
    /// Names every inline enumeration: after an equal component, else after its shortest property.
    pub(super) fn finish_hoisting(&mut self, root: &Cursor<'_>) {
        let schemas = root.definitions();
        let met = std::mem::take(&mut self.hoisted.met);
        let shorts: Vec<_> = met.values().map(Met::short_name).collect();
        for (values, met) in met {
            // Where two enumerations could have the short name, neither gets it: which one did would
            // depend on their values, and change with them.
            let short = met.short_name();
            let alone = shorts.iter().filter(|other| **other == short).count() == 1;
            let name = match twin(&schemas, &values, &short) {
                Some((name, schema)) => self.define(schema, name),
                None => self.define_hoisted(&values, &met, alone),
            };
            let place = Cursor {
                pointer: met.pointer.clone(),
                ..root.clone()
            };
            let text = format!(
                "the inline enumeration here is named `{name}` (count: {})",
                met.hints.len()
            );
            self.note(&place, text);
            self.hoisted.names.insert(stand_in(&values), name);
        }
    }

    fn define_hoisted(&mut self, values: &[String], met: &Met, alone: bool) -> String {
        let Some((hint, doc)) = met.shortest() else {
            return String::new();
        };
        let short = hint.name.to_upper_camel_case();
        let free = alone && !short.is_empty() && !self.registry.is_taken(&short);
        let wanted = if free { short } else { hint.type_name() };
        let name = self.registry.free(&wanted);
        let kind = Kind::Enum(StringEnum {
            values: values.to_vec(),
            names: met.names.clone(),
            closed: met.closed,
        });
        let at = Cursor {
            pointer: met.pointer.clone(),
            ..Cursor::root(self.document)
        };
        self.add_type(&at, &name, doc.clone(), kind);
        name
    }
}

/// A component that lists the same values: the one called like the enumeration, else the first.
fn twin<'c, 'a>(
    schemas: &'c [(&'a str, Cursor<'a>)],
    values: &[String],
    short: &str,
) -> Option<&'c (&'a str, Cursor<'a>)> {
    let twins: Vec<_> = schemas
        .iter()
        .filter(|(_, schema)| lists(schema, values))
        .collect();
    let namesake = twins
        .iter()
        .find(|(name, _)| name.to_upper_camel_case() == short);
    namesake.or(twins.first()).copied()
}

fn lists(schema: &Cursor<'_>, values: &[String]) -> bool {
    let listed = schema.items("enum");
    listed.len() == values.len()
        && listed
            .iter()
            .zip(values)
            .all(|(item, value)| item.value == value.as_str())
}
