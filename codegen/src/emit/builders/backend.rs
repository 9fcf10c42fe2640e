//! What progenitor writes, and how its names become ours.

use std::collections::BTreeMap;

use bpx_contract::Names;
use bpx_contract::model::Model;
use quote::{ToTokens as _, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprField, FieldValue, Ident, Item, LitStr, Macro, Token};

use super::super::refine::shorten;
use super::super::seam::guarded;
use super::super::{Fault, document};

/// The items of progenitor's module `builder`.
pub(super) fn builders(model: &Model, names: &Names) -> Result<Vec<Item>, Fault> {
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
    let tokens = guarded("progenitor", || {
        progenitor::Generator::new(&settings).generate_tokens(&spec)
    })?;
    let mut file: syn::File =
        syn::parse2(tokens).map_err(|error| Fault::backend("progenitor", &error))?;
    shorten(&mut file);
    let module = file.items.into_iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == "builder" => module.content,
        _ => None,
    });
    Ok(module.map(|(_, items)| items).unwrap_or_default())
}

/// What stands behind a parameter's stand-in.
pub(super) struct Meant {
    /// Its name in Rust.
    pub(super) rust: String,
    /// Its name on the wire.
    pub(super) wire: String,
    /// It is written in the venue's notation, which serde does not know.
    pub(super) exact: bool,
    /// It is an enumeration, which lends its text.
    pub(super) lends: bool,
}

/// Puts our names for stand-ins and turns the client's fields into calls, inside macros as well.
pub(super) struct Rebind<'a> {
    pub(super) params: &'a BTreeMap<String, Meant>,
    pub(super) builder: (&'a str, &'a str),
}

impl VisitMut for Rebind<'_> {
    fn visit_ident_mut(&mut self, ident: &mut Ident) {
        let text = ident.to_string();
        let (theirs, ours) = self.builder;
        if text == theirs {
            *ident = Ident::new(ours, ident.span());
        } else if let Some(meant) = self.params.get(&text) {
            *ident = Ident::new(&meant.rust, ident.span());
        }
    }

    fn visit_lit_str_mut(&mut self, literal: &mut LitStr) {
        let text = literal.value();
        if let Some(meant) = self.params.get(&text) {
            *literal = LitStr::new(&meant.wire, literal.span());
        } else if let Some((stand_in, rest)) = text.split_once(' ')
            && let Some(meant) = self.params.get(stand_in)
        {
            *literal = LitStr::new(&format!("{} {rest}", meant.rust), literal.span());
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Call(call) = expr
            && let Some(exact) = self.exact_query(call)
        {
            *expr = exact;
        }
        if let Expr::Reference(reference) = expr
            && let Some(text) = self.lent_text(reference)
        {
            *expr = text;
        }
        visit_mut::visit_expr_mut(self, expr);
        let new = match expr {
            Expr::Field(field) => accessor(field),
            // reqwest has a function for each method but this one.
            Expr::MethodCall(call) if call.method == "options" => {
                let (http, url) = (&call.receiver, &call.args);
                syn::parse2(quote!(#http.request(bpx_runtime::reqwest::Method::OPTIONS, #url))).ok()
            }
            _ => None,
        };
        if let Some(new) = new {
            *expr = new;
        }
    }

    fn visit_field_value_mut(&mut self, field: &mut FieldValue) {
        visit_mut::visit_field_value_mut(self, field);
        if let (syn::Member::Named(member), Expr::Path(path)) = (&field.member, &field.expr)
            && path.path.is_ident(member)
        {
            field.colon_token = None;
        }
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        let parsed = call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        if let Ok(mut arguments) = parsed {
            arguments
                .iter_mut()
                .for_each(|argument| self.visit_expr_mut(argument));
            call.tokens = arguments
                .into_iter()
                .collect::<Punctuated<Expr, Token![,]>>()
                .into_token_stream();
        }
    }
}

impl Rebind<'_> {
    /// `QueryParam::new("p", &p)` for a parameter in the venue's notation: `QueryParam::new("p", &Exact(&p))`.
    fn exact_query(&self, call: &syn::ExprCall) -> Option<Expr> {
        let function = &call.func;
        if function.to_token_stream().to_string() != "QueryParam :: new" {
            return None;
        }
        let name = call.args.first()?;
        let value = call.args.last()?;
        let Expr::Reference(reference) = value else {
            return None;
        };
        let stand_in = reference.expr.to_token_stream().to_string();
        let exact = self.params.get(&stand_in).is_some_and(|meant| meant.exact);
        exact.then(|| syn::parse2(quote!(#function(#name, &Exact(#value)))).ok())?
    }
}

impl Rebind<'_> {
    /// `&p.to_string()` of an enumeration: `p.as_ref()`.
    fn lent_text(&self, reference: &syn::ExprReference) -> Option<Expr> {
        let Expr::MethodCall(call) = &*reference.expr else {
            return None;
        };
        let receiver = &call.receiver;
        let meant = self.params.get(&receiver.to_token_stream().to_string())?;
        (meant.lends && call.method == "to_string")
            .then(|| syn::parse2(quote!(#receiver.as_ref())).ok())?
    }
}

/// `client.baseurl` and `client.client` of progenitor's client are methods of ours.
fn accessor(field: &ExprField) -> Option<Expr> {
    let base = field.base.to_token_stream().to_string();
    let syn::Member::Named(member) = &field.member else {
        return None;
    };
    let client = &field.base;
    match (base.as_str(), member.to_string().as_str()) {
        ("client", "baseurl") => syn::parse2(quote!(#client.base_url())).ok(),
        ("client", "client") => syn::parse2(quote!(#client.http())).ok(),
        _ => None,
    }
}
