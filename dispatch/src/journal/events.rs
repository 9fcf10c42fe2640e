//! What happened to the account, numbered, so that a reader who was away can go on where it left.

use sqlx::Row as _;

use super::Journal;
use super::failure::Sql;
use crate::happening::{Happened, Happening};

/// How many are kept.
const KEPT: i64 = 100_000;
/// The oldest are forgotten once so many more are there.
const SLACK: i64 = 1_000;

impl Journal {
    /// The number of the latest; 0 if there is none.
    pub(crate) async fn last_event(&self) -> Sql<i64> {
        self.event_number("SELECT COALESCE(MAX(number), 0) FROM event WHERE account = $1")
            .await
    }

    /// The number of the oldest that is kept; 0 if there is none.
    pub(crate) async fn first_event(&self) -> Sql<i64> {
        self.event_number("SELECT COALESCE(MIN(number), 0) FROM event WHERE account = $1")
            .await
    }

    async fn event_number(&self, sql: &'static str) -> Sql<i64> {
        let number = sqlx::query_scalar(sql).bind(self.account());
        self.read(number.fetch_one(&self.pool)).await
    }

    /// Writes one under its number.
    pub(crate) async fn add_event(&self, number: i64, at_ms: i64, event: &Happening) -> Sql<()> {
        let data = event.data.to_string();
        let values = [
            self.account().into(),
            number.into(),
            at_ms.into(),
            event.name.as_str().into(),
            data.as_str().into(),
        ];
        let sql =
            "INSERT INTO event (account, number, at_ms, name, data) VALUES ($1, $2, $3, $4, $5)";
        self.execute(sql, values).await?;
        if number % SLACK == 0 {
            let sql = "DELETE FROM event WHERE account = $1 AND number <= $2";
            let oldest = number.saturating_sub(KEPT);
            self.execute(sql, [self.account().into(), oldest.into()])
                .await?;
        }
        Ok(())
    }

    /// Those after a number, oldest first, at most so many.
    pub(crate) async fn events_after(&self, number: i64, limit: i64) -> Sql<Vec<Happened>> {
        let rows = sqlx::query(
            "SELECT number, at_ms, name, data FROM event \
             WHERE account = $1 AND number > $2 ORDER BY number LIMIT $3",
        )
        .bind(self.account())
        .bind(number)
        .bind(limit);
        let rows = self.read(rows.fetch_all(&self.pool)).await?;
        let event = |row: &sqlx::any::AnyRow| {
            Ok(Happened {
                number: row.try_get("number")?,
                at_ms: row.try_get("at_ms")?,
                name: row.try_get("name")?,
                data: row.try_get("data")?,
            })
        };
        let events: Result<_, sqlx::Error> = rows.iter().map(event).collect();
        Ok(events?)
    }
}
