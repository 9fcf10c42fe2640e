//! String enumerations: open ones keep what they do not know.

use bpx_contract::model::{StringEnum, TypeDef};
use bpx_contract::{Names, OPEN_ARM};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::described::described;
use super::docs::{code, doc};

pub(super) fn emit(def: &TypeDef, listed: &StringEnum, name: &str, names: &Names) -> TokenStream {
    let rust = names.ty(name);
    let ident = format_ident!("{rust}");
    let docs = doc(&described(&def.doc, name, "enumeration"));
    let wires = &listed.values;
    let variants: Vec<_> = wires
        .iter()
        .map(|value| format_ident!("{}", names.variant(name, value)))
        .collect();
    let variant_docs = wires.iter().map(|value| format!(" {}.", code(value)));
    let open = !listed.closed;
    let arm = format_ident!("{OPEN_ARM}");
    let open_variant = open.then(|| {
        quote! {
            /// A value this version does not know, as it came. It can be read and passed on, not sent.
            #arm(String),
        }
    });
    let non_exhaustive = open.then(|| quote!(#[non_exhaustive]));
    let as_unknown = open.then(|| quote!(Self::#arm(text) => text,));
    let unknown = if open {
        quote!(Some(Self::#arm(text)))
    } else {
        quote!(None)
    };
    let unused = if open { quote!(text) } else { quote!(_text) };
    let is_unknown = if open {
        quote!(matches!(self, Self::#arm(_)))
    } else {
        quote!(false)
    };
    let copy = (!open).then(|| quote!(Copy,));
    quote! {
        #docs
        #[derive(Debug, Clone, #copy PartialEq, Eq, PartialOrd, Ord, Hash)]
        #non_exhaustive
        pub enum #ident {
            #( #[doc = #variant_docs] #variants, )*
            #open_variant
        }
        impl WireEnum for #ident {
            const NAME: &'static str = #rust;
            const OPEN: bool = #open;
            const KNOWN: &'static [&'static str] = &[#(#wires),*];
            fn from_wire(text: &str) -> Option<Self> {
                Some(match text {
                    #( #wires => Self::#variants, )*
                    _ => return None,
                })
            }
            fn unknown(#unused: String) -> Option<Self> {
                #unknown
            }
            fn as_str(&self) -> &str {
                match self {
                    #( Self::#variants => #wires, )*
                    #as_unknown
                }
            }
            fn is_unknown(&self) -> bool {
                #is_unknown
            }
        }
        bpx_runtime::wire_enum!(#ident);
    }
}
