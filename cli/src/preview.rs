//! Dry runs on a terminal: a request as it would be sent, and what is known of it, one line each.

use bpx_dispatch::Preview;

use crate::commands::sign::SIGNATURE_HEADERS;
use crate::output::plain;

/// A line of a dry run: its name and its text.
pub(crate) type Line = (&'static str, String);

/// The lines of a request.
pub(crate) fn of_request(request: &Preview) -> Vec<Line> {
    let lines = [
        Some(("request", format!("{} {}", request.method, request.target))),
        headers(request).map(|it| ("headers", it)),
        request.body.clone().map(|it| ("body", it)),
        request.signing_string.clone().map(|it| ("signed", it)),
    ];
    lines.into_iter().flatten().collect()
}

/// The names of the headers, those of the signature included.
fn headers(request: &Preview) -> Option<String> {
    let own = request.headers.iter().map(String::as_str);
    let signed = request.signing_string.iter();
    let names: Vec<_> = own.chain(signed.flat_map(|_| SIGNATURE_HEADERS)).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// A title with its lines below it.
pub(crate) fn render(title: &str, lines: impl IntoIterator<Item = Line>) -> String {
    let lines = lines.into_iter();
    let lines = lines.map(|(name, text)| format!("  {name:7}  {}\n", plain(&text)));
    [format!("{}\n", plain(title))]
        .into_iter()
        .chain(lines)
        .collect()
}

/// The last line of every dry run.
pub(crate) const NOTHING_SENT: &str = "Nothing was sent.\n";
