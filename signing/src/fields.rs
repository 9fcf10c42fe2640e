//! The parameters of a request as fields, sorted, and refused where they cannot be signed unambiguously.

use std::borrow::Cow;

use crate::error::{Place, SigningError, shown};
use crate::explain::Rule;

/// What precedes the instruction in a signing string.
pub(crate) const INSTRUCTION: &str = "instruction=";

/// One parameter, decoded, with the rule that says how it is signed. It borrows from the request where nothing had to
/// be decoded.
pub(crate) struct Field<'a> {
    pub(crate) key: Cow<'a, str>,
    pub(crate) value: Cow<'a, str>,
    pub(crate) rule: Rule,
}

/// Fields in runs: one run for a query or an object, one for each order of a batch. Sorted by key inside each.
#[derive(Default)]
pub(crate) struct Runs<'a> {
    fields: Vec<Field<'a>>,
    ends: Vec<usize>,
}

impl<'a> Runs<'a> {
    pub(crate) fn push(&mut self, field: Field<'a>) {
        self.fields.push(field);
    }

    /// Ends a run of body fields.
    ///
    /// # Errors
    /// [`SigningError::DuplicateKey`].
    pub(crate) fn end_object(&mut self, place: Place) -> Result<(), SigningError> {
        let run = self.open();
        // Most bodies arrive sorted, and then without duplicates.
        if !run.is_sorted_by(|a, b| a.key < b.key) {
            run.sort_by(|a, b| a.key.cmp(&b.key));
            let mut pairs = run.iter().zip(run.iter().skip(1));
            if let Some((twice, _)) = pairs.find(|(a, b)| a.key == b.key) {
                let key = shown(&twice.key);
                return Err(SigningError::DuplicateKey { place, key });
            }
        }
        self.ends.push(self.fields.len());
        Ok(())
    }

    /// Ends the run of a query: the values of a repeated key keep their order.
    pub(crate) fn end_query(&mut self) {
        let run = self.open();
        run.sort_by(|a, b| a.key.cmp(&b.key));
        for same in run.chunk_by_mut(|a, b| a.key == b.key) {
            if same.len() > 1 {
                same.iter_mut()
                    .for_each(|field| field.rule = Rule::RepeatedQueryPair);
            }
        }
        self.ends.push(self.fields.len());
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[Field<'a>]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .filter_map(|(start, end)| self.fields.get(start..*end))
    }

    fn open(&mut self) -> &mut [Field<'a>] {
        let start = self.ends.last().copied().unwrap_or_default();
        self.fields.get_mut(start..).unwrap_or_default()
    }
}

/// Whether the signing string uses the name itself.
pub(crate) fn is_reserved(key: &[u8]) -> bool {
    matches!(key, b"instruction" | b"timestamp" | b"window")
}

pub(crate) fn check_key(key: &str, place: Place) -> Result<(), SigningError> {
    if key.is_empty() {
        return Err(SigningError::EmptyKey { place });
    }
    if is_reserved(key.as_bytes()) {
        let key = key.to_owned();
        return Err(SigningError::ReservedKey { place, key });
    }
    if key.contains(['&', '=']) || key.contains(char::is_control) {
        let key = shown(key);
        return Err(SigningError::ForbiddenCharacter { place, key });
    }
    Ok(())
}

pub(crate) fn check_value(key: &str, value: &str, place: Place) -> Result<(), SigningError> {
    if value.contains('&') || value.contains(char::is_control) {
        let key = shown(key);
        return Err(SigningError::ForbiddenCharacter { place, key });
    }
    Ok(())
}
