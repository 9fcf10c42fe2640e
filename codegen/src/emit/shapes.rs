//! Shapes as Rust types.

use std::collections::BTreeSet;

use bpx_contract::Names;
use bpx_contract::model::{Kind, Model, Shape, StringFormat};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// The Rust type of a shape; named types stand in `module` (empty for the same module).
pub(super) fn rust_type(shape: &Shape, names: &Names, module: &TokenStream) -> TokenStream {
    match shape {
        Shape::Boolean => quote!(bool),
        Shape::Integer(format) => {
            let name = format_ident!("{}", format.rust());
            quote!(#name)
        }
        Shape::Number => quote!(f64),
        Shape::String(StringFormat::Plain) => quote!(String),
        Shape::String(StringFormat::Decimal) => quote!(Decimal),
        Shape::String(StringFormat::NaiveDateTime) => quote!(NaiveDateTime),
        Shape::String(StringFormat::DateTime) => quote!(DateTime<Utc>),
        Shape::Array(item) => {
            let item = rust_type(item, names, module);
            quote!(Vec<#item>)
        }
        Shape::Map(value) => {
            let value = rust_type(value, names, module);
            quote!(BTreeMap<String, #value>)
        }
        Shape::Named(name) => {
            let name = format_ident!("{}", names.ty(name));
            quote!(#module #name)
        }
        Shape::Any => quote!(Value),
    }
}

/// The type as a reader writes it, for messages and digests.
pub(super) fn type_text(shape: &Shape, names: &Names) -> String {
    rust_type(shape, names, &TokenStream::new())
        .to_string()
        .replace(' ', "")
        .replace(',', ", ")
}

/// Whether the type needs the exact reading of decimals and naive date-times at its bottom.
pub(super) fn needs_exact(shape: &Shape) -> bool {
    match shape {
        Shape::String(format) => {
            matches!(format, StringFormat::Decimal | StringFormat::NaiveDateTime)
        }
        Shape::Array(item) | Shape::Map(item) => needs_exact(item),
        _ => false,
    }
}

/// Whether a value of the shape can hold something the contract does not know.
pub(super) fn can_be_unknown(shape: &Shape, model: &Model) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![shape];
    while let Some(shape) = open.pop() {
        let Some(name) = shape.named() else { continue };
        if !seen.insert(name) {
            continue;
        }
        match model.types.get(name).map(|def| &def.kind) {
            Some(Kind::Enum(listed)) if !listed.closed => return true,
            Some(Kind::Union(_)) => return true,
            Some(kind) => open.extend(kind.shapes()),
            None => {}
        }
    }
    false
}

/// Whether a field of the object `owner` needs a box: its value holds such an object again, over objects alone.
/// Over a union it needs none, for the union's arm has one.
pub(super) fn is_boxed(owner: &str, shape: &Shape, model: &Model) -> bool {
    leads_back(owner, shape, model, &|kind| matches!(kind, Kind::Object(_)))
}

/// Whether values of the named type hold values of the same type without a list or map between.
pub(super) fn holds_itself(name: &str, shape: &Shape, model: &Model) -> bool {
    leads_back(name, shape, model, &|_| true)
}

fn leads_back(name: &str, shape: &Shape, model: &Model, over: &dyn Fn(&Kind) -> bool) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![shape];
    while let Some(shape) = open.pop() {
        let Shape::Named(inner) = shape else { continue };
        if inner == name {
            return true;
        }
        if seen.insert(inner.as_str())
            && let Some(def) = model.types.get(inner).filter(|def| over(&def.kind))
        {
            open.extend(def.kind.shapes());
        }
    }
    false
}
