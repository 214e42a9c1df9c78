//! Opening the durable file: the lock, what may be wrong with a file, making a new one, and reading all of it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::{Drawer, Write};
use crate::sandbox::SandboxError;

/// Marks a SQLite file as ours (`PRAGMA application_id`), in ASCII a word of four letters.
const APPLICATION_ID: i64 = 0x436F_5362;
/// The layout of the file (`PRAGMA user_version`).
const LAYOUT: i64 = 1;
/// How often, and how long apart, to ask for the lock of a sandbox that is just ending.
const LOCK_TRIES: u32 = 40;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// Two sandboxes on one file would each believe that they are alone.
pub(super) async fn lock(path: &Path) -> Result<fs::File, SandboxError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let storage = |error| SandboxError::Storage(sqlx::Error::Io(error));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(storage)?;
    }
    let file = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(PathBuf::from(name))
        .map_err(storage)?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(LOCK_PAUSE).await,
            Err(fs::TryLockError::Error(error)) => return Err(storage(error)),
        }
    }
    Err(SandboxError::InUse {
        path: path.to_owned(),
    })
}

/// The connection to a file that is ours, or was nobody's until now.
pub(super) async fn connect(path: &Path) -> Result<SqliteConnection, SandboxError> {
    let foreign = |why: &str| SandboxError::Foreign {
        path: path.to_owned(),
        why: why.to_owned(),
    };
    if !starts_like_sqlite(path).map_err(|error| SandboxError::Storage(sqlx::Error::Io(error)))? {
        return Err(foreign("it is no SQLite file"));
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(false);
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(|error| judge(error, path))?;
    let application: i64 = number(&mut connection, "PRAGMA application_id", path).await?;
    let tables = number(&mut connection, "SELECT count(*) FROM sqlite_schema", path).await?;
    let layout = number(&mut connection, "PRAGMA user_version", path).await?;
    match (application, tables, layout) {
        (0, 0, 0) | (APPLICATION_ID, 1, LAYOUT) => {}
        (APPLICATION_ID, _, LAYOUT) => {
            return Err(SandboxError::Damaged {
                path: path.to_owned(),
                why: "its table is missing".to_owned(),
            });
        }
        (APPLICATION_ID, ..) => {
            return Err(foreign(&format!(
                "its layout is {layout}, this program writes {LAYOUT}"
            )));
        }
        _ => return Err(foreign("it belongs to another program")),
    }
    connection.close().await.map_err(|error| judge(error, path))?;
    // Only now that it is ours may it be changed.
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(|error| judge(error, path))?;
    if application == 0 {
        create(&mut connection)
            .await
            .map_err(|error| judge(error, path))?;
    }
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&mut connection)
        .await
        .map_err(|error| judge(error, path))?;
    if verdict == "ok" {
        Ok(connection)
    } else {
        Err(SandboxError::Damaged {
            path: path.to_owned(),
            why: verdict,
        })
    }
}

/// A file that is missing or empty is fine: it will be made.
fn starts_like_sqlite(path: &Path) -> std::io::Result<bool> {
    use std::io::Read;
    let mut start = Vec::new();
    match fs::File::open(path) {
        Ok(file) => file.take(16).read_to_end(&mut start)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    Ok(start.is_empty() || start == b"SQLite format 3\0")
}

async fn number(
    connection: &mut SqliteConnection,
    question: &'static str,
    path: &Path,
) -> Result<i64, SandboxError> {
    sqlx::query_scalar(question)
        .fetch_one(connection)
        .await
        .map_err(|error| judge(error, path))
}

/// SQLite's own words for a file that is broken, told apart from a disk that is.
fn judge(error: sqlx::Error, path: &Path) -> SandboxError {
    let code = error
        .as_database_error()
        .and_then(|error| error.code().map(std::borrow::Cow::into_owned));
    match code.as_deref() {
        // SQLITE_CORRUPT (11, and 267, 523, 779 beside it) and SQLITE_NOTADB (26).
        Some("11" | "26" | "267" | "523" | "779") => SandboxError::Damaged {
            path: path.to_owned(),
            why: "SQLite cannot read it".to_owned(),
        },
        _ => SandboxError::Storage(error),
    }
}

/// One transaction, so that a file is either empty or whole.
async fn create(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query(
        "CREATE TABLE kept (drawer TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, \
         PRIMARY KEY (drawer, kind, id)) STRICT, WITHOUT ROWID",
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query("PRAGMA application_id = 0x436F5362")
        .execute(&mut *transaction)
        .await?;
    sqlx::query("PRAGMA user_version = 1")
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

/// Everything in the file.
pub(super) async fn load(connection: &mut SqliteConnection, path: &Path) -> Result<Vec<Write>, SandboxError> {
    let rows = sqlx::query("SELECT drawer, kind, id, body FROM kept ORDER BY drawer, kind, id")
        .fetch_all(connection)
        .await
        .map_err(|error| judge(error, path))?;
    let read = |row: &sqlx::sqlite::SqliteRow| -> Result<Write, SandboxError> {
        let name: String = row.try_get(0).map_err(SandboxError::Storage)?;
        let drawer = Drawer::ALL.into_iter().find(|drawer| drawer.as_str() == name);
        let drawer = drawer.ok_or_else(|| SandboxError::Foreign {
            path: path.to_owned(),
            why: format!("it has a drawer '{name}' that this program does not know"),
        })?;
        let column = |index: usize| row.try_get(index).map_err(SandboxError::Storage);
        Ok(Write {
            drawer,
            kind: column(1)?,
            id: column(2)?,
            body: Some(row.try_get(3).map_err(SandboxError::Storage)?),
        })
    };
    rows.iter().map(read).collect()
}
