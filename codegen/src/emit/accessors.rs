//! What every arm of a union has: read from the union without a `match`.

use bpx_contract::Names;
use bpx_contract::model::{Field, Kind, Model, Shape, Union};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{ItemStruct, Type};

use super::backend::{Structs, inside, plain, text};
use super::described::field_doc;
use super::docs::{doc, first_paragraph};

/// A field that all arms share, with the type that its accessor gives.
pub(super) struct Shared<'a> {
    field: &'a Field,
    pub(super) name: &'a Ident,
    /// `Option` of a reference.
    pub(super) given: TokenStream,
    optional: bool,
    is_text: bool,
}

/// The shared fields of a tagged union whose arms are all objects; none where one arm is something else.
pub(super) fn shared<'a>(union: &Union, model: &'a Model, structs: &'a Structs) -> Vec<Shared<'a>> {
    let objects = union
        .arms
        .iter()
        .map(|arm| object(&arm.shape, model, structs));
    let Some(objects) = objects.collect::<Option<Vec<_>>>() else {
        return Vec::new();
    };
    let Some(((fields, made), others)) = objects.split_first() else {
        return Vec::new();
    };
    let members = fields.iter().zip(&made.fields);
    let is_everywhere = |field: &Field, ty: &Type| {
        others.iter().all(|(fields, made)| {
            let mut members = fields.iter().zip(&made.fields);
            members.any(|(it, member)| it.name == field.name && text(&member.ty) == text(ty))
        })
    };
    let kept = members.filter(|(field, member)| {
        let is_boxed = text(&member.ty).contains("Box<");
        !is_boxed && is_everywhere(field, &member.ty)
    });
    kept.filter_map(|(field, member)| of_member(field, member))
        .collect()
}

fn object<'a>(
    shape: &Shape,
    model: &'a Model,
    structs: &'a Structs,
) -> Option<(&'a [Field], &'a ItemStruct)> {
    let Shape::Named(name) = shape else {
        return None;
    };
    match &model.types.get(name)?.kind {
        Kind::Object(fields) => Some((fields, structs.get(name)?)),
        _ => None,
    }
}

fn of_member<'a>(field: &'a Field, member: &'a syn::Field) -> Option<Shared<'a>> {
    let optional = inside(&member.ty, "Option").is_some();
    let inner = plain(&member.ty);
    let is_text = text(inner) == "String";
    let given = match is_text {
        true => quote!(Option<&str>),
        false => quote!(Option<&#inner>),
    };
    Some(Shared {
        field,
        name: member.ident.as_ref()?,
        given,
        optional,
        is_text,
    })
}

/// The accessors. `open` is the arm that keeps what the contract does not know.
pub(super) fn emit(
    ident: &Ident,
    (union, name): (&Union, &str),
    names: &Names,
    shared: &[Shared<'_>],
    open: &Ident,
) -> Option<TokenStream> {
    let variants = union.arms.iter();
    let variants = variants.map(|arm| format_ident!("{}", names.variant(name, &arm.value)));
    let variants: Vec<_> = variants.collect();
    let accessors = shared.iter().map(|it| {
        let Shared {
            field, name, given, ..
        } = it;
        let wire = &field.name;
        let unknown = match it.is_text {
            true => quote!(Self::#open(object) => object.get(#wire)?.as_str(),),
            false => quote!(Self::#open(_) => None,),
        };
        let docs = doc(&first_paragraph(&field_doc(field)));
        let value = match (it.optional, it.is_text) {
            (true, true) => quote!(arm.#name.as_deref()),
            (true, false) => quote!(arm.#name.as_ref()),
            (false, true) => quote!(Some(arm.#name.as_str())),
            (false, false) => quote!(Some(&arm.#name)),
        };
        quote! {
            #docs
            pub fn #name(&self) -> #given {
                match self {
                    #(Self::#variants(arm) => #value,)*
                    #unknown
                }
            }
        }
    });
    (!shared.is_empty()).then(|| {
        quote! {
            /// What all arms share. Of an arm that the contract does not know, text alone.
            impl #ident { #(#accessors)* }
        }
    })
}
