//! Whether a database has been brought up by this program's migrations: judged before anything is done to it.

use std::borrow::Cow;

use sqlx::migrate::Migrator;

/// A migration, as the database remembers it.
pub(super) struct Applied {
    pub(super) version: i64,
    pub(super) checksum: Vec<u8>,
    pub(super) finished: bool,
}

/// How far a database has come that is fit to be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It lacks this program's newest migrations.
    Behind,
    /// It has all of them.
    UpToDate,
}

/// Why a database is not fit to be served by this program. Each names the migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It was begun and never finished.
    Half(i64),
    /// A newer program has made it.
    Newer(i64),
    /// It is not one of ours.
    Foreign(i64),
}

/// Compares what a database remembers with what this program carries.
pub(super) fn judge(applied: &[Applied], ours: &Migrator) -> Result<Standing, Unfit> {
    let newest = ours.iter().map(|migration| migration.version).max();
    for found in applied {
        let version = found.version;
        if !found.finished {
            return Err(Unfit::Half(version));
        }
        if Some(version) > newest {
            return Err(Unfit::Newer(version));
        }
        let same = |known: &sqlx::migrate::Migration| {
            known.version == version && known.checksum == Cow::Borrowed(found.checksum.as_slice())
        };
        if !ours.iter().any(same) {
            return Err(Unfit::Foreign(version));
        }
    }
    let complete = ours
        .iter()
        .all(|known| applied.iter().any(|found| found.version == known.version));
    Ok(if complete {
        Standing::UpToDate
    } else {
        Standing::Behind
    })
}
