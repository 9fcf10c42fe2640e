//! The path to the field that could not be read.

use std::cell::Cell;

use serde::de::DeserializeOwned;
use serde_json::Deserializer;
use serde_path_to_error::Path;

use crate::text::bounded;

thread_local! {
    /// Whether this is the second reading: tagged unions track paths in texts of their own, and keep arms that do not fit.
    static TRACKING: Cell<bool> = const { Cell::new(false) };
}

/// Reads JSON; the reason of a failure begins with the path to the field.
///
/// A tagged object that does not fit its arm is kept whole, like one whose tag is unknown: one odd member must not cost
/// the caller the identifiers beside it.
///
/// Tracking costs an allocation per field, so it is done in a second reading, once the first has failed. The second is
/// announced to the arms inside: if each of them made its own, nested unions would be read exponentially often.
pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    read_quickly(json).ok_or(()).or_else(|()| {
        let outer = TRACKING.replace(true);
        let value = read_tracking(json);
        TRACKING.set(outer);
        value
    })
}

/// UTF-8 is checked once over the whole text: string by string, as from bytes, it takes a third of the time.
fn read_quickly<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_str(std::str::from_utf8(json).ok()?).ok()
}

fn read_tracking<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    let mut reader = Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| at_path(error.path(), &bounded(&error.inner().to_string())))?;
    reader.end().map_err(|error| bounded(&error.to_string()))?;
    Ok(value)
}

/// Whether a first reading has failed: failures are shown with their path, and what cannot be read is kept where it can.
pub(crate) fn is_tracking() -> bool {
    TRACKING.get()
}

/// `[3].price: reason`, or the bare reason where the fault is the whole value.
pub(crate) fn at_path(path: &Path, reason: &str) -> String {
    if path.iter().next().is_none() {
        return reason.to_owned();
    }
    format!("{}: {reason}", bounded(&path.to_string()))
}
