//! The tables of a journal, and their versions.

use std::borrow::Cow;

use sqlx::error::BoxDynError;
use sqlx::migrate::{Migration, MigrationSource, MigrationType};

const MIGRATIONS: [(i64, &str, &str); 3] = [
    (1, "journal", include_str!("../../migrations/1_journal.sql")),
    (2, "room", include_str!("../../migrations/2_room.sql")),
    (3, "event", include_str!("../../migrations/3_event.sql")),
];

/// The migrations, which are part of the program.
#[derive(Debug)]
pub(super) struct Migrations;

impl MigrationSource<'static> for Migrations {
    fn resolve(
        self,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Vec<Migration>, BoxDynError>> + Send>> {
        let migration = |(version, name, sql)| {
            Migration::new(
                version,
                Cow::Borrowed(name),
                MigrationType::Simple,
                Cow::Borrowed(sql),
                false,
            )
        };
        Box::pin(async move { Ok(MIGRATIONS.map(migration).into()) })
    }
}
