//! Lines of access logs in the common and the combined form (nginx, Apache): requests and statuses, no bodies.

use super::raw::time_of;
use crate::Interaction;
use crate::interaction::Url;

/// Reads `HOST IDENT USER [TIME] "METHOD URL PROTOCOL" STATUS BYTES`, with anything before and after; `None` for any other
/// line.
pub(super) fn entry(line: &str) -> Option<Interaction<'_>> {
    let (before, rest) = line.split_once(" \"")?;
    let (_, time) = before.strip_suffix(']')?.rsplit_once('[')?;
    let (request, after) = rest.split_once("\" ")?;
    let (method, rest) = request.split_once(' ')?;
    let url = rest.rsplit_once(" HTTP/").map_or(rest, |(url, _)| url);
    let status = after.split_ascii_whitespace().next()?;
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let status: u16 = status.parse().ok().filter(|_| status.len() == 3)?;
    let url = Url::of(url.into());
    is_method.then_some(Interaction {
        method: method.into(),
        host: url.host,
        path: url.path,
        query: url.query,
        status: Some(status),
        started_ms: time_of(time),
        ..Interaction::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_forms_are_read_and_others_are_not() {
        let common =
            r#"10.0.0.1 - - [20/Nov/2026:04:17:55 +0000] "GET /pets?limit=2 HTTP/1.1" 200 12"#;
        let combined = format!(r#"shop.example:443 {common} "-" "curl/8.0""#);
        for line in [common, &combined] {
            let read = entry(line).unwrap();
            assert_eq!((&*read.method, &*read.path), ("GET", "/pets"));
            assert_eq!(read.query.as_deref(), Some("limit=2"));
            assert_eq!((read.status, read.body), (Some(200), None));
            assert_eq!(read.started_ms, Some(1_795_148_275_000));
        }
        for line in [
            "GET /pets 200",
            r#"10.0.0.1 - - [20/Nov/2026:04:17:55 +0000] "-" 408 0"#,
            r#"10.0.0.1 - - [20/Nov/2026:04:17:55 +0000] "\x16\x03\x01" 400 0"#,
            "",
        ] {
            assert_eq!(entry(line), None, "{line}");
        }
    }
}
