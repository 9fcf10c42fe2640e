//! Inputs that hold a secret never show it.

use std::collections::BTreeSet;

use bpx_contract::Names;
use bpx_contract::model::Field;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Item, Token, punctuated::Punctuated};

use crate::emit::Fault;

/// The items with a `Debug` of this type that tells of its secrets only that they are there.
pub(super) fn hidden(
    items: TokenStream,
    ident: &Ident,
    fields: &[Field],
    secrets: &BTreeSet<String>,
    names: &Names,
) -> Result<TokenStream, Fault> {
    let mut file: syn::File = syn::parse2(items).map_err(|error| Fault::backend("syn", &error))?;
    for item in &mut file.items {
        if let Item::Struct(made) = item
            && made.ident == *ident
        {
            made.attrs.iter_mut().for_each(without_debug);
        }
    }
    let name = ident.to_string();
    let shown = fields.iter().map(|field| {
        let rust = format_ident!("{}", names.field(&field.name));
        let label = rust.to_string();
        if secrets.contains(&field.name) {
            quote!(.field(#label, &"[redacted]"))
        } else {
            quote!(.field(#label, &self.#rust))
        }
    });
    Ok(quote! {
        #file
        impl std::fmt::Debug for #ident {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(#name) #(#shown)* .finish()
            }
        }
    })
}

/// A `derive` without `Debug`; any other attribute as it is.
fn without_debug(attribute: &mut Attribute) {
    if !attribute.path().is_ident("derive") {
        return;
    }
    let derived = attribute.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated);
    if let Ok(derived) = derived {
        let kept = derived.into_iter().filter(|it| !it.is_ident("Debug"));
        *attribute = syn::parse_quote!(#[derive(#(#kept),*)]);
    }
}
