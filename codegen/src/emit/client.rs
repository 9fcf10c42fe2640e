//! `client.rs`: the clients, one method per operation.

use std::collections::BTreeSet;

use bpx_contract::Names;
use bpx_contract::model::{ApiKeyIn, Model, Operation, Scheme};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs::{clean_line, closed, code, deprecated, doc, doc as doc_of, one_line, own_doc};
use super::streams;

pub(super) fn emit(model: &Model, names: &Names) -> TokenStream {
    let is_signed = |operation: &Operation| operation.signing.is_some();
    let methods = |wanted: &dyn Fn(&Operation) -> bool| -> Vec<_> {
        let operations = model.operations.iter();
        let wanted = operations.filter(|(_, operation)| wanted(operation));
        wanted
            .map(|(id, operation)| method(id, operation, names))
            .collect()
    };
    let title = clean_line(&model.title);
    let signs = model.signs();
    let has_public = !model.operations.values().all(is_signed);
    let mut own = credentials(model, names);
    own.extend(streams::of_client(model));
    let clients = if signs {
        let all = methods(&|_| true);
        let docs = format!(" Client of {title}: every operation, signed where it has to be.");
        let signed = signed_client(&docs, &own, &all);
        let public = has_public.then(|| {
            let docs = format!(" Client of {title} without a key: only what needs no signature.");
            let unsigned = methods(&|operation| !is_signed(operation));
            public_client("PublicClient", &docs, &own, &unsigned)
        });
        quote! { #signed #public }
    } else {
        let docs = format!(" Client of {title}: a method for each operation.");
        let client = public_client("Client", &docs, &own, &methods(&|_| true));
        quote! {
            #client

            /// The same client under the name that it has where other operations are signed.
            pub type PublicClient = Client;
        }
    };
    let signer = signs.then(|| {
        quote!(
            use bpx_runtime::Signer;
        )
    });
    quote! {
        #![doc = " The way in: a client, and a method per operation."]
        #[allow(unused_imports, reason = "not every contract uses all of these imports")]
        use bpx_runtime::{ConnectError, Connection, Credential, Options};
        #signer

        #[allow(unused_imports, reason = "a contract may have webhooks alone")]
        use crate::builder;

        #clients
    }
}

fn signed_client(docs: &str, own: &[TokenStream], methods: &[TokenStream]) -> TokenStream {
    let conversions = conversions(&format_ident!("Client"));
    quote! {
        #[doc = #docs]
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

            #(#own)*
            #(#methods)*
        }

        #conversions
    }
}

/// A client of a connection that there is already, and the connection of a client.
fn conversions(ident: &Ident) -> TokenStream {
    quote! {
        impl From<Connection> for #ident {
            fn from(connection: Connection) -> Self {
                Self { connection }
            }
        }

        /// For calls that the contract does not have.
        impl AsRef<Connection> for #ident {
            fn as_ref(&self) -> &Connection {
                &self.connection
            }
        }
    }
}

fn public_client(
    name: &str,
    docs: &str,
    own: &[TokenStream],
    methods: &[TokenStream],
) -> TokenStream {
    let ident = format_ident!("{name}");
    let as_new = format!(
        " As [`{name}::new`], with time-outs, limits and headers of your own; begin with [`options`](crate::options)."
    );
    let errors = format!(" As [`{name}::new`].");
    let conversions = conversions(&ident);
    quote! {
        #[doc = #docs]
        #[derive(Debug, Clone)]
        pub struct #ident { connection: Connection }

        impl #ident {
            /// Connects to `base`, such as `https://api.example.com`.
            ///
            /// # Errors
            /// `base` is not a valid URL, or it is plain `http` to another machine.
            pub fn new(base: &str) -> Result<Self, ConnectError> {
                Self::with_options(base, crate::options())
            }

            #[doc = #as_new]
            ///
            /// # Errors
            #[doc = #errors]
            pub fn with_options(base: &str, options: Options) -> Result<Self, ConnectError> {
                Connection::public(base, options).map(|connection| Self { connection })
            }

            #(#own)*
            #(#methods)*
        }

        #conversions
    }
}

/// A method for each security scheme that an operation can use.
fn credentials(model: &Model, names: &Names) -> Vec<TokenStream> {
    let operations = model.operations.values();
    let used: BTreeSet<_> = operations
        .flat_map(|it| it.security.iter().flatten())
        .collect();
    let mut taken: BTreeSet<_> = model
        .operations
        .keys()
        .map(|id| names.method(id).to_owned())
        .collect();
    taken.extend(["new", "with_options"].map(str::to_owned));
    let schemes = used
        .into_iter()
        .filter_map(|name| Some((name, model.security.get(name)?)));
    let methods = schemes.map(|(name, scheme)| {
        let wanted = format!(
            "with_{}",
            Names::method_of_words(name).trim_end_matches('_')
        );
        let numbered = (2_usize..).map(|number| format!("{wanted}_{number}"));
        let mut free = std::iter::once(wanted.clone()).chain(numbered);
        let method = free
            .find(|method| taken.insert(method.clone()))
            .unwrap_or_default();
        credential(name, scheme, &format_ident!("{method}"))
    });
    methods.collect()
}

fn credential(name: &str, scheme: &Scheme, method: &Ident) -> TokenStream {
    let message = |what: String, doc: &str| {
        let text = format!(
            "Shows {what}, for the operations that ask for {}.",
            code(name)
        );
        match doc.is_empty() {
            true => own_doc(&text),
            false => {
                let (own, theirs) = (own_doc(&text), doc_of(doc));
                quote!(#own #[doc = ""] #theirs)
            }
        }
    };
    match scheme {
        Scheme::Bearer { doc } => {
            let docs = message("a bearer token".to_owned(), doc);
            quote! {
                #docs
                #[must_use]
                pub fn #method(mut self, token: impl AsRef<str>) -> Self {
                    self.connection = self.connection.with_credential(#name, Credential::bearer(token));
                    self
                }
            }
        }
        Scheme::Basic { doc } => {
            let docs = message("a name with its password".to_owned(), doc);
            quote! {
                #docs
                #[must_use]
                pub fn #method(mut self, user: impl AsRef<str>, password: impl AsRef<str>) -> Self {
                    self.connection = self.connection.with_credential(#name, Credential::basic(user, password));
                    self
                }
            }
        }
        Scheme::ApiKey {
            doc,
            location,
            name: wire,
        } => {
            let (place, kind) = match location {
                ApiKeyIn::Header => ("header", quote!(header)),
                ApiKeyIn::Query => ("query parameter", quote!(query)),
                ApiKeyIn::Cookie => ("cookie", quote!(cookie)),
            };
            let docs = message(format!("a key in the {place} {}", code(wire)), doc);
            quote! {
                #docs
                #[must_use]
                pub fn #method(mut self, key: impl Into<String>) -> Self {
                    self.connection = self.connection.with_credential(#name, Credential::#kind(#wire, key));
                    self
                }
            }
        }
    }
}

fn method(id: &str, operation: &Operation, names: &Names) -> TokenStream {
    let ident = format_ident!("{}", names.method(id));
    let builder = format_ident!("{}", names.builder(id));
    let docs = doc(&method_doc(id, operation));
    let deprecated = deprecated(operation.deprecated);
    quote! {
        #docs
        #deprecated
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
            " (seen, though the API's documentation does not have it)"
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
