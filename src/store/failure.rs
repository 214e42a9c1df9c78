//! What a database error means to the caller of a verb, and how a verb takes its own writes back.

use sqlx::postgres::PgDatabaseError;

use crate::ports::store::StoreError;

/// Why the writes of a verb are taken back.
pub(super) enum Undo<T> {
    /// It has an answer, and the answer is that nothing is written.
    Answer(T),
    /// The store could not do its work.
    Failed(StoreError),
}

impl<T> From<StoreError> for Undo<T> {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl<T> From<sqlx::Error> for Undo<T> {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(told) if let Some(told) = told.try_downcast_ref() => of_postgres(told),
            sqlx::Error::Database(told) => match trouble(&error) {
                // SQLite names tables, columns and rules in these messages, never a value.
                Some(Trouble::Passing) => Self::Unavailable(told.message().to_owned()),
                _ => Self::Damaged(told.message().to_owned()),
            },
            sqlx::Error::ColumnDecode { index, .. } => Self::Damaged(index.clone()),
            sqlx::Error::ColumnNotFound(column) => Self::Damaged(column.clone()),
            sqlx::Error::Decode(_) => Self::Damaged("a column that cannot be read".to_owned()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

/// PostgreSQL names a rule, a table or a column apart from its message, which may show values.
fn of_postgres(told: &PgDatabaseError) -> StoreError {
    if passes(told.code()) {
        return StoreError::Unavailable(format!("{} ({})", told.message(), told.code()));
    }
    let names = [told.constraint(), told.column(), told.table()];
    let name = names.into_iter().flatten().next();
    StoreError::Damaged(name.map_or_else(|| format!("SQLSTATE {}", told.code()), str::to_owned))
}

/// Whether trouble with PostgreSQL lies in its surroundings: connections, resources, operators, fail-over, locks, rights. Source:
/// PostgreSQL, appendix A, "PostgreSQL Error Codes"; the first two characters are the class.
fn passes(code: &str) -> bool {
    match code.get(..2) {
        // connection, no such database, authorisation, rollback, resources, state of objects, intervention, system
        Some("08" | "28" | "3D" | "40" | "53" | "55" | "57" | "58") => true,
        // a standby or a database that was set read-only; a session or transaction that idled; missing rights
        _ => matches!(code, "25006" | "25P03" | "25P02" | "42501"),
    }
}

/// What kind of trouble SQLite is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The machine around it: locks, memory, files, space.
    Passing,
    /// The file is torn.
    Torn,
    /// The file is not a database.
    NoDatabase,
}

/// Tells trouble with the machine or the file from a mistake in what was asked. Source: SQLite, "Result and Error Codes";
/// the low byte of an extended code is the primary one.
pub(super) fn trouble(error: &sqlx::Error) -> Option<Trouble> {
    let sqlx::Error::Database(error) = error else {
        return None;
    };
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>()?;
    let code: u32 = error.code()?.parse().ok()?;
    match code & 0xff {
        // busy, locked, no memory, read-only, interrupted, input or output failed, full, cannot open, locking protocol
        5 | 6 | 7 | 8 | 9 | 10 | 13 | 14 | 15 => Some(Trouble::Passing),
        11 => Some(Trouble::Torn),
        26 => Some(Trouble::NoDatabase),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_stays() {
        for code in [
            "08006", "25006", "40001", "53100", "53300", "55P03", "57014", "57P01", "57P03",
        ] {
            assert!(passes(code), "{code}");
        }
        for code in ["22021", "23505", "23514", "42P01", "XX001", ""] {
            assert!(!passes(code), "{code}");
        }
    }
}
