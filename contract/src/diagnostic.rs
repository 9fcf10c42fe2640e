//! What is wrong with a contract, where, and what to do about it.

use std::fmt;

use serde::Serialize;

/// A position inside one contract file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file as the caller named it.
    pub file: String,
    /// JSON Pointer (RFC 6901) of the offending value; empty for the whole document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// One-based line, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

impl Place {
    /// The whole file.
    pub fn file(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            pointer: None,
            line: None,
        }
    }

    /// A value inside the file.
    pub fn at(file: impl Into<String>, pointer: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            pointer: Some(pointer.into()),
            line: None,
        }
    }

    /// A line inside the file.
    pub fn line(file: impl Into<String>, line: usize) -> Self {
        Self {
            file: file.into(),
            pointer: None,
            line: Some(line),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(pointer) = &self.pointer {
            write!(f, "#{pointer}")?;
        }
        Ok(())
    }
}

/// One fault: problem, place and fix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where it is.
    pub place: Place,
    /// What is wrong, in one sentence.
    pub problem: String,
    /// What to change, in one sentence.
    pub fix: String,
}

impl Diagnostic {
    /// A fault at `place`.
    pub fn new(place: Place, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            place,
            problem: problem.into(),
            fix: fix.into(),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "error: {}\n   at: {}\n  fix: {}",
            self.problem, self.place, self.fix
        )
    }
}

/// Every fault a pass found, in the order of their places.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// A single fault.
    pub fn one(place: Place, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self(vec![Diagnostic::new(place, problem, fix)])
    }

    /// `Ok(value)` when nothing was found, otherwise the sorted, deduplicated faults.
    ///
    /// # Errors
    /// The faults, if there are any.
    pub fn or<T>(mut faults: Vec<Diagnostic>, value: T) -> Result<T, Self> {
        if faults.is_empty() {
            return Ok(value);
        }
        faults.sort();
        faults.dedup();
        Err(Self(faults))
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}
