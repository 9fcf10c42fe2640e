//! What callers build: a constructor over the required fields, a setter for each optional one.

use bpx_contract::Names;
use bpx_contract::model::{Field, Model, Shape, StringFormat};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::described::field_doc;
use super::docs::{doc, first_paragraph};
use super::shapes::{can_be_unknown, is_boxed, rust_type};

pub(super) fn emit(owner: &str, fields: &[Field], names: &Names, model: &Model) -> TokenStream {
    let ident = &format_ident!("{}", names.ty(owner));
    let boxed = |field: &Field| is_boxed(owner, &field.shape, model);
    let required: Vec<_> = fields.iter().filter(|field| !field.optional()).collect();
    let names_of = |field: &Field| format_ident!("{}", names.field(&field.name));
    let arguments = required.iter().map(|field| {
        let (name, ty) = (names_of(field), parameter(&field.shape, names));
        quote!(#name: #ty)
    });
    let values = fields.iter().map(|field| {
        let name = names_of(field);
        match (field.optional(), converts(&field.shape)) {
            (true, _) => quote!(#name: None),
            (false, true) => quote!(#name: #name.into()),
            (false, false) if boxed(field) => quote!(#name: Box::new(#name)),
            (false, false) => quote!(#name),
        }
    });
    let setters = fields
        .iter()
        .filter(|field| field.optional())
        .map(|field| setter(field, boxed(field), names));
    let known = known(ident, fields, names, model);
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

fn setter(field: &Field, boxed: bool, names: &Names) -> TokenStream {
    let name = format_ident!("{}", names.field(&field.name));
    let ty = parameter(&field.shape, names);
    let value = if converts(&field.shape) {
        quote!(value.into())
    } else if boxed {
        quote!(Box::new(value))
    } else {
        quote!(value)
    };
    let docs = doc(&first_paragraph(&field_doc(field)));
    quote! {
        #docs
        #[must_use]
        pub fn #name(mut self, value: #ty) -> Self {
            self.#name = Some(#value);
            self
        }
    }
}

/// Text is taken in any form.
fn converts(shape: &Shape) -> bool {
    matches!(shape, Shape::String(StringFormat::Plain))
}

fn parameter(shape: &Shape, names: &Names) -> TokenStream {
    if converts(shape) {
        quote!(impl Into<String>)
    } else {
        rust_type(shape, names, &TokenStream::new())
    }
}

fn known(ident: &Ident, fields: &[Field], names: &Names, model: &Model) -> TokenStream {
    let open: Vec<_> = fields
        .iter()
        .filter(|field| can_be_unknown(&field.shape, model))
        .collect();
    let checks = open.iter().map(|field| {
        let name = format_ident!("{}", names.field(&field.name));
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
