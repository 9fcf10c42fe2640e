//! Counts over time, in as few columns as a chart has room for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Columns that are kept at most.
const COLUMNS_MAX: usize = 400;
/// Widths of a column, in milliseconds: a second, a minute, ten, an hour, six, a day, a week, and then ever double.
const WIDTHS_MS: [i64; 7] = [
    1_000,
    60_000,
    600_000,
    3_600_000,
    21_600_000,
    86_400_000,
    604_800_000,
];

/// Exchanges and findings by time.
///
/// The columns are as narrow as keeps their number down. A part of the data never needs wider columns than the whole, so
/// the order in which histograms are added does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// Width of a column, in milliseconds.
    pub width_ms: i64,
    /// By the number of widths since 1970.
    pub columns: BTreeMap<i64, Column>,
}

/// One column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Exchanges that began in this time.
    pub exchanges: u64,
    /// Errors and warnings in them.
    pub findings: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            width_ms: WIDTHS_MS[0],
            columns: BTreeMap::new(),
        }
    }
}

impl Histogram {
    /// Counts one exchange with its findings.
    pub fn add(&mut self, at_ms: i64, findings: u64) {
        let column = Column {
            exchanges: 1,
            findings,
        };
        self.add_column(at_ms.div_euclid(self.width_ms), column);
        self.narrow();
    }

    /// Adds another histogram.
    pub fn merge(&mut self, mut other: Self) {
        while self.width_ms < other.width_ms {
            self.widen();
        }
        while other.width_ms < self.width_ms {
            other.widen();
        }
        for (at, column) in other.columns {
            self.add_column(at, column);
        }
        self.narrow();
    }

    fn add_column(&mut self, at: i64, more: Column) {
        let column = self.columns.entry(at).or_default();
        column.exchanges = column.exchanges.saturating_add(more.exchanges);
        column.findings = column.findings.saturating_add(more.findings);
    }

    fn narrow(&mut self) {
        while self.columns.len() > COLUMNS_MAX {
            self.widen();
        }
    }

    /// A multiple of the width before, so that columns fall into columns whole.
    fn widen(&mut self) {
        let wider = WIDTHS_MS.into_iter().find(|width| *width > self.width_ms);
        let wider = wider.unwrap_or_else(|| self.width_ms.saturating_mul(2));
        let factor = (wider / self.width_ms.max(1)).max(1);
        self.width_ms = wider;
        for (at, column) in std::mem::take(&mut self.columns) {
            self.add_column(at.div_euclid(factor), column);
        }
    }
}
