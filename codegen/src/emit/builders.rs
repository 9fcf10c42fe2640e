//! `builder.rs`: progenitor's builders, with its sending replaced by one call into the runtime.
//!
//! Progenitor decides how parameters become a request; what happens to the request afterwards
//! (signing, sending, decoding, errors) is written once in `bpx-runtime`.

mod answer;
mod backend;
mod rows;

use std::collections::BTreeMap;

use bpx_contract::Names;
use bpx_contract::model::{Model, Operation, Param};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::visit_mut::VisitMut as _;
use syn::{Block, Expr, ImplItem, ImplItemFn, Item, ItemImpl, ItemStruct, Pat, Stmt};

use self::answer::Answers;
use self::backend::Rebind;
use super::docs::{code, doc, own_doc};
use super::shapes::{can_be_unknown, needs_exact, rust_type, type_text};
use super::{Fault, stand_ins};

pub(super) use self::answer::signature;
pub(super) use self::rows::Rows;

pub(super) fn emit(model: &Model, names: &Names) -> Result<TokenStream, Fault> {
    let items = backend::builders(model, names)?;
    let mut out = Vec::new();
    for (index, (id, operation)) in model.operations.iter().enumerate() {
        let this = One {
            index,
            id,
            operation,
            model,
            names,
        };
        out.push(this.emit(&items)?);
    }
    Ok(quote! {
        #![doc = " One builder per operation: parameters first, then `send`."]
        #[allow(unused_imports, reason = "which of these a contract needs is its own affair")]
        use std::collections::BTreeMap;
        #[allow(unused_imports, reason = "which of these a contract needs is its own affair")]
        use bpx_runtime::{
            Connection, Decimal, Error, Outcome, Page, PageHeaders, ResponseValue, Rows, bytes::Bytes, convert,
            decode, http::Method, known, macros::Exact,
            chrono::{DateTime, NaiveDateTime, Utc},
            serde_json::Value,
        };
        #[allow(unused_imports, reason = "which of these a contract needs is its own affair")]
        use crate::{operations, types};

        #(#out)*
    })
}

/// One operation on its way from progenitor's builder to ours.
struct One<'a> {
    /// Its position in the model.
    index: usize,
    id: &'a str,
    operation: &'a Operation,
    model: &'a Model,
    names: &'a Names,
}

impl One<'_> {
    fn emit(&self, items: &[Item]) -> Result<TokenStream, Fault> {
        let theirs = stand_ins::builder(self.index);
        let made = items.iter().find_map(|item| match item {
            Item::Struct(made) if made.ident == theirs => Some(made.clone()),
            _ => None,
        });
        let methods = items.iter().find_map(|item| match item {
            Item::Impl(methods) if target(methods).is_some_and(|target| target == theirs) => {
                Some(methods.clone())
            }
            _ => None,
        });
        let (Some(mut made), Some(mut methods)) = (made, methods) else {
            return Err(Fault::backend(
                "progenitor",
                &format!("no builder for operation `{}`", self.id),
            ));
        };
        let params = self.param_names();
        let ours = self.names.builder(self.id);
        let mut rebind = Rebind {
            params: &params,
            builder: (&theirs, &ours),
        };
        rebind.visit_item_struct_mut(&mut made);
        rebind.visit_item_impl_mut(&mut methods);
        self.dress(&mut made)?;
        self.methods(&mut methods)?;
        if let Some(rows) = Rows::of(self.operation, self.names, self.model) {
            methods.items.push(parse(rows.method(self.model))?);
        }
        Ok(quote! { #made #methods })
    }

    /// The names of parameters, by stand-in.
    fn param_names(&self) -> BTreeMap<String, String> {
        let params = stand_ins::params(self.operation).into_iter();
        let name = |param: &Param| self.names.param(&param.name, param.location);
        params
            .map(|(stand_in, param)| (stand_in, name(param)))
            .collect()
    }

    fn dress(&self, made: &mut ItemStruct) -> Result<(), Fault> {
        let method = self.names.method(self.id);
        let owner = if self.operation.signing.is_some() {
            "Client"
        } else {
            "PublicClient"
        };
        made.attrs = attributes(&format!(
            "Builder of [`{owner}::{method}`](crate::{owner}::{method})."
        ))?;
        made.attrs.extend(parse_attributes(quote! {
            #[derive(Debug, Clone)]
            #[must_use = "nothing is sent before `send` is awaited"]
        })?);
        for field in &mut made.fields {
            if field.ident.as_ref().is_some_and(|ident| ident == "client") {
                field.ty = parse(quote!(&'a Connection))?;
            }
        }
        Ok(())
    }

    fn methods(&self, methods: &mut ItemImpl) -> Result<(), Fault> {
        for item in &mut methods.items {
            let ImplItem::Fn(function) = item else {
                continue;
            };
            match function.sig.ident.to_string().as_str() {
                "new" => {
                    let body = &function.block;
                    *function =
                        parse(quote!(pub(crate) fn new(client: &'a Connection) -> Self #body))?;
                }
                "send" => self.send(function)?,
                name => {
                    let name = name.to_owned();
                    self.setter(function, &name)?;
                }
            }
        }
        Ok(())
    }

    fn param(&self, rust: &str) -> Option<&Param> {
        self.operation
            .params
            .iter()
            .find(|param| self.names.param(&param.name, param.location) == rust)
    }

    /// A setter that says in its error which parameter was wrong.
    fn setter(&self, function: &mut ImplItemFn, name: &str) -> Result<(), Fault> {
        let ident = format_ident!("{name}");
        let module = quote!(types::);
        let (shape, text, optional) = match self.param(name) {
            Some(param) => (&param.shape, param_doc(param), !param.required),
            None => match &self.operation.body {
                Some(body) => (&body.shape, body_doc(&body.doc), false),
                None => return Ok(()),
            },
        };
        let ty = rust_type(shape, self.names, &module);
        let docs = doc(&text);
        let some = optional.then(|| quote!(.map(Some)));
        *function = parse(quote! {
            #docs
            pub fn #ident<V: TryInto<#ty>>(mut self, value: V) -> Self {
                self.#ident = convert(#name, value)#some;
                self
            }
        })?;
        Ok(())
    }

    /// Progenitor's request, our way of sending it.
    fn send(&self, function: &mut ImplItemFn) -> Result<(), Fault> {
        let answers = Answers {
            operation: self.operation,
            names: self.names,
        };
        let (success, error) = (answers.success_type(), answers.error_type());
        let stmts = prelude(&function.block);
        let checks = self.checks()?;
        let request = self.request();
        let id = self.id;
        let decode = answers.decoder();
        let call: Expr = if self.operation.signing.is_some() {
            let row = format_ident!("{}", self.names.constant(self.id));
            parse(quote!(client.call_signed(request, &operations::#row, #decode).await))?
        } else {
            parse(quote!(client.call_public(request, #id, #decode).await))?
        };
        let docs = own_doc(&send_doc(self.operation));
        *function = parse(quote! {
            #docs
            pub async fn send(self) -> Result<ResponseValue<#success>, Error<#error>> {
                #(#stmts)*
                #(#checks)*
                #request
                #call
            }
        })?;
        Ok(())
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
    fn checks(&self) -> Result<Vec<Stmt>, Fault> {
        let mut checks = Vec::new();
        for param in &self.operation.params {
            if can_be_unknown(&param.shape, self.model) {
                let (wire, ident) = (
                    &param.name,
                    format_ident!("{}", self.names.param(&param.name, param.location)),
                );
                checks.push(parse(quote!(known(#wire, &#ident)?;))?);
            }
        }
        if let Some(body) = &self.operation.body
            && can_be_unknown(&body.shape, self.model)
        {
            checks.push(parse(quote!(known("body", &body)?;))?);
        }
        Ok(checks)
    }
}

/// The statements that take the builder apart, up to the URL.
fn prelude(block: &Block) -> Vec<Stmt> {
    let is_url = |stmt: &Stmt| local(stmt).is_some_and(|name| name == "url");
    let stmts = block.stmts.iter().take_while(|stmt| !is_url(stmt));
    stmts.cloned().collect()
}

fn target(methods: &ItemImpl) -> Option<Ident> {
    let syn::Type::Path(path) = &*methods.self_ty else {
        return None;
    };
    path.path
        .segments
        .last()
        .map(|segment| segment.ident.clone())
}

fn local(stmt: &Stmt) -> Option<String> {
    let Stmt::Local(local) = stmt else {
        return None;
    };
    local_name(&local.pat)
}

fn local_name(pat: &Pat) -> Option<String> {
    match pat {
        Pat::Ident(ident) => Some(ident.ident.to_string()),
        Pat::Type(typed) => local_name(&typed.pat),
        _ => None,
    }
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

fn attributes(text: &str) -> Result<Vec<syn::Attribute>, Fault> {
    parse_attributes(own_doc(text))
}

fn parse_attributes(tokens: TokenStream) -> Result<Vec<syn::Attribute>, Fault> {
    use syn::parse::Parser as _;
    syn::Attribute::parse_outer
        .parse2(tokens)
        .map_err(|error| Fault::backend("syn", &error))
}

fn parse<T: syn::parse::Parse>(tokens: TokenStream) -> Result<T, Fault> {
    syn::parse2(tokens).map_err(|error| Fault::backend("syn", &error))
}

/// A parameter as the digest writes it.
pub(super) fn param_text(param: &Param, names: &Names) -> String {
    let optional = if param.required { "" } else { "?" };
    format!(
        "{}{optional}: {}",
        names.param(&param.name, param.location),
        type_text(&param.shape, names)
    )
}
