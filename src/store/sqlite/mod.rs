//! The embedded database: one SQLite file, served by one process.
//!
//! One writer packs what many callers ask for into few commits; a few readers never wait for it. A verb that has reached the
//! writer runs to its end, whoever goes away. Each file of this room holds one family of verbs; `rows` alone knows how a row
//! becomes a value. This room must never know what a stage means or what time it is.

mod accounts;
mod cells;
mod changes;
mod contracts;
mod due;
mod effects;
mod file;
mod inbox;
mod journal;
mod open;
mod outbox;
mod readers;
mod record;
mod requests;
mod rows;
mod script;
mod sellers;
mod verbs;
mod writer;

pub use open::{OpenError, SqliteOptions};

use futures_util::future::BoxFuture;
use sqlx::sqlite::SqliteConnection;

use self::readers::Readers;
use self::writer::{Outcome, Writer};
use crate::domain::account::ContractId;
use crate::domain::change::ChangeId;
use crate::ports::store::{StoreError, StoreResult};

/// A store in one SQLite file.
///
/// Times are kept to the millisecond: what is finer is cut off.
pub struct SqliteStore {
    readers: Readers,
    /// Nobody writes through a store that was opened for reading.
    writer: Option<Writer>,
}

impl SqliteStore {
    /// Takes no more calls, finishes those that are under way, and gives the file back. Without it the file is given back when
    /// the store has been dropped and its last write is done.
    pub async fn close(&self) {
        self.readers.close().await;
        if let Some(writer) = &self.writer {
            writer.close().await;
        }
    }

    /// The changes in the order of their ids, for whoever walks through all of them: those after `after`, at most `limit`.
    pub async fn change_ids(&self, after: Option<ChangeId>, limit: u32) -> StoreResult<Vec<ChangeId>> {
        let after = after.map_or(Vec::new(), |change| cells::id(change.0));
        let ids = self.ids(
            "SELECT id FROM change WHERE id > ?1 ORDER BY id LIMIT ?2",
            after,
            limit,
        );
        Ok(ids.await?.into_iter().map(ChangeId).collect())
    }

    /// The contracts in the order of their ids, as [`Self::change_ids`].
    pub async fn contract_ids(&self, after: Option<ContractId>, limit: u32) -> StoreResult<Vec<ContractId>> {
        let after = after.map_or(Vec::new(), |contract| cells::id(contract.0));
        let ids = self.ids(
            "SELECT id FROM contract WHERE id > ?1 ORDER BY id LIMIT ?2",
            after,
            limit,
        );
        Ok(ids.await?.into_iter().map(ContractId).collect())
    }

    async fn ids(&self, statement: &'static str, after: Vec<u8>, limit: u32) -> StoreResult<Vec<uuid::Uuid>> {
        let mut reader = self.readers.lend().await?;
        let rows = sqlx::query(statement)
            .bind(after)
            .bind(limit.min(journal::PAGE_MAX))
            .fetch_all(&mut reader.connection)
            .await?;
        reader.give_back();
        rows.iter()
            .map(|row| cells::Cells::of("id", row).id("id"))
            .collect()
    }

    /// Reads at one moment: a verb that reads asks one question, and what it is answered belongs together.
    fn read<T, F>(&self, verb: F) -> BoxFuture<'_, StoreResult<T>>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        Box::pin(async move {
            let mut reader = self.readers.lend().await?;
            let answer = verb(&mut reader.connection).await?;
            reader.give_back();
            Ok(answer)
        })
    }

    /// Writes with the next commit.
    fn write<T, F>(&self, verb: F) -> BoxFuture<'_, StoreResult<T>>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Outcome<T>> + Send + 'static,
    {
        let Some(writer) = &self.writer else {
            let refused = StoreError::Unavailable("the store was opened for reading".to_owned());
            return Box::pin(std::future::ready(Err(refused)));
        };
        Box::pin(writer.run(verb))
    }
}
