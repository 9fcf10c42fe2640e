//! Prose of the contract as rustdoc.

use proc_macro2::TokenStream;
use quote::quote;

/// `#[doc]` attributes for a text of the contract, one per line; nothing for an empty text.
pub(super) fn doc(text: &str) -> TokenStream {
    attributes(clean(text), &quote!())
}

/// `#[doc]` attributes for a text of ours: links stay links.
pub(super) fn own_doc(text: &str) -> TokenStream {
    attributes(text.lines().map(str::to_owned).collect(), &quote!())
}

/// Documentation of the module itself, from text of ours: examples stay examples.
pub(super) fn own_module_doc(text: &str) -> TokenStream {
    attributes(text.lines().map(str::to_owned).collect(), &quote!(!))
}

/// Documentation of the module itself, from text of the contract.
pub(super) fn module_doc(text: &str) -> TokenStream {
    attributes(clean(text), &quote!(!))
}

fn attributes(lines: Vec<String>, inner: &TokenStream) -> TokenStream {
    let lines = lines.into_iter().map(|line| {
        if line.is_empty() {
            line
        } else {
            format!(" {line}")
        }
    });
    quote! { #( # #inner [doc = #lines] )* }
}

/// Lines that rustdoc renders as meant: no accidental link, tag or doctest.
fn clean(text: &str) -> Vec<String> {
    let mut fenced = false;
    let lines = text.trim().lines().map(|line| {
        let line = line.trim_end();
        if let Some(language) = line.trim_start().strip_prefix("```") {
            let opening = !fenced;
            fenced = opening;
            return if opening && language.trim() != "mermaid" {
                "```text".to_owned()
            } else {
                "```".to_owned()
            };
        }
        if fenced {
            line.to_owned()
        } else {
            escape(line)
        }
    });
    let mut lines: Vec<String> = lines.collect();
    // A fence opened and never closed would swallow whatever follows.
    if fenced {
        lines.push("```".to_owned());
    }
    squeeze(lines)
}

/// Escapes `[` and `<` outside of code spans; a Markdown link keeps its brackets.
fn escape(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    let mut code = false;
    for (index, character) in line.char_indices() {
        if character == '`' {
            code = !code;
        }
        let rest = line.get(index..).unwrap_or_default();
        if !code && (character == '<' || (character == '[' && !rest.contains("]("))) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    // An odd backtick would turn the rest of the paragraph into code.
    if code {
        escaped.replace('`', "'")
    } else {
        escaped
    }
}

/// At most one empty line in a row.
fn squeeze(lines: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(lines.len());
    for line in lines {
        if !(line.is_empty() && kept.last().is_none_or(String::is_empty)) {
            kept.push(line);
        }
    }
    kept
}

/// The first paragraph, on one line.
pub(super) fn first_paragraph(text: &str) -> String {
    let paragraph = text
        .trim()
        .lines()
        .take_while(|line| !line.trim().is_empty());
    paragraph.map(str::trim).collect::<Vec<_>>().join(" ")
}
