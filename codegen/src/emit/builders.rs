//! `builder.rs`: a builder per operation. It holds and returns what progenitor decided; its request is built, sent and
//! decoded by `bpx-runtime`.

mod answer;
mod rows;

use bpx_contract::Names;
use bpx_contract::model::{Model, Operation, Param};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Field;

use super::backend::{Builder, Decided, given, inside};
use super::docs::{code, doc, own_doc};
use super::shapes::{can_be_unknown, needs_exact};

pub(super) use self::answer::Answers;
pub(super) use self::rows::Rows;

pub(super) fn emit(model: &Model, names: &Names, decided: &Decided) -> TokenStream {
    let operations = model.operations.iter();
    let out = operations.filter_map(|(id, operation)| {
        let emitter = Emitter {
            id,
            operation,
            builder: decided.builders.get(id)?,
            model,
            names,
        };
        Some(emitter.emit())
    });
    quote! {
        #![doc = " One builder per operation: parameters first, then `send`."]
        #[allow(unused_imports, reason = "not every contract uses all of these imports")]
        use std::collections::BTreeMap;
        #[allow(unused_imports, reason = "not every contract uses all of these imports")]
        use bpx_runtime::{
            Connection, Decimal, Error, Outcome, Page, PageHeaders, ResponseValue, Rows, bytes::Bytes, convert,
            decode, http::Method, known, macros::Exact,
            chrono::{DateTime, NaiveDateTime, Utc},
            serde_json::Value,
        };
        #[allow(unused_imports, reason = "not every contract uses all of these imports")]
        use crate::{operations, types};

        #(#out)*
    }
}

/// One operation, and what progenitor decided about its builder.
struct Emitter<'a> {
    id: &'a str,
    operation: &'a Operation,
    builder: &'a Builder,
    model: &'a Model,
    names: &'a Names,
}

impl Emitter<'_> {
    fn emit(&self) -> TokenStream {
        let ident = format_ident!("{}", self.names.builder(self.id));
        let fields = &self.builder.fields;
        let names = fields.iter().map(|field| &field.ident);
        let unset = fields.iter().map(unset);
        let setters = fields.iter().map(|field| self.setter(field));
        let send = self.send();
        let rows = Rows::of((self.operation, self.builder), self.names, self.model);
        let stream = rows.map(|rows| rows.method(self.model));
        let method = self.names.method(self.id);
        let owner = match self.operation.signing {
            Some(_) => "Client",
            None => "PublicClient",
        };
        let docs = own_doc(&format!(
            "Builder of [`{owner}::{method}`](crate::{owner}::{method})."
        ));
        quote! {
            #docs
            #[derive(Debug, Clone)]
            #[must_use = "nothing is sent before `send` is awaited"]
            pub struct #ident<'a> {
                client: &'a Connection,
                #(#fields,)*
            }

            impl<'a> #ident<'a> {
                pub(crate) fn new(client: &'a Connection) -> Self {
                    Self { client, #(#names: #unset,)* }
                }
                #(#setters)*
                #send
                #stream
            }
        }
    }

    /// A setter that says in its error which parameter was wrong.
    fn setter(&self, field: &Field) -> Option<TokenStream> {
        let (ident, ty) = (field.ident.as_ref()?, given(field)?);
        let name = ident.to_string();
        let mut params = self.operation.params.iter();
        let param = params.find(|param| self.names.param(&param.name, param.location) == name);
        let text = match param {
            Some(param) => param_doc(param),
            None => body_doc(&self.operation.body.as_ref()?.doc),
        };
        let docs = doc(&text);
        let some = is_optional(field).then(|| quote!(.map(Some)));
        Some(quote! {
            #docs
            pub fn #ident<V: TryInto<#ty>>(mut self, value: V) -> Self {
                self.#ident = convert(#name, value)#some;
                self
            }
        })
    }

    fn send(&self) -> TokenStream {
        let answers = Answers {
            operation: self.operation,
            builder: self.builder,
        };
        let (success, error) = (answers.success_type(), &self.builder.error);
        let (decode, request, checks) = (answers.decoder(), self.request(), self.checks());
        let names: Vec<_> = self
            .builder
            .fields
            .iter()
            .map(|field| &field.ident)
            .collect();
        let id = self.id;
        let call = if self.operation.signing.is_some() {
            let row = format_ident!("{}", self.names.constant(id));
            quote!(call_signed(request, &operations::#row, #decode))
        } else {
            quote!(call_public(request, #id, #decode))
        };
        let docs = own_doc(&send_doc(self.operation));
        quote! {
            #docs
            pub async fn send(self) -> Result<ResponseValue<#success>, Error<#error>> {
                let Self { client, #(#names),* } = self;
                #(let #names = #names.map_err(Error::InvalidRequest)?;)*
                #(#checks)*
                #request
                client.#call.await
            }
        }
    }

    /// The request, by the runtime's builder: each parameter where the contract puts it.
    fn request(&self) -> TokenStream {
        let method = format_ident!("{}", self.operation.method.as_str());
        let path = &self.operation.path;
        let params = self.operation.params.iter().map(|param| {
            let (wire, place) = (&param.name, format_ident!("{}", param.location.as_str()));
            let ident = format_ident!("{}", self.names.param(wire, param.location));
            if needs_exact(&param.shape) {
                quote!(.#place(#wire, &Exact(#ident)))
            } else {
                quote!(.#place(#wire, &#ident))
            }
        });
        let body = self.operation.body.as_ref().map(|_| quote!(.json(&body)));
        quote!(let request = client.request(Method::#method, #path) #(#params)* #body .build()?;)
    }

    /// Values that the contract does not know are refused before anything is signed.
    fn checks(&self) -> Vec<TokenStream> {
        let params = self.operation.params.iter().map(|param| {
            let ident = format_ident!("{}", self.names.param(&param.name, param.location));
            (param.name.as_str(), ident, &param.shape)
        });
        let body = self.operation.body.iter();
        let body = body.map(|body| ("body", format_ident!("body"), &body.shape));
        let open = params
            .chain(body)
            .filter(|(.., shape)| can_be_unknown(shape, self.model));
        open.map(|(wire, ident, _)| quote!(known(#wire, &#ident)?;))
            .collect()
    }
}

fn is_optional(field: &Field) -> bool {
    inside(&field.ty, "Result").is_some_and(|ty| inside(ty, "Option").is_some())
}

/// What a builder holds before anything is set.
fn unset(field: &Field) -> TokenStream {
    if is_optional(field) {
        return quote!(Ok(None));
    }
    let name = field.ident.as_ref().map(ToString::to_string);
    let missing = format!("{} was not initialized", name.unwrap_or_default());
    quote!(Err(#missing.to_string()))
}

fn param_doc(param: &Param) -> String {
    let mut text = super::described::described(&param.doc, &param.name, "parameter");
    for (keyword, value) in &param.constraints {
        text.push_str(&format!("\n\n`{keyword}`: {}.", code(&value.to_string())));
    }
    text
}

fn body_doc(doc: &str) -> String {
    if doc.is_empty() {
        "The request body.".to_owned()
    } else {
        doc.to_owned()
    }
}

fn send_doc(operation: &Operation) -> String {
    let mut text = format!(
        "Sends {}",
        code(&format!("{} {}", operation.method.as_str(), operation.path))
    );
    match &operation.signing {
        Some(signing) => text.push_str(&format!(
            ", signed with the instruction `{}`.",
            signing.instruction
        )),
        None => text.push_str(", unsigned."),
    }
    text.push_str("\n\n# Errors\nSee [`Error`]: a parameter that is missing or wrong, a refusal by the server, a broken connection.");
    text
}
