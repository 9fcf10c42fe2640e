//! The journal: what was meant, what was sent, what came of it. What is not in it is not sent.

mod begin;
mod numbers;
mod open;
mod outcome;
mod timing;

use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row as _};

pub(crate) use begin::{Begun, DayCap, NewIntent, SetClientIds};
pub(crate) use open::sqlite_url;
pub use outcome::Closing;

use timing::Watchers;

type Sql<T> = Result<T, sqlx::Error>;

/// The journal of one account, as one instance of this crate writes it.
#[derive(Debug)]
pub(crate) struct Journal {
    pool: AnyPool,
    is_sqlite: bool,
    account: String,
    owner: String,
    watchers: Watchers,
}

/// One intent as it stands in the journal.
#[derive(Debug, Clone)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) operation: String,
    pub(crate) arguments_hash: String,
    pub(crate) arguments: String,
    pub(crate) at_ms: i64,
}

const BEGIN: &str = "BEGIN IMMEDIATE";
const INTENT: &str = "id, owner, operation, arguments_hash, arguments, at_ms";

impl Intent {
    fn read(row: &AnyRow) -> Sql<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            owner: row.try_get("owner")?,
            operation: row.try_get("operation")?,
            arguments_hash: row.try_get("arguments_hash")?,
            arguments: row.try_get("arguments")?,
            at_ms: row.try_get("at_ms")?,
        })
    }
}

impl Journal {
    /// The account's name in the journal: a fingerprint of its public key.
    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    /// The intents that have no final outcome, oldest first.
    pub(crate) async fn unsettled(&self) -> Sql<Vec<Intent>> {
        let sql = format!(
            "SELECT {INTENT} FROM intent WHERE account = $1 AND is_settled = 0 ORDER BY id"
        );
        let rows = sqlx::query(&sql)
            .bind(&self.account)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(Intent::read).collect()
    }

    /// The intent with this idempotency key.
    pub(crate) async fn find_key(&self, key: &str) -> Sql<Option<Intent>> {
        let sql =
            format!("SELECT {INTENT} FROM intent WHERE account = $1 AND idempotency_key = $2");
        let row = sqlx::query(&sql)
            .bind(&self.account)
            .bind(key)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(Intent::read).transpose()
    }

    /// The intent with this id.
    pub(crate) async fn find(&self, intent: &str) -> Sql<Option<Intent>> {
        let sql = format!("SELECT {INTENT} FROM intent WHERE account = $1 AND id = $2");
        let row = sqlx::query(&sql)
            .bind(&self.account)
            .bind(intent)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(Intent::read).transpose()
    }

    /// Lets go of what a settled call is known again by, unless that is its caller's own key.
    pub(crate) async fn reported(&self, intent: &str) -> Sql<()> {
        sqlx::query(
            "UPDATE intent SET idempotency_key = NULL \
             WHERE account = $1 AND id = $2 AND is_settled = 1 AND idempotency_key LIKE ' %'",
        )
        .bind(&self.account)
        .bind(intent)
        .execute(&self.pool)
        .await
        .map(drop)
    }

    /// Lets go of a key: whoever had it is not known again by it.
    pub(crate) async fn forget(&self, key: &str) -> Sql<()> {
        sqlx::query(
            "UPDATE intent SET idempotency_key = NULL WHERE account = $1 AND idempotency_key = $2",
        )
        .bind(&self.account)
        .bind(key)
        .execute(&self.pool)
        .await
        .map(drop)
    }

    /// Takes an intent over from an instance that is gone.
    pub(crate) async fn take_over(&self, intent: &str) -> Sql<()> {
        sqlx::query("UPDATE intent SET owner = $1 WHERE id = $2")
            .bind(&self.owner)
            .bind(intent)
            .execute(&self.pool)
            .await
            .map(drop)
    }

    /// Writes that the request is about to leave. It fails a second time, and where somebody else has taken the intent
    /// over meanwhile.
    pub(crate) async fn sent(&self, intent: &str, at_ms: i64) -> Sql<()> {
        let insert = sqlx::query(
            "INSERT INTO sent (intent, attempt, at_ms) \
             SELECT id, 1, $1 FROM intent WHERE id = $2 AND owner = $3 AND is_settled = 0",
        )
        .bind(at_ms)
        .bind(intent)
        .bind(&self.owner)
        .execute(&self.pool);
        let done = self.timed(insert).await?;
        match done.rows_affected() {
            1 => Ok(()),
            _ => Err(sqlx::Error::Protocol(
                "the intent is not this process's any more".to_owned(),
            )),
        }
    }

    /// When the request was about to leave, if it came that far.
    pub(crate) async fn sent_at(&self, intent: &str) -> Sql<Option<i64>> {
        sqlx::query_scalar("SELECT at_ms FROM sent WHERE intent = $1")
            .bind(intent)
            .fetch_optional(&self.pool)
            .await
    }

    /// Writes something, to see whether it can be done.
    pub(crate) async fn probe(&self, at_ms: i64) -> Sql<()> {
        let upsert = sqlx::query(
            "INSERT INTO probe (account, at_ms) VALUES ($1, $2) \
             ON CONFLICT (account) DO UPDATE SET at_ms = excluded.at_ms",
        )
        .bind(&self.account)
        .bind(at_ms)
        .execute(&self.pool);
        self.timed(upsert).await.map(drop)
    }

    /// A transaction that may write from its first statement on: in SQLite, one that began by reading could fail.
    async fn begin_writing(&self) -> Sql<sqlx::Transaction<'static, sqlx::Any>> {
        if !self.is_sqlite {
            return self.pool.begin().await;
        }
        let begun = self.pool.begin_with(BEGIN).await;
        if begun.is_ok() {
            return begun;
        }
        // After a full disk, SQLite has rolled back by itself, and the connection still counts a transaction. Another
        // connection does not.
        self.pool.acquire().await?.close().await?;
        self.pool.begin_with(BEGIN).await
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[tokio::test]
    async fn the_files_are_its_owners_whatever_the_folder_and_the_file_allowed() {
        use std::fs::{Permissions, metadata, set_permissions, write};
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let path = folder.path().join("a journal.sqlite");
        write(&path, "").unwrap();
        set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let url = sqlite_url(&path);
        let opened = Journal::open(&url, "a".to_owned(), "o".to_owned());
        let journal = opened.await.unwrap();
        for end in ["", "-wal", "-shm"] {
            let file = format!("{}{end}", path.display());
            let mode = metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        journal.close().await;
    }

    #[tokio::test]
    async fn a_journal_writes_again_once_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let url = sqlite_url(&folder.path().join("journal.sqlite"));
        let journal = Journal::open(&url, "account".to_owned(), "owner".to_owned());
        let journal = journal.await.unwrap();
        // The same error as that of a full disk, for as long as this connection lives.
        let full = sqlx::query("PRAGMA max_page_count = 1").execute(&journal.pool);
        full.await.unwrap();
        let write = async |account: String| {
            let mut transaction = journal.begin_writing().await?;
            sqlx::query("INSERT INTO probe (account, at_ms) VALUES ($1, 1)")
                .bind(account)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        };
        let failed = write("x".repeat(1 << 20)).await.unwrap_err();
        assert!(failed.to_string().contains("full"), "{failed}");
        for account in ["one", "two"] {
            write(account.to_owned()).await.unwrap();
        }
    }
}
