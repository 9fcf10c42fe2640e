//! Criteria: their types, contexts and conditions.

use super::reader::Reader;
use crate::criterion::{json_path, regex};
use crate::near::name_one_of;
use crate::{Condition, Criterion, EvaluationError, Expression, Path, Pattern, Template, Test};
use bpx_contract::Cursor;

/// Criterion types that are run, those that are not, and the version each may name.
const TYPES: [(&str, &[&str]); 4] = [
    ("simple", &[]),
    ("regex", &[]),
    (
        "jsonpath",
        &["draft-goessner-dispatch-jsonpath-00", "rfc9535"],
    ),
    ("xpath", &["xpath-31", "xpath-30", "xpath-20", "xpath-10"]),
];

/// A type that is not known, which has been reported.
const UNKNOWN: &str = "";

const XPATH_FIX: &str = "write a `jsonpath` criterion, or a simple one with a JSON Pointer; of XML a `regex` criterion sees the text";

impl<'a> Reader<'a> {
    pub(super) fn criteria(&mut self, at: &Cursor<'a>, key: &str) -> Vec<Criterion> {
        let items = at.items(key);
        items.iter().map(|it| self.criterion(it)).collect()
    }

    fn criterion(&mut self, at: &Cursor<'_>) -> Criterion {
        let text = at.text("condition");
        let kind = self.criterion_type(at);
        let context = at.get("context");
        if !["simple", UNKNOWN].contains(&kind) && context.is_none() {
            let fix = "add `context`, such as `$response.body`";
            self.fault(at, format!("a {kind} criterion has no context"), fix);
        }
        let context = context.and_then(|it| self.context(&it));
        let test = match (kind, context) {
            ("simple", _) => Condition::parse(&text, self.rules)
                .map(Test::Simple)
                .map_err(|error| error.to_string()),
            (UNKNOWN, _) => Ok(Test::Never {
                problem: "its type is unknown".to_owned(),
            }),
            ("xpath", _) => Err(format!("`{text}` is XPath")),
            ("regex", Some(context)) => self
                .pattern(&text)
                .map(|pattern| Test::Pattern { context, pattern }),
            (_, Some(context)) => self.path(&text).map(|path| Test::Path { context, path }),
            (_, None) => Ok(Test::Never {
                problem: "it has no context".to_owned(),
            }),
        };
        let test = test.unwrap_or_else(|problem| {
            let at = at.get("condition").unwrap_or_else(|| at.clone());
            self.bad_criterion(&at, kind, &text, &problem);
            Test::Never { problem }
        });
        Criterion {
            text,
            test,
            place: at.place(),
        }
    }

    fn bad_criterion(&mut self, at: &Cursor<'_>, kind: &str, text: &str, problem: &str) {
        match kind {
            "xpath" => self.fault(at, "xpath criteria are not evaluated", XPATH_FIX),
            "jsonpath" => self.fault(
                at,
                format!("`{text}` is not a JSONPath (RFC 9535), so the criterion never holds: {problem}"),
                "select nodes, as in `$[?@.status == 'open']`, or `$[0]` where a list must not be empty; for an empty list write the simple condition `$response.body#/0 == null`",
            ),
            "regex" => self.fault(at, format!("`{text}` is not a regular expression: {problem}"), "correct the pattern"),
            _ => {
                let parsed = Condition::parse(text, self.rules);
                if let Err(error) = parsed {
                    self.expression_fault(at, "", error);
                }
            }
        }
    }

    fn criterion_type(&mut self, at: &Cursor<'_>) -> &'static str {
        let Some(declared) = at.get("type") else {
            return "simple";
        };
        let name = declared.value.as_str().or_else(|| declared.str("type"));
        let name = name.unwrap_or_default();
        let Some((known, versions)) = TYPES.into_iter().find(|(it, _)| *it == name) else {
            let fix = name_one_of(name, TYPES.map(|(it, _)| it));
            self.fault(
                &declared,
                format!("there is no criterion type `{name}`"),
                fix,
            );
            return UNKNOWN;
        };
        if let Some(version) = declared.str("version").filter(|it| !versions.contains(it)) {
            let fix = format!("write `type: {known}`");
            self.fault(
                &declared,
                format!("`{known}` has no version `{version}`"),
                fix,
            );
        }
        if declared
            .str("version")
            .is_some_and(|it| it.starts_with("draft-"))
        {
            self.note(
                &declared,
                "the path is read by RFC 9535, which replaced the draft",
            );
        }
        known
    }

    fn context(&mut self, at: &Cursor<'_>) -> Option<Expression> {
        let text = at.value.as_str().unwrap_or_default();
        match Expression::parse(text, self.rules) {
            Ok(expression) => Some(expression),
            Err(error) => {
                self.expression_fault(at, "", error);
                None
            }
        }
    }

    fn pattern(&mut self, text: &str) -> Result<Pattern, String> {
        if Template::is_one(text) {
            let template = Template::parse(text, self.rules);
            return template
                .map(Pattern::Templated)
                .map_err(|error| error.to_string());
        }
        regex(text).map(Pattern::Fixed).map_err(why)
    }

    fn path(&mut self, text: &str) -> Result<Path, String> {
        if Template::is_one(text) {
            let template = Template::parse(text, self.rules);
            return template
                .map(Path::Templated)
                .map_err(|error| error.to_string());
        }
        json_path(text)
            .map(|path| Path::Fixed(Box::new(path)))
            .map_err(why)
    }
}

fn why(error: EvaluationError) -> String {
    match error {
        EvaluationError::Syntax { problem, .. } => problem,
        other => other.to_string(),
    }
}
