//! The database of many nodes: one PostgreSQL primary, written by any number of processes.
//!
//! Every verb is one statement, so one way to the server and back, and commits or vanishes by itself. Whoever writes about a
//! subject first locks its row in the queue; what rows cannot tell, unique indexes do, and the verb then runs again and sees
//! what stood in its way. There are no advisory locks (but for migrating), no notifications and, but for a successor's opening, which is written
//! with the note on what it succeeds, no open transactions. This room
//! must never know what a stage means or what time it is; `clock` only brings the database's time to those who decide.

mod accounts;
mod audit;
mod call;
mod cards;
mod cells;
mod census;
mod changes;
mod clients;
mod clock;
mod contracts;
mod database;
mod due;
mod effects;
mod erasing;
mod findings;
mod gather;
mod inbox;
mod journal;
mod metering;
mod notes;
mod open;
mod outbox;
mod pages;
mod parts;
mod proposals;
mod record;
mod requests;
mod sellers;
mod staff;
mod support;
mod verbs;

pub use clock::DatabaseClock;
pub use open::{OpenError, PostgresOptions};

use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::PgPool;

use self::call::Verb;
use self::effects::Attempt;
use self::gather::Gathering;
use self::outbox::Settled;
use crate::domain::change::ChangeId;
use crate::measures;
use crate::ports::store::{Record, Situation, StoreResult, Written};

/// A store in a PostgreSQL database.
///
/// Times are kept to the millisecond: what is finer is cut off.
pub struct PostgresStore {
    pool: PgPool,
    /// What a node asks most goes to the server together.
    decisions: Gathering<Record, Written>,
    situations: Gathering<ChangeId, Option<Situation>>,
    attempts: Gathering<Attempt, bool>,
    departures: Gathering<Settled, ()>,
    feed_patience: Duration,
}

impl PostgresStore {
    fn on(pool: PgPool, options: &PostgresOptions) -> Self {
        Self {
            decisions: Gathering::start(&pool, options, record::DECISIONS),
            situations: Gathering::start(&pool, options, changes::SITUATIONS),
            attempts: Gathering::start(&pool, options, effects::ATTEMPTS),
            departures: Gathering::start(&pool, options, outbox::DEPARTURES),
            feed_patience: options.feed_patience,
            pool,
        }
    }

    /// Takes no more calls, and ends when those that are under way have their answers.
    pub async fn close(&self) {
        self.decisions.close().await;
        self.situations.close().await;
        self.attempts.close().await;
        self.departures.close().await;
        self.pool.close().await;
    }

    /// Leads a verb to the server. Nothing happens until somebody waits for the answer; then it goes on to its end.
    fn ask<A, T>(&self, asked: A, verb: Verb<A, T>) -> BoxFuture<'_, StoreResult<T>>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let idle = u64::try_from(self.pool.num_idle()).unwrap_or_default();
        measures::store_connections(u64::from(self.pool.size()).saturating_sub(idle), idle);
        call::run(self.pool.clone(), asked, verb)
    }
}
