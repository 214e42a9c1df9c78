//! How the cells of an SQLite row are read and bound: ids are 16 bytes, truth is 0 or 1.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use crate::store::cells::StoredRow;

pub(super) use crate::store::cells::{Cells, count, json, ms};

impl StoredRow for SqliteRow {
    fn integer(&self, column: &str) -> Result<Option<i64>, sqlx::Error> {
        self.try_get(column)
    }

    fn text(&self, column: &str) -> Result<Option<String>, sqlx::Error> {
        self.try_get(column)
    }

    fn bytes(&self, column: &str) -> Result<Option<Vec<u8>>, sqlx::Error> {
        self.try_get(column)
    }

    fn uuid(&self, column: &str) -> Result<Option<Uuid>, sqlx::Error> {
        let bytes: Option<Vec<u8>> = self.try_get(column)?;
        let id = bytes.map(|bytes| Uuid::from_slice(&bytes)).transpose();
        id.map_err(|error| sqlx::Error::Decode(error.into()))
    }

    fn truth(&self, column: &str) -> Result<bool, sqlx::Error> {
        match self.try_get(column)? {
            0_i64 => Ok(false),
            1 => Ok(true),
            _ => Err(sqlx::Error::Decode("neither 0 nor 1".into())),
        }
    }
}

/// An id as it is bound.
pub(super) fn id(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}
