//! Tokens to text: prettyplease, and the header that says where a file comes from.

use proc_macro2::TokenStream;

/// What stands at the top of every generated file.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    /// The command that writes the file.
    pub(crate) command: String,
    /// SHA-256 over the contracts, in hexadecimal.
    pub(crate) digest: String,
}

/// The word by which a machine-written file is known.
pub(crate) const MARK: &str = "@generated";

impl Header {
    fn lines(&self) -> [String; 2] {
        [
            format!("{MARK} by `{}`; edits are lost.", self.command),
            format!("Contracts: sha256 {}", self.digest),
        ]
    }

    pub(crate) fn toml(&self, body: &str) -> String {
        let [first, second] = self.lines();
        format!("# {first}\n# {second}\n\n{body}")
    }

    pub(crate) fn markdown(&self, body: &str) -> String {
        let [first, second] = self.lines();
        format!("<!-- {first}\n     {second} -->\n\n{body}")
    }
}

/// The layout is prettyplease's, whatever rustfmt a reader has.
const UNTOUCHED: &str = "#![cfg_attr(rustfmt, rustfmt_skip)]";

/// A Rust file.
pub(crate) fn rust(tokens: TokenStream, header: &Header) -> syn::Result<String> {
    let file: syn::File = syn::parse2(tokens)?;
    let [first, second] = header.lines();
    Ok(format!(
        "// {first}\n// {second}\n\n{UNTOUCHED}\n\n{}",
        visible(spaced(&prettyplease::unparse(&file)))
    ))
}

/// The text without characters that change the direction of what stands around them, which rustc refuses: written out,
/// they mean the same in a literal and are seen in a comment.
fn visible(text: String) -> String {
    let is_hidden = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.is_ascii() || !text.contains(is_hidden) {
        return text;
    }
    let escaped = text.chars().map(|c| match is_hidden(c) {
        true => c.escape_unicode().to_string(),
        false => c.to_string(),
    });
    escaped.collect()
}

/// An empty line after each item and method; prettyplease sets none.
fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 20);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let Some(next) = lines.peek() else { break };
        let item = line == "}" || (line.starts_with("//!") && !next.starts_with("//!"));
        let method = line == "    }" && starts_method(next);
        let imports_end =
            line.ends_with(';') && !line.starts_with(' ') && !next.starts_with(line_head(line));
        if (item || method || imports_end) && !next.is_empty() {
            out.push('\n');
        }
    }
    out
}

fn line_head(line: &str) -> &str {
    line.split(' ').next().unwrap_or(line)
}

fn starts_method(line: &str) -> bool {
    let body = line.strip_prefix("    ").unwrap_or_default();
    ["///", "pub ", "fn ", "#["]
        .iter()
        .any(|start| body.starts_with(start))
}
