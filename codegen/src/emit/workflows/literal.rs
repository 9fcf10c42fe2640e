//! A text inside a Rust file, so that a reviewer can read what changed.

use proc_macro2::TokenStream;

use crate::emit::Fault;

/// A string literal with a line for each line of the text, and every byte of it.
pub(super) fn lines(text: &str) -> Result<TokenStream, Fault> {
    let mut literal = "\"".to_owned();
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            literal.push_str("\\n\\\n");
        }
        // A space at the start of a line would be taken for the file's own.
        let rest = line
            .strip_prefix(' ')
            .inspect(|_| literal.push_str("\\x20"));
        for c in rest.unwrap_or(line).chars() {
            match c {
                '\'' => literal.push(c),
                c => literal.extend(c.escape_debug()),
            }
        }
    }
    literal.push('"');
    literal
        .parse()
        .map_err(|error| Fault::backend("proc-macro2", &error))
}

#[cfg(test)]
mod tests {
    use super::lines;

    /// What the literal says.
    fn read(text: &str) -> String {
        let tokens = lines(text).map_err(|fault| fault.problem).unwrap();
        syn::parse2::<syn::LitStr>(tokens).unwrap().value()
    }

    #[test]
    fn every_byte_of_a_text_comes_back() {
        for text in [
            "",
            "\n",
            "a",
            "a:\n  b: 'c'\n\n\n  \"d\": \\n\n",
            "{\r\n\t\"a\": \"\u{a0}\u{202e}é\u{301}\"\r\n}",
            "\u{a0}start\n\u{2003}start\n \n",
            "a\\\n b\u{0}\u{7f}",
        ] {
            assert_eq!(read(text), text, "{text:?}");
        }
    }

    #[test]
    fn a_line_of_the_text_is_a_line_of_the_file() {
        let tokens = lines("a:\n  - b\nc\n").map_err(|fault| fault.problem);
        assert_eq!(
            tokens.unwrap().to_string(),
            "\"a:\\n\\\n\\x20 - b\\n\\\nc\\n\\\n\""
        );
    }
}
