//! Which format a recording has, by what it begins with.

use std::fmt;

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};

use super::{Fault, FaultKind, access};

/// The formats of recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One interaction per line.
    Lines,
    Har,
    /// A JSON list of interactions, or several objects one after the other.
    List,
    /// A file that is read whole; its members say what it is.
    Cassette,
    Refused(&'static Refused),
    Empty,
    Unknown,
}

/// A format that is known and not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    what: &'static str,
    /// What makes a recording of it, where FILE stands for its name.
    fix: &'static str,
}

impl Refused {
    pub(super) fn fault(&self) -> Fault {
        let Self { what, fix } = self;
        Fault::new(
            FaultKind::Unrecognised,
            format!("{what} is not read; {fix}"),
        )
    }
}

const fn refused_as(what: &'static str, fix: &'static str) -> Refused {
    Refused { what, fix }
}

static UTF_16: Refused = refused_as(
    "a file in UTF-16",
    "convert it: iconv -f UTF-16 -t UTF-8 FILE > OUT",
);
static UTF_16_BE: Refused = refused_as(
    "a file in UTF-16",
    "convert it: iconv -f UTF-16BE -t UTF-8 FILE > OUT",
);
static UTF_16_LE: Refused = refused_as(
    "a file in UTF-16",
    "convert it: iconv -f UTF-16LE -t UTF-8 FILE > OUT",
);
static UTF_32: Refused = refused_as(
    "a file in UTF-32",
    "convert it: iconv -f UTF-32 -t UTF-8 FILE > OUT",
);

/// Files that are known by their first bytes.
static BY_BYTES: [(&[u8], &Refused); 11] = [
    (b"\xff\xfe\0\0", &UTF_32),
    (b"\0\0\xfe\xff", &UTF_32),
    (b"\xff\xfe", &UTF_16),
    (b"\xfe\xff", &UTF_16),
    (b"\0{", &UTF_16_BE),
    (b"\0[", &UTF_16_BE),
    (b"{\0", &UTF_16_LE),
    (b"[\0", &UTF_16_LE),
    (b"PK\x03\x04", &ARCHIVE),
    (b"\x0a\x0d\x0d\x0a", &PACKETS),
    (b"\xd4\xc3\xb2\xa1", &PACKETS),
];

static ARCHIVE: Refused = refused_as(
    "a zip archive",
    "unpack it (unzip FILE -d DIR) and give the HAR in it; from Fiddler, export HTTPArchive v1.2 instead of .saz",
);
static PACKETS: Refused = refused_as(
    "a capture of packets",
    "convert it to HAR, for instance with pcap2har, or record with a proxy",
);
static MITMPROXY: Refused = refused_as(
    "a file of mitmproxy flows",
    "convert it: mitmdump -nr FILE --set hardump=OUT.har",
);
static NOCK_CODE: Refused = refused_as(
    "a nock recording in JavaScript",
    "record objects: nock.recorder.rec({ output_objects: true, dont_print: true })",
);
static POSTMAN: Refused = refused_as(
    "a Postman collection",
    "convert its saved responses: jq -c '.. | objects | select(.originalRequest) | {method: .originalRequest.method, \
     url: (.originalRequest.url.raw? // .originalRequest.url), status: .code, response_headers: .header, \
     response_body: .body}' FILE > OUT.ndjson",
);
static PACT: Refused = refused_as(
    "a Pact file",
    "convert its examples: jq -c '.interactions[] | select(.response) | {method: .request.method, path: .request.path, \
     status: .response.status, response_headers: .response.headers, \
     response_body: (.response.body | .content? // .)}' FILE > OUT.ndjson",
);
static INSOMNIA: Refused = refused_as("an Insomnia export", "export the responses as HAR");
static CONTAINER_LOG: Refused = refused_as(
    "a container's log",
    "take its lines out: jq -r .log FILE > OUT.ndjson",
);
static OPENAPI: Refused = refused_as(
    "an OpenAPI document",
    "give it with --openapi, and recordings beside it",
);

/// Files that are known by the names of their members.
static BY_NAMES: [(&[&str], &Refused); 7] = [
    (&["consumer", "provider"], &PACT),
    (&["info", "item"], &POSTMAN),
    (&["_type", "resources"], &INSOMNIA),
    (&["log", "stream"], &CONTAINER_LOG),
    (&["openapi", "paths"], &OPENAPI),
    (&["openapi", "info"], &OPENAPI),
    (&["swagger", "info"], &OPENAPI),
];

/// The format that an object with these members has, if it is one that is not read.
pub(super) fn refused(has: &dyn Fn(&str) -> bool) -> Option<&'static Refused> {
    let mut known = BY_NAMES.iter();
    let found = known.find(|(names, _)| names.iter().all(|name| has(name)));
    found.map(|(_, refused)| *refused)
}

/// By what a file begins with; the name decides only where that says nothing.
pub(super) fn kind_of(prefix: &[u8], name: &str) -> Kind {
    let mut known = BY_BYTES.iter();
    if let Some((_, refused)) = known.find(|(bytes, _)| prefix.starts_with(bytes)) {
        return Kind::Refused(refused);
    }
    let prefix = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix);
    let text = String::from_utf8_lossy(prefix);
    let start = text.trim_start();
    let name = name.to_ascii_lowercase();
    let is_named_lines = [".ndjson", ".jsonl"].iter().any(|it| name.contains(it));
    let first_line = start.lines().next().unwrap_or_default();
    let is_line = serde_json::from_str::<IgnoredAny>(first_line).is_ok();
    match start.bytes().next() {
        None => Kind::Empty,
        Some(b'{') => of_object(start, is_line),
        _ if is_named_lines => Kind::Lines,
        Some(b'[') if is_list(start) => Kind::List,
        Some(b'0'..=b'9') if is_flow(start) => Kind::Refused(&MITMPROXY),
        _ if start.starts_with("nock(") => Kind::Refused(&NOCK_CODE),
        _ if is_line || access::entry(first_line).is_some() => Kind::Lines,
        _ => of_yaml(&text),
    }
}

fn is_list(start: &str) -> bool {
    let inner = start.get(1..).unwrap_or_default().trim_start();
    inner.starts_with(['{', '"', ']', 'n'])
}

/// A netstring: how long, a colon, and a dictionary with the length of its first key.
fn is_flow(start: &str) -> bool {
    let rest = start.trim_start_matches(|c: char| c.is_ascii_digit());
    let Some(rest) = rest.strip_prefix(':') else {
        return false;
    };
    let key = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    key.len() < rest.len() && key.starts_with([':', ';'])
}

fn of_yaml(text: &str) -> Kind {
    let has = |key: &str| {
        text.lines().any(|line| {
            let rest = line.strip_prefix(key);
            rest.is_some_and(|rest| rest.starts_with(':'))
        })
    };
    if let Some(refused) = refused(&has) {
        return Kind::Refused(refused);
    }
    let is_cassette = has("interactions") || has("http_interactions");
    match is_cassette || text.contains("!ruby/struct:VCR::") {
        true => Kind::Cassette,
        false => Kind::Unknown,
    }
}

/// Members of which one says that an object is an interaction.
const REQUESTS: [&str; 6] = [
    "request",
    "httpRequest",
    "method",
    "httpMethod",
    "request_method",
    "requestMethod",
];

/// Members that hold a cassette's interactions, or stand beside them.
const CASSETTES: [&str; 4] = [
    "mappings",
    "interactions",
    "http_interactions",
    "recorded_with",
];

fn of_object(start: &str, is_line: bool) -> Kind {
    let names = names(start);
    let has = |name: &str| names.iter().any(|it| it == name);
    if let Some(refused) = refused(&has) {
        return Kind::Refused(refused);
    }
    let is_spread = start
        .trim_start_matches(['{', ' ', '\t', '\r'])
        .starts_with('\n');
    let is_cassette = CASSETTES.into_iter().any(has);
    let is_message = has("stream") && has("data") || has("direction");
    let is_interaction = is_message || REQUESTS.into_iter().any(has);
    match names.first().map(String::as_str) {
        Some("log") => Kind::Har,
        Some("data") if !is_message && start.contains("\"pairs\"") => Kind::Cassette,
        // More than the beginning can show: the whole is looked at.
        Some("info" | "consumer" | "provider") if !is_line => Kind::Cassette,
        _ if is_cassette && !is_interaction => Kind::Cassette,
        _ if has("log") && start.contains("\"entries\"") => Kind::Har,
        _ if is_line || !is_spread => Kind::Lines,
        _ if has("request") && has("response") => Kind::Cassette,
        _ if is_interaction => Kind::List,
        _ => Kind::Unknown,
    }
}

/// The names of the members of an object, as far as the beginning of a file shows them.
fn names(start: &str) -> Vec<String> {
    struct Names<'n>(&'n mut Vec<String>);

    impl<'de> Visitor<'de> for Names<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
            while let Some(name) = members.next_key()? {
                self.0.push(name);
                members.next_value::<IgnoredAny>()?;
            }
            Ok(())
        }
    }

    let mut names = Vec::new();
    // Where the beginning breaks off, those that came before are known.
    let _ = serde_json::Deserializer::from_str(start).deserialize_map(Names(&mut names));
    names
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_told_by_content() {
        for (text, kind) in [
            ("{\"bpx\":1,\"method\":\"GET\"}\n", Kind::Lines),
            ("{\"method\":\"GET\",\"url\":\"/\"}\n{", Kind::Lines),
            ("{\"broken\":", Kind::Lines),
            ("{\n  \"log\": {\n", Kind::Har),
            ("{\"log\":{\"version\":\"1.2\",\"entries\":[]}}", Kind::Har),
            (
                "\u{feff}{\n \"request\": {\"method\": \"GET\"},\n \"response\": {}\n}",
                Kind::Cassette,
            ),
            ("{\"mappings\": [\n", Kind::Cassette),
            ("interactions:\n- request:\n", Kind::Cassette),
            ("---\nhttp_interactions:\n", Kind::Cassette),
            ("- !ruby/struct:VCR::HTTPInteraction\n", Kind::Cassette),
            ("{\"recorded_with\":\"betamax/0.4.2\",", Kind::Cassette),
            ("{\"data\":{\"pairs\":[", Kind::Cassette),
            ("[\n {\"scope\"", Kind::List),
            ("{\"stream\":\"wind\",\"data\":{}}\n{", Kind::Lines),
            (
                "{\"data\":{\"pairs\":[]},\"stream\":\"wind\"}\n{",
                Kind::Lines,
            ),
            ("{\n \"stream\": \"wind\",\n \"data\": {}\n}", Kind::List),
            (
                "{\"time\":1,\"direction\":\"sent\",\"text\":\"\"}\n",
                Kind::Lines,
            ),
            ("{\n \"method\": \"GET\"\n}", Kind::List),
            (
                "::1 - - [20/Nov/2026:04:17:55 +0000] \"GET / HTTP/1.1\" 200 1\n",
                Kind::Lines,
            ),
            (
                "{\"log\":\"x\",\"stream\":\"stdout\"}",
                Kind::Refused(&CONTAINER_LOG),
            ),
            ("{\"info\":{},\"item\":[]}", Kind::Refused(&POSTMAN)),
            ("{\"consumer\":{},\"provider\":{}}", Kind::Refused(&PACT)),
            (
                "{\"_type\":\"export\",\"resources\":[]}",
                Kind::Refused(&INSOMNIA),
            ),
            ("openapi: 3.1.0\ninfo: {}\n", Kind::Refused(&OPENAPI)),
            ("nock('https://h')\n", Kind::Refused(&NOCK_CODE)),
            ("1234:7:version;2:21#", Kind::Refused(&MITMPROXY)),
            ("{\0\"\0", Kind::Refused(&UTF_16_LE)),
            ("PK\u{3}\u{4}", Kind::Refused(&ARCHIVE)),
            (" \n", Kind::Empty),
            ("# Notes\n", Kind::Unknown),
            ("{\n  \"name\": \"package\"\n}", Kind::Unknown),
        ] {
            assert_eq!(kind_of(text.as_bytes(), "file"), kind, "{text}");
        }
    }
}
