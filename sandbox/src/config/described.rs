//! Operations that this exchange has no model of, as a document describes them.

/// An operation that is answered with an example, once its signature is verified. It counts only where the exchange has
/// no operation of its own at the same method and path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedOperation {
    /// Its method, in upper case.
    pub method: String,
    /// Its path; a segment in braces matches any.
    pub path: String,
    /// The instruction that opens its signing string; `None` for a public operation.
    pub instruction: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The body of the answer; empty for none.
    pub body: String,
    /// Its media type.
    pub media: String,
}

impl DescribedOperation {
    /// Whether a request is meant for it.
    pub(crate) fn matches(&self, method: &str, path: &str) -> bool {
        let (own, given) = (self.path.split('/'), path.split('/'));
        let is_like = |(own, given): (&str, &str)| own == given || own.starts_with('{');
        self.method == method
            && own.clone().count() == given.clone().count()
            && own.zip(given).all(is_like)
    }
}
