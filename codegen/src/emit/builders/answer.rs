//! What `send` returns: the type of a success, of a refusal, and the function that reads a success.

use bpx_contract::Names;
use bpx_contract::model::{Content, Model, Operation, PageHeaders, Shape};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::super::shapes::rust_type;

/// An operation's answers.
pub(super) struct Answers<'a> {
    pub(super) operation: &'a Operation,
    pub(super) names: &'a Names,
}

impl Answers<'_> {
    pub(super) fn success_type(&self) -> TokenStream {
        let success = &self.operation.success;
        let module = quote!(types::);
        let body = match &success.content {
            Content::Empty => quote!(()),
            Content::Text => quote!(String),
            Content::Bytes => quote!(Bytes),
            Content::Json(Shape::Array(item)) if success.paged() => {
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

    pub(super) fn error_type(&self) -> TokenStream {
        match &self.operation.error {
            Some(shape) => rust_type(shape, self.names, &quote!(types::)),
            None => quote!(()),
        }
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
            (Content::Empty, ..) => "empty",
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

/// The return type of `send`, for the digest.
pub(in super::super) fn signature(
    model: &Model,
    names: &Names,
    id: &str,
) -> Option<(String, String)> {
    let operation = model.operations.get(id)?;
    let answers = Answers { operation, names };
    let text = |tokens: TokenStream| {
        tokens
            .to_string()
            .replace(' ', "")
            .replace("types::", "")
            .replace(',', ", ")
    };
    Some((text(answers.success_type()), text(answers.error_type())))
}
