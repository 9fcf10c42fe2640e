//! The operations that are signed, and what their signatures are made of.

use std::borrow::Cow;

/// What a signature needs to know of an operation.
///
/// Generated tables are constants ([`SignedOperation::new`]); an operation that is read from a document at run time
/// owns its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOperation {
    /// The operation's name in the contract, for example `get_order`.
    pub id: Cow<'static, str>,
    /// HTTP method, in upper case.
    pub method: Cow<'static, str>,
    /// Path template below the base path, for example `/api/v1/order`; a segment in braces stands for any one segment.
    pub path: Cow<'static, str>,
    /// The venue's name for what is being permitted, for example `orderQuery`.
    pub instruction: Cow<'static, str>,
    /// Where the signed pairs come from.
    pub payload: Payload,
}

/// Where the signed pairs of an operation come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// The pairs of the URL's query.
    Query,
    /// The fields of a JSON object in the body.
    Object,
    /// The fields of each object in a JSON array in the body; the instruction is repeated for each.
    Batch,
}

impl SignedOperation {
    /// An operation that is known at compile time.
    #[must_use]
    pub const fn new(
        id: &'static str,
        method: &'static str,
        path: &'static str,
        instruction: &'static str,
        payload: Payload,
    ) -> Self {
        Self {
            id: Cow::Borrowed(id),
            method: Cow::Borrowed(method),
            path: Cow::Borrowed(path),
            instruction: Cow::Borrowed(instruction),
            payload,
        }
    }

    /// Whether this is the operation of this method and this path below the base path.
    pub(crate) fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.base_of(path) == Some("")
    }

    /// Whether this is the operation of this method and a path that ends in its own, after any base path.
    pub(crate) fn ends(&self, method: &str, path: &str) -> bool {
        self.method == method && self.base_of(path).is_some_and(|base| !base.ends_with('/'))
    }

    /// How many segments of the template stand for anything: the fewer, the more precise the template.
    pub(crate) fn open_segments(&self) -> usize {
        self.path
            .split('/')
            .filter(|segment| is_open(segment))
            .count()
    }

    /// What is left of `path` once the template is taken off its end.
    fn base_of<'a>(&self, path: &'a str) -> Option<&'a str> {
        let mut rest = path;
        for expected in self.path.strip_prefix('/')?.rsplit('/') {
            let (before, segment) = rest.rsplit_once('/')?;
            let fits = if is_open(expected) {
                !segment.is_empty()
            } else {
                segment == expected
            };
            if !fits {
                return None;
            }
            rest = before;
        }
        Some(rest)
    }
}

fn is_open(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn row(path: &'static str) -> SignedOperation {
        SignedOperation::new("x", "GET", path, "x", Payload::Query)
    }

    #[test]
    fn a_path_matches_itself_and_below_a_base_path() {
        let order = row("/api/v1/order");
        assert!(order.is("GET", "/api/v1/order"));
        assert!(!order.is("GET", "/proxy/api/v1/order"));
        assert!(order.ends("GET", "/api/v1/order"));
        assert!(order.ends("GET", "/proxy/api/v1/order"));
    }

    #[test]
    fn a_path_that_only_looks_alike_does_not_match() {
        let order = row("/api/v1/order");
        for path in [
            "",
            "/",
            "api/v1/order",
            "/api/v1/orders",
            "//api/v1/order",
            "/x/api/v1/order/",
            "/xapi/v1/order",
        ] {
            assert!(!order.ends("GET", path), "{path}");
        }
        assert!(!order.ends("POST", "/api/v1/order"));
        assert!(!order.ends("get", "/api/v1/order"));
    }

    #[test]
    fn a_segment_in_braces_stands_for_one_segment() {
        let one = row("/api/v1/order/{id}");
        assert!(one.is("GET", "/api/v1/order/28"));
        assert!(!one.is("GET", "/api/v1/order/"));
        assert!(!one.is("GET", "/api/v1/order/28/fills"));
        assert_eq!(one.open_segments(), 1);
    }
}
