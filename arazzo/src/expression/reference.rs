//! A name with what is taken out of its value: `order#/price`, and `order.price` where a dot may also be part of
//! the name.

/// So many dots are tried as part of a name or as its end.
const DOTS_MAX: usize = 64;

/// A named value, and a way into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The name, with its dots.
    pub name: String,
    /// Tokens of a JSON Pointer into the value, unescaped.
    pub pointer: Vec<String>,
}

impl Reference {
    /// Every reading of the name, the longest first: `a.b` is the value `a.b`, or else the member `b` of `a`.
    fn readings(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let dots = self.name.rmatch_indices('.').map(|(at, _)| at);
        let shorter = dots.filter_map(|at| {
            let (name, rest) = self.name.split_at_checked(at)?;
            (!name.is_empty()).then_some((name, rest.strip_prefix('.')))
        });
        std::iter::once((self.name.as_str(), None)).chain(shorter.take(DOTS_MAX))
    }

    /// The names it may mean, the longest first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.readings().map(|(name, _)| name)
    }

    /// The first reading whose name is known, with what is known of it and the way into it.
    pub fn resolve<T>(&self, known: impl Fn(&str) -> Option<T>) -> Option<(T, Vec<&str>)> {
        self.readings().find_map(|(name, rest)| {
            let found = known(name)?;
            let inner = rest.into_iter().flat_map(|it| it.split('.'));
            let pointer = self.pointer.iter().map(String::as_str);
            Some((found, inner.chain(pointer).collect()))
        })
    }
}
