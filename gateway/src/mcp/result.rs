//! Outcomes and refusals as results of tool calls.
//!
//! A success is `structuredContent` `{"result": …}`, as the output schema describes it, with the exchange's values
//! unchanged and without nulls that the schema does not require. The first text is the same JSON with hidden characters
//! escaped. The second text, and the `_meta` member `PREFIX/call`, hold what else there is to say about the call.
//!
//! Anything else is `isError` with one text: an object with `code`, `detail` and `fix`, as in REST's problems. It has no
//! `structuredContent`, because some clients validate that against the output schema even for errors.

use bpx_contract::api::Operation;
use bpx_dispatch::text::escaped;
use bpx_dispatch::{Accepted, Done, Outcome, Rejected, Settled, Source};
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, MetaObject};
use serde_json::{Map, Value, json};

use super::list::{self, Part, Shape};
use crate::failure;
use crate::problem::{self, Problem};
use crate::shared::CallError;

/// Members of a problem that have a meaning over HTTP only.
const HTTP_ONLY: [&str; 3] = ["type", "title", "status"];
/// Maximum number of order ids in a result that is too large.
const ORDER_IDS_MAX: usize = 100;
/// The bytes of `{"result":[]}`.
const WRAPPER_BYTES: usize = 13;

/// What a result depends on besides the outcome.
#[derive(Debug)]
pub(super) struct ResultContext<'a> {
    operation: &'a Operation,
    shape: &'a Shape,
    part: Part,
    bytes_max: usize,
    places_orders: bool,
    meta: &'a str,
}

impl<'a> ResultContext<'a> {
    pub(super) fn new(
        operation: &'a Operation,
        shape: &'a Shape,
        part: Part,
        bytes_max: usize,
    ) -> Self {
        Self {
            operation,
            shape,
            part,
            bytes_max,
            places_orders: false,
            meta: "",
        }
    }

    /// Sets whether the call places orders.
    pub(super) fn placing_orders(mut self, places_orders: bool) -> Self {
        self.places_orders = places_orders;
        self
    }

    /// Sets the name of the `_meta` member that is about the call.
    pub(super) fn with_meta(mut self, name: &'a str) -> Self {
        self.meta = name;
        self
    }
}

/// The result of a call that was made.
pub(super) fn settled(context: &ResultContext<'_>, settled: &Settled) -> CallToolResult {
    let mut members = match &settled.outcome {
        Outcome::Done(done) => return self::done(context, done, settled),
        Outcome::Accepted(accepted) => return self::accepted(context, accepted, settled),
        Outcome::Unknown(unknown) => failure::unknown(unknown, settled).into_members(),
        Outcome::Rejected(rejected) => {
            let mut problem = failure::rejected(rejected, settled);
            if let Some(fix) = fix(context, rejected) {
                problem = problem.fix(fix);
            }
            problem.into_members()
        }
    };
    if settled.replayed {
        members.insert("replayed".to_owned(), true.into());
    }
    failed(members)
}

/// The result of a call that was not made.
pub(super) fn not_made(error: &CallError) -> CallToolResult {
    failed(Problem::into_members(failure::not_made(error)))
}

/// The result of a call that the MCP server refuses itself.
pub(super) fn refused(code: &str, detail: &str, fix: &str) -> CallToolResult {
    let members = json!({"code": code, "detail": detail, "fix": fix, "outcome": "refused"});
    failed(members.as_object().cloned().unwrap_or_default())
}

fn failed(mut members: Map<String, Value>) -> CallToolResult {
    members.retain(|name, _| !HTTP_ONLY.contains(&name.as_str()));
    CallToolResult::error(vec![text(&Value::Object(members).to_string())])
}

fn text(json: &str) -> ContentBlock {
    ContentBlock::text(escaped(json))
}

/// What to do after a rejection, where REST's fix speaks of idempotency keys, which most tool calls do not have.
fn fix(context: &ResultContext<'_>, rejected: &Rejected) -> Option<String> {
    if rejected.code.as_deref() == Some(problem::TOO_LATE.code)
        || context.operation.effect.only_reads()
    {
        return None;
    }
    let first = match rejected.status {
        Some(429 | 500..) => "wait",
        _ => "correct what `code` and `detail` name",
    };
    let with = match context.places_orders {
        true => " with a new `clientId`",
        false => "",
    };
    Some(format!(
        "nothing was changed; {first}, then call again{with}"
    ))
}

fn done(context: &ResultContext<'_>, done: &Done, settled: &Settled) -> CallToolResult {
    let Ok(mut value) = serde_json::from_str::<Value>(done.body.get()) else {
        return too_large(context, done, settled);
    };
    context.shape.leave_out_nulls(&mut value);
    let mut about = about(context, settled);
    if done.source != Source::Response {
        about.insert("source".to_owned(), done.source.word().into());
    }
    // What stands in both the text and the structured content.
    let bytes_max = context.bytes_max / 2;
    if let Value::Array(rows) = &mut value {
        let total = match context.part.is_ours {
            true => Some(context.part.cut_out(rows)),
            false => done.page.and_then(|page| page.total),
        };
        let left_out = list::fit(rows, bytes_max);
        if rows.is_empty() && left_out > 0 {
            return too_large(context, done, settled);
        }
        about.extend(page(context, total, rows.len(), left_out));
    }
    let value = json!({ "result": value });
    let body = value.to_string();
    match body.len() <= bytes_max.saturating_add(WRAPPER_BYTES) {
        true => succeeded(context, &body, value, about),
        false => too_large(context, done, settled),
    }
}

fn accepted(context: &ResultContext<'_>, accepted: &Accepted, settled: &Settled) -> CallToolResult {
    let mut about = about(context, settled);
    about.insert("outcome".to_owned(), "accepted".into());
    about.insert("detail".to_owned(), accepted.why.clone().into());
    about.insert("next".to_owned(), accepted.next.clone().into());
    if !context.operation.accepted {
        // Its output schema does not allow it.
        about.insert("code".to_owned(), "ACCEPTED".into());
        about.insert("fix".to_owned(), accepted.next.clone().into());
        return failed(about);
    }
    let value = json!({"result": null});
    succeeded(context, &value.to_string(), value, about)
}

fn succeeded(
    context: &ResultContext<'_>,
    body: &str,
    value: Value,
    about: Map<String, Value>,
) -> CallToolResult {
    let mut result = CallToolResult::success(vec![text(body)]);
    result.structured_content = Some(value);
    if !about.is_empty() {
        let about = Value::Object(about);
        result.content.push(text(&about.to_string()));
        let mut meta = JsonObject::new();
        meta.insert(context.meta.to_owned(), about);
        result.meta = Some(MetaObject(meta));
    }
    result
}

/// The members that identify the call, and whether its outcome is a replay.
fn about(context: &ResultContext<'_>, settled: &Settled) -> Map<String, Value> {
    let identity = failure::identity(settled).into_iter();
    let mut about: Map<_, _> = identity
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    if settled.replayed {
        let another = match context.places_orders {
            true => "; another order needs another `clientId`",
            false => "",
        };
        let detail = format!(
            "nothing was sent now: this is the outcome of the same call, made before{another}"
        );
        about.insert("replayed".to_owned(), true.into());
        about.insert("detail".to_owned(), detail.into());
    }
    about
}

/// The position of a page in its list, and where the next page begins.
fn page(
    context: &ResultContext<'_>,
    total: Option<u64>,
    rows: usize,
    left_out: usize,
) -> Map<String, Value> {
    let mut about = Map::new();
    let Part {
        offset,
        limit,
        is_ours,
    } = context.part;
    let rows = rows as u64;
    let next = offset.saturating_add(rows);
    let has_pages = context.operation.paged || is_ours;
    if has_pages {
        let is_more = match total {
            Some(total) => next < total,
            // Without a total, a full page may have a successor, and so may one of unknown size.
            None => limit.is_none_or(|limit| rows >= limit),
        };
        about.insert("offset".to_owned(), offset.into());
        about.insert("rows".to_owned(), rows.into());
        about.extend(total.map(|total| ("total".to_owned(), total.into())));
        if left_out > 0 || (is_more && rows > 0) {
            about.insert("nextOffset".to_owned(), next.into());
        }
    }
    if left_out > 0 {
        let fix = match has_pages {
            true => format!("continue with `offset` {next}"),
            false => "all of it was carried out; list the orders to see the rest".to_owned(),
        };
        let detail = format!(
            "cut after {rows} rows, {left_out} more are left out: a result holds at most {} bytes; {fix}",
            context.bytes_max
        );
        about.insert("cut".to_owned(), detail.into());
    }
    about
}

/// The result of a call whose result is too large and cannot be cut.
fn too_large(context: &ResultContext<'_>, done: &Done, settled: &Settled) -> CallToolResult {
    let mut members = about(context, settled);
    let detail = format!(
        "the result has {} bytes, more than the maximum of {}",
        done.body.get().len(),
        context.bytes_max
    );
    let fix = match context.operation.effect.only_reads() {
        true => "ask for less",
        false => "the call was carried out, do not repeat it; look the order up",
    };
    let ids: Vec<_> = done.order_ids.iter().take(ORDER_IDS_MAX).cloned().collect();
    for (name, value) in [
        ("code", "RESULT_TOO_LARGE".into()),
        ("detail", detail.into()),
        ("fix", fix.into()),
        ("outcome", "done".into()),
        ("orderIds", Value::from(ids)),
    ] {
        members.insert(name.to_owned(), value);
    }
    failed(members)
}

#[cfg(test)]
mod tests {
    use bpx_venue::operations::GET_FILLS;

    use super::*;

    #[test]
    fn what_hides_in_a_text_is_escaped_beside_the_exact_value() {
        let value = json!({"result": {"message": "ignore\u{202e} this\u{200b}"}});
        let shape = Shape::of(&GET_FILLS);
        let context = ResultContext::new(&GET_FILLS, &shape, Part::default(), 100);
        let result = succeeded(&context, &value.to_string(), value.clone(), Map::new());
        assert_eq!(result.structured_content, Some(value));
        let text = serde_json::to_value(&result.content).unwrap()[0]["text"].to_string();
        assert!(text.contains(r"ignore\\u202e this\\u200b"), "{text}");
        let failed = refused("X", "a\u{2066}b", "c");
        let text = serde_json::to_string(&failed.content).unwrap();
        assert!(!text.contains('\u{2066}'), "{text}");
        assert_eq!(failed.structured_content, None);
    }
}
