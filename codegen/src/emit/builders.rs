//! `builder.rs`: a builder per operation. It holds and returns what progenitor decided; its request is built, sent and
//! decoded by `bpx-runtime`.

mod answer;
mod rows;

use bpx_contract::Names;
use bpx_contract::model::{
    Content, Location, Media, Model, Operation, Param, Shape, StringFormat, Style,
};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Field;

use super::backend::{Builder, Decided, given, inside};
use super::docs::{code, deprecated, doc, own_doc};
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
    let signs = model.signs();
    let signed = signs.then(|| {
        quote!(
            use crate::operations;
        )
    });
    quote! {
        #![doc = " One builder per operation: parameters first, then `send`."]
        #[allow(unused_imports, reason = "not every contract uses all of these imports")]
        use std::collections::BTreeMap;
        #[allow(unused_imports, reason = "not every contract uses all of these imports")]
        use bpx_runtime::{
            Connection, Decimal, Error, Events, File, Ipv4Addr, Ipv6Addr, Outcome, Page, PageHeaders, ResponseValue, Rows, Follow,
            Style, Uuid, bytes::Bytes, convert, decode, http::Method, known, macros::Exact,
            chrono::{DateTime, NaiveDate, NaiveDateTime, Utc},
            serde_json::Value,
        };
        #[allow(unused_imports, reason = "not every contract uses all of these imports")]
        use crate::types;
        #signed

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
        let rows = Rows::of(
            (self.id, self.operation, self.builder),
            self.names,
            self.model,
        );
        let stream = rows.as_ref().map(|rows| rows.method(self.model));
        let follow = rows.as_ref().and_then(Rows::following);
        let method = self.names.method(self.id);
        let signs = self.model.signs();
        let owner = match self.operation.signing {
            None if signs => "PublicClient",
            _ => "Client",
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
                #follow
            }
        }
    }

    /// A setter that says in its error which parameter was wrong.
    fn setter(&self, field: &Field) -> Option<TokenStream> {
        let (ident, ty) = (field.ident.as_ref()?, given(field)?);
        let name = ident.to_string();
        let mut params = self.operation.params.iter();
        let param =
            params.find(|param| self.names.param(self.id, &param.name, param.location) == name);
        let text = match param {
            Some(param) => param_doc(param),
            None => body_doc(&self.operation.body.as_ref()?.doc),
        };
        let docs = doc(&text);
        let deprecated = deprecated(param.is_some_and(|param| param.deprecated));
        let some = is_optional(field).then(|| quote!(.map(Some)));
        Some(quote! {
            #docs
            #deprecated
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
            model: self.model,
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
        let security = self.operation.security.iter();
        let security = security.map(|names| quote!(&[#(#names),*]));
        let security = quote!(&[#(#security),*]);
        let is_open = self.operation.security.is_empty();
        let call = match (&self.operation.signing, &self.operation.success.content) {
            (Some(_), _) => {
                let row = format_ident!("{}", self.names.constant(id));
                quote!(call_signed(request, &operations::#row, #decode))
            }
            (None, Content::Events(_)) => quote!(call_events(request, #id, #security)),
            (None, _) if is_open => quote!(call_public(request, #id, #decode)),
            (None, _) => quote!(call_authorized(request, #id, #security, #decode)),
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
        let params = self.operation.params.iter().map(|param| self.param(param));
        let accept = match &self.operation.success.content {
            Content::Text => Some(quote!(.accept("text/*"))),
            Content::Bytes => Some(quote!(.accept("*/*"))),
            Content::Events(_) => Some(quote!(.accept("text/event-stream"))),
            Content::Json(_) | Content::Empty => None,
        };
        let body = self.operation.body.as_ref().map(|body| {
            let value = match body.required {
                true => quote!(&body),
                false => quote!(body),
            };
            let write = match &body.media {
                Media::Json(media) if media == "application/json" => quote!(json(#value)),
                Media::Json(media) => quote!(json_as(#value, #media)),
                Media::Form => quote!(form(#value)),
                Media::Text(media) | Media::Bytes(media) => quote!(bytes(#value, #media)),
            };
            (write, body.required)
        });
        let request = quote!(client.request(Method::#method, #path) #(#params)* #accept);
        match body {
            None => quote!(let request = #request .build()?;),
            Some((write, true)) => quote!(let request = #request .#write .build()?;),
            Some((write, false)) => quote! {
                let request = #request;
                let request = match &body {
                    Some(body) => request.#write,
                    None => request,
                };
                let request = request.build()?;
            },
        }
    }

    fn param(&self, param: &Param) -> TokenStream {
        let (wire, location) = (&param.name, param.location);
        let ident = format_ident!("{}", self.names.param(self.id, wire, location));
        let value = match needs_exact(&param.shape) {
            true => quote!(&Exact(#ident)),
            false => quote!(&#ident),
        };
        if location == Location::Part {
            let write = match *param.shape.bottom() == Shape::String(StringFormat::Binary) {
                true => quote!(files),
                false => quote!(part),
            };
            return quote!(.#write(#wire, #value));
        }
        let is_usual = param.style == Style::default_in(location) && location != Location::Cookie;
        if is_usual {
            let place = format_ident!("{}", location.as_str());
            return quote!(.#place(#wire, #value));
        }
        let place = format_ident!("{}_as", location.as_str());
        let style = format_ident!("{}", param.style.name());
        quote!(.#place(#wire, #value, Style::#style))
    }

    /// Values that the contract does not know are refused before anything is signed.
    fn checks(&self) -> Vec<TokenStream> {
        let params = self.operation.params.iter().map(|param| {
            let ident = format_ident!("{}", self.names.param(self.id, &param.name, param.location));
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
    let mut text = super::described::described(&param.doc, &param.name);
    for (keyword, value) in &param.constraints {
        text.push_str(&format!("\n\n`{keyword}`: {}.", code(&value.to_string())));
    }
    if let Some(value) = &param.default {
        text.push_str(&format!(
            "\n\nAbsent, it counts as {}.",
            code(&value.to_string())
        ));
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
        None => text.push('.'),
    }
    text.push_str("\n\n# Errors\nSee [`Error`]: a parameter that is missing or wrong, a refusal by the server, a broken connection.");
    text
}
