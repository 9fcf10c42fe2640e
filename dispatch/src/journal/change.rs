//! What is written to the journal: each change whole, or not at all.

use std::time::Duration;

use sqlx::{AnyConnection, AnyPool, Connection as _};
use tokio::time::timeout;

use super::failure::{Failure, Sql};
use super::{Journal, Names};

/// How long a database server may take for one change, or one read. SQLite has a bound of its own, on waiting for another
/// process.
pub(super) const RESPONSE_MAX: Duration = Duration::from_secs(10);

/// Statements that are committed together.
pub(super) trait Change: Send + Sync + 'static {
    /// What came of them.
    type Made: Send + 'static;

    /// Runs the statements. It may be called a second time, after all of the first was undone.
    fn make(
        &self,
        names: &Names,
        connection: &mut AnyConnection,
    ) -> impl Future<Output = Sql<Self::Made>> + Send;

    /// Whether what was written is to stay.
    fn stays(_: &Self::Made) -> bool {
        true
    }
}

/// A change of one statement; how many rows it changed.
pub(super) struct Statement {
    pub(super) sql: &'static str,
    pub(super) values: Vec<Value>,
}

/// What is bound to a statement.
pub(super) enum Value {
    Text(String),
    Number(i64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl Change for Statement {
    type Made = u64;

    async fn make(&self, _: &Names, connection: &mut AnyConnection) -> Sql<u64> {
        let query = self
            .values
            .iter()
            .fold(sqlx::query(self.sql), |query, value| match value {
                Value::Text(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
            });
        Ok(query.execute(connection).await?.rows_affected())
    }
}

impl Journal {
    /// Makes a change; it is durable when this returns.
    pub(super) async fn write<C: Change>(&self, change: C) -> Sql<C::Made> {
        match &self.writer {
            Some(writer) => writer.write(change).await,
            None => within(alone(&change, &self.names, &self.pool)).await,
        }
    }

    pub(super) async fn execute<const N: usize>(
        &self,
        sql: &'static str,
        values: [Value; N],
    ) -> Sql<()> {
        let values = values.into();
        self.write(Statement { sql, values }).await.map(drop)
    }

    /// Reads what is committed.
    pub(super) async fn read<T>(
        &self,
        read: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Sql<T> {
        within(async { Ok(read.await?) }).await
    }
}

async fn within<T>(work: impl Future<Output = Sql<T>>) -> Sql<T> {
    let slow = |_| Failure::Slow(RESPONSE_MAX.as_secs());
    timeout(RESPONSE_MAX, work).await.map_err(slow)?
}

async fn alone<C: Change>(change: &C, names: &Names, pool: &AnyPool) -> Sql<C::Made> {
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    let made = change.make(names, &mut transaction).await?;
    match C::stays(&made) {
        true => transaction.commit().await?,
        false => transaction.rollback().await?,
    }
    Ok(made)
}
