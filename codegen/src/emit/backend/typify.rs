//! Typify decides the types of fields and of union arms.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::Names;
use bpx_contract::model::{self, Arm, Kind, Model, Shape, TypeDef};
use quote::format_ident;
use serde_json::{Map, Value, json};
use syn::{Field, Item, ItemStruct, Type, parse_quote};

use super::guard::guarded;
use super::{Special, conversions, from_json, inside, items, schema};
use crate::emit::Fault;
use crate::emit::shapes::is_doubled;

const TYPIFY: &str = "typify";

/// A struct for each object of a model, and one over the arms of each union, by component.
pub(in super::super) struct Structs(BTreeMap<String, ItemStruct>);

impl Structs {
    pub(in super::super) fn of(model: &Model, names: &Names) -> Result<Self, Fault> {
        let written = written(model, names)?.into_iter();
        let mut written: BTreeMap<_, _> = written.map(|it| (it.ident.to_string(), it)).collect();
        let mut structs = BTreeMap::new();
        for (name, def) in &model.types {
            let parts = parts(name, def, names);
            let made = match (&def.kind, parts.is_empty()) {
                (Kind::Enum(_) | Kind::IntegerEnum(_), _) => continue,
                (_, true) => Some(empty(names.ty(name))),
                (_, false) => written.remove(names.ty(name)),
            };
            let made = made.filter(|made| made.fields.len() == parts.len());
            let Some(mut made) = made else {
                let problem = format!("typify did not write the struct of `{name}`");
                return Err(Fault::new(def.place.clone(), problem));
            };
            for (part, field) in parts.iter().zip(&mut made.fields) {
                finish(field, part, needs_box(name, part.shape, model));
            }
            structs.insert(name.clone(), made);
        }
        Ok(Self(structs))
    }

    /// The struct of an object.
    pub(in super::super) fn get(&self, component: &str) -> Option<&ItemStruct> {
        self.0.get(component)
    }

    /// The type of a field, by its Rust name.
    pub(in super::super) fn field(&self, component: &str, name: &str) -> Option<&Type> {
        let mut fields = self.0.get(component)?.fields.iter();
        let field = fields.find(|field| field.ident.as_ref().is_some_and(|it| it == name))?;
        Some(&field.ty)
    }

    /// The types of a struct's fields or a union's arms, in the contract's order.
    pub(in super::super) fn types(&self, component: &str) -> impl Iterator<Item = &Type> + Clone {
        let fields = self.0.get(component).into_iter();
        fields.flat_map(|made| made.fields.iter().map(|field| &field.ty))
    }
}

/// A field of an object, or an arm of a union.
struct Part<'a> {
    name: String,
    /// A type other than that of the shape.
    given: Option<&'a str>,
    shape: &'a Shape,
    optional: bool,
    /// Absence and null are two things.
    doubled: bool,
    /// The map of undeclared properties has values of this shape.
    extra: bool,
}

/// The fields of an object, with the map of undeclared ones last, or the arms of a union.
fn parts<'a>(component: &str, def: &'a TypeDef, names: &'a Names) -> Vec<Part<'a>> {
    let field = |field: &'a model::Field| Part {
        name: names.field(component, &field.name).to_owned(),
        given: names.member_type(component, &field.name),
        shape: &field.shape,
        optional: field.optional(),
        doubled: is_doubled(field),
        extra: false,
    };
    let arm = |arm: &'a Arm| Part {
        name: "arm".to_owned(),
        given: None,
        shape: &arm.shape,
        optional: false,
        doubled: false,
        extra: false,
    };
    let extra = def.extra.iter().map(|shape| Part {
        name: names.extra(component).to_owned(),
        given: None,
        shape,
        optional: false,
        doubled: false,
        extra: true,
    });
    match &def.kind {
        Kind::Object(fields) => fields.iter().map(field).chain(extra).collect(),
        Kind::Union(union) => union.arms.iter().map(arm).collect(),
        Kind::Enum(_) | Kind::IntegerEnum(_) => Vec::new(),
    }
}

/// An object without properties, of which typify would make a map.
fn empty(name: &str) -> ItemStruct {
    let ident = format_ident!("{name}");
    parse_quote!(pub struct #ident {})
}

/// Gives a field its name. An optional one is an `Option`, whatever its type; typify leaves lists and maps without.
/// Typify boxes one type of a circle, whichever it enters first; here the names of other types play no part.
fn finish(field: &mut Field, part: &Part<'_>, boxed: bool) {
    let mut ty = inside(&field.ty, "Box").unwrap_or(&field.ty).clone();
    if let Some(given) = part.given.and_then(|given| syn::parse_str(given).ok()) {
        ty = given;
    }
    if boxed {
        ty = parse_quote!(Box<#ty>);
    }
    if part.optional {
        ty = parse_quote!(Option<#ty>);
    }
    if part.doubled {
        ty = parse_quote!(Option<#ty>);
    }
    if part.extra {
        ty = parse_quote!(BTreeMap<String, #ty>);
    }
    field.ty = ty;
    field.ident = Some(format_ident!("{}", part.name));
}

/// Whether a part of `owner` needs a box: its value holds an `owner` again, without a list or map between. A circle over
/// a union is broken at the union's arm.
fn needs_box(owner: &str, part: &Shape, model: &Model) -> bool {
    let kind = |name: &str| model.types.get(name).map(|def| &def.kind);
    let is_object = |name: &str| matches!(kind(name), Some(Kind::Object(_)));
    let of_object = is_object(owner);
    let mut seen = BTreeSet::new();
    let mut open = vec![part];
    while let Some(shape) = open.pop() {
        let inner = match shape {
            Shape::Named(inner) => inner,
            Shape::Nullable(_) | Shape::Tuple(_) => {
                open.extend(shape.parts());
                continue;
            }
            _ => continue,
        };
        if inner == owner {
            return true;
        }
        if seen.insert(inner) && (!of_object || is_object(inner)) {
            open.extend(kind(inner).into_iter().flat_map(Kind::shapes));
        }
    }
    false
}

/// The structs as typify writes them. Enumerations are known to it by name alone.
fn written(model: &Model, names: &Names) -> Result<Vec<ItemStruct>, Fault> {
    let definitions = model.types.iter().map(|(name, def)| {
        let parts = parts(name, def, names);
        let shapes = parts.iter().map(|part| part.shape);
        (names.ty(name).to_owned(), object(shapes, names))
    });
    structs(definitions.collect(), model, names)
}

/// The types of special shapes, in their order: typify reads what OpenAPI 3.0 cannot say.
pub(super) fn types(special: &Special, model: &Model, names: &Names) -> Result<Vec<Type>, Fault> {
    if special.0.is_empty() {
        return Ok(Vec::new());
    }
    const HOLDER: &str = "SpecialShapesHolder";
    let mut definitions: Vec<_> = model
        .types
        .keys()
        .map(|name| (names.ty(name).to_owned(), json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}})))
        .collect();
    definitions.push((HOLDER.to_owned(), object(special.0.iter(), names)));
    let made = structs(definitions, model, names)?;
    let holder = made.into_iter().find(|made| made.ident == HOLDER);
    let fields = holder.map(|holder| holder.fields).into_iter().flatten();
    Ok(fields.map(|field| field.ty).collect())
}

/// The structs that typify makes of these definitions.
fn structs(
    schemas: Vec<(String, Value)>,
    model: &Model,
    names: &Names,
) -> Result<Vec<ItemStruct>, Fault> {
    let mut settings = typify::TypeSpaceSettings::default();
    settings.with_map_type("::std::collections::BTreeMap".to_owned());
    for (schema, rust) in conversions() {
        settings.with_conversion(from_json(TYPIFY, schema)?, rust, std::iter::empty());
    }
    for (name, def) in &model.types {
        let rust = names.ty(name).to_owned();
        if matches!(def.kind, Kind::Enum(_) | Kind::IntegerEnum(_)) {
            settings.with_replacement(&rust, &rust, std::iter::empty());
        }
    }
    let mut definitions = Vec::new();
    for (rust, schema) in schemas {
        definitions.push((rust, from_json(TYPIFY, schema)?));
    }
    let mut space = typify::TypeSpace::new(&settings);
    let tokens = guarded(TYPIFY, || {
        space.add_ref_types(definitions).map(|()| space.to_stream())
    })?;
    let structs = items(TYPIFY, tokens)?
        .into_iter()
        .filter_map(|item| match item {
            Item::Struct(made) => Some(made),
            _ => None,
        });
    Ok(structs.collect())
}

/// An object with the parts as properties, named so that their order stays.
fn object<'a>(shapes: impl Iterator<Item = &'a Shape>, names: &Names) -> Value {
    let special = Special::default();
    let properties: Map<_, _> = shapes
        .enumerate()
        .map(|(index, shape)| (format!("p{index:06}"), schema(shape, names, &special)))
        .collect();
    let required: Vec<_> = properties.keys().collect();
    json!({"type": "object", "required": required, "properties": properties})
}
