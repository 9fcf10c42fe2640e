//! `builder.rs`: progenitor's builders, with its sending replaced by one call into the runtime.
//!
//! Progenitor decides how parameters become a request; what happens to the request afterwards
//! (signing, sending, decoding, errors) is written once in `bpx-runtime`.

use std::collections::BTreeMap;

use bpx_contract::Names;
use bpx_contract::model::{Content, Model, Operation, Param, Shape};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, format_ident, quote};
use syn::visit_mut::VisitMut as _;
use syn::{Block, Expr, ImplItem, ImplItemFn, Item, ItemImpl, ItemStruct, Local, Pat, Stmt};

use super::docs::{doc, own_doc};
use super::refine::{Rebind, shorten, without_calls};
use super::shapes::{can_be_unknown, rust_type, type_text};
use super::{Fault, document};

pub(super) fn emit(model: &Model, names: &Names) -> Result<TokenStream, Fault> {
    let items = progenitor_builders(model, names)?;
    let mut out = Vec::new();
    for (id, operation) in &model.operations {
        let this = One {
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
            Connection, Decimal, Error, Outcome, Page, QueryParam, ResponseValue, bytes::Bytes, convert,
            decode, encode_path, known,
            chrono::{DateTime, NaiveDateTime, Utc},
            reqwest::header::HeaderMap,
            serde_json::Value,
        };
        #[allow(unused_imports, reason = "which of these a contract needs is its own affair")]
        use crate::{operations, types};

        #(#out)*
    })
}

/// What progenitor writes into its module `builder`.
fn progenitor_builders(model: &Model, names: &Names) -> Result<Vec<Item>, Fault> {
    let mut settings = progenitor::GenerationSettings::default();
    settings
        .with_interface(progenitor::InterfaceStyle::Builder)
        .with_tag(progenitor::TagStyle::Merged);
    settings.with_map_type("::std::collections::BTreeMap");
    let text = || [progenitor::TypeImpl::Display].into_iter();
    for (schema, rust) in document::conversions() {
        let schema =
            serde_json::from_value(schema).map_err(|error| Fault::backend("progenitor", &error))?;
        settings.with_conversion(schema, rust, text());
    }
    for name in model.types.keys() {
        settings.with_replacement(names.ty(name), format!("types::{}", names.ty(name)), text());
    }
    let spec = serde_json::from_value(document::openapi(model, names));
    let spec = spec.map_err(|error| Fault::backend("progenitor", &error))?;
    let tokens = progenitor::Generator::new(&settings).generate_tokens(&spec);
    let tokens = tokens.map_err(|error| Fault::backend("progenitor", &error))?;
    let mut file: syn::File =
        syn::parse2(tokens).map_err(|error| Fault::backend("progenitor", &error))?;
    shorten(&mut file);
    let module = file.items.into_iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == "builder" => module.content,
        _ => None,
    });
    Ok(module.map(|(_, items)| items).unwrap_or_default())
}

/// One operation on its way from progenitor's builder to ours.
struct One<'a> {
    id: &'a str,
    operation: &'a Operation,
    model: &'a Model,
    names: &'a Names,
}

impl One<'_> {
    fn emit(&self, items: &[Item]) -> Result<TokenStream, Fault> {
        let ident = builder_ident(self.id, self.names);
        let made = items.iter().find_map(|item| match item {
            Item::Struct(made) if made.ident == ident => Some(made.clone()),
            _ => None,
        });
        let methods = items.iter().find_map(|item| match item {
            Item::Impl(methods) if target(methods).is_some_and(|target| target == ident) => {
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
        let renames = self.renames(&made);
        let mut rebind = Rebind { renames: &renames };
        rebind.visit_item_struct_mut(&mut made);
        rebind.visit_item_impl_mut(&mut methods);
        self.dress(&mut made)?;
        self.methods(&mut methods)?;
        Ok(quote! { #made #methods })
    }

    /// Progenitor's name of each parameter, by position, to ours.
    fn renames(&self, made: &ItemStruct) -> BTreeMap<String, String> {
        let theirs = made
            .fields
            .iter()
            .filter_map(|field| field.ident.as_ref())
            .map(ToString::to_string);
        let theirs: Vec<_> = theirs
            .filter(|name| name != "client" && name != "body")
            .collect();
        let mut renames = BTreeMap::new();
        for param in &self.operation.params {
            let ours = self.names.param(&param.name, param.location);
            let plain = heck::ToSnakeCase::to_snake_case(param.name.as_str());
            if let Some(their) = theirs
                .iter()
                .find(|name| name.trim_end_matches('_') == plain)
                && *their != ours
            {
                renames.insert(their.clone(), ours);
            }
        }
        renames
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
        let success = self.success_type();
        let error = self.error_type();
        let mut stmts = self.request(&function.block);
        let position = stmts
            .iter()
            .position(|stmt| local(stmt).is_some_and(|name| name == "url"))
            .unwrap_or(0);
        let checks = self.checks()?;
        stmts.splice(position..position, checks);
        let id = self.id;
        let decode = self.decoder();
        let call: Expr = if self.operation.signing.is_some() {
            let row = super::operations::row_ident(self.id);
            parse(quote!(client.call_signed(request, &operations::#row, decode::#decode).await))?
        } else {
            parse(quote!(client.call_public(request, #id, decode::#decode).await))?
        };
        let docs = own_doc(&send_doc(self.operation));
        *function = parse(quote! {
            #docs
            pub async fn send(self) -> Result<ResponseValue<#success>, Error<#error>> {
                #(#stmts)*
                #call
            }
        })?;
        Ok(())
    }

    /// The statements up to the finished request.
    fn request(&self, block: &Block) -> Vec<Stmt> {
        let headers = self
            .operation
            .params
            .iter()
            .any(|param| param.location == bpx_contract::model::Location::Header);
        let mut kept = Vec::new();
        for stmt in &block.stmts {
            let mut stmt = stmt.clone();
            if let Stmt::Local(Local {
                init: Some(init),
                attrs,
                pat,
                ..
            }) = &mut stmt
                && local_name(pat).is_some_and(|name| name == "request")
            {
                attrs.clear();
                if let Pat::Ident(ident) = pat {
                    ident.mutability = None;
                }
                without_calls(&mut init.expr, &|call| is_noise(call, headers));
                kept.push(stmt);
                break;
            }
            let names_map = local(&stmt).is_some_and(|name| name == "header_map");
            let version = stmt
                .to_token_stream()
                .to_string()
                .contains("\"api-version\"");
            if !(version || (names_map && !headers)) {
                kept.push(stmt);
            }
        }
        kept
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

    fn success_type(&self) -> TokenStream {
        let success = &self.operation.success;
        let module = quote!(types::);
        let body = match &success.content {
            Content::Empty => quote!(()),
            Content::Text => quote!(String),
            Content::Bytes => quote!(Bytes),
            Content::Json(Shape::Array(item)) if success.paged => {
                let item = rust_type(item, self.names, &module);
                quote!(Page<#item>)
            }
            Content::Json(shape) => rust_type(shape, self.names, &module),
        };
        match (success.accepted, success.absent) {
            (false, false) => body,
            (true, false) => quote!(Outcome<#body>),
            (false, true) => quote!(Option<#body>),
            (true, true) => quote!(Outcome<Option<#body>>),
        }
    }

    fn error_type(&self) -> TokenStream {
        match &self.operation.error {
            Some(shape) => rust_type(shape, self.names, &quote!(types::)),
            None => quote!(()),
        }
    }

    fn decoder(&self) -> Ident {
        let success = &self.operation.success;
        let name = match (&success.content, success.accepted, success.absent) {
            (Content::Empty, ..) => "empty",
            (Content::Text, ..) => "text",
            (Content::Bytes, ..) => "bytes",
            (Content::Json(_), true, false) => "outcome",
            (Content::Json(_), false, true) => "maybe",
            (Content::Json(_), true, true) => "maybe_outcome",
            (Content::Json(_), false, false) if success.paged => "page",
            (Content::Json(_), false, false) => "json",
        };
        format_ident!("{name}")
    }
}

/// The builder's name: the operation's in PascalCase.
pub(super) fn builder_ident(id: &str, names: &Names) -> Ident {
    format_ident!(
        "{}",
        heck::ToUpperCamelCase::to_upper_camel_case(names.method(id).as_str())
    )
}

/// The return type of `send`, for the digest.
pub(super) fn signature(model: &Model, names: &Names, id: &str) -> Option<(String, String)> {
    let operation = model.operations.get(id)?;
    let this = One {
        id,
        operation,
        model,
        names,
    };
    let text = |tokens: TokenStream| tokens.to_string().replace(' ', "").replace("types::", "");
    Some((text(this.success_type()), text(this.error_type())))
}

fn is_noise(call: &syn::ExprMethodCall, headers: bool) -> bool {
    let accept =
        call.method == "header" && call.args.to_token_stream().to_string().contains("ACCEPT");
    accept || (call.method == "headers" && !headers)
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
    let mut text = super::types::described(&param.doc, &param.name, "parameter");
    for (keyword, value) in &param.constraints {
        text.push_str(&format!("\n\n`{keyword}`: `{value}`."));
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
    let mut text = format!("Sends `{} {}`", operation.method.as_str(), operation.path);
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
