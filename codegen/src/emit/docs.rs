//! Prose of the contract as rustdoc.
//!
//! The prose is Markdown by people who never saw rustdoc: whatever rustdoc or clippy would take for a link, a tag, a
//! doctest or a broken list is written so that it renders as meant.

pub(super) use bpx_contract::prose::{code, one_line};
use proc_macro2::TokenStream;
use quote::quote;

/// `#[doc]` attributes for a text of the contract, one per line; nothing for an empty text.
pub(super) fn doc(text: &str) -> TokenStream {
    attributes(clean(text))
}

/// `#[doc]` attributes for a text of ours: links stay links.
pub(super) fn own_doc(text: &str) -> TokenStream {
    attributes(text.lines().map(str::to_owned).collect())
}

fn attributes(lines: Vec<String>) -> TokenStream {
    let lines = lines.into_iter().map(|line| {
        if line.is_empty() {
            line
        } else {
            format!(" {line}")
        }
    });
    quote! { #( #[doc = #lines] )* }
}

/// A short text of the contract inside a sentence of ours.
pub(super) fn clean_line(text: &str) -> String {
    escape(&one_line(text))
}

/// A text to which more can be added: a fence opened and never closed would swallow it.
pub(super) fn closed(text: &str) -> String {
    let text = text.trim();
    let fences = text.lines().filter(|line| fence(line).is_some()).count();
    if fences % 2 == 0 {
        text.to_owned()
    } else {
        format!("{text}\n```")
    }
}

/// What follows a fence, the language of an opening one.
fn fence(line: &str) -> Option<&str> {
    let language = ["```", "~~~"]
        .iter()
        .find_map(|fence| line.trim_start().strip_prefix(fence))?;
    (!language.contains('`')).then_some(language)
}

/// The first paragraph, on one line.
pub(super) fn first_paragraph(text: &str) -> String {
    let paragraph = text
        .trim()
        .lines()
        .take_while(|line| !line.trim().is_empty());
    paragraph.map(str::trim).collect::<Vec<_>>().join(" ")
}

/// Lines that rustdoc renders as meant: no accidental link, tag or doctest.
pub(super) fn clean(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut paragraph: Vec<String> = Vec::new();
    let mut fenced = false;
    for line in closed(text).lines() {
        let line = line
            .trim_end()
            .replace('\t', "    ")
            .replace(char::is_control, " ");
        match fence(&line) {
            Some(language) => {
                out.extend(prose(&std::mem::take(&mut paragraph)));
                let mermaid = language.trim() == "mermaid";
                out.push(if fenced || mermaid { "```" } else { "```text" }.to_owned());
                fenced = !fenced;
            }
            _ if fenced => out.push(line),
            _ if line.is_empty() => {
                out.extend(prose(&std::mem::take(&mut paragraph)));
                out.push(String::new());
            }
            _ => paragraph.push(line),
        }
    }
    out.extend(prose(&paragraph));
    squeeze(out)
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

/// The lines of one paragraph.
fn prose(lines: &[String]) -> Vec<String> {
    let mut text = indented(lines).join("\n");
    // An odd backtick would turn the rest into code.
    if text.matches('`').count() % 2 == 1 {
        text = text.replace('`', "'");
    }
    escape(&text).lines().map(str::to_owned).collect()
}

/// Lines that go on below a list item stand exactly below its text; nothing else is deep enough to be taken for
/// an example.
fn indented(lines: &[String]) -> Vec<String> {
    let mut below: Option<usize> = None;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut kept = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        let margin = if index == 0 {
            indent(line).min(3)
        } else {
            indent(line)
        };
        if let Some(marker) = list_marker(body) {
            below = Some(margin + marker);
            kept.push(format!("{:margin$}{body}", ""));
        } else {
            let margin = below.unwrap_or(margin.min(3));
            kept.push(format!("{:margin$}{body}", ""));
        }
    }
    kept
}

/// The width of `- ` or `1. ` at the start of a list item.
fn list_marker(body: &str) -> Option<usize> {
    let digits = body.chars().take_while(char::is_ascii_digit).count();
    let mut rest = body.chars().skip(digits);
    let mark = rest.next()?;
    let bullet = digits == 0 && matches!(mark, '-' | '*' | '+');
    let number = digits > 0 && matches!(mark, '.' | ')');
    ((bullet || number) && rest.next() == Some(' ')).then_some(digits + 2)
}

/// Escapes what is neither code nor a link; a bare address becomes a link.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut code = false;
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        code ^= next == '`';
        let whole = if code {
            None
        } else {
            link(rest).or_else(|| address(rest))
        };
        let taken = match whole {
            Some((length, written)) => {
                out.push_str(&written);
                length
            }
            None => {
                if !code && matches!(next, '<' | '[') {
                    out.push('\\');
                }
                out.push(next);
                next.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    out
}

/// `[text](https://…)` at the start: its length, and itself.
fn link(text: &str) -> Option<(usize, String)> {
    if !text.starts_with('[') {
        return None;
    }
    let mut depth = 0_usize;
    let close = text.char_indices().find_map(|(index, c)| {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(index)
    })?;
    let target = text.get(close + 1..)?.strip_prefix('(')?;
    let end = target.find(')')?;
    let length = close + end + 3;
    // Anything but an address of the net would be looked up among Rust items.
    let outside = ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| target.starts_with(scheme));
    outside.then(|| text.get(..length).map(|link| (length, link.to_owned())))?
}

/// `https://…` or `<https://…>` at the start: its length, and itself in angle brackets.
fn address(text: &str) -> Option<(usize, String)> {
    let bare = text.strip_prefix('<').unwrap_or(text);
    if !bare.starts_with("https://") && !bare.starts_with("http://") {
        return None;
    }
    let end = bare
        .find(|c: char| c.is_whitespace() || "<>()[]\"'`|\\".contains(c))
        .unwrap_or(bare.len());
    let url = bare
        .get(..end)?
        .trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_']);
    let closed = bare.len() < text.len() && bare.get(end..)?.starts_with('>') && url.len() == end;
    let length = if closed {
        end + 2
    } else {
        text.len() - bare.len() + url.len()
    };
    Some((length, format!("<{url}>")))
}

/// The attribute of what the contract advises against.
pub(super) fn deprecated(is_deprecated: bool) -> Option<TokenStream> {
    is_deprecated.then(|| quote!(#[deprecated = "the contract advises against it"]))
}

#[cfg(test)]
mod tests {
    use super::{clean, code, one_line};

    fn cleaned(text: &str) -> String {
        clean(text).join("\n")
    }

    #[test]
    fn links_to_the_net_stay_even_over_two_lines() {
        let link = "see the [address\nbook](https://a.example/b) first";
        assert_eq!(cleaned(link), link);
        assert_eq!(
            cleaned("[`Order`](https://a.example)"),
            "[`Order`](https://a.example)"
        );
    }

    #[test]
    fn brackets_and_tags_that_lead_nowhere_are_escaped() {
        assert_eq!(
            cleaned("a [b] <c> [d](#e) [f](Orders)"),
            "a \\[b] \\<c> \\[d](#e) \\[f](Orders)"
        );
        assert_eq!(cleaned("`Vec<[u8]>` stays"), "`Vec<[u8]>` stays");
        assert_eq!(cleaned("one ` backtick <b>"), "one ' backtick \\<b>");
        assert_eq!(cleaned("[unclosed"), "\\[unclosed");
    }

    #[test]
    fn bare_addresses_become_links() {
        assert_eq!(
            cleaned("at https://a.example/b."),
            "at <https://a.example/b>."
        );
        assert_eq!(cleaned("<https://a.example>"), "<https://a.example>");
        assert_eq!(cleaned("(http://a.example)"), "(<http://a.example>)");
        assert_eq!(cleaned("\\<https://a.example"), "\\<https://a.example>");
    }

    #[test]
    fn no_code_block_of_the_contract_is_run_as_a_test() {
        assert_eq!(cleaned("```rust\npanic!()\n```"), "```text\npanic!()\n```");
        assert_eq!(cleaned("~~~\nx"), "```text\nx\n```");
        assert_eq!(
            cleaned("a\n\n    panic!()\n    twice"),
            "a\n\n   panic!()\n   twice"
        );
    }

    #[test]
    fn list_items_go_on_below_their_text() {
        assert_eq!(
            cleaned("- a\nb\n12. c\n        d"),
            "- a\n  b\n12. c\n    d"
        );
    }

    #[test]
    fn code_spans_hold_any_text_on_one_line() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b\nc"), "`` a`b c ``");
        assert_eq!(one_line("a `b\n c"), "a 'b c");
    }
}
