//! Unions whose arms are objects that agree about what they share: read in one pass, over one row.

use std::collections::BTreeMap;

use bpx_contract::Names;
use bpx_contract::model::{Field, Kind, Model, Shape, Union};
use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use syn::{Ident, ItemStruct};

use super::backend::{Structs, inside, plain, text};
use super::shapes::{is_doubled, needs_exact};

/// A field of an arm: what the contract says of it, and the field of the struct.
type Member<'a> = (&'a Field, &'a syn::Field);

/// The row and the reader of a tagged union; `None` where an arm is no object or holds a box, which the row does not
/// make, or two arms disagree about a field.
pub(super) fn emit(
    union: &Union,
    tag: &str,
    name: &str,
    names: &Names,
    (model, structs): (&Model, &Structs),
) -> Option<TokenStream> {
    if structs.types(name).any(|ty| inside(ty, "Box").is_some()) {
        return None;
    }
    let arms = union
        .arms
        .iter()
        .map(|arm| object(&arm.shape, model, structs))
        .collect::<Option<Vec<_>>>()?;
    let fields = merged(arms.iter().flat_map(|(_, members)| members))?;
    let ident = format_ident!("{}", names.ty(name));
    let groups = by_length(&fields).into_iter().map(|(length, members)| {
        let length = proc_macro2::Literal::usize_unsuffixed(length);
        let members = members.into_iter().map(member);
        quote!(#length { #(#members)* })
    });
    let readers = union.arms.iter().zip(&arms).map(|(arm, (ty, members))| {
        let value = &arm.value;
        let variant = format_ident!("{}", names.variant(name, value));
        let fields = members.iter().map(taken);
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

/// The fields by the length of their name, in which the reader looks for them.
fn by_length<'a>(fields: &BTreeMap<&str, Member<'a>>) -> BTreeMap<usize, Vec<Member<'a>>> {
    let mut groups: BTreeMap<usize, Vec<Member<'_>>> = BTreeMap::new();
    for (name, member) in fields {
        groups.entry(name.len()).or_default().push(*member);
    }
    groups
}

fn object<'a>(
    shape: &Shape,
    model: &'a Model,
    structs: &'a Structs,
) -> Option<(&'a Ident, Vec<Member<'a>>)> {
    let Shape::Named(name) = shape else {
        return None;
    };
    let def = model.types.get(name)?;
    let Kind::Object(fields) = &def.kind else {
        return None;
    };
    if def.extra.is_some()
        || fields
            .iter()
            .any(|field| is_doubled(field) || field.default.is_some())
    {
        return None;
    }
    let ItemStruct {
        ident,
        fields: made,
        ..
    } = structs.get(name)?;
    let is_boxed = |made: &syn::Field| inside(optional(made), "Box").is_some();
    (!made.iter().any(is_boxed)).then(|| (ident, fields.iter().zip(made).collect()))
}

fn optional(made: &syn::Field) -> &syn::Type {
    inside(&made.ty, "Option").unwrap_or(&made.ty)
}

/// The fields of all arms by their name on the wire, if each has one type.
fn merged<'a>(
    members: impl Iterator<Item = &'a Member<'a>>,
) -> Option<BTreeMap<&'a str, Member<'a>>> {
    let mut fields: BTreeMap<&str, Member<'_>> = BTreeMap::new();
    for &member in members {
        let (_, known) = fields.entry(&member.0.name).or_insert(member);
        if text(plain(&known.ty)) != text(plain(&member.1.ty)) {
            return None;
        }
    }
    Some(fields)
}

fn member((field, made): Member<'_>) -> TokenStream {
    let (ident, wire) = (&made.ident, &field.name);
    let ty = plain(&made.ty);
    let ty = if needs_exact(&field.shape) {
        quote!(Exact<#ty>)
    } else {
        quote!(#ty)
    };
    quote!(#ident #wire #ty,)
}

/// A field of an arm, out of the reader's variable of the same name.
fn taken((field, made): &Member<'_>) -> TokenStream {
    let (ident, wire) = (&made.ident, &field.name);
    let mut value = quote!(#ident);
    if needs_exact(&field.shape) {
        value = quote!(plain(#value));
    }
    if !field.optional() {
        value = quote!(required(#value, #wire)?);
    }
    if ident.to_token_stream().to_string() == value.to_string() {
        value
    } else {
        quote!(#ident: #value)
    }
}
