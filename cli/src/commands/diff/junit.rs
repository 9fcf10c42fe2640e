//! JUnit's XML: a suite for each operation, a case for each change.

use std::collections::BTreeMap;

use bpx_conformance::render::junit::{case, document};
use bpx_contract::prose::xml as escaped;
use bpx_evolve::Judged;

use super::view::{View, details};
use crate::output::plain;

/// The suites of changes that reach no operation, and more than one.
const DOCUMENT: &str = "document";
const SEVERAL: &str = "several operations";
const ACCEPTED: &str = "accepted changes";

pub(super) fn render(view: &View<'_>) -> String {
    let mut cases: Vec<(String, String)> = view.gate.changes.iter().map(of_change).collect();
    cases.extend(view.gate.stale.iter().map(|it| {
        let message = escaped(&plain(&format!("{} ({})", it.problem(), it.place)));
        let failure = format!("<failure type=\"stale\" message=\"{message}\"/>");
        let name = format!("{} {}", it.rule, plain(&it.subject));
        (ACCEPTED.to_owned(), case(ACCEPTED, &name, &failure))
    }));
    if cases.is_empty() {
        cases.push((DOCUMENT.to_owned(), case(DOCUMENT, "no changes", "")));
    }
    let mut suites: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (suite, case) in &cases {
        suites.entry(suite).or_default().push(case.clone());
    }
    document("bpx diff", &suites)
}

/// The suite and the case of a change.
fn of_change(judged: &Judged<'_>) -> (String, String) {
    let change = judged.change;
    let mut operations = change.operations.iter();
    let suite = match (operations.next(), operations.next()) {
        (None, _) => DOCUMENT.to_owned(),
        (Some(only), None) => plain(only),
        _ => SEVERAL.to_owned(),
    };
    let problem = escaped(&plain(&change.problem));
    let inner = match judged.accepted {
        Some(reason) => format!(
            "<skipped message=\"accepted: {}\"/>",
            escaped(&plain(reason))
        ),
        None if judged.fails => {
            let facts = details(judged).into_iter();
            let facts: String = facts
                .map(|(name, text)| format!("\n{name}: {}", escaped(&text)))
                .collect();
            format!(
                "<failure type=\"{}\" message=\"{problem}\">{problem}{facts}</failure>",
                change.rule
            )
        }
        None => String::new(),
    };
    let name = format!(
        "{}[{}] {}",
        change.verdict.as_str(),
        change.rule,
        plain(&change.subject)
    );
    let case = case(&suite, &name, &inner);
    (suite, case)
}
