//! Unions that nothing but the shape of a value tells apart.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A value, and the arm that keeps most of it.
///
/// The first arm that fits is not always right: `{"a": 1, "b": 2}` fits an arm that knows `a` alone, and would lose `b`.
/// Here every arm is tried, and the one wins that writes back the most of what was read; of equals, the first.
///
/// ```
/// use bpx_runtime::{Untagged, serde, serde_json};
/// use serde::{Deserialize, Deserializer, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Small { a: i64 }
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Large { a: i64, b: i64 }
/// #[derive(Debug, PartialEq)]
/// enum Either { Small(Small), Large(Large) }
///
/// impl<'de> Deserialize<'de> for Either {
///     fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
///         Untagged::read(deserializer)?.arm(Self::Small).arm(Self::Large).best("Either")
///     }
/// }
///
/// let either: Either = serde_json::from_str(r#"{"a":1,"b":2}"#)?;
/// assert_eq!(either, Either::Large(Large { a: 1, b: 2 }));
/// # Ok::<(), bpx_runtime::serde_json::Error>(())
/// ```
#[derive(Debug)]
pub struct Untagged<U> {
    value: Value,
    best: Option<(usize, U)>,
    reasons: Vec<String>,
}

impl<U> Untagged<U> {
    /// Reads the value.
    ///
    /// # Errors
    /// What is not JSON.
    pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self {
            value: Value::deserialize(deserializer)?,
            best: None,
            reasons: Vec::new(),
        })
    }

    /// Tries an arm.
    #[must_use]
    pub fn arm<T: Serialize + DeserializeOwned>(mut self, variant: fn(T) -> U) -> Self {
        match T::deserialize(&self.value) {
            Err(error) => self.reasons.push(error.to_string()),
            Ok(arm) => {
                let kept = serde_json::to_value(&arm).map_or(0, |back| kept(&self.value, &back));
                if self.best.as_ref().is_none_or(|(most, _)| kept > *most) {
                    self.best = Some((kept, variant(arm)));
                }
            }
        }
        self
    }

    /// The arm that keeps most.
    ///
    /// # Errors
    /// No arm fits; the reasons of each.
    pub fn best<E: Error>(self, name: &str) -> Result<U, E> {
        let reasons = self.reasons;
        self.best.map(|(_, arm)| arm).ok_or_else(|| {
            E::custom(format!(
                "the value fits no arm of {name}: {}",
                reasons.join("; ")
            ))
        })
    }
}

/// How many values of `read` are in `back` at the same place.
fn kept(read: &Value, back: &Value) -> usize {
    match (read, back) {
        (Value::Object(read), Value::Object(back)) => {
            let members = read.iter();
            let each =
                members.map(|(key, value)| back.get(key).map_or(0, |back| kept(value, back)));
            1 + each.sum::<usize>()
        }
        (Value::Array(read), Value::Array(back)) => {
            1 + read
                .iter()
                .zip(back)
                .map(|(read, back)| kept(read, back))
                .sum::<usize>()
        }
        (read, back) => usize::from(read == back),
    }
}
