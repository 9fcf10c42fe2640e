//! `types.rs`: structs by typify and made ours, enums and unions by hand.

use bpx_contract::model::{Field, Kind, Model, TypeDef};
use bpx_contract::{Names, Place};
use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Item, ItemStruct, Type};

use super::described::{described, field_doc};
use super::docs::doc;
use super::refine::shorten;
use super::seam::guarded;
use super::shapes::{is_boxed, needs_exact, rust_type};
use super::{Fault, document, enums, sent, unions};

/// The whole module.
pub(super) fn emit(model: &Model, names: &Names) -> Result<TokenStream, Fault> {
    let (imports, items) = (imports(), items(model, &model.types, names)?);
    Ok(quote! {
        #![doc = " Everything that travels: requests, answers and what they are made of."]
        #imports

        #(#items)*
    })
}

/// What the items need.
pub(super) fn imports() -> TokenStream {
    quote! {
        #[allow(unused_imports, reason = "which of these a contract needs is its own affair")]
        use std::collections::BTreeMap;
        #[allow(unused_imports, reason = "which of these a contract needs is its own affair")]
        use bpx_runtime::{
            As, Decimal, Known, Tagged, WireEnum, macros::{Exact, plain, required},
            chrono::{DateTime, NaiveDateTime, Utc},
            serde_json::Value,
        };
        #[allow(unused_imports, reason = "which of these a contract needs is its own affair")]
        use serde::{Deserialize, Deserializer, Serialize};
    }
}

/// These types of the model.
pub(super) fn items<'a>(
    model: &Model,
    types: impl IntoIterator<Item = (&'a String, &'a TypeDef)>,
    names: &Names,
) -> Result<Vec<TokenStream>, Fault> {
    let structs = structs(model, names)?;
    let item = |(name, def): (&'a String, &'a TypeDef)| match &def.kind {
        Kind::Object(fields) => object(def, fields, names, model, &structs, name),
        Kind::Enum(listed) => Ok(enums::emit(def, listed, name, names)),
        Kind::Union(union) => Ok(unions::emit(def, union, name, names, model)),
    };
    types.into_iter().map(item).collect()
}

/// The structs that typify makes of the objects, with short paths.
fn structs(model: &Model, names: &Names) -> Result<Vec<ItemStruct>, Fault> {
    let mut settings = typify::TypeSpaceSettings::default();
    settings.with_map_type("::std::collections::BTreeMap".to_owned());
    for (schema, rust) in document::conversions() {
        settings.with_conversion(from_json(schema)?, rust, std::iter::empty());
    }
    let objects = document::objects(model, names);
    let mut definitions = Vec::new();
    for (name, def) in &model.types {
        if !matches!(def.kind, Kind::Object(_)) {
            settings.with_replacement(names.ty(name), names.ty(name), std::iter::empty());
            definitions.push((
                names.ty(name).to_owned(),
                schemars08::schema::Schema::Bool(true),
            ));
        }
    }
    for (name, schema) in objects {
        definitions.push((name, from_json(schema)?));
    }
    let mut space = typify::TypeSpace::new(&settings);
    let tokens = guarded("typify", || {
        space.add_ref_types(definitions).map(|()| space.to_stream())
    })?;
    let mut file: syn::File =
        syn::parse2(tokens).map_err(|error| Fault::backend("typify", &error))?;
    shorten(&mut file);
    Ok(file
        .items
        .into_iter()
        .filter_map(|item| {
            if let Item::Struct(item) = item {
                Some(item)
            } else {
                None
            }
        })
        .collect())
}

fn from_json<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, Fault> {
    serde_json::from_value(value).map_err(|error| Fault::backend("typify", &error))
}

fn object(
    def: &TypeDef,
    fields: &[Field],
    names: &Names,
    model: &Model,
    structs: &[ItemStruct],
    name: &str,
) -> Result<TokenStream, Fault> {
    let rust = names.ty(name);
    let ident = format_ident!("{rust}");
    let Some(made) = structs.iter().find(|item| item.ident == ident) else {
        return Err(Fault::new(
            def.place.clone(),
            format!("typify made no struct of `{name}`"),
        ));
    };
    let docs = doc(&described(&def.doc, name, "object"));
    let camel = rename_all(fields, names);
    let mut members = Vec::new();
    for field in fields {
        let mut made = made.fields.iter();
        let Some(made) = made.find(|it| wire_name(it) == field.name) else {
            let problem = format!("typify made no field of `{}` in `{name}`", field.name);
            return Err(Fault::new(def.place.clone(), problem));
        };
        let ty = made.ty.to_token_stream();
        // Typify boxes one type of a circle, wherever it entered; ours does not depend on that.
        let boxed = is_boxed(name, &field.shape, model);
        let inner = rust_type(&field.shape, names, &TokenStream::new());
        let ty = if boxed { quote!(Box<#inner>) } else { ty };
        members.push(member(
            field,
            &syn::parse2(ty).map_err(|error| Fault::backend("syn", &error))?,
            names,
            camel.is_some(),
        ));
    }
    let builder = if def.sent {
        sent::emit(name, fields, names, model)
    } else {
        TokenStream::new()
    };
    Ok(quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #camel
        #[non_exhaustive]
        pub struct #ident { #(#members)* }
        #builder
    })
}

/// What a field that typify made is called on the wire.
fn wire_name(made: &syn::Field) -> String {
    let mut renamed = None;
    for attribute in made.attrs.iter().filter(|it| it.path().is_ident("serde")) {
        // Typify writes no attribute that this cannot read.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.input.peek(syn::Token![=]) {
                let value: syn::LitStr = meta.value()?.parse()?;
                renamed = renamed
                    .take()
                    .or(meta.path.is_ident("rename").then(|| value.value()));
            }
            Ok(())
        });
    }
    let ident = made.ident.as_ref().map(|it| it.unraw().to_string());
    renamed.or(ident).unwrap_or_default()
}

/// `rename_all` where it spares at least two renames.
fn rename_all(fields: &[Field], names: &Names) -> Option<TokenStream> {
    let camel = fields
        .iter()
        .filter(|field| names.field(&field.name) != field.name && is_camel(field, names))
        .count();
    let broken = fields
        .iter()
        .filter(|field| names.field(&field.name) == field.name && !is_camel(field, names))
        .count();
    (camel > 1 && broken == 0).then(|| quote!(#[serde(rename_all = "camelCase")]))
}

fn is_camel(field: &Field, names: &Names) -> bool {
    camel_case(&names.field(&field.name)) == field.name
}

/// What serde's `camelCase` makes of a field's name.
fn camel_case(snake: &str) -> String {
    let mut camel = String::new();
    let mut upper = false;
    for character in snake.chars() {
        if character == '_' {
            upper = true;
        } else {
            camel.push(if upper {
                character.to_ascii_uppercase()
            } else {
                character
            });
            upper = false;
        }
    }
    camel
}

fn member(field: &Field, made: &Type, names: &Names, camel: bool) -> TokenStream {
    let ident = format_ident!("{}", names.field(&field.name));
    let optional = field.optional();
    let ty = if optional && !is_option(made) {
        quote!(Option<#made>)
    } else {
        quote!(#made)
    };
    let mut serde = Vec::new();
    let given = if camel {
        camel_case(&ident.to_string())
    } else {
        ident.to_string()
    };
    if given != field.name {
        let wire = &field.name;
        serde.push(quote!(rename = #wire));
    }
    if needs_exact(&field.shape) {
        let exact = rust_type(&field.shape, names, &TokenStream::new());
        let with = if optional {
            quote!(As::<Option<#exact>>)
        } else {
            quote!(As::<#exact>)
        };
        let with = with.to_string().replace(' ', "");
        serde.push(quote!(with = #with));
        serde.extend(optional.then(|| quote!(default)));
    }
    // A required one may be null, not absent.
    let left_out = optional && !field.required;
    serde.extend(left_out.then(|| quote!(skip_serializing_if = "Option::is_none")));
    let attribute = (!serde.is_empty()).then(|| quote!(#[serde(#(#serde),*)]));
    let docs = doc(&field_doc(field));
    quote! { #docs #attribute pub #ident: #ty, }
}

fn is_option(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path
        .segments
        .last()
        .is_some_and(|segment| segment.ident == "Option")
}

impl Fault {
    fn new(place: Place, problem: String) -> Self {
        Self {
            place: Some(place),
            problem,
        }
    }
}
