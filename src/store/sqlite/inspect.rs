//! What a database file says about itself, for whoever looks after it. Only reads.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use super::file::{self, Whose, told};
use super::{OpenError, SqliteStore};

/// What it says.
#[derive(Debug, Clone)]
pub struct SqliteFacts {
    /// The version of the library that this program reads it with.
    pub library: String,
    /// How it is journalled: `wal` is right.
    pub journal_mode: String,
    /// How many migrations this program knows.
    pub migrations: usize,
    /// What is torn, if something is.
    pub damage: Option<String>,
}

impl SqliteStore {
    /// Looks at a file without taking it, also while another process serves it: every page is read.
    pub async fn inspect(path: impl AsRef<Path>) -> Result<SqliteFacts, OpenError> {
        let path = path.as_ref();
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let mut connection = options.connect().await.map_err(|error| told(path, &error))?;
        file::check_library(&mut connection, path).await?;
        if file::recognise(&mut connection, path).await? == Whose::Nobodys {
            return Err(OpenError::Foreign(path.to_path_buf()));
        }
        let damage = match file::check_pages(&mut connection, path).await {
            Ok(()) => None,
            Err(OpenError::Damaged { what, .. }) => Some(what),
            Err(other) => return Err(other),
        };
        let facts = SqliteFacts {
            library: word(&mut connection, path, "SELECT sqlite_version()").await?,
            journal_mode: word(&mut connection, path, "PRAGMA journal_mode").await?,
            migrations: file::MIGRATIONS.iter().count(),
            damage,
        };
        connection.close().await.map_err(|error| told(path, &error))?;
        Ok(facts)
    }
}

async fn word(
    connection: &mut SqliteConnection,
    path: &Path,
    statement: &'static str,
) -> Result<String, OpenError> {
    let row = sqlx::query(statement).fetch_one(connection).await;
    row.and_then(|row| row.try_get(0))
        .map_err(|error| told(path, &error))
}

/// The newest migration that this program knows. Both databases have the same.
pub fn newest_migration() -> i64 {
    let versions = file::MIGRATIONS.iter().map(|migration| migration.version);
    versions.max().unwrap_or_default()
}
