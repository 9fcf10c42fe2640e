//! Annotations of a GitHub workflow, at the lines of the new document.

use bpx_conformance::render::github::command;
use bpx_evolve::{Judged, Verdict};

use super::view::{View, details};
use crate::output::plain;

pub(super) fn render(view: &View<'_>) -> String {
    let changes = view.gate.changes.iter();
    let mut out: String = changes.filter_map(|it| annotation(view, it)).collect();
    for stale in &view.gate.stale {
        let (file, line) = (&*stale.place.file, stale.place.line);
        out += &command("error", Some(file), line, "stale", &stale.problem());
    }
    let lines = [Some(view.headline()), view.remainder(), view.unjudged()];
    let notes = view.notes.iter().map(|it| plain(it));
    let lines: Vec<_> = lines.into_iter().flatten().chain(notes).collect();
    let title = format!("bpx diff {}", view.verdict());
    out + &command("notice", None, None::<usize>, &title, &lines.join("\n"))
}

/// Safe changes that do not fail have no annotation.
fn annotation(view: &View<'_>, judged: &Judged<'_>) -> Option<String> {
    let change = judged.change;
    let level = match judged {
        _ if judged.fails => "error",
        _ if judged.accepted.is_some() => "notice",
        _ if change.verdict == Verdict::Safe => return None,
        _ => "warning",
    };
    let head = format!("{}: {}", plain(&change.subject), plain(&change.problem));
    let facts = details(judged).into_iter();
    let facts = facts.map(|(name, text)| format!("{name}: {text}"));
    let lines: Vec<_> = [head].into_iter().chain(facts).collect();
    let title = format!("{}[{}]", change.verdict.as_str(), change.rule);
    let line = change.new.line.filter(|_| view.path.is_some());
    Some(command(level, view.path, line, &title, &lines.join("\n")))
}
