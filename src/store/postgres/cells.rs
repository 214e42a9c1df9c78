//! How the cells of a PostgreSQL row are read.

use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::store::cells::StoredRow;

pub(super) use crate::store::cells::{Cells, count, json, ms};

impl StoredRow for PgRow {
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
        self.try_get(column)
    }

    fn truth(&self, column: &str) -> Result<bool, sqlx::Error> {
        self.try_get(column)
    }
}

/// The part of a joined row that comes from one table: its columns carry a prefix there.
pub(super) struct Part<'r> {
    pub(super) row: &'r PgRow,
    pub(super) prefix: &'static str,
}

impl Part<'_> {
    fn column(&self, column: &str) -> String {
        format!("{}{column}", self.prefix)
    }
}

impl StoredRow for Part<'_> {
    fn integer(&self, column: &str) -> Result<Option<i64>, sqlx::Error> {
        self.row.integer(&self.column(column))
    }

    fn text(&self, column: &str) -> Result<Option<String>, sqlx::Error> {
        self.row.text(&self.column(column))
    }

    fn bytes(&self, column: &str) -> Result<Option<Vec<u8>>, sqlx::Error> {
        self.row.bytes(&self.column(column))
    }

    fn uuid(&self, column: &str) -> Result<Option<Uuid>, sqlx::Error> {
        self.row.uuid(&self.column(column))
    }

    fn truth(&self, column: &str) -> Result<bool, sqlx::Error> {
        self.row.truth(&self.column(column))
    }
}
