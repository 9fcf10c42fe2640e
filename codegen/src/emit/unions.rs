//! Unions: an enum over named structs, told apart by a tag where there is one.

use bpx_contract::model::{Kind, Model, Shape, TypeDef, Union};
use bpx_contract::{Names, OPEN_ARM};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::accessors;
use super::backend::{Structs, text};
use super::described::described;
use super::docs::{code, doc};
use super::row;
use super::shapes::needs_exact;

pub(super) fn emit(
    def: &TypeDef,
    union: &Union,
    name: &str,
    names: &Names,
    model: &Model,
    structs: &Structs,
) -> TokenStream {
    match &union.tag {
        Some(tag) => tagged((def, union), tag, name, names, model, structs),
        None => untagged(def, union, name, names, structs),
    }
}

/// Arms of any size stand side by side: a box would be in the way of every `match`.
fn large(union: &Union) -> Option<TokenStream> {
    (union.arms.len() > 1).then(|| {
        quote!(#[allow(clippy::large_enum_variant, reason = "the contract decides how large its arms are")])
    })
}

/// The reader that takes the status into account: an exact status before its class before `default`.
fn by_status(ident: &Ident, union: &Union, variants: &[Ident]) -> TokenStream {
    let mut arms: Vec<(u8, TokenStream, &Ident, bool)> = Vec::new();
    for ((statuses, arm), variant) in union.statuses.iter().zip(&union.arms).zip(variants) {
        for status in statuses {
            let first = status.chars().next().and_then(|first| first.to_digit(10));
            let (rank, pattern) = match (status.parse::<u16>(), first) {
                (Ok(code), _) => {
                    let code = Literal::u16_unsuffixed(code);
                    (0, quote!(#code))
                }
                (_, Some(class)) => {
                    let low = Literal::u16_unsuffixed(u16::try_from(class * 100).unwrap_or(0));
                    let high =
                        Literal::u16_unsuffixed(u16::try_from(class * 100 + 99).unwrap_or(0));
                    (1, quote!(#low..=#high))
                }
                _ => (2, quote!(_)),
            };
            arms.push((rank, pattern, variant, needs_exact(&arm.shape)));
        }
    }
    arms.sort_by_key(|(rank, ..)| *rank);
    let covers_all = arms.iter().any(|(rank, ..)| *rank == 2);
    let cases = arms
        .into_iter()
        .map(|(_, pattern, variant, is_exact)| match is_exact {
            true => quote!(#pattern => decode::json(answer).map(|Exact(arm)| Self::#variant(arm)),),
            false => quote!(#pattern => decode::json(answer).map(Self::#variant),),
        });
    let other = (!covers_all).then(|| quote!(_ => Err(Undecoded::undocumented(answer.status)),));
    quote! {
        impl Body for #ident {
            fn read(answer: &Answer) -> Result<Self, Undecoded> {
                match answer.status.as_u16() { #(#cases)* #other }
            }
        }
    }
}

/// Whether the arm keeps undeclared properties, among which the tag must not be.
fn keeps_extras(shape: &Shape, model: &Model) -> bool {
    let def = shape.named().and_then(|name| model.types.get(name));
    def.is_some_and(|def| def.extra.is_some()) || matches!(shape, Shape::Map(_) | Shape::Any)
}

fn is_tagged_union(shape: &Shape, model: &Model) -> bool {
    let Shape::Named(name) = shape else {
        return false;
    };
    matches!(model.types.get(name).map(|def| &def.kind), Some(Kind::Union(union)) if union.tag.is_some())
}

fn tagged(
    (def, union): (&TypeDef, &Union),
    tag: &str,
    name: &str,
    names: &Names,
    model: &Model,
    structs: &Structs,
) -> TokenStream {
    let ident = format_ident!("{}", names.ty(name));
    let docs = doc(&described(&def.doc, name));
    let large = large(union);
    let values: Vec<_> = union.arms.iter().map(|arm| &arm.value).collect();
    let variants = variants(union, name, names);
    let bodies = structs.types(name);
    let arm_docs = values
        .iter()
        .map(|value| format!(" {} is {}.", code(tag), code(value)));
    let renames = values
        .iter()
        .zip(&variants)
        .map(|(value, variant)| (variant != value).then(|| quote!(#[serde(rename = #value)])));
    let readers = union.arms.iter().map(|arm| {
        if is_tagged_union(&arm.shape, model) || keeps_extras(&arm.shape, model) {
            quote!(inner_union)
        } else {
            quote!(arm)
        }
    });
    let open = format_ident!("{OPEN_ARM}");
    let reader = row::emit(union, tag, name, names, (model, structs)).unwrap_or_else(|| {
        quote! {
            impl<'de> Deserialize<'de> for #ident {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let object = Tagged::read(deserializer, #tag)?;
                    match object.tag() {
                        #( #values => object.#readers().map(Self::#variants), )*
                        _ => object.unknown().map(Self::#open),
                    }
                    .or_else(|error| object.unread(error).map(Self::#open))
                }
            }
        }
    });
    let unknown_doc = format!(
        " {} is something this version does not know, or the object does not fit it; the whole object, as it came.",
        code(tag)
    );
    let unknown_schema = schema_of_others(tag, &values);
    let shared = accessors::shared(union, model, structs);
    let accessors = accessors::emit(&ident, (union, name), names, &shared, &open);
    let known = def.sent.then(|| {
        let message = format!("this is no arm of {ident} that the contract knows");
        let unknown = quote!(Self::#open(_) => Err(#message.to_owned()),);
        known(&ident, &variants, Some(unknown))
    });
    quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[serde(tag = #tag)]
        #large
        #[non_exhaustive]
        pub enum #ident {
            #( #[doc = #arm_docs] #renames #variants(#bodies), )*
            #[doc = #unknown_doc]
            #[cfg_attr(feature = "schemars", schemars(#unknown_schema))]
            #[serde(untagged)]
            #open(Value),
        }
        #reader
        #accessors
        #known
    }
}

/// The schema of objects with another tag. Without it, that of the union would take anything, broken objects of the other
/// arms included.
fn schema_of_others(tag: &str, values: &[&String]) -> TokenStream {
    quote! {
        extend(
            "type" = "object",
            "required" = [#tag],
            "properties" = { #tag: { "type": "string", "not": { "enum": [#(#values),*] } } }
        )
    }
}

/// An arm is known if its value is; `unknown` is the last case of the match.
fn known(ident: &Ident, variants: &[Ident], unknown: Option<TokenStream>) -> TokenStream {
    quote! {
        impl Known for #ident {
            fn known(&self) -> Result<(), String> {
                match self {
                    #( Self::#variants(arm) => arm.known(), )*
                    #unknown
                }
            }
        }
    }
}

fn variants(union: &Union, name: &str, names: &Names) -> Vec<Ident> {
    let arms = union.arms.iter();
    arms.map(|arm| format_ident!("{}", names.variant(name, &arm.value)))
        .collect()
}

fn untagged(
    def: &TypeDef,
    union: &Union,
    name: &str,
    names: &Names,
    structs: &Structs,
) -> TokenStream {
    let ident = format_ident!("{}", names.ty(name));
    let large = large(union);
    let shown = match union.statuses.is_empty() {
        true => {
            "Nothing tells the arms apart but their shape: the one that keeps most of a value is taken."
        }
        false => "The status of the response selects the arm.",
    };
    let docs = doc(&format!("{}\n\n{shown}", described(&def.doc, name)));
    let variants = variants(union, name, names);
    let arms = union.arms.iter().zip(&variants).zip(structs.types(name));
    let arms = arms.map(|((arm, variant), body)| {
        let with = needs_exact(&arm.shape).then(|| {
            let with = format!("As::<{}>", text(body));
            quote!(#[serde(with = #with)])
        });
        let text = format!(" The arm {}.", code(&arm.value));
        quote!(#[doc = #text] #with #variant(#body),)
    });
    let tried = union.arms.iter().zip(&variants).zip(structs.types(name));
    let tried = tried.map(|((arm, variant), body)| match needs_exact(&arm.shape) {
        true => quote!(.arm(|arm: Exact<#body>| Self::#variant(arm.0))),
        false => quote!(.arm(Self::#variant)),
    });
    let known = def.sent.then(|| known(&ident, &variants, None));
    let by_status = (!union.statuses.is_empty()).then(|| by_status(&ident, union, &variants));
    let label = ident.to_string();
    quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[serde(untagged)]
        #large
        #[non_exhaustive]
        pub enum #ident { #(#arms)* }
        impl<'de> Deserialize<'de> for #ident {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Untagged::read(deserializer)? #(#tried)* .best(#label)
            }
        }
        #by_status
        #known
    }
}
