//! `client.rs`: the clients, one method per operation.

use bpx_contract::Names;
use bpx_contract::model::{Model, Operation};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs::{clean_line, closed, code, doc, one_line};

pub(super) fn emit(model: &Model, names: &Names) -> TokenStream {
    let public = model
        .operations
        .values()
        .any(|operation| operation.signing.is_none());
    let all: Vec<_> = model
        .operations
        .iter()
        .map(|(id, operation)| method(id, operation, names))
        .collect();
    let unsigned = model
        .operations
        .iter()
        .filter(|(_, operation)| operation.signing.is_none());
    let unsigned: Vec<_> = unsigned
        .map(|(id, operation)| method(id, operation, names))
        .collect();
    let title = format!(
        " Client of {}: every operation, signed where it has to be.",
        clean_line(&model.title)
    );
    let public_client = public.then(|| public_client(model, &unsigned));
    quote! {
        #![doc = " The way in: a client, and a method per operation."]
        use bpx_runtime::{ConnectError, Connection, Options, Signer};

        use crate::builder;

        #[doc = #title]
        #[derive(Debug, Clone)]
        pub struct Client { connection: Connection }

        impl Client {
            /// Connects to `base`, such as `https://api.example.com`, and signs with `signer`.
            ///
            /// # Errors
            /// `base` is not a valid URL, or it is plain `http` to another machine.
            pub fn new(base: &str, signer: Signer) -> Result<Self, ConnectError> {
                Self::with_options(base, signer, crate::options())
            }

            /// As [`Client::new`], with time-outs and limits of your own; begin with [`options`](crate::options).
            ///
            /// # Errors
            /// As [`Client::new`].
            pub fn with_options(base: &str, signer: Signer, options: Options) -> Result<Self, ConnectError> {
                Connection::signed(base, signer, options).map(|connection| Self { connection })
            }

            #(#all)*
        }

        #public_client
    }
}

fn public_client(model: &Model, methods: &[TokenStream]) -> TokenStream {
    let title = format!(
        " Client of {} without a key: only what needs no signature.",
        clean_line(&model.title)
    );
    quote! {
        #[doc = #title]
        #[derive(Debug, Clone)]
        pub struct PublicClient { connection: Connection }

        impl PublicClient {
            /// Connects to `base`.
            ///
            /// # Errors
            /// `base` is not a valid URL, or it is plain `http` to another machine.
            pub fn new(base: &str) -> Result<Self, ConnectError> {
                Connection::public(base, crate::options()).map(|connection| Self { connection })
            }

            #(#methods)*
        }
    }
}

fn method(id: &str, operation: &Operation, names: &Names) -> TokenStream {
    let ident = format_ident!("{}", names.method(id));
    let builder = format_ident!("{}", names.builder(id));
    let docs = doc(&method_doc(id, operation));
    quote! {
        #docs
        pub fn #ident(&self) -> builder::#builder<'_> {
            builder::#builder::new(&self.connection)
        }
    }
}

fn method_doc(id: &str, operation: &Operation) -> String {
    let mut text = if operation.summary.is_empty() {
        format!("{}.", code(id))
    } else {
        one_line(&operation.summary)
    };
    if !operation.doc.is_empty() && operation.doc != operation.summary {
        text.push_str(&format!("\n\n{}", closed(&operation.doc)));
    }
    text.push_str(&format!(
        "\n\n{}\n\n| status | meaning |\n|---|---|",
        code(&format!("{} {}", operation.method.as_str(), operation.path))
    ));
    for (status, meaning) in &operation.success.statuses {
        text.push_str(&row(status, meaning, ""));
    }
    for failure in &operation.errors {
        let note = if failure.undocumented {
            " (seen, though the venue does not document it)"
        } else {
            ""
        };
        text.push_str(&row(&failure.status, &failure.doc, note));
    }
    text
}

fn row(status: &str, meaning: &str, note: &str) -> String {
    let meaning = one_line(meaning).replace('|', "\\|");
    format!("\n| {status} | {meaning}{note} |")
}
