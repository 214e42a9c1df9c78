//! The embedded database: one SQLite file, served by one process.
//!
//! One writer packs what many callers ask for into few commits; a few readers never wait for it. A verb that has reached the
//! writer runs to its end, whoever goes away. Each file of this room holds one family of verbs.
//! This room must never know what a stage means or what time it is.

mod accounts;
mod audit;
mod cards;
mod cells;
mod census;
mod changes;
mod clients;
mod commit;
mod contracts;
mod due;
mod effects;
mod erasing;
mod file;
mod findings;
mod gathering;
mod inbox;
mod inspect;
mod jobs;
mod joint;
mod journal;
mod lots;
mod metering;
mod notes;
mod open;
mod outbox;
mod pages;
mod proposals;
mod readers;
mod record;
mod requests;
mod script;
mod sellers;
mod sheets;
mod staff;
mod support;
mod texts;
mod value;
mod verbs;
mod writer;

pub use inspect::{SqliteFacts, newest_migration};
pub use open::{OpenError, SqliteOptions};

use std::sync::Arc;

use futures_util::future::BoxFuture;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use self::gathering::Gathering;
use self::joint::Joint;
use self::readers::Readers;
use self::script::Script;
use self::writer::{Outcome, Writer, run};
use crate::ports::store::{StoreError, StoreResult, Written};
use crate::store::rows;

/// A store in one SQLite file.
///
/// Times are kept to the millisecond: what is finer is cut off.
pub struct SqliteStore {
    readers: Arc<Readers>,
    /// Those who ask what many ask.
    gathering: Gathering,
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

    /// Reads at one moment: whatever a verb reads belongs together.
    fn read<T, F>(&self, verb: F) -> BoxFuture<'_, StoreResult<T>>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        Box::pin(async move {
            let mut reader = self.readers.lend().await?;
            run(&mut reader.connection, "BEGIN").await?;
            let answer = verb(&mut reader.connection).await?;
            run(&mut reader.connection, "ROLLBACK").await?;
            reader.give_back();
            Ok(answer)
        })
    }

    /// Reads with a verb that asks one question, whose answer is of one moment by itself.
    fn glance<T, F>(&self, verb: F) -> BoxFuture<'_, StoreResult<T>>
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

    /// Asks at one moment, together with whoever asks at the same time.
    fn ask<T, F>(&self, script: Script, read: F) -> BoxFuture<'_, StoreResult<T>>
    where
        F: FnOnce(&[Vec<SqliteRow>]) -> StoreResult<T> + Send + 'static,
    {
        Box::pin(async move { read(&self.gathering.ask(script).await?) })
    }

    /// Writes with the next commit.
    fn write<T, F>(&self, verb: F) -> BoxFuture<'_, StoreResult<T>>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Outcome<T>> + Send + 'static,
    {
        let Some(writer) = &self.writer else {
            return Box::pin(std::future::ready(Err(read_only())));
        };
        Box::pin(writer.run(verb))
    }

    /// Writes with the next commit, together with others.
    fn write_joint(&self, verb: impl Joint + 'static) -> BoxFuture<'_, StoreResult<Written>> {
        match &self.writer {
            Some(writer) => Box::pin(writer.run_joint(Box::new(verb))),
            None => Box::pin(std::future::ready(Err(read_only()))),
        }
    }
}

fn read_only() -> StoreError {
    StoreError::Unavailable("the store was opened for reading".to_owned())
}
