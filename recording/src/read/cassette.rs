//! Files of a few interactions, read whole: VCR cassettes and their kin, WireMock mappings, Hoverfly simulations.

use std::io::Read;

use serde_json::value::RawValue;

use super::beside::Beside;
use super::raw::{Object, at, object};
use super::{Entry, Fault, FaultKind, Recorded, See, hoverfly, tree, vcr, wiremock};
use crate::Location;

/// Reads one interaction.
type ReadEntry = for<'a> fn(&'a RawValue, Beside<'_>) -> Entry<'a>;

/// Where a file keeps its interactions, and who reads them.
const FORMATS: [(&str, ReadEntry); 4] = [
    ("http_interactions", vcr::entry),
    ("interactions", vcr::entry),
    ("mappings", wiremock::entry),
    ("data/pairs", hoverfly::entry),
];

/// Reads a file of any of these formats.
pub(super) fn read(
    name: &str,
    beside: Beside<'_>,
    bytes: impl Read,
    see: &mut See<'_>,
) -> Result<(), Fault> {
    let text = tree::read(bytes)?;
    let root = object(text.get()).unwrap_or_default();
    if let Some(refused) = super::kind::refused(&|key| root.contains_key(key)) {
        return Err(refused.fault());
    }
    let (list, read) = interactions(&text, &root)
        .ok_or_else(|| Fault::new(FaultKind::Unrecognised, "a file without interactions"))?;
    for (interaction, number) in list.into_iter().zip(1..) {
        let entry = read(interaction, beside).map(Recorded::from);
        see(Location::entry(name, number), entry.into());
    }
    Ok(())
}

fn interactions<'a>(
    text: &'a RawValue,
    root: &Object<'a>,
) -> Option<(Vec<&'a RawValue>, ReadEntry)> {
    let list = |raw: &'a RawValue| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok();
    if let Some(list) = list(text) {
        // Of Ruby's VCR before version 2.
        return Some((list, vcr::entry));
    }
    let mut known = FORMATS.iter();
    if let Some(found) = known.find_map(|(path, read)| Some((list(at(root, path)?)?, *read))) {
        return Some(found);
    }
    root.contains_key("request")
        .then(|| (vec![text], wiremock::entry as ReadEntry))
}
