//! Prose of the contract as plain text, paragraphs and list items on one line each; text inside Markdown and XML.

/// The text with the line breaks taken out that are there for the file's sake only.
pub fn flowed(text: &str) -> String {
    let paragraphs = text.trim().split("\n\n").map(paragraph);
    let kept: Vec<_> = paragraphs.filter(|it| !it.is_empty()).collect();
    kept.join("\n\n")
}

/// Code and tables keep their lines, lists one for each item.
fn paragraph(text: &str) -> String {
    let kept = |line: &str| {
        let line = line.trim_start();
        ["```", "~~~", "|"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    if text.lines().any(kept) {
        return text.trim_matches('\n').trim_end().to_owned();
    }
    let mut flowed = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if !flowed.is_empty() {
            flowed.push(if is_item(line) { '\n' } else { ' ' });
        }
        flowed.push_str(line);
    }
    flowed
}

/// `- ` or `1. ` at the start.
fn is_item(line: &str) -> bool {
    let bare = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = bare.len() < line.len() && bare.starts_with(". ");
    numbered || line.starts_with("- ") || line.starts_with("* ")
}

/// A code span on one line that holds exactly `text`.
pub fn code(text: &str) -> String {
    let text = text.replace(char::is_control, " ");
    if text.contains('`') || text.trim().is_empty() {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}

/// A text on one line, with no markup that reaches beyond it.
pub fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.matches('`').count() % 2 == 0 {
        line
    } else {
        line.replace('`', "'")
    }
}

/// Escapes what has a meaning in XML or HTML, and replaces what XML 1.0 cannot hold.
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(character),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::flowed;

    #[test]
    fn paragraphs_and_items_stand_on_one_line_each() {
        assert_eq!(flowed("a\nb\n\n\nc "), "a b\n\nc");
        assert_eq!(
            flowed("so:\n- a\n  b\n- c\n1. d\n   e"),
            "so:\n- a b\n- c\n1. d e"
        );
        assert_eq!(flowed("in 2\n3.5 or\n4 . x"), "in 2 3.5 or 4 . x");
    }

    #[test]
    fn code_and_tables_keep_their_lines() {
        assert_eq!(flowed("```\na\n  b\n```"), "```\na\n  b\n```");
        assert_eq!(flowed("| a |\n|---|\n"), "| a |\n|---|");
    }
}
