//! JSON Pointer (RFC 6901).

/// A name as one segment of a pointer, without the slash before it.
#[must_use]
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
