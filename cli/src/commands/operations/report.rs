//! The outcome of a call, for people and for programs, and as an exit code.

use bpx_dispatch::{
    Accepted, Done, Note, Outcome, PageHeaders, Rejected, Settled, Source, Unknown, Witness,
};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::rows;
use crate::failure::{Category, Failure};
use crate::output::{self, plain};

/// What a caller has to know of an outcome that an earlier command left behind.
const EARLIER: &str = "the same command was given before, and its outcome was not reported: this is it, and nothing was sent now; give --again for another order";

/// A settled call as one JSON object. Members without a value are left out.
#[derive(Default, Serialize)]
struct Report<'a> {
    operation: &'a str,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'a str>,
    /// Where the result was read, or who reports that the call was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    order_ids: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<Page>,
    #[serde(skip_serializing_if = "Option::is_none")]
    intent: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    client_ids: &'a [u32],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    replayed: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notes: &'a [Note],
}

/// The page headers.
#[derive(Serialize)]
struct Page {
    #[serde(skip_serializing_if = "Option::is_none")]
    page_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_page: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

impl From<PageHeaders> for Page {
    fn from(headers: PageHeaders) -> Self {
        Self {
            page_count: headers.page_count,
            current_page: headers.current_page,
            page_size: headers.page_size,
            total: headers.total,
        }
    }
}

impl<'a> Report<'a> {
    fn of(settled: &'a Settled) -> Self {
        let report = Self {
            operation: &settled.operation,
            outcome: settled.outcome.kind(),
            intent: settled.intent.as_deref(),
            client_ids: &settled.client_ids,
            replayed: settled.replayed,
            notes: &settled.notes,
            ..Self::default()
        };
        match &settled.outcome {
            Outcome::Done(done) => Self {
                status: Some(done.status),
                source: Some(done.source.word()),
                result: Some(&done.body),
                order_ids: &done.order_ids,
                page: done.page.map(Page::from),
                ..report
            },
            Outcome::Rejected(rejected) => Self {
                status: rejected.status,
                code: rejected.code.as_deref(),
                message: Some(&rejected.message),
                source: Some(rejected.by.word()),
                order: rejected.order.as_deref(),
                ..report
            },
            Outcome::Accepted(Accepted {
                status, why, next, ..
            }) => Self {
                status: Some(*status),
                message: Some(why),
                next: Some(next),
                ..report
            },
            Outcome::Unknown(Unknown { why, next, .. }) => Self {
                message: Some(why),
                next: Some(next),
                ..report
            },
        }
    }
}

/// Prints the outcome, and gives what the command ends with: any outcome but done is a failure. Only an error of the outer
/// result means that the outcome was not printed. `is_earlier`: an earlier command without a key is what made the call.
/// `find_out`: the command that asks again for an outcome that is open.
pub(super) fn show(
    settled: &Settled,
    is_earlier: bool,
    find_out: Option<String>,
    json: bool,
) -> Result<Result<(), Failure>, Failure> {
    let ended = ended(settled, find_out);
    if json {
        let mut report = Report::of(settled);
        if is_earlier {
            report.next = report.next.or(Some(EARLIER));
        }
        return match ended {
            Ok(()) => output::json(&report).map(Ok),
            Err(failure) => failure.print_with(&report).map(Err),
        };
    }
    if let Some(body) = body(&settled.outcome) {
        output::text(&rows::shown(body))?;
    }
    let earlier = is_earlier.then(|| format!("note: {EARLIER}"));
    for remark in earlier.into_iter().chain(remarks(settled)) {
        output::remark(&remark)?;
    }
    Ok(ended)
}

fn body(outcome: &Outcome) -> Option<&RawValue> {
    match outcome {
        Outcome::Done(done) => Some(&done.body),
        Outcome::Rejected(rejected) => rejected.order.as_deref(),
        _ => None,
    }
}

fn remarks(settled: &Settled) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Outcome::Done(done) = &settled.outcome {
        remarks.extend(count(done));
        if done.source != Source::Response {
            remarks.push(format!(
                "the result was found in the {}",
                done.source.word()
            ));
        }
    }
    if let Some(intent) = &settled.intent {
        let again = if settled.replayed {
            ", recorded earlier"
        } else {
            ""
        };
        let kind = settled.outcome.kind();
        remarks.push(format!(
            "{} {kind}{again} (intent {intent})",
            settled.operation
        ));
    }
    remarks.extend(settled.notes.iter().map(|note| {
        let place = if note.pointer.is_empty() { "" } else { " " };
        format!(
            "note: {}{place}{} [{}]",
            plain(&note.text),
            plain(&note.pointer),
            note.rule
        )
    }));
    remarks
}

/// The number of rows, and which page they are.
fn count(done: &Done) -> Option<String> {
    let Ok(Value::Array(rows)) = serde_json::from_str(done.body.get()) else {
        return None;
    };
    let refused = rows.iter().filter(|row| row["operation"] == "Err").count();
    let rows = match (rows.len(), refused) {
        (1, 0) => "1 row".to_owned(),
        (many, 0) => format!("{many} rows"),
        (many, refused) => format!("{many} rows, {refused} of them refused"),
    };
    let page = done.page.unwrap_or_default();
    Some(match (page.total, page.current_page, page.page_count) {
        (Some(total), Some(current), Some(count)) => {
            format!(
                "{rows} of {total}, page {current} of {count}; --offset and --limit choose another"
            )
        }
        _ => rows,
    })
}

fn ended(settled: &Settled, find_out: Option<String>) -> Result<(), Failure> {
    let asks_again = find_out.map(|it| format!("; `{it}` asks again"));
    let asks_again = asks_again.unwrap_or_default();
    match &settled.outcome {
        Outcome::Done(_) => Ok(()),
        Outcome::Rejected(rejected) => Err(rejection(rejected, settled.intent.is_none())),
        Outcome::Accepted(Accepted { why, next, .. }) => {
            let what = "accepted, not yet executed";
            Err(open_end(
                Category::Accepted,
                what,
                why,
                &(plain(next) + &asks_again),
            ))
        }
        Outcome::Unknown(Unknown { why, next, .. }) => {
            let what = "the outcome is not known";
            Err(open_end(
                Category::Unknown,
                what,
                why,
                &(plain(next) + &asks_again),
            ))
        }
    }
}

fn open_end(category: Category, what: &str, why: &str, next: &str) -> Failure {
    Failure::new(category, format!("{what}: {}", plain(why)), next)
}

fn rejection(rejected: &Rejected, is_read: bool) -> Failure {
    if rejected.by == Witness::Here {
        let message = plain(&rejected.message);
        let fix = "check the base URL and the network, and call again";
        return Failure::new(Category::NotSent, message, fix);
    }
    let (fix, is_for_now) = what_to_do(rejected, is_read);
    let problem = format!("rejected, {}", plain(&rejected.summary()));
    Failure::new(Category::Rejected, problem, fix).retryable(is_for_now)
}

/// What to do, and whether the same call may succeed later.
fn what_to_do(rejected: &Rejected, is_read: bool) -> (&'static str, bool) {
    let is_not_found =
        rejected.status == Some(404) || rejected.code.as_deref() == Some("RESOURCE_NOT_FOUND");
    match rejected.status {
        _ if rejected.order.is_some() => (
            "read the order above, the order history and the fills",
            false,
        ),
        _ if is_not_found => {
            let fix = "look at the order history and the fills: the order may have ended";
            (fix, false)
        }
        Some(401 | 403) => {
            let fix = "check key and clock with 'bpx doctor', and the account's permissions";
            (fix, false)
        }
        Some(429 | 500..) if is_read => ("wait, and call again", true),
        Some(429 | 500..) => ("wait, and call again with a new idempotency key", true),
        _ if is_read => ("change the call as code and message say", false),
        Some(_) => {
            let fix =
                "change the call as code and message say; a new call needs a new idempotency key";
            (fix, false)
        }
        None => ("it is safe to call again, with a new idempotency key", true),
    }
}
