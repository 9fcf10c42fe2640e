//! Progenitor decides what a builder holds for each parameter and the body, and what `send` returns.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::Names;
use bpx_contract::model::{Location, Media, Model, Operation, Param, Shape, StringFormat};
use quote::format_ident;
use serde_json::{Map, Value, json};
use syn::visit_mut::{self, VisitMut};
use syn::{Field, ImplItem, Item, Path, ReturnType, Type, parse_quote};

use super::guard::guarded;
use super::{BYTES, FILE, Special, conversions, from_json, generics, inside, items, schema};
use crate::emit::Fault;

const PROGENITOR: &str = "progenitor";

/// The state of one operation's builder, and what the operation gives.
pub(in super::super) struct Builder {
    /// `name: Result<T, String>` for what has to be set, `name: Result<Option<T>, String>` for what has not; the body last.
    pub(in super::super) fields: Vec<Field>,
    /// The documented JSON of a success, `()` without one.
    pub(in super::super) success: Type,
    /// The documented JSON of a failure, `()` without one.
    pub(in super::super) error: Type,
}

impl Builder {
    /// What a parameter, or the body, is set to.
    pub(in super::super) fn given(&self, name: &str) -> Option<&Type> {
        let is_named = |field: &&Field| field.ident.as_ref().is_some_and(|ident| ident == name);
        self.fields.iter().find(is_named).and_then(given)
    }
}

/// `T` of a builder's field.
pub(in super::super) fn given(field: &Field) -> Option<&Type> {
    let ty = inside(&field.ty, "Result")?;
    Some(inside(ty, "Option").unwrap_or(ty))
}

/// The builders, by `operationId`.
pub(super) fn builders(
    model: &Model,
    names: &Names,
    special: (&Special, &[Type]),
) -> Result<BTreeMap<String, Builder>, Fault> {
    if model.operations.is_empty() {
        return Ok(BTreeMap::new());
    }
    let items = written(model, names, special)?;
    let operations = model.operations.iter().enumerate();
    let builders = operations.map(|(index, (id, operation))| {
        let builder = builder(&items, index, (id, operation), names);
        let builder = builder.ok_or_else(|| {
            let problem = format!("progenitor did not write the builder of `{id}`");
            Fault::new(operation.place.clone(), problem)
        })?;
        Ok((id.clone(), builder))
    });
    builders.collect()
}

/// The items of progenitor's module `builder`.
fn written(
    model: &Model,
    names: &Names,
    (special, types): (&Special, &[Type]),
) -> Result<Vec<Item>, Fault> {
    let mut settings = progenitor::GenerationSettings::default();
    settings
        .with_interface(progenitor::InterfaceStyle::Builder)
        .with_tag(progenitor::TagStyle::Merged)
        .with_map_type("::std::collections::BTreeMap");
    let text = || [progenitor::TypeImpl::Display].into_iter();
    for (schema, rust) in conversions() {
        settings.with_conversion(from_json(PROGENITOR, schema)?, rust, text());
    }
    for name in model.types.keys() {
        let rust = names.ty(name);
        settings.with_replacement(rust, format!("types::{rust}"), text());
    }
    for index in 0..types.len() {
        let schema = json!({"type": "string", "format": format!("special-{index}")});
        let rust = format!("::{SPECIAL}{index}");
        settings.with_conversion(from_json(PROGENITOR, schema)?, rust, text());
    }
    let spec = from_json(PROGENITOR, openapi(model, names, special))?;
    let tokens = guarded(PROGENITOR, || {
        progenitor::Generator::new(&settings).generate_tokens(&spec)
    })?;
    let builders = items(PROGENITOR, tokens)?
        .into_iter()
        .find_map(|item| match item {
            Item::Mod(module) if module.ident == "builder" => module.content,
            _ => None,
        });
    let mut items = builders.map(|(_, items)| items).unwrap_or_default();
    let types = types.iter().map(|ty| qualified(ty, model, names));
    let mut insert = InsertSpecial(types.collect());
    items
        .iter_mut()
        .for_each(|item| insert.visit_item_mut(item));
    Ok(items)
}

/// Stands in progenitor's code for a special type, since a conversion has to be a path.
const SPECIAL: &str = "SpecialShape";

/// Puts special types where their names stand.
struct InsertSpecial(Vec<Type>);

impl VisitMut for InsertSpecial {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        let name = match ty {
            Type::Path(path) => path.path.get_ident().map(ToString::to_string),
            _ => None,
        };
        let index = name
            .as_deref()
            .and_then(|name| name.strip_prefix(SPECIAL)?.parse().ok());
        if let Some(special) = index.and_then(|index: usize| self.0.get(index)) {
            *ty = special.clone();
        }
    }
}

/// The builder of the operation at this position, under our names: a struct with its methods behind it.
fn builder(
    items: &[Item],
    index: usize,
    (id, operation): (&str, &Operation),
    names: &Names,
) -> Option<Builder> {
    let name = format!("Op{index}");
    let is_builder = |item: &Item| matches!(item, Item::Struct(made) if made.ident == name);
    let at = items.iter().position(is_builder)?;
    let [Item::Struct(made), Item::Impl(methods), ..] = items.get(at..)? else {
        return None;
    };
    let send = methods.items.iter().find_map(|method| match method {
        ImplItem::Fn(method) if method.sig.ident == "send" => Some(&method.sig.output),
        _ => None,
    });
    let (success, error) = returned(send?)?;
    let params: BTreeMap<_, _> = named(operation).into_iter().collect();
    let fields = made.fields.iter().filter_map(|field| {
        let written = field.ident.as_ref()?.to_string();
        let name = match params.get(&written) {
            Some(param) => names.param(id, &param.name, param.location),
            None => Some(written.as_str()).filter(|it| *it == "body")?,
        };
        let mut ty = field.ty.clone();
        let is_optional = operation.body.as_ref().is_some_and(|body| !body.required);
        if let (Some(given), true) = (inside(&ty, "Result"), is_optional && written == "body") {
            ty = parse_quote!(Result<Option<#given>, String>);
        }
        Some(Field {
            ident: Some(format_ident!("{name}")),
            ty,
            ..field.clone()
        })
    });
    Some(Builder {
        fields: fields.collect(),
        success,
        error,
    })
}

/// `T` and `E` of `Result<ResponseValue<T>, Error<E>>`.
fn returned(output: &ReturnType) -> Option<(Type, Type)> {
    let ReturnType::Type(_, result) = output else {
        return None;
    };
    let [success, error] = generics(result, "Result").try_into().ok()?;
    Some((
        inside(success, "ResponseValue")?.clone(),
        inside(error, "Error")?.clone(),
    ))
}

/// The model as plain OpenAPI 3.0: parameters as they are, bodies and responses by reference.
fn openapi(model: &Model, names: &Names, special: &Special) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for (index, operation) in model.operations.values().enumerate() {
        let method = operation.method.key();
        let item = json!({method: path_operation(index, operation, names, special)});
        paths.insert(path(index, operation), item);
    }
    // Types are replaced by name, so what stands here only has to be a definition.
    let types = model.types.keys();
    let types = types.map(|name| (names.ty(name).to_owned(), json!({"type": "object"})));
    json!({
        "openapi": "3.0.3",
        "info": {"title": model.title, "version": model.version},
        "paths": paths,
        "components": {"schemas": types.collect::<Map<_, _>>()},
    })
}

fn path_operation(index: usize, operation: &Operation, names: &Names, special: &Special) -> Value {
    let params = named(operation).into_iter().map(|(name, param)| {
        let location = match param.location {
            Location::Path | Location::Header => param.location,
            // Progenitor has no such parameters; where ours travel, our own code says.
            _ => Location::Query,
        };
        json!({
            "name": name,
            "in": location.as_str(),
            "required": param.required,
            "schema": param_schema(param, names, special),
        })
    });
    let content = |shape| json!({"application/json": {"schema": schema(shape, names, special)}});
    let mut responses = json!({"200": {"description": ""}});
    if let Some(shape) = operation.success.content.json() {
        responses = json!({"200": {"description": "", "content": content(shape)}});
    }
    if let (Some(error), Some(responses)) = (&operation.error, responses.as_object_mut()) {
        let error = json!({"description": "", "content": content(error)});
        responses.insert("4XX".to_owned(), error);
    }
    let body = operation.body.as_ref().map(|body| match body.media {
        Media::Bytes(_) => json!({"type": "string", "format": BYTES}),
        _ => schema(&body.shape, names, special),
    });
    let body = body.map(|schema| json!({"application/json": {"schema": schema}}));
    json!({
        "operationId": format!("op{index}"),
        "parameters": params.collect::<Vec<_>>(),
        "requestBody": body.map(|content| json!({"required": true, "content": content})),
        "responses": responses,
    })
}

/// A parameter's schema. The binary parts of a form are files.
fn param_schema(param: &Param, names: &Names, special: &Special) -> Value {
    let file = json!({"type": "string", "format": FILE});
    let is_file = |shape: &Shape| *shape == Shape::String(StringFormat::Binary);
    match (&param.shape, param.location) {
        (shape, Location::Part) if is_file(shape) => file,
        (Shape::Array(item), Location::Part) if is_file(item) => {
            json!({"type": "array", "items": file})
        }
        (shape, _) => schema(shape, names, special),
    }
}

/// Typify's type where types of the contract stand in a module of their own.
fn qualified(ty: &Type, model: &Model, names: &Names) -> Type {
    struct Qualify<'a>(BTreeSet<&'a str>);
    impl VisitMut for Qualify<'_> {
        fn visit_path_mut(&mut self, path: &mut Path) {
            visit_mut::visit_path_mut(self, path);
            let is_ours = path
                .get_ident()
                .is_some_and(|it| self.0.contains(&*it.to_string()));
            if is_ours {
                path.segments.insert(0, format_ident!("types").into());
            }
        }
    }
    let mut ty = ty.clone();
    Qualify(model.types.keys().map(|name| names.ty(name)).collect()).visit_type_mut(&mut ty);
    ty
}

/// Every parameter with the name that progenitor reads. It makes Rust names by rules of its own and sorts by them.
fn named(operation: &Operation) -> Vec<(String, &Param)> {
    let mut params: Vec<_> = operation.params.iter().collect();
    params.sort_by_key(|param| (&param.name, param.location));
    let numbered = params.into_iter().enumerate();
    numbered
        .map(|(index, param)| (format!("p{index:04}"), param))
        .collect()
}

/// A path template of its own for each operation, over those names: what is sent, our own code says.
fn path(index: usize, operation: &Operation) -> String {
    let params = named(operation).into_iter();
    let params = params.filter(|(_, param)| param.location == Location::Path);
    let params: String = params.map(|(name, _)| format!("/{{{name}}}")).collect();
    format!("/{index}{params}")
}
