//! `types.rs`: typify's structs with our names, documentation and serde attributes; enums and unions.

use std::collections::BTreeSet;

use bpx_contract::Names;
use bpx_contract::model::{Field, Kind, Model, Shape, TypeDef};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::Parser as _;
use syn::{Attribute, ItemStruct};

use super::backend::{Decided, inside, text};
use super::described::{described, field_doc};
use super::docs::{code, deprecated, doc, own_doc};
use super::shapes::{is_doubled, needs_exact};
use super::{Fault, enums, secret, sent, unions};

/// The whole module.
pub(super) fn emit(model: &Model, names: &Names, decided: &Decided) -> Result<TokenStream, Fault> {
    let imports = imports();
    let items = items(&model.types, names, decided, &|_| None)?;
    let errors = json_errors(model, names);
    let aliases = model
        .aliases
        .keys()
        .zip(&decided.aliases)
        .map(|(name, ty)| {
            let ident = format_ident!("{}", names.ty(name));
            let docs = own_doc(&format!("The definition {}.", code(name)));
            quote!(#docs pub type #ident = #ty;)
        });
    let aliases: Vec<_> = aliases.collect();
    Ok(quote! {
        #![doc = " Everything that travels: requests, answers and what they are made of."]
        #imports

        #(#items)*
        #(#aliases)*
        #errors
    })
}

/// The bodies of errors that are the same for every status.
fn json_errors(model: &Model, names: &Names) -> Option<TokenStream> {
    let errors = model
        .operations
        .values()
        .filter_map(|operation| match &operation.error {
            Some(Shape::Named(name)) => Some(name),
            _ => None,
        });
    let is_by_status = |name: &str| {
        let kind = model.types.get(name).map(|def| &def.kind);
        matches!(kind, Some(Kind::Union(union)) if !union.statuses.is_empty())
    };
    let errors: BTreeSet<_> = errors.filter(|name| !is_by_status(name)).collect();
    let types = errors
        .iter()
        .map(|name| format_ident!("{}", names.ty(name)));
    (!errors.is_empty()).then(|| quote!(bpx_runtime::json_body! { #(#types),* }))
}

/// What the items need.
pub(super) fn imports() -> TokenStream {
    quote! {
        #[allow(unused_imports, reason = "not every contract uses all of these imports")]
        use std::collections::BTreeMap;
        #[allow(unused_imports, reason = "not every contract uses all of these imports")]
        use bpx_runtime::{
            AmountOrPercent, Answer, As, Body, Decimal, Ipv4Addr, Ipv6Addr, Known, Lenient, Tagged, Undecoded, Untagged, Uuid, WireEnum, decode,
            macros::{Exact, plain, required},
            chrono::{DateTime, NaiveDate, NaiveDateTime, Utc},
            serde_json::Value,
        };
        #[allow(unused_imports, reason = "not every contract uses all of these imports")]
        use serde::{Deserialize, Deserializer, Serialize};
    }
}

/// These types of the model.
pub(super) fn items<'a>(
    types: impl IntoIterator<Item = (&'a String, &'a TypeDef)>,
    names: &Names,
    Decided { model, structs, .. }: &Decided,
    secrets: &dyn Fn(&str) -> Option<&'a BTreeSet<String>>,
) -> Result<Vec<TokenStream>, Fault> {
    let item = |(name, def): (&'a String, &'a TypeDef)| match &def.kind {
        Kind::Object(fields) => match structs.get(name) {
            Some(made) => object(def, fields, name, made.clone(), model, secrets(name)),
            None => Ok(TokenStream::new()),
        },
        Kind::Enum(listed) => Ok(enums::emit((def, listed), name, names, false)),
        Kind::IntegerEnum(listed) => Ok(enums::emit((def, listed), name, names, true)),
        Kind::Union(union) => Ok(unions::emit(def, union, name, names, model, structs)),
    };
    types.into_iter().map(item).collect()
}

/// The struct, with what serde and readers need to know.
fn object(
    def: &TypeDef,
    fields: &[Field],
    name: &str,
    mut made: ItemStruct,
    model: &Model,
    secrets: Option<&BTreeSet<String>>,
) -> Result<TokenStream, Fault> {
    let docs = doc(&described(&def.doc, name));
    let camel = rename_all(fields, &made);
    let ident = made.ident.to_string();
    let debug = secrets.is_none().then(|| quote!(Debug,));
    let advice = deprecated(def.deprecated);
    made.attrs = attributes(quote! {
        #docs
        #advice
        #[derive(#debug Clone, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #camel
        #[non_exhaustive]
    })?;
    for (field, member) in fields.iter().zip(&mut made.fields) {
        let (docs, serde) = (
            doc(&field_doc(field)),
            serde(&ident, field, member, camel.is_some()),
        );
        let deprecated = deprecated(field.deprecated);
        member.attrs = attributes(quote!(#docs #deprecated #serde))?;
    }
    if let (Some(extra), Some(member)) = (&def.extra, made.fields.iter_mut().nth(fields.len())) {
        let docs = doc("Properties that the contract does not declare.");
        let with = format!("As::<{}>", text(&member.ty));
        let serde = match needs_exact(extra) {
            true => quote!(#[serde(flatten, with = #with)]),
            false => quote!(#[serde(flatten)]),
        };
        member.attrs = attributes(quote!(#docs #serde))?;
    }
    let defaults = fields.iter().zip(&made.fields);
    let defaults = defaults.filter_map(|(field, member)| default_of(&ident, field, member));
    let defaults: Vec<_> = defaults.collect();
    let hidden = secrets.map(|secrets| secret::debug(&made, fields, secrets));
    let sent = def.sent.then(|| sent::emit(&made, (fields, def), model));
    Ok(quote!(#made #(#defaults)* #hidden #sent))
}

/// Whether absence reads as the documented default. Where it can also be null, or has a notation of its own, the
/// documentation tells of the default.
fn is_filled_in(field: &Field) -> bool {
    field.default.as_ref().is_some_and(|it| !it.is_null())
        && !field.required
        && !field.nullable
        && !needs_exact(&field.shape)
}

fn default_name(ident: &str, rust: &str) -> String {
    format!("default_{}_{rust}", Names::method_of_words(ident))
}

/// A value that may be absent, and may be null if it is there.
fn is_any_optional(field: &Field) -> bool {
    field.shape == Shape::Any && !field.required && !is_filled_in(field)
}

/// The function that serde calls for an absent field.
fn default_of(ident: &str, field: &Field, member: &syn::Field) -> Option<TokenStream> {
    let json = field
        .default
        .as_ref()
        .filter(|_| is_filled_in(field))?
        .to_string();
    let name = format_ident!("{}", default_name(ident, &rust_name(member)));
    let ty = &member.ty;
    Some(quote!(fn #name() -> #ty { bpx_runtime::macros::default(#json) }))
}

fn attributes(tokens: TokenStream) -> Result<Vec<Attribute>, Fault> {
    let parsed = Attribute::parse_outer.parse2(tokens);
    parsed.map_err(|error| Fault::backend("syn", &error))
}

/// What serde has to know of a field: its name, its notation, and that it can be absent.
fn serde(ident: &str, field: &Field, member: &syn::Field, camel: bool) -> Option<TokenStream> {
    let rust = rust_name(member);
    let mut all = Vec::new();
    if is_filled_in(field) {
        let path = default_name(ident, &rust);
        all.push(quote!(default = #path));
    }
    let given = if camel { camel_case(&rust) } else { rust };
    if given != field.name {
        let wire = &field.name;
        all.push(quote!(rename = #wire));
    }
    if needs_exact(&field.shape) {
        let with = format!("As::<{}>", text(&member.ty));
        if is_doubled(field) {
            let write = format!("{with}::serialize");
            all.push(quote!(serialize_with = #write, deserialize_with = "bpx_runtime::macros::given_exactly"));
        } else {
            all.push(quote!(with = #with));
        }
        all.extend(field.optional().then(|| quote!(default)));
    } else if is_doubled(field) || is_any_optional(field) {
        all.push(quote!(
            default,
            deserialize_with = "bpx_runtime::macros::given"
        ));
    }
    // A required field may be null, not absent.
    let absent = field.optional() && !field.required;
    all.extend(absent.then(|| quote!(skip_serializing_if = "Option::is_none")));
    // With functions of its own serde no longer says of what type the notation is.
    let schema = (needs_exact(&field.shape) && is_doubled(field)).then(|| {
        let with = format!(
            "As::<{}>",
            text(inside(&member.ty, "Option").unwrap_or(&member.ty))
        );
        quote!(#[cfg_attr(feature = "schemars", schemars(with = #with))])
    });
    (!all.is_empty()).then(|| quote!(#[serde(#(#all),*)] #schema))
}

fn rust_name(member: &syn::Field) -> String {
    member
        .ident
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// `rename_all` where it spares at least two renames and breaks no name.
fn rename_all(fields: &[Field], made: &ItemStruct) -> Option<TokenStream> {
    let names = made.fields.iter().map(rust_name).zip(fields);
    let (mut spared, mut broken) = (0, 0);
    for (rust, field) in names {
        let is_camel = camel_case(&rust) == field.name;
        match rust == field.name {
            true if !is_camel => broken += 1,
            false if is_camel => spared += 1,
            _ => {}
        }
    }
    (spared > 1 && broken == 0).then(|| quote!(#[serde(rename_all = "camelCase")]))
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
