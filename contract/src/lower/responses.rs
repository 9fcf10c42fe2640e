//! Responses: one typed success, one typed error.

use super::Lowerer;
use super::headers::headers;
use super::hoist::Hint;
use super::tag::untagged_arms;
use crate::cursor::Cursor;
use crate::model::{Content, Failure, Kind, PageHeaders, Shape, Success, Union};

/// One response as declared.
struct Answer<'a> {
    /// A class in capitals, as `4XX`.
    status: String,
    at: Cursor<'a>,
    content: Content,
}

impl Lowerer<'_> {
    pub(super) fn responses(
        &mut self,
        at: &Cursor<'_>,
        id: &str,
    ) -> (Success, Vec<Failure>, Option<Shape>) {
        let answers = self.answers(at, id);
        let explicit = answers.iter().any(|answer| answer.status.starts_with('2'));
        let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| {
            answer.status.starts_with('2') || (!explicit && answer.status == "default")
        });
        let success = self.success(at, id, good);
        let error = self.one_shape(at, &format!("{id}_error"), &bad);
        let mut errors: Vec<_> = bad.into_iter().map(failure).collect();
        errors.sort_by(|a, b| a.status.cmp(&b.status));
        (success, errors, error)
    }

    fn answers<'b>(&mut self, at: &Cursor<'b>, id: &str) -> Vec<Answer<'b>> {
        let mut answers = Vec::new();
        for (status, response) in at.entries("responses") {
            if status.starts_with("x-") {
                continue;
            }
            let Some(response) = self.ok(response.follow()) else {
                continue;
            };
            let hint = Hint::new(id, &format!("response{status}"));
            let content = self.content(&response, &hint);
            answers.push(Answer {
                status: status.replace('x', "X"),
                at: response,
                content,
            });
        }
        if answers.is_empty() {
            let fix = "declare what a success brings";
            self.consequence(at.fault("this operation declares no response", fix));
        }
        answers
    }

    fn success(&mut self, at: &Cursor<'_>, id: &str, good: Vec<Answer<'_>>) -> Success {
        let json = self.one_shape(at, &format!("{id}_success"), &good);
        let events = good.iter().map(|answer| &answer.content);
        let mut events = events;
        let events = events.find(|it| matches!(it, Content::Events(_))).cloned();
        let has = |wanted: &Content| good.iter().any(|answer| answer.content == *wanted);
        let content = match json {
            Some(shape) => Content::Json(shape),
            None if events.is_some() => events.unwrap_or(Content::Empty),
            None if has(&Content::Text) => Content::Text,
            None if has(&Content::Bytes) => Content::Bytes,
            None => Content::Empty,
        };
        // Text and bytes can be empty themselves; JSON cannot.
        let json = matches!(content, Content::Json(_));
        let mut empty = good
            .iter()
            .filter(|answer| json && answer.content == Content::Empty)
            .map(|answer| &answer.status);
        let accepted = empty.clone().any(|status| *status == "202");
        let absent = empty.any(|status| *status != "202");
        if accepted || absent {
            self.note(
                at,
                "success with and without a body becomes one typed outcome",
            );
        }
        if json
            && good
                .iter()
                .any(|answer| matches!(answer.content, Content::Text | Content::Bytes))
        {
            self.note(at, "of several kinds of success, JSON counts");
        }
        let list = matches!(content, Content::Json(Shape::Array(_)));
        let page = (list && !accepted && !absent).then(|| good.iter().find_map(page_headers));
        let mut statuses: Vec<_> = good
            .iter()
            .map(|answer| (answer.status.clone(), answer.at.text("description")))
            .collect();
        statuses.sort();
        Success {
            statuses,
            content,
            accepted,
            absent,
            page_headers: page.flatten(),
            headers: headers(good.iter().map(|answer| &answer.at)),
        }
    }

    /// Different bodies become one union, of which the status selects the arm.
    fn one_shape(
        &mut self,
        at: &Cursor<'_>,
        wanted: &str,
        answers: &[Answer<'_>],
    ) -> Option<Shape> {
        let mut distinct: Vec<(Shape, Vec<String>)> = Vec::new();
        for answer in answers {
            let Content::Json(shape) = &answer.content else {
                continue;
            };
            let status = answer.status.clone();
            match distinct.iter_mut().find(|(known, _)| known == shape) {
                Some((_, statuses)) => statuses.push(status),
                None => distinct.push((shape.clone(), vec![status])),
            }
        }
        if distinct.len() < 2 {
            return distinct.pop().map(|(shape, _)| shape);
        }
        let name = self.registry.free(wanted);
        let count = distinct.len();
        self.note(
            at,
            format!("{count} different bodies become one type, `{name}`, by status"),
        );
        let operation = at.str("operationId").unwrap_or(&name);
        let doc = format!("The bodies that `{operation}` documents, by status.");
        let (shapes, statuses) = distinct.into_iter().unzip();
        let union = Union {
            tag: None,
            arms: untagged_arms(shapes),
            statuses,
        };
        self.add_type(at, &name, doc, Kind::Union(union));
        Some(Shape::Named(name))
    }
}

/// The headers that make a list a page, where all four are declared.
fn page_headers(answer: &Answer<'_>) -> Option<PageHeaders> {
    let mut found = [const { None }; 4];
    for (name, _) in answer.at.entries("headers") {
        if let Some(place) = PageHeaders::position(name).and_then(|at| found.get_mut(at)) {
            place.get_or_insert_with(|| name.to_owned());
        }
    }
    let [page_count, current_page, page_size, total] = found;
    Some(PageHeaders {
        page_count: page_count?,
        current_page: current_page?,
        page_size: page_size?,
        total: total?,
    })
}

fn failure(answer: Answer<'_>) -> Failure {
    Failure {
        status: answer.status,
        doc: answer.at.text("description"),
        undocumented: answer.at.flag("x-undocumented"),
        content: answer.content,
    }
}
