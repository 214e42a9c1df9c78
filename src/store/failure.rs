//! What a database error means to the caller of a verb, and how a verb takes its own writes back.

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
    let code: u32 = error.code()?.parse().ok()?;
    match code & 0xff {
        // busy, locked, no memory, read-only, interrupted, input or output failed, full, cannot open, locking protocol
        5 | 6 | 7 | 8 | 9 | 10 | 13 | 14 | 15 => Some(Trouble::Passing),
        11 => Some(Trouble::Torn),
        26 => Some(Trouble::NoDatabase),
        _ => None,
    }
}
