//! What callers build: a constructor over the required fields, a setter for each optional one.

use bpx_contract::model::{Field, Model, TypeDef};
use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use syn::{Ident, ItemStruct, Type};

use super::backend::{inside, plain, text};
use super::described::field_doc;
use super::docs::{code, deprecated, doc, first_paragraph, own_doc};
use super::shapes::{can_be_unknown, is_doubled};

/// A field, and how a caller gives its value.
struct Member<'a> {
    field: &'a Field,
    name: &'a Option<Ident>,
    /// The type of the argument: text is taken in any form, a box is made here.
    given: TokenStream,
    /// From the argument to the value.
    convert: fn(TokenStream) -> TokenStream,
    /// Null is one more value.
    doubled: bool,
}

impl<'a> Member<'a> {
    fn of(made: &'a syn::Field, field: &'a Field) -> Self {
        let doubled = is_doubled(field);
        let ty = match doubled {
            true => inside(&made.ty, "Option").unwrap_or(&made.ty),
            false => &made.ty,
        };
        let (given, convert): (_, fn(_) -> _) = match text(ty).as_str() {
            "String" | "Option<String>" => {
                (quote!(impl Into<String>), |value| quote!(#value.into()))
            }
            _ if is_boxed(ty) => (
                plain(ty).to_token_stream(),
                |value| quote!(Box::new(#value)),
            ),
            _ => (plain(ty).to_token_stream(), |value| value),
        };
        Self {
            field,
            name: &made.ident,
            given,
            convert,
            doubled,
        }
    }

    fn setter(&self) -> TokenStream {
        let (name, given) = (self.name, &self.given);
        let value = (self.convert)(quote!(value));
        let docs = doc(&first_paragraph(&field_doc(self.field)));
        let deprecated = deprecated(self.field.deprecated);
        let value = match self.doubled {
            true => quote!(Some(Some(#value))),
            false => quote!(Some(#value)),
        };
        let null = self.doubled.then(|| {
            let null = format_ident!(
                "{}_null",
                self.name
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default()
            );
            let docs = own_doc(&format!("Sends `null` for {}.", code(&self.field.name)));
            quote! {
                #docs
                #[must_use]
                pub fn #null(mut self) -> Self {
                    self.#name = Some(None);
                    self
                }
            }
        });
        quote! {
            #docs
            #deprecated
            #[must_use]
            pub fn #name(mut self, value: #given) -> Self {
                self.#name = #value;
                self
            }
            #null
        }
    }

    /// The field in the constructor.
    fn value(&self) -> TokenStream {
        let name = self.name;
        if self.field.optional() {
            return quote!(#name: None);
        }
        let (given, value) = (quote!(#name), (self.convert)(quote!(#name)));
        if given.to_string() == value.to_string() {
            given
        } else {
            quote!(#name: #value)
        }
    }
}

fn is_boxed(ty: &Type) -> bool {
    inside(inside(ty, "Option").unwrap_or(ty), "Box").is_some()
}

pub(super) fn emit(
    made: &ItemStruct,
    (fields, def): (&[Field], &TypeDef),
    model: &Model,
) -> TokenStream {
    let ident = &made.ident;
    let members = made.fields.iter().zip(fields);
    let members: Vec<_> = members
        .map(|(made, field)| Member::of(made, field))
        .collect();
    let (optional, required): (Vec<_>, Vec<_>) =
        members.iter().partition(|member| member.field.optional());
    let arguments = required
        .iter()
        .map(|Member { name, given, .. }| quote!(#name: #given));
    let values = members.iter().map(Member::value);
    let extra = def.extra.as_ref().and(made.fields.iter().nth(fields.len()));
    let extra = extra.and_then(|field| field.ident.as_ref());
    let values = values.chain(extra.map(|extra| quote!(#extra: BTreeMap::new())));
    let setters = optional.iter().map(|member| member.setter());
    let known = known(ident, &members, model);
    let default = required.is_empty().then(|| {
        quote! {
            impl Default for #ident {
                fn default() -> Self {
                    Self::new()
                }
            }
        }
    });
    quote! {
        #default
        impl #ident {
            /// What the contract requires; everything else is left out until it is set.
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values),* }
            }
            #(#setters)*
        }
        #known
    }
}

fn known(ident: &Ident, members: &[Member<'_>], model: &Model) -> TokenStream {
    let open = members
        .iter()
        .filter(|member| can_be_unknown(&member.field.shape, model));
    let checks = open.map(|Member { field, name, .. }| {
        let wire = &field.name;
        quote!(bpx_runtime::known_field(#wire, &self.#name)?;)
    });
    quote! {
        impl Known for #ident {
            fn known(&self) -> Result<(), String> {
                #(#checks)*
                Ok(())
            }
        }
    }
}
