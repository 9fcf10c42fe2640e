//! What the journal says, read as a file and not through the program that wrote it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};
use tokio::runtime::Handle;

use crate::common::exchange::Exchange;
use crate::plan::Call;

/// Where a call stands, by what is written of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    BeforeIntent,
    BeforeOutcome,
    AfterOutcome,
    Again,
}

impl Step {
    pub(crate) const ALL: [Self; 4] = [
        Self::BeforeIntent,
        Self::BeforeOutcome,
        Self::AfterOutcome,
        Self::Again,
    ];

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::BeforeIntent => "before the intent",
            Self::BeforeOutcome => "after the intent, before the outcome",
            Self::AfterOutcome => "after the outcome, before it was reported",
            Self::Again => "when the call was made again",
        }
    }
}

const STEP: &str = "SELECT (SELECT COUNT(*) FROM outcome WHERE intent = id) AS ended \
                    FROM intent WHERE idempotency_key = $1";
const LATEST: &str = "SELECT i.id, o.kind, o.order_ids FROM intent i JOIN outcome o ON o.intent = i.id \
                      WHERE o.number = (SELECT MAX(number) FROM outcome WHERE intent = i.id) \
                      AND i.operation <> 'cancel_open_orders'";

/// The journal's file, and what the program reported of its calls.
pub(crate) struct Journal {
    path: PathBuf,
    runtime: Handle,
    reported: BTreeSet<String>,
}

impl Journal {
    pub(crate) fn new(exchange: &Exchange) -> Self {
        Self {
            path: exchange.state.path().join("journal.sqlite"),
            runtime: exchange.runtime.handle().clone(),
            reported: BTreeSet::new(),
        }
    }

    /// Opened anew each time, so that no lock of its own is ever in the program's way. Without a journal there are none.
    fn rows(&self, sql: &'static str, key: Option<String>) -> Vec<SqliteRow> {
        if !self.path.exists() {
            return Vec::new();
        }
        let options = SqliteConnectOptions::new().filename(&self.path);
        self.runtime.block_on(async {
            let mut connection: SqliteConnection = options.connect().await.unwrap();
            let query = sqlx::query(sql);
            let query = match key {
                Some(key) => query.bind(key),
                None => query,
            };
            let rows = query.fetch_all(&mut connection).await.unwrap();
            connection.close().await.unwrap();
            rows
        })
    }

    pub(crate) fn step(&self, call: &Call) -> Step {
        let rows = self.rows(STEP, Some(call.key()));
        let Some(row) = rows.first() else {
            return Step::BeforeIntent;
        };
        match row.get::<i64, _>("ended") {
            0 => Step::BeforeOutcome,
            _ => Step::AfterOutcome,
        }
    }

    /// Takes the orders that the program reported.
    pub(crate) fn reported(&mut self, orders: Vec<String>) {
        self.reported.extend(orders);
    }

    /// Identifiers of the orders that it calls placed.
    pub(crate) fn placed(&self) -> BTreeSet<String> {
        let rows = self.rows(LATEST, None);
        let done = rows
            .iter()
            .filter(|row| row.get::<String, _>("kind") == "done");
        let ids = done.map(|row| row.get::<String, _>("order_ids"));
        let split = |ids: String| {
            ids.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        ids.flat_map(split).collect()
    }

    /// How many of them the program did not report, or reported otherwise.
    pub(crate) fn untold(&self) -> usize {
        self.placed().symmetric_difference(&self.reported).count()
    }

    /// Calls that place orders and have no final outcome.
    pub(crate) fn unresolved(&self) -> usize {
        self.rows(
            "SELECT id FROM intent WHERE is_settled = 0 AND operation <> 'cancel_open_orders'",
            None,
        )
        .len()
    }
}
