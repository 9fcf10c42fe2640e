//! How findings are judged: severities of one's own, and what is left out.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Error;
use crate::error::read_text;
use crate::rules::{Rule, Severity};

/// Severities that differ from those of the [`Rule`] table, and what is left out. A report carries them, and reports with
/// different ones are not merged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    severity: BTreeMap<Rule, Severity>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ignored: Vec<Ignore>,
}

/// What is left out: with a rule, its findings in the interactions that are selected; without one, these interactions.
/// Text of the form `KEY=VALUE,…`; `*` in operations, paths and hosts stands for any text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Selectors", into = "Selectors")]
pub struct Ignore {
    selectors: Selectors,
    operation: Option<glob::Pattern>,
    path: Option<glob::Pattern>,
    host: Option<glob::Pattern>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Selectors {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<Rule>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<String>,
}

/// What an interaction is selected by.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Exchange<'a> {
    pub(crate) operation: &'a str,
    pub(crate) path: &'a str,
    pub(crate) host: Option<&'a str>,
    pub(crate) status: Option<u16>,
}

impl Settings {
    /// Reads TOML: a table `[severity]` with a severity by rule, and tables `[[ignored]]`.
    ///
    /// # Errors
    /// A file that cannot be read; a rule, severity or selector that does not exist.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let (file, text) = read_text(path)?;
        toml::from_str(&text).map_err(|error| Error::Settings {
            file,
            reason: error.to_string(),
        })
    }

    /// Leaves out more.
    #[must_use]
    pub fn ignoring(mut self, more: impl IntoIterator<Item = Ignore>) -> Self {
        self.ignored.extend(more);
        self
    }

    /// How much findings of this rule matter.
    #[must_use]
    pub fn severity(&self, rule: Rule) -> Severity {
        let own = self.severity.get(&rule).copied();
        own.unwrap_or_else(|| rule.severity())
    }

    /// What is left out of an interaction: the rules, or `None` for no rule, which leaves out all of it.
    pub(crate) fn ignored(&self, exchange: Exchange<'_>) -> impl Iterator<Item = Option<Rule>> {
        let covering = self.ignored.iter().filter(move |it| it.covers(exchange));
        covering.map(|it| it.selectors.rule)
    }
}

impl Ignore {
    fn covers(&self, exchange: Exchange<'_>) -> bool {
        let fits = |pattern: &Option<glob::Pattern>, text: Option<&str>| {
            pattern
                .as_ref()
                .is_none_or(|it| text.is_some_and(|text| it.matches(text)))
        };
        fits(&self.operation, Some(exchange.operation))
            && fits(&self.path, Some(exchange.path))
            && fits(&self.host, exchange.host)
            && self.has_status(exchange.status)
    }

    fn has_status(&self, status: Option<u16>) -> bool {
        let Some(wanted) = &self.selectors.status else {
            return true;
        };
        let status = status.map(|it| it.to_string()).unwrap_or_default();
        match wanted.strip_suffix("XX") {
            Some(class) => status.starts_with(class),
            None => status == *wanted,
        }
    }
}

impl FromStr for Ignore {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut members = Map::new();
        for part in text.split(',') {
            let (key, value) = part
                .split_once('=')
                .ok_or_else(|| format!("`{part}` is not KEY=VALUE"))?;
            if members.insert(key.to_owned(), value.into()).is_some() {
                return Err(format!("`{key}` stands twice"));
            }
        }
        serde_json::from_value(Value::Object(members)).map_err(|error| error.to_string())
    }
}

impl TryFrom<Selectors> for Ignore {
    type Error = String;

    fn try_from(selectors: Selectors) -> Result<Self, String> {
        if selectors == Selectors::default() {
            return Err("nothing selects: name a rule, operation, path, host or status".to_owned());
        }
        if let Some(status) = &selectors.status {
            let class = status.strip_suffix("XX").unwrap_or(status);
            let is_number = class.bytes().all(|it| it.is_ascii_digit());
            if !is_number || status.len() != 3 {
                return Err(format!("`{status}` is not a status: write 503 or 5XX"));
            }
        }
        let pattern = |text: &Option<String>| {
            let text = text.as_deref();
            let pattern = text.map(|text| glob::Pattern::new(text).map_err(|it| it.to_string()));
            pattern.transpose()
        };
        Ok(Self {
            operation: pattern(&selectors.operation)?,
            path: pattern(&selectors.path)?,
            host: pattern(&selectors.host)?,
            selectors,
        })
    }
}

impl From<Ignore> for Selectors {
    fn from(ignore: Ignore) -> Self {
        ignore.selectors
    }
}
