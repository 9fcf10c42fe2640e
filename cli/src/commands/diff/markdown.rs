//! Markdown for a comment on a pull request or the summary of a job.

use std::fmt::Write as _;

use bpx_evolve::Judged;

use super::view::{View, decision, details, is_noticed, operations};
use crate::output::plain;

/// Where the table and the details end: a comment on GitHub may have 65,536 characters.
const TABLE_BYTES_MAX: usize = 25_000;
const ALL_BYTES_MAX: usize = 45_000;
const TEXT_MAX: usize = 300;
/// Signs that are no markup inside of a line.
const HARMLESS: &str = ",-/;(){}=?%";

pub(super) fn render(view: &View<'_>) -> String {
    let mut out = format!("**API changes: {}.** {}\n", view.verdict(), view.headline());
    let lines = [view.remainder(), view.unjudged()].into_iter().flatten();
    for line in lines.chain(view.notes.iter().map(|it| plain(it))) {
        let _ = writeln!(out, "\n{}", quoted(&line));
    }
    for stale in &view.gate.stale {
        let _ = writeln!(
            out,
            "\n{}",
            quoted(&format!("{} ({})", stale.problem(), stale.place))
        );
    }
    table(&mut out, view);
    folded(&mut out, view);
    out
}

fn table(out: &mut String, view: &View<'_>) {
    let changes = &view.gate.changes;
    if changes.is_empty() {
        return;
    }
    out.push_str("\n| verdict | rule | what | version | operations |\n|---|---|---|---|---|\n");
    let mut left = changes.iter();
    while out.len() < TABLE_BYTES_MAX {
        let Some(judged) = left.next() else { break };
        row(out, judged);
    }
    more(out, left.len());
}

fn row(out: &mut String, judged: &Judged<'_>) {
    let change = judged.change;
    let _ = writeln!(
        out,
        "| {}{} | `{}` | {} | {} | {} |",
        change.verdict.as_str(),
        decision(judged),
        change.rule,
        quoted(&change.subject),
        change.rust.step.as_str(),
        quoted(&operations(change))
    );
}

fn folded(out: &mut String, view: &View<'_>) {
    let noticed: Vec<_> = view
        .gate
        .changes
        .iter()
        .filter(|it| is_noticed(it))
        .collect();
    if noticed.is_empty() {
        return;
    }
    out.push_str("\n<details><summary>Details</summary>\n");
    let mut left = noticed.iter();
    while out.len() < ALL_BYTES_MAX {
        let Some(judged) = left.next() else { break };
        detail(out, judged);
    }
    more(out, left.len());
    out.push_str("\n</details>\n");
}

fn more(out: &mut String, count: usize) {
    if count > 0 {
        let _ = writeln!(out, "\nAnd {count} more.");
    }
}

fn detail(out: &mut String, judged: &Judged<'_>) {
    let change = judged.change;
    let _ = writeln!(
        out,
        "\n{} `{}` {}: {}\n",
        change.verdict.as_str(),
        change.rule,
        quoted(&change.subject),
        quoted(&change.problem)
    );
    for (name, text) in details(judged) {
        let _ = writeln!(out, "- {name}: {}", quoted(&text));
    }
}

/// Text of a document as code in which nothing is Markdown or HTML. Every sign with a meaning becomes a character reference,
/// which CommonMark never reads as markup; the comment keeps what follows an `@` from becoming an address. GitHub looks for
/// mentions and issues only outside of code.
fn quoted(text: &str) -> String {
    let text = plain(text);
    if text.is_empty() {
        return String::new();
    }
    let mut out = "<code>".to_owned();
    for character in text.chars().take(TEXT_MAX) {
        match character {
            '@' => out.push_str("&#64;<!-- -->"),
            _ if character.is_ascii_punctuation() && !HARMLESS.contains(character) => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    if text.chars().nth(TEXT_MAX).is_some() {
        out.push('…');
    }
    out.push_str("</code>");
    out
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn no_sign_of_a_text_is_markup() {
        let hostile = "a|b\n# c `d` ``e`` [f](g) <h> &amp; *i* _j_ \\| @k www.l.m\u{202e}";
        let shown = quoted(hostile);
        let inner = shown
            .strip_prefix("<code>")
            .and_then(|it| it.strip_suffix("</code>"));
        let inner = inner.unwrap().replace("<!-- -->", "");
        let is_plain = |c: char| c.is_alphanumeric() || " \u{fffd}&#;()".contains(c);
        assert!(inner.chars().all(is_plain), "{inner}");
        assert!(!inner.contains("&amp"), "{inner}");
        assert!(quoted(&"x".repeat(1000)).len() < 350);
    }
}
