//! What a file must be before it is served: ours alone, whole, and no newer than the program.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use sqlx::Row as _;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnection;

use super::OpenError;
use crate::store::failure::{Trouble, trouble};
use crate::store::migrations::{Applied, Standing, Unfit, judge};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Marks a file as ours in its header: `CHOV` as a number.
const APPLICATION_ID: i64 = 0x4348_4F56;

/// The first SQLite without the defect by which a reset of the WAL could lose a commit. Source: SQLite release log, 3.51.3.
const LIBRARY_MIN: Version = Version(3, 51, 3);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32, u32);

/// Makes the file if there is none, readable by its owner alone, and answers where it really is: two names of one file must
/// meet at one lock.
pub(super) fn make(path: &Path) -> Result<PathBuf, OpenError> {
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

pub(super) fn lock(path: &Path) -> Result<File, OpenError> {
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
pub(super) enum Whose {
    /// It has our mark.
    Ours,
    /// It is empty.
    Nobodys,
}

pub(super) async fn recognise(connection: &mut SqliteConnection, path: &Path) -> Result<Whose, OpenError> {
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

pub(super) async fn check_library(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
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

pub(super) async fn check_pages(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
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

/// How far a file has come; one that is not fit to be served is refused before anything is done to it.
pub(super) async fn check_migrations(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<Standing, OpenError> {
    let failed = |error: sqlx::Error| told(path, &error);
    let migrated = number(
        connection,
        "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'",
    );
    if migrated.await.map_err(failed)? == 0 {
        return Ok(Standing::Behind);
    }
    let rows = sqlx::query("SELECT version, checksum, success FROM _sqlx_migrations ORDER BY version")
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    let applied = rows.iter().map(|row| {
        Ok(Applied {
            version: row.try_get("version")?,
            checksum: row.try_get("checksum")?,
            finished: row.try_get("success")?,
        })
    });
    let applied: Vec<Applied> = applied.collect::<Result<_, sqlx::Error>>().map_err(failed)?;
    let path = || path.to_path_buf();
    judge(&applied, &MIGRATIONS).map_err(|unfit| match unfit {
        Unfit::Half(migration) => OpenError::HalfMigrated {
            path: path(),
            migration,
        },
        Unfit::Newer(migration) => OpenError::Newer {
            path: path(),
            migration,
        },
        Unfit::Foreign(_) => OpenError::Foreign(path()),
    })
}

async fn number(connection: &mut SqliteConnection, statement: &'static str) -> Result<i64, sqlx::Error> {
    sqlx::query(statement).fetch_one(connection).await?.try_get(0)
}

/// What a database error means to somebody who opens a file.
pub(super) fn told(path: &Path, error: &sqlx::Error) -> OpenError {
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
