//! Unions whose arms are objects that agree about what they share: read in one pass, over one row.

use std::collections::BTreeMap;

use bpx_contract::Names;
use bpx_contract::model::{Field, Kind, Model, Shape, Union};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::shapes::{holds_itself, is_boxed, needs_exact, rust_type};

/// The row and the reader of a tagged union; `None` where an arm is no object or holds itself, or two arms disagree
/// about a field.
pub(super) fn emit(
    union: &Union,
    tag: &str,
    name: &str,
    names: &Names,
    model: &Model,
) -> Option<TokenStream> {
    let arms = union
        .arms
        .iter()
        .map(|arm| object(&arm.shape, model))
        .collect::<Option<Vec<_>>>()?;
    if arms
        .iter()
        .any(|(ty, fields)| is_recursive(name, ty, fields, model))
    {
        return None;
    }
    let fields = merged(arms.iter().map(|(_, fields)| *fields))?;
    let ident = format_ident!("{}", names.ty(name));
    let groups = by_length(&fields).into_iter().map(|(length, fields)| {
        let length = proc_macro2::Literal::usize_unsuffixed(length);
        let members = fields.into_iter().map(|field| member(field, names));
        quote!(#length { #(#members)* })
    });
    let readers = union.arms.iter().zip(&arms).map(|(arm, (ty, fields))| {
        let value = &arm.value;
        let variant = format_ident!("{}", names.variant(name, value));
        let ty = format_ident!("{}", names.ty(ty));
        let fields = fields.iter().map(|field| taken(field, names));
        quote!(#value => Self::Value::#variant(#ty { #(#fields),* }),)
    });
    Some(quote! {
        bpx_runtime::tagged_row! {
            #ident, tag #tag,
            fields { #(#groups)* }
            arms { #(#readers)* }
        }
    })
}

/// Whether the arm, or one of its fields, needs a box, which the row does not make.
fn is_recursive(union: &str, ty: &str, fields: &[Field], model: &Model) -> bool {
    fields
        .iter()
        .any(|field| holds_itself(union, &field.shape, model) || is_boxed(ty, &field.shape, model))
}

/// The fields by the length of their name, in which the reader looks for them.
fn by_length<'a>(fields: &BTreeMap<&str, &'a Field>) -> BTreeMap<usize, Vec<&'a Field>> {
    let mut groups: BTreeMap<usize, Vec<&Field>> = BTreeMap::new();
    for (name, field) in fields {
        groups.entry(name.len()).or_default().push(field);
    }
    groups
}

fn object<'a>(shape: &'a Shape, model: &'a Model) -> Option<(&'a str, &'a [Field])> {
    let Shape::Named(name) = shape else {
        return None;
    };
    match &model.types.get(name)?.kind {
        Kind::Object(fields) => Some((name, fields)),
        _ => None,
    }
}

/// The fields of all arms by their name on the wire, if each has one type.
fn merged<'a>(arms: impl Iterator<Item = &'a [Field]>) -> Option<BTreeMap<&'a str, &'a Field>> {
    let mut fields: BTreeMap<&str, &Field> = BTreeMap::new();
    for field in arms.flatten() {
        let known = fields.entry(&field.name).or_insert(field);
        if known.shape != field.shape {
            return None;
        }
    }
    Some(fields)
}

fn member(field: &Field, names: &Names) -> TokenStream {
    let ident = format_ident!("{}", names.field(&field.name));
    let wire = &field.name;
    let ty = rust_type(&field.shape, names, &TokenStream::new());
    let ty = if needs_exact(&field.shape) {
        quote!(Exact<#ty>)
    } else {
        ty
    };
    quote!(#ident #wire #ty,)
}

/// A field of an arm, out of the reader's variable of the same name.
fn taken(field: &Field, names: &Names) -> TokenStream {
    let ident = format_ident!("{}", names.field(&field.name));
    let wire = &field.name;
    let mut value = quote!(#ident);
    if needs_exact(&field.shape) {
        value = quote!(plain(#value));
    }
    if !field.optional() {
        value = quote!(required(#value, #wire)?);
    }
    if ident == value.to_string() {
        value
    } else {
        quote!(#ident: #value)
    }
}
