//! Where a parameter travels.

/// Where a parameter travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Location {
    Query,
    Header,
    Path,
    Cookie,
    /// A part of a `multipart/form-data` body.
    Part,
}

impl Location {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Query, "query"),
        (Self::Header, "header"),
        (Self::Path, "path"),
        (Self::Cookie, "cookie"),
        (Self::Part, "part"),
    ];

    /// The document's spelling of `in`.
    pub fn as_str(self) -> &'static str {
        let found = Self::ALL.into_iter().find(|(this, _)| *this == self);
        found.map_or("query", |(_, name)| name)
    }

    /// The location that a document spells so.
    pub fn parse(name: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(_, known)| *known == name);
        found.map(|(this, _)| this)
    }
}
