//! One row, cell by cell. What is not what it should be is refused under the name of its table and column, never its content.
//!
//! Each database says how its own cells are read; what a cell must hold is said here, once for all of them.

use std::str::FromStr;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::ports::store::{StoreError, StoreResult};

/// A row of a database, asked for the few kinds of cells that our tables have. `None` is an empty cell.
pub(super) trait StoredRow {
    fn integer(&self, column: &str) -> Result<Option<i64>, sqlx::Error>;
    fn text(&self, column: &str) -> Result<Option<String>, sqlx::Error>;
    fn bytes(&self, column: &str) -> Result<Option<Vec<u8>>, sqlx::Error>;
    fn uuid(&self, column: &str) -> Result<Option<Uuid>, sqlx::Error>;
    fn truth(&self, column: &str) -> Result<bool, sqlx::Error>;
}

/// A row of one table.
pub(super) struct Cells<'r, R> {
    table: &'static str,
    row: &'r R,
}

impl<'r, R: StoredRow> Cells<'r, R> {
    pub(super) fn of(table: &'static str, row: &'r R) -> Self {
        Self { table, row }
    }

    /// What to say of a cell that cannot be read.
    pub(super) fn damaged(&self, column: &'static str) -> StoreError {
        StoreError::Damaged(format!("{}.{column}", self.table))
    }

    fn read<T>(&self, column: &'static str, cell: Result<Option<T>, sqlx::Error>) -> StoreResult<Option<T>> {
        cell.map_err(|_| self.damaged(column))
    }

    fn there<T>(&self, column: &'static str, cell: Option<T>) -> StoreResult<T> {
        cell.ok_or_else(|| self.damaged(column))
    }

    /// A whole number that fits the asked-for type: negative or too large ones are damage.
    pub(super) fn number<N: TryFrom<i64>>(&self, column: &'static str) -> StoreResult<N> {
        self.there(column, self.number_if_any(column)?)
    }

    pub(super) fn number_if_any<N: TryFrom<i64>>(&self, column: &'static str) -> StoreResult<Option<N>> {
        let stored = self.read(column, self.row.integer(column))?;
        stored
            .map(|stored| N::try_from(stored).map_err(|_| self.damaged(column)))
            .transpose()
    }

    pub(super) fn flag(&self, column: &'static str) -> StoreResult<bool> {
        self.row.truth(column).map_err(|_| self.damaged(column))
    }

    pub(super) fn time(&self, column: &'static str) -> StoreResult<Timestamp> {
        self.there(column, self.time_if_any(column)?)
    }

    pub(super) fn time_if_any(&self, column: &'static str) -> StoreResult<Option<Timestamp>> {
        let stored = self.read(column, self.row.integer(column))?;
        stored
            .map(|stored| Timestamp::from_millisecond(stored).map_err(|_| self.damaged(column)))
            .transpose()
    }

    pub(super) fn text(&self, column: &'static str) -> StoreResult<String> {
        self.there(column, self.text_if_any(column)?)
    }

    pub(super) fn text_if_any(&self, column: &'static str) -> StoreResult<Option<String>> {
        self.read(column, self.row.text(column))
    }

    /// A text that is the written form of something.
    pub(super) fn parsed<T: FromStr>(&self, column: &'static str) -> StoreResult<T> {
        self.text(column)?.parse().map_err(|_| self.damaged(column))
    }

    pub(super) fn bytes(&self, column: &'static str) -> StoreResult<Vec<u8>> {
        self.there(column, self.bytes_if_any(column)?)
    }

    pub(super) fn bytes_if_any(&self, column: &'static str) -> StoreResult<Option<Vec<u8>>> {
        self.read(column, self.row.bytes(column))
    }

    /// Exactly 32 bytes.
    pub(super) fn hash(&self, column: &'static str) -> StoreResult<[u8; 32]> {
        self.bytes(column)?.try_into().map_err(|_| self.damaged(column))
    }

    pub(super) fn id(&self, column: &'static str) -> StoreResult<Uuid> {
        self.there(column, self.id_if_any(column)?)
    }

    pub(super) fn id_if_any(&self, column: &'static str) -> StoreResult<Option<Uuid>> {
        self.read(column, self.row.uuid(column))
    }

    pub(super) fn json<T: DeserializeOwned>(&self, column: &'static str) -> StoreResult<T> {
        serde_json::from_slice(&self.bytes(column)?).map_err(|_| self.damaged(column))
    }
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
