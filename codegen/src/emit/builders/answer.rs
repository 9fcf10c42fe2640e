//! What `send` returns: the type of a success, of a refusal, and the function that reads a success.

use bpx_contract::model::{Content, Kind, Model, Operation, PageHeaders, Shape};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::super::backend::{Builder, inside};

/// An operation's answers.
pub(in super::super) struct Answers<'a> {
    pub(in super::super) operation: &'a Operation,
    pub(in super::super) builder: &'a Builder,
    pub(in super::super) model: &'a Model,
}

impl Answers<'_> {
    pub(in super::super) fn success_type(&self) -> TokenStream {
        let success = &self.operation.success;
        let json = &self.builder.success;
        let body = match (&success.content, inside(json, "Vec")) {
            (Content::Text, _) => quote!(String),
            (Content::Bytes, _) => quote!(Bytes),
            (Content::Events(Some(_)), _) => quote!(Events<#json>),
            (Content::Events(None), _) => quote!(Events<String>),
            (Content::Json(_), Some(item)) if success.paged() => quote!(Page<#item>),
            (Content::Json(_) | Content::Empty, _) => quote!(#json),
        };
        match (success.accepted, success.absent) {
            (false, false) => body,
            (true, false) => quote!(Outcome<#body>),
            (false, true) => quote!(Option<#body>),
            (true, true) => quote!(Outcome<Option<#body>>),
        }
    }

    fn is_by_status(&self, shape: &Shape) -> bool {
        let def = shape.named().and_then(|name| self.model.types.get(name));
        let kind = def.map(|def| &def.kind);
        let is_direct = matches!(shape, Shape::Named(_));
        is_direct && matches!(kind, Some(Kind::Union(union)) if !union.statuses.is_empty())
    }

    pub(super) fn decoder(&self) -> TokenStream {
        let success = &self.operation.success;
        if let Some(names) = &success.page_headers {
            let PageHeaders {
                page_count,
                current_page,
                page_size,
                total,
            } = names;
            return quote!(|answer| decode::page(answer, &PageHeaders {
                page_count: #page_count, current_page: #current_page, page_size: #page_size, total: #total,
            }));
        }
        let name = match (&success.content, success.accepted, success.absent) {
            (Content::Empty | Content::Events(_), ..) => "empty",
            (Content::Json(shape), false, false) if self.is_by_status(shape) => {
                return quote!(bpx_runtime::Body::read);
            }
            (Content::Text, ..) => "text",
            (Content::Bytes, ..) => "bytes",
            (Content::Json(_), true, false) => "outcome",
            (Content::Json(_), false, true) => "maybe",
            (Content::Json(_), true, true) => "maybe_outcome",
            (Content::Json(_), false, false) => "json",
        };
        let name = format_ident!("{name}");
        quote!(decode::#name)
    }
}
