//! `operations.rs`: the table of signed operations.

use bpx_contract::Names;
use bpx_contract::model::{Model, Operation, Shape};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs::code;

pub(super) fn emit(model: &Model, names: &Names) -> TokenStream {
    let signed: Vec<_> = model
        .operations
        .iter()
        .filter_map(|(id, it)| Some((id, it, it.signing.as_ref()?)))
        .collect();
    let row = |id: &str| format_ident!("{}", names.constant(id));
    let rows = signed.iter().map(|(id, operation, signing)| {
        let ident = row(id);
        let (method, path, instruction) = (
            operation.method.as_str(),
            &operation.path,
            &signing.instruction,
        );
        let payload = payload(operation, signing.batch);
        let docs = format!(
            " {}, instruction `{instruction}`.",
            code(&format!("{method} {path}"))
        );
        quote! {
            #[doc = #docs]
            pub const #ident: SignedOperation =
                SignedOperation::new(#id, #method, #path, #instruction, Payload::#payload);
        }
    });
    let all = signed.iter().map(|(id, ..)| row(id));
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
        None => "Query",
    };
    format_ident!("{name}")
}
