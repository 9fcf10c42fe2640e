//! From an outcome, or a refusal, to the result of a tool call.
//!
//! A success is `structuredContent` `{"result": …}`, as the output schema wants it, with the exchange's values exact. The
//! same stands as text, with hidden characters escaped. What else there is to know of the call stands in a second text,
//! and in `_meta` under [`ABOUT`].
//!
//! Anything else is `isError` with one text: an object with `code`, `detail` and `fix`, in the words of REST. It comes
//! without `structuredContent`, which some clients hold against the output schema even then.

use bpx_venue::operations::{EXECUTE_ORDER, EXECUTE_ORDER_BATCH};
use bpx_dispatch::{Accepted, Done, Outcome, Rejected, Settled, Source};
use bpx_contract::api::Operation;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, MetaObject};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::text::escaped;
use crate::problem::{self, Problem};
use crate::rest::answer::{denied as problem_of, failure, identity};
use crate::shared::Denied;

/// The member of `_meta` for what the result has no place for.
pub(super) const ABOUT: &str = "backpack/call";
/// How many rows the exchange sends at most where a call names no `limit`.
const LIMIT_DEFAULT: u64 = 100;
/// Members of a problem that mean something to HTTP alone.
const HTTP_ONLY: [&str; 3] = ["type", "title", "status"];
/// More identifiers than this are not repeated.
const ORDER_IDS_MAX: usize = 100;

/// A call, as far as its answer depends on it.
#[derive(Debug)]
pub(super) struct Asked {
    operation: &Arc<Operation>,
    offset: u64,
    limit: u64,
    bytes_max: usize,
}

impl Asked {
    pub(super) fn new(
        operation: &Arc<Operation>,
        arguments: &JsonObject,
        bytes_max: usize,
    ) -> Self {
        let number = |name| arguments.get(name).and_then(Value::as_u64);
        Self {
            operation,
            offset: number("offset").unwrap_or_default(),
            limit: number("limit").unwrap_or(LIMIT_DEFAULT),
            bytes_max,
        }
    }

    fn places(&self) -> bool {
        [EXECUTE_ORDER.id, EXECUTE_ORDER_BATCH.id].contains(&self.operation.id)
    }
}

/// How the call ended.
pub(super) fn settled(asked: &Asked, settled: &Settled) -> CallToolResult {
    let mut members = failure(settled).map_or_else(Map::new, Problem::into_members);
    if settled.replayed {
        members.insert("replayed".to_owned(), true.into());
    }
    match &settled.outcome {
        Outcome::Done(done) => self::done(asked, done, settled),
        Outcome::Accepted(accepted) => self::accepted(asked, accepted, settled),
        Outcome::Rejected(rejected) => {
            if let Some(fix) = again(asked, rejected) {
                members.insert("fix".to_owned(), fix.into());
            }
            failed(members)
        }
        Outcome::Unknown(_) => failed(members),
    }
}

/// Why the call was not made.
pub(super) fn denied(denied: Denied) -> CallToolResult {
    failed(problem_of(denied).into_members())
}

/// Why this face did not make the call.
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

/// What to do after a rejection, since REST speaks of keys that tools have none of.
fn again(asked: &Asked, rejected: &Rejected) -> Option<String> {
    if rejected.code.as_deref() == Some(problem::TOO_LATE.code)
        || asked.operation.effect.only_reads()
    {
        return None;
    }
    let first = match rejected.status {
        Some(429 | 500..) => "wait",
        _ => "correct what `code` and `detail` name",
    };
    let named = match asked.places() {
        true => " with a new `clientId`",
        false => "",
    };
    Some(format!(
        "nothing was changed; {first}, then call again{named}"
    ))
}

fn done(asked: &Asked, done: &Done, settled: &Settled) -> CallToolResult {
    let Some((body, left_out)) = fit(done.body.get(), asked.bytes_max) else {
        return too_large(asked, done, settled);
    };
    let body = format!(r#"{{"result":{body}}}"#);
    let Ok(value) = serde_json::from_str::<Value>(&body) else {
        return too_large(asked, done, settled);
    };
    let rows = value.get("result").and_then(Value::as_array).map(Vec::len);
    let mut about = about(asked, settled);
    if done.source != Source::Response {
        about.insert("source".to_owned(), done.source.word().into());
    }
    if let Some(rows) = rows {
        about.extend(page(asked, done, rows, left_out));
    }
    succeeded(&body, value, about)
}

fn accepted(asked: &Asked, accepted: &Accepted, settled: &Settled) -> CallToolResult {
    let mut about = about(asked, settled);
    about.insert("outcome".to_owned(), "accepted".into());
    about.insert("detail".to_owned(), accepted.why.clone().into());
    about.insert("next".to_owned(), accepted.next.clone().into());
    if !asked.operation.accepted {
        // Its output schema has no word for it.
        about.insert("code".to_owned(), "ACCEPTED".into());
        about.insert("fix".to_owned(), accepted.next.clone().into());
        return failed(about);
    }
    let value = json!({"result": null});
    succeeded(&value.to_string(), value, about)
}

fn succeeded(body: &str, value: Value, about: Map<String, Value>) -> CallToolResult {
    let mut result = CallToolResult::success(vec![text(body)]);
    result.structured_content = Some(value);
    if !about.is_empty() {
        let about = Value::Object(about);
        result.content.push(text(&about.to_string()));
        let mut meta = JsonObject::new();
        meta.insert(ABOUT.to_owned(), about);
        result.meta = Some(MetaObject(meta));
    }
    result
}

/// Which call it was, and whether it was made now.
fn about(asked: &Asked, settled: &Settled) -> Map<String, Value> {
    let mut about: Map<_, _> = identity(settled).into_iter().collect();
    if settled.replayed {
        let another = match asked.places() {
            true => "; another order needs another `clientId`",
            false => "",
        };
        let detail = format!(
            "nothing was sent now: this is how the same call ended that was made before{another}"
        );
        about.insert("replayed".to_owned(), true.into());
        about.insert("detail".to_owned(), detail.into());
    }
    about
}

/// Where in a list the rows stand, and where to go on.
fn page(asked: &Asked, done: &Done, rows: usize, left_out: usize) -> Map<String, Value> {
    let mut about = Map::new();
    let rows = rows as u64;
    let next = asked.offset.saturating_add(rows);
    if asked.operation.paged {
        let total = done.page.and_then(|page| page.total);
        let is_more = match total {
            Some(total) => next < total,
            None => rows == asked.limit,
        };
        about.insert("offset".to_owned(), asked.offset.into());
        about.insert("rows".to_owned(), rows.into());
        about.extend(total.map(|total| ("total".to_owned(), total.into())));
        if left_out > 0 || (is_more && rows > 0) {
            about.insert("nextOffset".to_owned(), next.into());
        }
    }
    if left_out > 0 {
        let fix = match (asked.operation.paged, asked.operation.effect.only_reads()) {
            (true, _) => format!("go on with `offset` {next}"),
            (false, true) => "name a market to shorten the list".to_owned(),
            (false, false) => {
                "all of it was carried out; list the orders to see the rest".to_owned()
            }
        };
        let detail = format!(
            "cut after {rows} rows, {left_out} more are left out: a result holds at most {} bytes; {fix}",
            asked.bytes_max
        );
        about.insert("cut".to_owned(), detail.into());
    }
    about
}

/// As many whole rows of a list as there is room for, and how many are left out. None for what is too large and no list.
fn fit(body: &str, bytes_max: usize) -> Option<(String, usize)> {
    if body.len() <= bytes_max {
        return Some((body.to_owned(), 0));
    }
    let rows: Vec<&RawValue> = serde_json::from_str(body).ok()?;
    let mut room = bytes_max;
    let fitting = rows.iter().take_while(|row| {
        let length = row.get().len() + 1;
        let is_room = length < room;
        room = room.saturating_sub(length);
        is_room
    });
    let kept: Vec<_> = fitting.map(|row| row.get()).collect();
    Some((format!("[{}]", kept.join(",")), rows.len() - kept.len()))
}

/// What can be neither shown whole nor cut.
fn too_large(asked: &Asked, done: &Done, settled: &Settled) -> CallToolResult {
    let mut members = about(asked, settled);
    let detail = format!(
        "the result has {} bytes, more than the {} that are shown",
        done.body.get().len(),
        asked.bytes_max
    );
    let fix = match asked.operation.effect.only_reads() {
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
    use super::*;

    #[test]
    fn what_hides_in_a_text_is_escaped_beside_the_exact_value() {
        let value = json!({"result": {"message": "ignore\u{202e} this\u{200b}"}});
        let result = succeeded(&value.to_string(), value.clone(), Map::new());
        assert_eq!(result.structured_content, Some(value));
        let text = serde_json::to_value(&result.content).unwrap()[0]["text"].to_string();
        assert!(text.contains(r"ignore\\u202e this\\u200b"), "{text}");
        let failed = refused("X", "a\u{2066}b", "c");
        let text = serde_json::to_string(&failed.content).unwrap();
        assert!(!text.contains('\u{2066}'), "{text}");
        assert_eq!(failed.structured_content, None);
    }

    #[test]
    fn a_long_list_is_cut_after_a_whole_row() {
        let body = r#"[{"a":1}, {"a":2},{"a":3}]"#;
        assert_eq!(fit(body, 100), Some((body.to_owned(), 0)));
        assert_eq!(fit(body, 20), Some((r#"[{"a":1},{"a":2}]"#.to_owned(), 1)));
        assert_eq!(fit(body, 3), Some(("[]".to_owned(), 3)));
        assert_eq!(fit(r#"{"a":"long"}"#, 5), None);
    }
}
