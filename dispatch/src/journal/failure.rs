//! Why the journal could not be read or written.

use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

/// One failure may concern several changes that were to share a commit.
#[derive(Debug, Clone, Error)]
pub(crate) enum Failure {
    /// The database's error.
    #[error("{0}")]
    Sql(Arc<sqlx::Error>),
    /// A file of the journal is not the one that was opened.
    #[error("{} was deleted, renamed or replaced while it was open", .0.display())]
    Moved(PathBuf),
    /// No response in time.
    #[error("the database did not respond within {0} s")]
    Slow(u64),
    /// It was closed.
    #[error("the journal is closed")]
    Closed,
}

pub(super) type Sql<T> = Result<T, Failure>;

impl Failure {
    pub(super) fn protocol(problem: impl Into<String>) -> Self {
        sqlx::Error::Protocol(problem.into()).into()
    }

    /// What to do about it.
    pub(crate) fn fix(&self) -> &'static str {
        match self {
            Self::Moved(_) => {
                "put the file back; or stop every process that uses it, look at the open orders, and start again: \
                 a new journal knows nothing of earlier calls"
            }
            _ => "check the disk or server of the journal",
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(Arc::new(error))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        sqlx::Error::Io(error).into()
    }
}
