//! Opening the file, for serving it or for reading alone, and what can stand in the way.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Row as _};

use super::file::{self, Whose, told};
use super::gathering::Gathering;
use super::readers::Readers;
use super::writer::Writer;
use super::{SqliteStore, due};
use crate::store::migrations::Standing;

/// How a database file is served. The default is right for one service on one machine.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// How many connections read at the same time.
    pub readers: u32,
    /// How many writes may wait for the writer before callers have to wait themselves.
    pub queue: usize,
    /// How long a write waits for a place among them, before it is refused with nothing done.
    pub patience: Duration,
    /// How many writes one commit takes at most.
    pub batch: usize,
    /// How many pages of 4096 bytes the file may grow to; nothing means as many as the disk has.
    pub pages_max: Option<u32>,
    /// Whether every page is looked at before the file is served. It takes longer the larger the file is.
    pub check: bool,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            queue: 512,
            patience: Duration::from_secs(1),
            batch: 64,
            pages_max: None,
            check: true,
        }
    }
}

/// Why a database file is not served.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The program was linked with a library that can lose commits.
    #[error("SQLite {found} can lose commits; at least 3.51.3 is needed")]
    OldLibrary {
        /// Its version.
        found: String,
    },
    /// Another process serves the file. It is served by one process at a time: use that one's API, or stop it.
    #[error("`{}` is served by another process (it holds `{}`)", path.display(), lock.display())]
    InUse {
        /// The database file.
        path: PathBuf,
        /// The lock file beside it.
        lock: PathBuf,
    },
    /// The file is something else, and is left as it is.
    #[error("`{}` is not a database of Changeover", .0.display())]
    Foreign(PathBuf),
    /// The file was written by a newer program.
    #[error("`{}` was written by a newer version of Changeover (it has migration {migration})", path.display())]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The newest migration that this program does not know.
        migration: i64,
    },
    /// A migration was begun and did not end.
    #[error("migration {migration} of `{}` was begun and did not end; restore the file from a backup", path.display())]
    HalfMigrated {
        /// The database file.
        path: PathBuf,
        /// The migration.
        migration: i64,
    },
    /// The file was written by an older program, and reading alone cannot bring it up to date.
    #[error("`{}` was written by an older version of Changeover; serve it once, then read it", .0.display())]
    Older(PathBuf),
    /// The file is torn, or its tables are not what the program made. Restore it from a backup.
    #[error("`{}` is damaged: {what}", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// The file cannot be reached.
    #[error("`{}` cannot be opened: {why}", path.display())]
    Unreachable {
        /// The database file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
}

impl SqliteStore {
    /// Serves a database file: makes it if there is none, brings its tables up to date, and keeps every other process from
    /// serving it until the store is closed or the process ends.
    ///
    /// Must be called within a Tokio runtime, in which the writer then runs.
    pub async fn open(path: impl AsRef<Path>, options: &SqliteOptions) -> Result<Self, OpenError> {
        let path = file::make(path.as_ref())?;
        let lock = file::lock(&path)?;
        let told = |error: sqlx::Error| told(&path, &error);
        let mut connect = SqliteConnectOptions::new().filename(&path);
        if let Some(pages) = options.pages_max {
            connect = connect.pragma("max_page_count", pages.to_string());
        }
        let mut connection = connect.connect().await.map_err(told)?;
        file::check_library(&mut connection, &path).await?;
        if file::recognise(&mut connection, &path).await? == Whose::Nobodys {
            // Before any table: a file is ours even if the power fails between this and its first table.
            execute(&mut connection, "PRAGMA application_id = 1128812374")
                .await
                .map_err(told)?;
        }
        prepare(&mut connection).await.map_err(told)?;
        if options.check {
            file::check_pages(&mut connection, &path).await?;
        }
        file::check_migrations(&mut connection, &path).await?;
        file::MIGRATIONS
            .run(&mut connection)
            .await
            .map_err(|error| not_migrated(&path, error))?;
        // The lock is ours: whoever held a lease is gone, and its subject need not wait for the lease to run out.
        due::take_back(&mut connection).await.map_err(told)?;
        let readers = readers(connect.create_if_missing(false), options.readers)
            .await
            .map_err(told)?;
        Ok(Self {
            gathering: Gathering::of(Arc::clone(&readers)),
            readers,
            writer: Some(Writer::start(connection, lock, options)),
        })
    }

    /// Opens a database file for reading alone, also while another process serves it. Every verb that writes answers that
    /// the store is unavailable.
    pub async fn read_only(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref().to_path_buf();
        let told = |error: sqlx::Error| told(&path, &error);
        let connect = SqliteConnectOptions::new().filename(&path).read_only(true);
        let mut connection = connect.connect().await.map_err(told)?;
        file::check_library(&mut connection, &path).await?;
        if file::recognise(&mut connection, &path).await? == Whose::Nobodys {
            return Err(OpenError::Foreign(path));
        }
        if file::check_migrations(&mut connection, &path).await? == Standing::Behind {
            return Err(OpenError::Older(path));
        }
        let readers = readers(connect, SqliteOptions::default().readers)
            .await
            .map_err(told)?;
        Ok(Self {
            gathering: Gathering::of(Arc::clone(&readers)),
            readers,
            writer: None,
        })
    }
}

/// A commit is on the disk before it is answered, and readers never wait for the writer.
async fn prepare(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mode: String = sqlx::query("PRAGMA journal_mode = WAL")
        .fetch_one(&mut *connection)
        .await?
        .try_get(0)?;
    if mode != "wal" {
        return Err(sqlx::Error::Protocol(format!(
            "its file system allows only the journal mode `{mode}`, not `wal`"
        )));
    }
    for statement in [
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA trusted_schema = OFF",
        // After a burst the WAL file shrinks to this again.
        "PRAGMA journal_size_limit = 67108864",
    ] {
        execute(connection, statement).await?;
    }
    Ok(())
}

async fn readers(connect: SqliteConnectOptions, readers: u32) -> Result<Arc<Readers>, sqlx::Error> {
    let connect = connect.pragma("query_only", "ON").pragma("trusted_schema", "OFF");
    Readers::open(connect, readers).await.map(Arc::new)
}

async fn execute(connection: &mut SqliteConnection, statement: &'static str) -> Result<(), sqlx::Error> {
    sqlx::query(statement).execute(connection).await.map(drop)
}

fn not_migrated(path: &Path, error: MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(migration) => OpenError::Newer {
            path: path.to_path_buf(),
            migration,
        },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => told(path, &error),
        other => OpenError::Damaged {
            path: path.to_path_buf(),
            what: other.to_string(),
        },
    }
}
