//! The one writer: it takes what waits in the channel, packs it into one commit, and answers after the commit.
//!
//! Knows connections and savepoints, and nothing of what the verbs write. A verb that is in the channel runs to its end, even
//! if nobody waits for the answer any more.

use std::fs::File;
use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{mpsc, oneshot, watch};

use crate::ports::store::{StoreError, StoreResult, Written};
use crate::store::failure::Undo;

/// What a verb that writes comes to: its answer with its writes, or without them.
pub(super) type Outcome<T> = Result<T, Undo<T>>;

/// What one step of a verb comes to that answers with [`Written`].
pub(super) type Step = Result<(), Undo<Written>>;

/// The way to the writer.
pub(super) struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    /// Its other end falls away when the writer has closed the file and given up the lock.
    ended: watch::Receiver<()>,
}

impl Writer {
    /// Starts the writer. It holds the connection and the lock until it is closed, or dropped and drained.
    pub(super) fn start(connection: SqliteConnection, lock: File, queue: usize, batch: usize) -> Self {
        let (jobs, waiting) = mpsc::channel(queue.max(1));
        let (end, ended) = watch::channel(());
        tokio::spawn(async move {
            serve(connection, waiting, batch.max(1)).await;
            drop(lock);
            drop(end);
        });
        Self {
            jobs: Mutex::new(Some(jobs)),
            ended,
        }
    }

    /// Runs a verb inside the next commit.
    pub(super) async fn run<T, F>(&self, verb: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Outcome<T>> + Send + 'static,
    {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let closed = || StoreError::Unavailable("the store is closed".to_owned());
        let jobs = jobs.ok_or_else(closed)?;
        let (reply, answer) = oneshot::channel();
        let work = Work {
            verb: Some(verb),
            answer: None,
            reply,
        };
        jobs.send(Box::new(work)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Takes no more work, finishes what waits, closes the file and gives up the lock.
    pub(super) async fn close(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }
}

async fn serve(
    mut connection: SqliteConnection,
    mut waiting: mpsc::Receiver<Box<dyn Job>>,
    batch_max: usize,
) {
    let mut batch = Vec::with_capacity(batch_max);
    while waiting.recv_many(&mut batch, batch_max).await > 0 {
        let committed = pack(&mut connection, &mut batch).await;
        if let Err(error) = &committed {
            tracing::error!(%error, jobs = batch.len(), "a commit failed; its writes are taken back");
            // The database may have rolled back already, and then says that there is nothing to roll back.
            let _ = run(&mut connection, "ROLLBACK").await;
        }
        for job in batch.drain(..) {
            job.answer(committed.as_ref().err());
        }
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "the database file was not closed cleanly");
    }
}

/// One commit: a savepoint for each job, so that one that takes its writes back leaves the others alone.
async fn pack(connection: &mut SqliteConnection, batch: &mut [Box<dyn Job>]) -> Result<(), sqlx::Error> {
    run(connection, "BEGIN IMMEDIATE").await?;
    for job in batch {
        run(connection, "SAVEPOINT job").await?;
        if !job.run(connection).await {
            // Fails when the error was such that the database gave up the whole transaction: then nobody's writes are left.
            run(connection, "ROLLBACK TO job").await?;
        }
        run(connection, "RELEASE job").await?;
    }
    run(connection, "COMMIT").await
}

async fn run(connection: &mut SqliteConnection, statement: &'static str) -> Result<(), sqlx::Error> {
    sqlx::query(statement).execute(connection).await.map(drop)
}

/// A verb on its way.
trait Job: Send {
    /// Runs it, and tells whether its writes stay.
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool>;

    /// Gives the caller its answer, or tells that the commit failed.
    fn answer(self: Box<Self>, failure: Option<&sqlx::Error>);
}

struct Work<T, F> {
    verb: Option<F>,
    answer: Option<StoreResult<T>>,
    reply: oneshot::Sender<StoreResult<T>>,
}

impl<T, F> Job for Work<T, F>
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Outcome<T>> + Send + 'static,
{
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool> {
        Box::pin(async move {
            let Some(verb) = self.verb.take() else {
                return false;
            };
            let outcome = verb(connection).await;
            let keep = outcome.is_ok();
            self.answer = Some(match outcome {
                Ok(answer) | Err(Undo::Answer(answer)) => Ok(answer),
                Err(Undo::Failed(error)) => Err(error),
            });
            keep
        })
    }

    fn answer(self: Box<Self>, failure: Option<&sqlx::Error>) {
        let unavailable = |why: &str| Err(StoreError::Unavailable(why.to_owned()));
        let answer = match (failure, self.answer) {
            // What one job found damaged stays its own finding; a commit that fails is everybody's.
            (_, Some(Err(error))) => Err(error),
            (None, Some(answer)) => answer,
            (Some(sqlx::Error::Database(error)), _) => unavailable(error.message()),
            (_, _) => unavailable("the commit failed"),
        };
        // Nobody may be waiting any more; the work is done all the same.
        let _ = self.reply.send(answer);
    }
}
