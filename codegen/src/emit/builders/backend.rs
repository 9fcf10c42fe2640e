//! What progenitor writes, and how its names become ours.

use std::collections::BTreeMap;

use bpx_contract::Names;
use bpx_contract::model::Model;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, FieldValue, Ident, Item, LitStr};

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

/// Replaces stand-ins by the names of the contract's naming rules.
pub(super) struct Rebind<'a> {
    pub(super) params: &'a BTreeMap<String, String>,
    pub(super) builder: (&'a str, &'a str),
}

impl VisitMut for Rebind<'_> {
    fn visit_ident_mut(&mut self, ident: &mut Ident) {
        let text = ident.to_string();
        let (theirs, ours) = self.builder;
        if text == theirs {
            *ident = Ident::new(ours, ident.span());
        } else if let Some(name) = self.params.get(&text) {
            *ident = Ident::new(name, ident.span());
        }
    }

    fn visit_lit_str_mut(&mut self, literal: &mut LitStr) {
        let text = literal.value();
        if let Some((stand_in, rest)) = text.split_once(' ')
            && let Some(name) = self.params.get(stand_in)
        {
            *literal = LitStr::new(&format!("{name} {rest}"), literal.span());
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
}
