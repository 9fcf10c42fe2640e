//! A name with what is taken out of its value: `order#/price`, and `order.price` where a dot may also be part of
//! the name.

/// A named value, and a way into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The name, with its dots.
    pub name: String,
    /// Tokens of a JSON Pointer into the value, unescaped.
    pub pointer: Vec<String>,
}

impl Reference {
    /// Every reading, the longest name first: `a.b` is the value `a.b`, or else the member `b` of `a`.
    pub fn readings(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        let dots = self.name.match_indices('.').map(|(at, _)| at).rev();
        std::iter::once(self.name.len())
            .chain(dots)
            .filter_map(|at| {
                let (name, rest) = self.name.split_at_checked(at)?;
                let inner = rest
                    .strip_prefix('.')
                    .into_iter()
                    .flat_map(|it| it.split('.'));
                let pointer = self.pointer.iter().map(String::as_str);
                (!name.is_empty()).then(|| (name, inner.chain(pointer).collect()))
            })
    }

    /// The first reading whose name is known, with what is known of it.
    pub fn resolve<T>(&self, known: impl Fn(&str) -> Option<T>) -> Option<(T, Vec<&str>)> {
        self.readings()
            .find_map(|(name, pointer)| known(name).map(|found| (found, pointer)))
    }
}
