//! Findings that are accepted, each with a reason.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::Error;
use crate::error::read_text;

/// Accepted fingerprints.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    accepted: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    accepted: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    fingerprint: String,
    reason: String,
}

impl Baseline {
    /// Reads TOML, or JSON where the file is so named.
    ///
    /// # Errors
    /// A file that cannot be read; a row without reason; a fingerprint that stands twice.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let (file, text) = read_text(path)?;
        let is_json = path
            .extension()
            .is_some_and(|it| it.eq_ignore_ascii_case("json"));
        let parsed = match is_json {
            true => serde_json::from_str(&text).map_err(|error| error.to_string()),
            false => toml::from_str(&text).map_err(|error| error.to_string()),
        };
        parsed
            .and_then(|file: File| Self::of(file))
            .map_err(|reason| Error::Baseline { file, reason })
    }

    fn of(file: File) -> Result<Self, String> {
        let mut accepted = BTreeMap::new();
        for Row {
            fingerprint,
            reason,
        } in file.accepted
        {
            if reason.trim().is_empty() {
                return Err(format!("`{fingerprint}` has no reason"));
            }
            if accepted.insert(fingerprint.clone(), reason).is_some() {
                return Err(format!("`{fingerprint}` stands twice"));
            }
        }
        Ok(Self { accepted })
    }

    /// Why a finding is accepted, if it is.
    #[must_use]
    pub fn reason(&self, fingerprint: &str) -> Option<&str> {
        self.accepted.get(fingerprint).map(String::as_str)
    }

    /// Every accepted fingerprint with its reason.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &str)> {
        self.accepted
            .iter()
            .map(|(fingerprint, reason)| (fingerprint.as_str(), reason.as_str()))
    }
}
