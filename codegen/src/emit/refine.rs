//! Syntax-tree passes over what typify and progenitor wrote.

use std::collections::BTreeMap;

use quote::{ToTokens as _, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprField, FieldValue, Ident, Macro, Path, Token};

/// Long paths of things that everybody knows, or that the module imports.
const SHORT: &[(&str, &str)] = &[
    ("::std::option::Option", "Option"),
    ("::std::string::String", "String"),
    ("::std::vec::Vec", "Vec"),
    ("::std::boxed::Box", "Box"),
    ("::std::collections::BTreeMap", "BTreeMap"),
    ("::rust_decimal::Decimal", "Decimal"),
    ("::chrono::NaiveDateTime", "NaiveDateTime"),
    ("::chrono::DateTime", "DateTime"),
    ("::chrono::Utc", "Utc"),
    ("::serde_json::Value", "Value"),
    ("::serde_json::Map", "BTreeMap"),
    ("progenitor_client::QueryParam::new", "QueryParam::new"),
    (
        "::reqwest::header::HeaderMap::with_capacity",
        "HeaderMap::with_capacity",
    ),
    ("std::convert::TryInto", "TryInto"),
];

/// Shortens the paths of a whole file.
pub(super) fn shorten(file: &mut syn::File) {
    Shorten.visit_file_mut(file);
}

struct Shorten;

impl VisitMut for Shorten {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let text = plain(path);
        let Some((long, short)) = SHORT.iter().find(|(long, _)| *long == text) else {
            return;
        };
        let keep = short.split("::").count();
        let drop = path.segments.len().saturating_sub(keep);
        debug_assert!(long.ends_with(short) || *short == "BTreeMap");
        path.leading_colon = None;
        path.segments = path.segments.iter().skip(drop).cloned().collect();
        if *long == "::serde_json::Map"
            && let Some(last) = path.segments.last_mut()
        {
            last.ident = Ident::new("BTreeMap", last.ident.span());
        }
    }
}

/// A path without its generic arguments.
fn plain(path: &Path) -> String {
    let names: Vec<_> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    let lead = if path.leading_colon.is_some() {
        "::"
    } else {
        ""
    };
    format!("{lead}{}", names.join("::"))
}

/// Renames identifiers and turns the client's fields into calls, inside macros as well.
pub(super) struct Rebind<'a> {
    pub(super) renames: &'a BTreeMap<String, String>,
}

impl VisitMut for Rebind<'_> {
    fn visit_ident_mut(&mut self, ident: &mut Ident) {
        if let Some(new) = self.renames.get(&ident.to_string()) {
            *ident = Ident::new(new, ident.span());
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Field(field) = expr
            && let Some(call) = accessor(field)
        {
            *expr = call;
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

/// Takes a call out of a chain of method calls: `a.b().drop(x).c()` becomes `a.b().c()`.
pub(super) fn without_calls(expr: &mut Expr, unwanted: &dyn Fn(&syn::ExprMethodCall) -> bool) {
    while let Expr::MethodCall(call) = expr {
        if unwanted(call) {
            *expr = (*call.receiver).clone();
        } else {
            break;
        }
    }
    match expr {
        Expr::MethodCall(call) => without_calls(&mut call.receiver, unwanted),
        Expr::Try(attempt) => without_calls(&mut attempt.expr, unwanted),
        _ => {}
    }
}
