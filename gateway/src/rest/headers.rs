//! The gateway's own response headers: one table for the responses and for `/openapi.json`.

use axum::http::header::{HeaderMap, HeaderName, HeaderValue};
use bpx_contract::api::Operation;

/// A response header of the gateway.
#[derive(Debug)]
pub(super) struct Header {
    /// Its name, as documents spell it.
    pub(super) name: &'static str,
    /// What it says.
    pub(super) doc: &'static str,
    /// The JSON Schema type of its value.
    pub(super) kind: &'static str,
    scope: Scope,
}

/// Which operations have a header in their responses.
#[derive(Debug, Clone, Copy)]
enum Scope {
    All,
    Changes,
    Pages,
}

macro_rules! headers {
    ($($constant:ident = $name:literal, $scope:ident, $kind:literal, $doc:literal;)+) => {
        $(pub(super) const $constant: &str = $name;)+

        /// Every header.
        pub(super) const HEADERS: &[Header] = &[$(Header {
            name: $name,
            doc: $doc,
            kind: $kind,
            scope: Scope::$scope,
        }),+];
    };
}

headers! {
    OUTCOME = "X-Outcome", All, "string", "How the call ended: `done`, `rejected`, `accepted` or `unknown`.";
    INTENT = "X-Intent", Changes, "string", "The call's id in the journal; reads have none.";
    CLIENT_ID = "X-Client-Id", Changes, "string",
        "The client order id of each order of the call, given or chosen, separated by commas.";
    SOURCE = "X-Source", Changes, "string",
        "Where the result was found, if not in the response to the call: `open orders` or `order history`.";
    NOTE = "X-Note", Changes, "string", "A check that lacked its data, or other remarks; one header per note.";
    REPLAYED = "Idempotency-Replayed", Changes, "string",
        "`true` if this is the recorded outcome of an earlier call.";
    PAGE_COUNT = "X-Page-Count", Pages, "integer", "How many pages there are.";
    CURRENT_PAGE = "X-Current-Page", Pages, "integer", "Which page this is, from 1.";
    PAGE_SIZE = "X-Page-Size", Pages, "integer", "How many items a page holds.";
    TOTAL = "X-Total", Pages, "integer", "How many items there are in all.";
}

impl Header {
    /// Whether responses of the operation can have it.
    pub(super) fn belongs_to(&self, operation: &Operation) -> bool {
        let reads = operation.effect.only_reads();
        match self.scope {
            Scope::All => true,
            Scope::Changes => !reads,
            Scope::Pages => reads && operation.paged,
        }
    }
}

/// Adds a header. A value that no header can hold is left out.
pub(super) fn append(headers: &mut HeaderMap, name: &'static str, text: &str) {
    let name = HeaderName::from_bytes(name.as_bytes());
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(text)) {
        headers.append(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_header_name() {
        for header in HEADERS {
            let mut headers = HeaderMap::new();
            append(&mut headers, header.name, "1");
            assert_eq!(headers[header.name], "1", "{}", header.name);
        }
    }
}
