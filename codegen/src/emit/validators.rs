//! `validators.rs`: what answers look like, as tables for a reader that builds no tree.

use std::collections::BTreeSet;

use bpx_contract::Names;
use bpx_contract::model::{
    Content, Field, IntFormat, Kind, Model, Shape, StringFormat, TypeDef, Union,
};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

/// Types with more fields get no table, as `bpx_runtime::validate` has it.
const FIELDS_MAX: usize = 64;

/// The tables. `digest` is that of the document they come from.
pub(super) fn emit(model: &Model, names: &Names, digest: &str) -> TokenStream {
    let tables = Tables::new(model, names);
    let mut slot = 0;
    let mut types = Vec::new();
    for name in &tables.reached {
        if let Some(def) = model.types.get(*name) {
            types.push(tables.named(name, def, slot));
            slot += counted(def);
        }
    }
    let answers = model.operations.iter().map(|(id, operation)| {
        let success = match &operation.success.content {
            Content::Json(shape) => tables.kind(shape),
            _ => quote!(Doubt),
        };
        let failure = operation.error.as_ref();
        let failure = failure.map_or_else(|| quote!(Doubt), |shape| tables.kind(shape));
        quote!(Answer { operation: #id, success: #success, failure: #failure },)
    });
    quote! {
        #![doc = " What answers look like, as tables for [`judge`](bpx_runtime::validate::judge)."]
        #[allow(unused_imports, reason = "which of these a contract needs is its own affair")]
        use bpx_runtime::{WireEnum, validate::{Answer, Arm, Field, Kind::*, Type}};

        /// SHA-256 of the OpenAPI document that these tables come from.
        pub const OPENAPI_SHA256: &str = #digest;

        /// Every type that an answer can hold, sorted by name; other tables name them by their place.
        pub static TYPES: &[Type] = &[#(#types)*];

        /// By operation, sorted by its id.
        pub static ANSWERS: &[Answer] = &[#(#answers)*];
    }
}

struct Tables<'a> {
    names: &'a Names,
    /// The types that answers hold, by name.
    reached: BTreeSet<&'a str>,
}

impl<'a> Tables<'a> {
    fn new(model: &'a Model, names: &'a Names) -> Self {
        let read = model.types.iter().filter(|(_, def)| def.read);
        Self {
            names,
            reached: read.map(|(name, _)| name.as_str()).collect(),
        }
    }

    fn kind(&self, shape: &Shape) -> TokenStream {
        match shape {
            Shape::Boolean => quote!(Flag),
            Shape::Integer(format) => whole(*format),
            Shape::String(StringFormat::Plain) => quote!(Text),
            Shape::String(StringFormat::Decimal) => quote!(Decimal),
            Shape::String(StringFormat::NaiveDateTime) => quote!(NaiveDateTime),
            Shape::Array(item) => {
                let item = self.kind(item);
                quote!(List(&#item))
            }
            Shape::Named(name) => match self.reached.iter().position(|known| known == name) {
                Some(place) => {
                    let place = Literal::usize_unsuffixed(place);
                    quote!(Named(#place))
                }
                None => quote!(Doubt),
            },
            Shape::String(StringFormat::DateTime) | Shape::Number | Shape::Map(_) | Shape::Any => {
                quote!(Doubt)
            }
        }
    }

    fn named(&self, name: &str, def: &TypeDef, slot: usize) -> TokenStream {
        let slot = Literal::usize_unsuffixed(slot);
        match &def.kind {
            Kind::Object(fields) if fields.len() <= FIELDS_MAX => {
                let fields = fields.iter().map(|field| self.field(field));
                quote!(Type::object(#name, #slot, &[#(#fields),*]),)
            }
            Kind::Enum(_) => {
                let ident = format_ident!("{}", self.names.ty(name));
                quote!(Type::values(#name, #slot, crate::types::#ident::KNOWN),)
            }
            Kind::Union(Union {
                tag: Some(tag),
                arms,
            }) => {
                let arms = arms.iter().map(|arm| {
                    let (value, kind) = (&arm.value, self.kind(&arm.shape));
                    quote!(Arm::new(#value, #kind))
                });
                quote!(Type::tagged(#name, #slot, #tag, &[#(#arms),*]),)
            }
            Kind::Union(_) | Kind::Object(_) => quote!(Type::doubt(#name, #slot),),
        }
    }

    /// Bounds and patterns of the document are the oracle's affair.
    fn field(&self, field: &Field) -> TokenStream {
        let name = &field.name;
        let kind = if field.constraints.is_empty() {
            self.kind(&field.shape)
        } else {
            quote!(Doubt)
        };
        let make = if field.required {
            quote!(must)
        } else {
            quote!(may)
        };
        let null = field.nullable.then(|| quote!(.or_null()));
        quote!(Field::#make(#name, #kind)#null)
    }
}

/// How many counters a type has in [`bpx_runtime::validate`].
fn counted(def: &TypeDef) -> usize {
    match &def.kind {
        Kind::Object(fields) if fields.len() <= FIELDS_MAX => fields.len(),
        Kind::Enum(values) => values.values.len(),
        Kind::Union(union) if union.tag.is_some() => union.arms.len(),
        Kind::Union(_) | Kind::Object(_) => 0,
    }
}

fn whole(format: IntFormat) -> TokenStream {
    let (least, greatest) = format.bounds();
    let (least, greatest) = (
        Literal::i128_unsuffixed(least),
        Literal::i128_unsuffixed(greatest),
    );
    quote!(Whole(#least, #greatest))
}
