//! A dry run on a terminal: the request of each step.

use bpx_workflow::{PlannedRequest, ServiceRequest};

use crate::failure::Failure;
use crate::output::{self, plain};
use crate::preview;

/// Prints the requests as they would be sent.
pub(super) fn planned(
    requests: &[PlannedRequest],
    notes: &[String],
    json: bool,
) -> Result<(), Failure> {
    for note in notes {
        output::remark(&format!("note: {}", plain(note)))?;
    }
    if json {
        return output::json(&requests);
    }
    let text: String = requests.iter().map(lines).collect();
    Ok(output::text(&(text + preview::NOTHING_SENT))?)
}

fn lines(planned: &PlannedRequest) -> String {
    let title = format!("{}: {}", planned.step, planned.call);
    let request = planned.request.iter().flat_map(preview::of_request);
    let service = planned.service.iter().flat_map(to_service);
    let request = request.chain(service);
    let remark = planned.remark.iter().map(|it| ("note", it.clone()));
    preview::render(&title, request.chain(remark))
}

/// The lines of a request to a service.
fn to_service(request: &ServiceRequest) -> Vec<preview::Line> {
    let ServiceRequest {
        method,
        url,
        headers,
        body,
        ..
    } = request;
    let headers = headers
        .iter()
        .map(|(name, value)| ("header", format!("{name}: {value}")));
    let body = body.iter().map(|it| ("body", it.clone()));
    let request = ("request", format!("{method} {url}"));
    [request].into_iter().chain(headers).chain(body).collect()
}
