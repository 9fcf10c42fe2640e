//! Progenitor decides what a builder holds for each parameter and the body, and what `send` returns.

use std::collections::BTreeMap;

use bpx_contract::Names;
use bpx_contract::model::{Content, Location, Model, Operation, Param};
use quote::format_ident;
use serde_json::{Map, Value, json};
use syn::{Field, ImplItem, Item, ReturnType, Type};

use super::guard::guarded;
use super::{conversions, from_json, generics, inside, items, schema};
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
pub(super) fn builders(model: &Model, names: &Names) -> Result<BTreeMap<String, Builder>, Fault> {
    let items = written(model, names)?;
    let operations = model.operations.iter().enumerate();
    let builders = operations.map(|(index, (id, operation))| {
        let builder = builder(&items, index, operation, names);
        let builder = builder.ok_or_else(|| {
            let problem = format!("progenitor did not write the builder of `{id}`");
            Fault::new(operation.place.clone(), problem)
        })?;
        Ok((id.clone(), builder))
    });
    builders.collect()
}

/// The items of progenitor's module `builder`.
fn written(model: &Model, names: &Names) -> Result<Vec<Item>, Fault> {
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
    let spec = from_json(PROGENITOR, openapi(model, names))?;
    let tokens = guarded(PROGENITOR, || {
        progenitor::Generator::new(&settings).generate_tokens(&spec)
    })?;
    let builders = items(PROGENITOR, tokens)?
        .into_iter()
        .find_map(|item| match item {
            Item::Mod(module) if module.ident == "builder" => module.content,
            _ => None,
        });
    Ok(builders.map(|(_, items)| items).unwrap_or_default())
}

/// The builder of the operation at this position, under our names: a struct with its methods behind it.
fn builder(items: &[Item], index: usize, operation: &Operation, names: &Names) -> Option<Builder> {
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
            Some(param) => names.param(&param.name, param.location),
            None => Some(written).filter(|it| it == "body")?,
        };
        Some(Field {
            ident: Some(format_ident!("{name}")),
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
fn openapi(model: &Model, names: &Names) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for (index, operation) in model.operations.values().enumerate() {
        let item = paths.entry(path(operation)).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            let method = operation.method.key().to_owned();
            item.insert(method, path_operation(index, operation, names));
        }
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

fn path_operation(index: usize, operation: &Operation, names: &Names) -> Value {
    let params = named(operation).into_iter().map(|(name, param)| {
        json!({
            "name": name,
            "in": param.location.as_str(),
            "required": param.required,
            "schema": schema(&param.shape, names),
        })
    });
    let content = |shape| json!({"application/json": {"schema": schema(shape, names)}});
    let mut responses = json!({"200": {"description": ""}});
    if let Content::Json(shape) = &operation.success.content {
        responses = json!({"200": {"description": "", "content": content(shape)}});
    }
    if let (Some(error), Some(responses)) = (&operation.error, responses.as_object_mut()) {
        let error = json!({"description": "", "content": content(error)});
        responses.insert("4XX".to_owned(), error);
    }
    let body = operation.body.as_ref();
    json!({
        "operationId": format!("op{index}"),
        "parameters": params.collect::<Vec<_>>(),
        "requestBody": body.map(|body| json!({"required": true, "content": content(&body.shape)})),
        "responses": responses,
    })
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

/// The path template over those names.
fn path(operation: &Operation) -> String {
    let mut path = operation.path.clone();
    for (name, param) in named(operation) {
        if param.location == Location::Path {
            path = path.replace(&format!("{{{}}}", param.name), &format!("{{{name}}}"));
        }
    }
    path
}
