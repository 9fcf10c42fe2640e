//! Enumerations of strings and of integers: open ones keep what they do not know.

use bpx_contract::model::{StringEnum, TypeDef};
use bpx_contract::{Names, OPEN_ARM};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::described::described;
use super::docs::{code, doc};

pub(super) fn emit(
    (def, listed): (&TypeDef, &StringEnum),
    name: &str,
    names: &Names,
    of_integers: bool,
) -> TokenStream {
    let rust = names.ty(name);
    let ident = format_ident!("{rust}");
    let docs = doc(&described(&def.doc, name));
    let wires = &listed.values;
    let variants: Vec<_> = wires
        .iter()
        .map(|value| format_ident!("{}", names.variant(name, value)))
        .collect();
    let variant_docs = wires.iter().map(|value| format!(" {}.", code(value)));
    let open = !listed.closed;
    let holds = if of_integers {
        quote!(i64)
    } else {
        quote!(String)
    };
    let arm = format_ident!("{OPEN_ARM}");
    let open_variant = open.then(|| {
        quote! {
            /// A value this version does not know, as it came. It can be read and passed on, not sent.
            #arm(#holds),
        }
    });
    let non_exhaustive = open.then(|| quote!(#[non_exhaustive]));
    let copy = (!open).then(|| quote!(Copy,));
    let macro_name = match of_integers {
        true => quote!(integer_enum),
        false => quote!(wire_enum),
    };
    let literals = wires.iter().map(|wire| match wire.parse::<i64>() {
        Ok(value) if of_integers => Literal::i64_unsuffixed(value),
        _ => Literal::string(wire),
    });
    let keep = open.then(|| quote!(else #arm));
    quote! {
        #docs
        #[derive(Debug, Clone, #copy PartialEq, Eq, PartialOrd, Ord, Hash)]
        #non_exhaustive
        pub enum #ident {
            #( #[doc = #variant_docs] #variants, )*
            #open_variant
        }
        bpx_runtime::#macro_name! { #ident { #(#variants = #literals),* } #keep }
    }
}
