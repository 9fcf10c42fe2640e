//! Inputs that hold a secret never show it.

use std::collections::BTreeSet;

use bpx_contract::model::Field;
use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemStruct;

/// A `Debug` that tells of the secrets only that they are there.
pub(super) fn debug(
    made: &ItemStruct,
    fields: &[Field],
    secrets: &BTreeSet<String>,
) -> TokenStream {
    let ident = &made.ident;
    let name = ident.to_string();
    let shown = made.fields.iter().zip(fields).map(|(member, field)| {
        let rust = &member.ident;
        let label = rust.as_ref().map(ToString::to_string);
        if secrets.contains(&field.name) {
            quote!(.field(#label, &"[redacted]"))
        } else {
            quote!(.field(#label, &self.#rust))
        }
    });
    quote! {
        impl std::fmt::Debug for #ident {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(#name) #(#shown)* .finish()
            }
        }
    }
}
