//! Prose of the contract as plain text: paragraphs on one line each.

/// The text with the line breaks taken out that are there for the file's sake only.
pub(super) fn flowed(text: &str) -> String {
    let paragraphs = text.trim().split("\n\n").map(paragraph);
    let kept: Vec<_> = paragraphs.filter(|it| !it.is_empty()).collect();
    kept.join("\n\n")
}

/// Lists and code keep their lines.
fn paragraph(text: &str) -> String {
    let kept = |line: &str| {
        let line = line.trim_start();
        ["- ", "* ", "```", "~~~", "|"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    if text.lines().any(kept) {
        return text.trim_matches('\n').trim_end().to_owned();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
