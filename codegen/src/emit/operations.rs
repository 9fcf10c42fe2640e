//! `operations.rs`: the table of signed operations.

use bpx_contract::model::{Method, Model, Operation, Shape};
use heck::ToShoutySnakeCase as _;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// The constant's name.
pub(super) fn row_ident(id: &str) -> Ident {
    let name = id.to_shouty_snake_case();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format_ident!("N{name}")
    } else {
        format_ident!("{name}")
    }
}

pub(super) fn emit(model: &Model) -> TokenStream {
    let signed: Vec<_> = model
        .operations
        .iter()
        .filter_map(|(id, it)| Some((id, it, it.signing.as_ref()?)))
        .collect();
    let rows = signed.iter().map(|(id, operation, signing)| {
        let ident = row_ident(id);
        let (method, path, instruction) = (
            operation.method.as_str(),
            &operation.path,
            &signing.instruction,
        );
        let payload = payload(operation, signing.batch);
        let docs = format!(" `{method} {path}`, instruction `{instruction}`.");
        quote! {
            #[doc = #docs]
            pub const #ident: SignedOperation = SignedOperation {
                id: #id,
                method: #method,
                path: #path,
                instruction: #instruction,
                payload: Payload::#payload,
            };
        }
    });
    let all = signed.iter().map(|(id, ..)| row_ident(id));
    quote! {
        #![doc = " The operations that are signed, and with what: the rows a [`Signer`](crate::Signer) works from."]
        #[allow(unused_imports, reason = "a contract may sign nothing")]
        use bpx_runtime::{Payload, SignedOperation};

        #(#rows)*

        /// Every signed operation, sorted by its id.
        pub const OPERATIONS: &[SignedOperation] = &[#(#all),*];
    }
}

/// Where the signed pairs come from.
fn payload(operation: &Operation, batch: bool) -> Ident {
    let list = matches!(
        operation.body.as_ref().map(|body| &body.shape),
        Some(Shape::Array(_))
    );
    let name = match &operation.body {
        Some(_) if batch || list => "Batch",
        Some(_) => "Object",
        None if operation.method == Method::Get => "Query",
        None => "Query",
    };
    format_ident!("{name}")
}
