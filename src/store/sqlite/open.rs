//! Opening the file: whose it is, who serves it, and what it must be before anything is written to it.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Row as _};

use super::SqliteStore;
use super::writer::Writer;
use crate::store::failure::{Trouble, trouble};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Marks a file as ours in its header: `CHOV` as a number.
const APPLICATION_ID: i64 = 0x4348_4F56;

/// The first SQLite without the defect by which a reset of the WAL could lose a commit. Source: SQLite release log, 3.51.3.
const LIBRARY_MIN: Version = Version(3, 51, 3);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32, u32);

/// How a database file is served. The default is right for one service on one machine.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// How many connections read at the same time.
    pub readers: u32,
    /// How many writes may wait for the writer before callers have to wait themselves.
    pub queue: usize,
    /// How many writes one commit takes at most.
    pub batch: usize,
    /// How many pages of 4096 bytes the file may grow to; nothing means as many as the disk has.
    pub pages_max: Option<u32>,
    /// Whether every page is looked at before the file is served: about a second per gigabyte on a fast disk.
    pub check: bool,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            queue: 256,
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
        let path = make(path.as_ref())?;
        let lock = lock(&path)?;
        let told = |error: sqlx::Error| told(&path, &error);
        let mut connect = SqliteConnectOptions::new().filename(&path);
        if let Some(pages) = options.pages_max {
            connect = connect.pragma("max_page_count", pages.to_string());
        }
        let mut connection = connect.connect().await.map_err(told)?;
        check_library(&mut connection, &path).await?;
        if recognise(&mut connection, &path).await? == Whose::Nobodys {
            // Before any table: a file is ours even if the power fails between this and its first table.
            execute(&mut connection, "PRAGMA application_id = 1128812374")
                .await
                .map_err(told)?;
        }
        prepare(&mut connection).await.map_err(told)?;
        if options.check {
            check_pages(&mut connection, &path).await?;
        }
        MIGRATIONS
            .run(&mut connection)
            .await
            .map_err(|error| not_migrated(&path, error))?;
        let readers = readers(connect.create_if_missing(false), options.readers)
            .await
            .map_err(told)?;
        Ok(Self {
            readers,
            writer: Some(Writer::start(connection, lock, options.queue, options.batch)),
        })
    }

    /// Opens a database file for reading alone, also while another process serves it. Every verb that writes answers that
    /// the store is unavailable.
    pub async fn read_only(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref().to_path_buf();
        let told = |error: sqlx::Error| told(&path, &error);
        let connect = SqliteConnectOptions::new().filename(&path).read_only(true);
        let mut connection = connect.connect().await.map_err(told)?;
        check_library(&mut connection, &path).await?;
        if recognise(&mut connection, &path).await? == Whose::Nobodys {
            return Err(OpenError::Foreign(path));
        }
        check_migrations(&mut connection, &path).await?;
        let readers = readers(connect, SqliteOptions::default().readers)
            .await
            .map_err(told)?;
        Ok(Self {
            readers,
            writer: None,
        })
    }
}

/// Makes the file if there is none, readable by its owner alone, and answers where it really is: two names of one file must
/// meet at one lock.
fn make(path: &Path) -> Result<PathBuf, OpenError> {
    let mut options = File::options();
    options.create(true).write(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|_| path.canonicalize())
        .map_err(|error| OpenError::Unreachable {
            path: path.to_path_buf(),
            why: error.to_string(),
        })
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let mut name = OsString::from(path);
    name.push(".lock");
    let beside = PathBuf::from(name);
    let unreachable = |error: std::io::Error| OpenError::Unreachable {
        path: beside.clone(),
        why: error.to_string(),
    };
    let file = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(&beside)
        .map_err(unreachable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: path.to_path_buf(),
            lock: beside,
        }),
        Err(TryLockError::Error(error)) => Err(unreachable(error)),
    }
}

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// It has our mark.
    Ours,
    /// It is empty.
    Nobodys,
}

async fn recognise(connection: &mut SqliteConnection, path: &Path) -> Result<Whose, OpenError> {
    let told = |error: sqlx::Error| told(path, &error);
    let mark = number(connection, "PRAGMA application_id").await.map_err(told)?;
    if mark == APPLICATION_ID {
        return Ok(Whose::Ours);
    }
    let tables = number(connection, "SELECT count(*) FROM sqlite_schema")
        .await
        .map_err(told)?;
    if mark == 0 && tables == 0 {
        Ok(Whose::Nobodys)
    } else {
        Err(OpenError::Foreign(path.to_path_buf()))
    }
}

async fn check_library(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    let row = sqlx::query("SELECT sqlite_version()")
        .fetch_one(connection)
        .await
        .map_err(|error| told(path, &error))?;
    let found: String = row.try_get(0).map_err(|error| told(path, &error))?;
    match Version::read(&found) {
        Some(version) if version >= LIBRARY_MIN => Ok(()),
        _ => Err(OpenError::OldLibrary { found }),
    }
}

impl Version {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(u32::from_str);
        let mut next = || parts.next()?.ok();
        Some(Self(next()?, next()?, next()?))
    }
}

/// A commit is on the disk before it is answered, and readers never wait for the writer.
async fn prepare(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    for statement in [
        "PRAGMA journal_mode = WAL",
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

async fn check_pages(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    let row = sqlx::query("PRAGMA quick_check(1)")
        .fetch_one(connection)
        .await
        .map_err(|error| told(path, &error))?;
    let what: String = row.try_get(0).map_err(|error| told(path, &error))?;
    if what == "ok" {
        return Ok(());
    }
    Err(OpenError::Damaged {
        path: path.to_path_buf(),
        what,
    })
}

async fn check_migrations(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    let applied = number(
        connection,
        "SELECT coalesce(max(version), 0) FROM _sqlx_migrations",
    )
    .await
    .map_err(|error| told(path, &error))?;
    let known = MIGRATIONS.iter().map(|migration| migration.version).max();
    match applied.cmp(&known.unwrap_or_default()) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Less => Err(OpenError::Older(path.to_path_buf())),
        std::cmp::Ordering::Greater => Err(OpenError::Newer {
            path: path.to_path_buf(),
            migration: applied,
        }),
    }
}

async fn readers(connect: SqliteConnectOptions, readers: u32) -> Result<SqlitePool, sqlx::Error> {
    SqlitePoolOptions::new()
        .max_connections(readers.max(1))
        .connect_with(connect.pragma("query_only", "ON").pragma("trusted_schema", "OFF"))
        .await
}

async fn execute(connection: &mut SqliteConnection, statement: &'static str) -> Result<(), sqlx::Error> {
    sqlx::query(statement).execute(connection).await.map(drop)
}

async fn number(connection: &mut SqliteConnection, statement: &'static str) -> Result<i64, sqlx::Error> {
    sqlx::query(statement).fetch_one(connection).await?.try_get(0)
}

/// What a database error means to somebody who opens a file.
fn told(path: &Path, error: &sqlx::Error) -> OpenError {
    let path = path.to_path_buf();
    match trouble(error) {
        Some(Trouble::NoDatabase) => OpenError::Foreign(path),
        Some(Trouble::Torn) => OpenError::Damaged {
            path,
            what: error.to_string(),
        },
        _ => OpenError::Unreachable {
            path,
            why: error.to_string(),
        },
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(Version::read("3.51.3") >= Some(LIBRARY_MIN));
        assert!(Version::read("3.100.0") > Some(LIBRARY_MIN));
        assert!(Version::read("3.51.2") < Some(LIBRARY_MIN));
        assert!(Version::read("3.9.9") < Some(LIBRARY_MIN));
        for unreadable in ["", "3", "3.51", "3.x.1"] {
            assert_eq!(Version::read(unreadable), None, "{unreadable}");
        }
    }

    #[test]
    fn the_mark_is_the_same_in_both_places() {
        assert_eq!(APPLICATION_ID, 1_128_812_374);
    }
}
