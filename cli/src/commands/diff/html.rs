//! One HTML page: no script, no other resource, every text escaped.

use bpx_conformance::render::html::page;
use bpx_contract::prose::xml;
use bpx_evolve::{Judged, Verdict};

use super::view::{View, decision, details, operations};
use crate::output::plain;

pub(super) fn render(view: &View<'_>) -> String {
    let file = |api: &bpx_contract::Api| plain(&api.document().file);
    let title = format!("API changes: {} to {}", file(view.old), file(view.new));
    let lines = [Some(view.headline()), view.remainder(), view.unjudged()]
        .into_iter()
        .flatten();
    let lines = lines.chain(view.notes.iter().map(|it| plain(it)));
    let lines: String = lines
        .map(|it| format!("<p class=\"quiet\">{}</p>\n", xml(&it)))
        .collect();
    let stale = view.gate.stale.iter().map(|it| {
        let text = plain(&format!("{} ({})", it.problem(), it.place));
        format!("<p class=\"error\">{}.</p>\n", xml(&text))
    });
    let stale: String = stale.collect();
    let rows: String = view.gate.changes.iter().map(row).collect();
    let table = match rows.is_empty() {
        true => "<p>No changes.</p>\n".to_owned(),
        false => format!(
            "<div class=\"wide\"><table>\n<tr><th>Verdict</th><th>Change</th><th>Version</th><th>Operations</th></tr>\n\
             {rows}</table></div>\n"
        ),
    };
    page(
        &title,
        view.verdict(),
        &format!("{lines}{stale}<h2>Changes</h2>\n{table}"),
    )
}

fn row(judged: &Judged<'_>) -> String {
    let change = judged.change;
    let class = match change.verdict {
        Verdict::Breaking => "error",
        Verdict::Risky | Verdict::Undecided => "warning",
        Verdict::Safe => "note",
    };
    let facts = details(judged).into_iter();
    let facts: String = facts
        .map(|(name, text)| format!("<li>{name}: <code>{}</code></li>", xml(&text)))
        .collect();
    let decision = decision(judged);
    format!(
        "<tr><td class=\"{class}\">{verdict}{decision}</td><td><details><summary>{rule} <code>{subject}</code></summary>\
         <p>{problem}</p><ul>{facts}</ul></details></td><td>{step}</td><td>{operations}</td></tr>\n",
        verdict = change.verdict.as_str(),
        rule = change.rule,
        subject = xml(&plain(&change.subject)),
        problem = xml(&plain(&change.problem)),
        step = change.rust.step.as_str(),
        operations = xml(&operations(change)),
    )
}
