//! Typify and progenitor decide the Rust type of everything: fields and union arms, parameters and bodies, responses.
//!
//! Both read plain schemas with neutral names, so that nothing in a document reaches an assertion of theirs and no
//! naming rule but ours applies. What they decide is read from the code they write; nothing decides it again.

mod guard;
mod progenitor;
mod typify;

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::Names;
use bpx_contract::model::{IntFormat, Model, Shape, StringFormat};
use proc_macro2::TokenStream;
use quote::ToTokens as _;
use serde_json::{Value, json};
use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, Path, PathArguments, Type, parse_quote};

use super::{Fault, Source};

pub(super) use self::progenitor::{Builder, given};
pub(super) use self::typify::Structs;

/// What the backends decided about a contract and its workflows.
pub(super) struct Decided {
    /// The types of the contract and those of workflows, as the backends saw them.
    pub(super) model: Model,
    pub(super) structs: Structs,
    /// By `operationId`.
    pub(super) builders: BTreeMap<String, Builder>,
    /// The types of aliases, in the order of the model.
    pub(super) aliases: Vec<Type>,
    /// What the messages of streams carry, by address.
    pub(super) messages: BTreeMap<String, Type>,
}

impl Decided {
    pub(super) fn of(source: &Source<'_>) -> Result<Self, Fault> {
        let mut model = source.model.clone();
        model.types.extend(source.workflows.types.clone());
        Ok(Self {
            builders: {
                let special = Special::of(source.model);
                let types = typify::types(&special, &model, source.names)?;
                progenitor::builders(source.model, source.names, (&special, &types))?
            },
            aliases: {
                let shapes = Special(source.model.aliases.values().cloned().collect());
                typify::types(&shapes, &model, source.names)?
            },
            messages: messages(&model, source.names)?,
            structs: Structs::of(&model, source.names)?,
            model,
        })
    }
}

/// The types of messages, as another module names them.
fn messages(model: &Model, names: &Names) -> Result<BTreeMap<String, Type>, Fault> {
    let channels = model.streams.iter().flat_map(|it| &it.channels);
    let (addresses, shapes): (Vec<_>, Vec<_>) = channels
        .map(|(address, channel)| (address.clone(), channel.message.clone()))
        .unzip();
    let mut types = typify::types(&Special(shapes), model, names)?;
    let defined = model.types.keys().map(|name| names.ty(name).to_owned());
    let mut qualify = Qualify(defined.collect());
    for ty in &mut types {
        qualify.visit_type_mut(ty);
    }
    Ok(addresses.into_iter().zip(types).collect())
}

/// Names of types of the contract, outside of the module that defines them.
struct Qualify(BTreeSet<String>);

impl VisitMut for Qualify {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let ident = path
            .get_ident()
            .filter(|it| self.0.contains(&it.to_string()));
        if let Some(ident) = ident.cloned() {
            *path = parse_quote!(types::#ident);
        }
    }
}

/// A shape as JSON Schema, with references to Rust names. Typify reads tuples and nulls. OpenAPI 3.0
/// has no form for some of them; progenitor gets a format that stands for typify's type.
fn schema(shape: &Shape, names: &Names, special: &Special) -> Value {
    if let Some(format) = special.format_of(shape) {
        return json!({"type": "string", "format": format});
    }
    let inner = |shape: &Shape| schema(shape, names, special);
    match shape {
        Shape::Boolean => json!({"type": "boolean"}),
        Shape::Integer(format) => json!({"type": "integer", "format": format.as_str()}),
        Shape::Number => json!({"type": "number", "format": "double"}),
        Shape::String(StringFormat::Plain | StringFormat::Binary) => json!({"type": "string"}),
        Shape::String(format) => json!({"type": "string", "format": format.as_str()}),
        Shape::Array(item) => json!({"type": "array", "items": inner(item)}),
        Shape::Map(value) => json!({"type": "object", "additionalProperties": inner(value)}),
        Shape::Tuple(items) => {
            let count = items.len();
            let items: Vec<_> = items.iter().map(inner).collect();
            json!({"type": "array", "items": items, "minItems": count, "maxItems": count})
        }
        Shape::Nullable(shape) => json!({"oneOf": [inner(shape), {"type": "null"}]}),
        Shape::Named(name) => json!({"$ref": format!("#/components/schemas/{}", names.ty(name))}),
        Shape::Any => json!({"type": "string", "format": ANY}),
    }
}

/// Shapes that OpenAPI 3.0 cannot say, each with the format that stands for it.
#[derive(Debug, Default)]
struct Special(Vec<Shape>);

impl Special {
    /// Those of the parameters and bodies of a model, each as a whole.
    fn of(model: &Model) -> Self {
        let mut all = Vec::new();
        for operation in model.operations.values() {
            let params = operation.params.iter().map(|param| &param.shape);
            for shape in params.chain(operation.bodies()) {
                let mut open = vec![shape];
                while let Some(shape) = open.pop() {
                    match shape {
                        Shape::Tuple(_) | Shape::Nullable(_) if !all.contains(shape) => {
                            all.push(shape.clone());
                        }
                        Shape::Tuple(_) | Shape::Nullable(_) => {}
                        other => open.extend(other.parts()),
                    }
                }
            }
        }
        Self(all)
    }

    fn format_of(&self, shape: &Shape) -> Option<String> {
        let place = self.0.iter().position(|known| known == shape)?;
        Some(format!("special-{place}"))
    }
}

/// A format that stands for any JSON value: without a type, a backend would make exceptions for it.
const ANY: &str = "any";
/// Formats that stand for a file of a form, and for a whole body of bytes.
const FILE: &str = "file";
const BYTES: &str = "bytes";

/// Schemas that stand for a type of another crate, in both backends.
fn conversions() -> Vec<(Value, String)> {
    let string =
        |format: &str, rust: &str| (json!({"type": "string", "format": format}), rust.to_owned());
    let mut all = vec![
        string("decimal", "::rust_decimal::Decimal"),
        string("naive-date-time", "::chrono::NaiveDateTime"),
        string("date-time", "::chrono::DateTime<::chrono::Utc>"),
        string("date", "::chrono::NaiveDate"),
        string("uuid", "::uuid::Uuid"),
        string("ipv4", "::std::net::Ipv4Addr"),
        string("ipv6", "::std::net::Ipv6Addr"),
        string(ANY, "::serde_json::Value"),
        string(FILE, "::bpx_runtime::File"),
        string(BYTES, "::bytes::Bytes"),
    ];
    all.extend(IntFormat::ALL.map(|(_, format, rust)| {
        (
            json!({"type": "integer", "format": format}),
            rust.to_owned(),
        )
    }));
    all
}

fn from_json<T: serde::de::DeserializeOwned>(backend: &str, value: Value) -> Result<T, Fault> {
    serde_json::from_value(value).map_err(|error| Fault::backend(backend, &error))
}

/// What a backend wrote, with short paths.
fn items(backend: &str, tokens: TokenStream) -> Result<Vec<syn::Item>, Fault> {
    let mut file: syn::File =
        syn::parse2(tokens).map_err(|error| Fault::backend(backend, &error))?;
    Shorten.visit_file_mut(&mut file);
    Ok(file.items)
}

/// Generated modules import what backends write with its whole path: `::std::option::Option` is `Option`.
struct Shorten;

impl VisitMut for Shorten {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        if path.leading_colon.take().is_some() {
            path.segments = path.segments.pop().into_iter().collect();
        }
    }
}

/// The arguments of a generic type of this name.
fn generics<'a>(ty: &'a Type, name: &str) -> Vec<&'a Type> {
    let last = match ty {
        Type::Path(path) => path.path.segments.last().filter(|last| last.ident == name),
        _ => None,
    };
    let Some(PathArguments::AngleBracketed(generics)) = last.map(|last| &last.arguments) else {
        return Vec::new();
    };
    let types = generics.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

/// `T` of `Option<T>`, for the name `Option`.
pub(super) fn inside<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    generics(ty, name).into_iter().next()
}

/// `T`, whether or not it is optional or boxed.
pub(super) fn plain(ty: &Type) -> &Type {
    let ty = inside(ty, "Option").unwrap_or(ty);
    inside(ty, "Box").unwrap_or(ty)
}

/// A type as a reader writes it, for digests.
pub(super) fn text(ty: &Type) -> String {
    written(ty.to_token_stream())
}

/// A type that is not parsed, as a reader writes it.
pub(super) fn written(ty: TokenStream) -> String {
    let text = ty.to_string().replace(' ', "");
    text.replace("types::", "").replace(',', ", ")
}
