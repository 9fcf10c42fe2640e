//! JSON Pointers (RFC 6901).
//!
//! ```
//! use bpx_contract::pointer::{escape, join, unescape};
//!
//! assert_eq!(escape("a/b~c"), "a~1b~0c");
//! assert_eq!(join("/paths", "/pets"), "/paths/~1pets");
//! assert_eq!(unescape("~1pets"), "/pets");
//! ```

use std::borrow::Cow;

/// A key as one token of a pointer.
#[must_use]
pub fn escape(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) {
        Cow::Owned(key.replace('~', "~0").replace('/', "~1"))
    } else {
        Cow::Borrowed(key)
    }
}

/// The key that a token of a pointer stands for.
#[must_use]
pub fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(token)
    }
}

/// The pointer to the member `key` of the object at `parent`. Numbers name the items of a list.
#[must_use]
pub fn join(parent: &str, key: &str) -> String {
    format!("{parent}/{}", escape(key))
}
