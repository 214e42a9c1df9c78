//! One row, cell by cell. What is not what it should be is refused under the name of its table and column, never its content.

use std::str::FromStr;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use crate::ports::store::{StoreError, StoreResult};

/// A row of one table.
pub(super) struct Cells<'r> {
    table: &'static str,
    row: &'r SqliteRow,
}

impl<'r> Cells<'r> {
    pub(super) fn of(table: &'static str, row: &'r SqliteRow) -> Self {
        Self { table, row }
    }

    /// What to say of a cell that cannot be read.
    pub(super) fn damaged(&self, column: &'static str) -> StoreError {
        StoreError::Damaged(format!("{}.{column}", self.table))
    }

    fn get<T>(&self, column: &'static str) -> StoreResult<T>
    where
        T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        self.row.try_get(column).map_err(|_| self.damaged(column))
    }

    /// A whole number that fits the asked-for type: negative or too large ones are damage.
    pub(super) fn number<N: TryFrom<i64>>(&self, column: &'static str) -> StoreResult<N> {
        let stored: i64 = self.get(column)?;
        N::try_from(stored).map_err(|_| self.damaged(column))
    }

    pub(super) fn number_if_any<N: TryFrom<i64>>(&self, column: &'static str) -> StoreResult<Option<N>> {
        let stored: Option<i64> = self.get(column)?;
        stored
            .map(|stored| N::try_from(stored).map_err(|_| self.damaged(column)))
            .transpose()
    }

    pub(super) fn flag(&self, column: &'static str) -> StoreResult<bool> {
        match self.get(column)? {
            0_i64 => Ok(false),
            1 => Ok(true),
            _ => Err(self.damaged(column)),
        }
    }

    pub(super) fn time(&self, column: &'static str) -> StoreResult<Timestamp> {
        self.time_if_any(column)?.ok_or_else(|| self.damaged(column))
    }

    pub(super) fn time_if_any(&self, column: &'static str) -> StoreResult<Option<Timestamp>> {
        let stored: Option<i64> = self.get(column)?;
        stored
            .map(|stored| Timestamp::from_millisecond(stored).map_err(|_| self.damaged(column)))
            .transpose()
    }

    pub(super) fn text(&self, column: &'static str) -> StoreResult<String> {
        self.get(column)
    }

    pub(super) fn text_if_any(&self, column: &'static str) -> StoreResult<Option<String>> {
        self.get(column)
    }

    /// A text that is the written form of something.
    pub(super) fn parsed<T: FromStr>(&self, column: &'static str) -> StoreResult<T> {
        self.text(column)?.parse().map_err(|_| self.damaged(column))
    }

    pub(super) fn bytes(&self, column: &'static str) -> StoreResult<Vec<u8>> {
        self.get(column)
    }

    pub(super) fn bytes_if_any(&self, column: &'static str) -> StoreResult<Option<Vec<u8>>> {
        self.get(column)
    }

    /// Exactly 32 bytes.
    pub(super) fn hash(&self, column: &'static str) -> StoreResult<[u8; 32]> {
        self.bytes(column)?.try_into().map_err(|_| self.damaged(column))
    }

    pub(super) fn id(&self, column: &'static str) -> StoreResult<Uuid> {
        Uuid::from_slice(&self.bytes(column)?).map_err(|_| self.damaged(column))
    }

    pub(super) fn id_if_any(&self, column: &'static str) -> StoreResult<Option<Uuid>> {
        self.bytes_if_any(column)?
            .map(|bytes| Uuid::from_slice(&bytes).map_err(|_| self.damaged(column)))
            .transpose()
    }

    pub(super) fn json<T: DeserializeOwned>(&self, column: &'static str) -> StoreResult<T> {
        serde_json::from_slice(&self.bytes(column)?).map_err(|_| self.damaged(column))
    }
}

/// An id as it is bound.
pub(super) fn id(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

/// A time as it is bound: what is finer than a millisecond is cut off.
pub(super) fn ms(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// A count as it is bound. `cell` names it when it does not fit.
pub(super) fn count(number: u64, cell: &'static str) -> StoreResult<i64> {
    i64::try_from(number).map_err(|_| StoreError::Damaged(cell.to_owned()))
}

/// The JSON of a value, as bytes. `cell` names it when it cannot be written.
pub(super) fn json(value: &impl serde::Serialize, cell: &'static str) -> StoreResult<Vec<u8>> {
    serde_json::to_vec(value).map_err(|_| StoreError::Damaged(cell.to_owned()))
}
