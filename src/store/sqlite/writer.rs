//! The one writer: it takes what waits in the channel, packs it into one commit, and answers after the commit.
//!
//! Knows connections and callers, and nothing of what the verbs write. A verb that is in the channel runs to its end, even
//! if nobody waits for the answer any more.

use std::fs::File;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{mpsc, oneshot, watch};

use super::jobs::{Job, JointWork, Work};
use super::joint::Joint;
use super::{SqliteOptions, commit};
use crate::measures;
use crate::ports::store::{StoreError, StoreResult, Written};
use crate::store::failure::Undo;

/// What a verb that writes comes to: its answer with its writes, or without them.
pub(super) type Outcome<T> = Result<T, Undo<T>>;

/// What one step of a verb comes to that answers with [`Written`].
pub(super) type Step = Result<(), Undo<Written>>;

/// The way to the writer.
pub(super) struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    /// How long a write waits for a place in the queue.
    patience: Duration,
    /// Its other end falls away when the writer has closed the file and given up the lock.
    ended: watch::Receiver<()>,
}

impl Writer {
    /// Starts the writer. It holds the connection and the lock until it is closed, or dropped and drained.
    pub(super) fn start(connection: SqliteConnection, lock: File, options: &SqliteOptions) -> Self {
        let (jobs, waiting) = mpsc::channel(options.queue.max(1));
        let (end, ended) = watch::channel(());
        let batch = options.batch.max(1);
        tokio::spawn(async move {
            serve(connection, waiting, batch).await;
            drop(lock);
            drop(end);
        });
        Self {
            jobs: Mutex::new(Some(jobs)),
            patience: options.patience,
            ended,
        }
    }

    /// Runs a verb inside the next commit.
    pub(super) async fn run<T, F>(&self, verb: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Outcome<T>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.bring(Box::new(Work::new(verb, reply))).await?;
        answer.await.map_err(|_| closed())?
    }

    /// Runs a verb inside the next commit, together with others.
    pub(super) async fn run_joint(&self, write: Box<dyn Joint>) -> StoreResult<Written> {
        let (reply, answer) = oneshot::channel();
        self.bring(Box::new(JointWork::new(write, reply))).await?;
        answer.await.map_err(|_| closed())?
    }

    async fn bring(&self, job: Box<dyn Job>) -> StoreResult<()> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let jobs = jobs.ok_or_else(closed)?;
        let waiting = jobs.max_capacity() - jobs.capacity();
        measures::writes_waiting(u64::try_from(waiting).unwrap_or(u64::MAX));
        match jobs.send_timeout(job, self.patience).await {
            Ok(()) => Ok(()),
            Err(SendTimeoutError::Closed(_)) => Err(closed()),
            Err(SendTimeoutError::Timeout(_)) => {
                measures::write_refused();
                let full = "too many writes are waiting; nothing was written";
                Err(StoreError::Unavailable(full.to_owned()))
            }
        }
    }

    /// Takes no more work, finishes what waits, closes the file and gives up the lock.
    pub(super) async fn close(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

async fn serve(
    mut connection: SqliteConnection,
    mut waiting: mpsc::Receiver<Box<dyn Job>>,
    batch_max: usize,
) {
    let mut batch = Vec::with_capacity(batch_max);
    while waiting.recv_many(&mut batch, batch_max).await > 0 {
        let committed = commit::pack(&mut connection, &mut batch).await;
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

/// Says a statement without parameters.
pub(super) async fn run(
    connection: &mut SqliteConnection,
    statement: &'static str,
) -> Result<(), sqlx::Error> {
    sqlx::query(statement).execute(connection).await.map(drop)
}

#[cfg(test)]
mod tests {
    use sqlx::{ConnectOptions as _, Row as _};

    use super::*;

    async fn writer() -> Writer {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(":memory:");
        let mut connection = options.connect().await.expect("connected");
        for statement in [
            "CREATE TABLE home (id INTEGER PRIMARY KEY) STRICT",
            "CREATE TABLE guest (home INTEGER REFERENCES home (id) DEFERRABLE INITIALLY DEFERRED) STRICT",
        ] {
            run(&mut connection, statement).await.expect("made");
        }
        let lock = tempfile::tempfile().expect("a file");
        let options = SqliteOptions {
            queue: 8,
            batch: 8,
            ..SqliteOptions::default()
        };
        Writer::start(connection, lock, &options)
    }

    async fn write(writer: &Writer, statement: &'static str) -> StoreResult<()> {
        writer
            .run(move |connection| Box::pin(async move { Ok(run(connection, statement).await?) }))
            .await
    }

    async fn homes(writer: &Writer) -> i64 {
        let count = writer.run(|connection| {
            Box::pin(async move {
                let row = sqlx::query("SELECT count(*) FROM home")
                    .fetch_one(connection)
                    .await?;
                Ok(row.try_get::<i64, _>(0)?)
            })
        });
        count.await.expect("counted")
    }

    #[tokio::test]
    async fn a_commit_that_fails_is_everybodys_failure_and_not_the_end() {
        let writer = writer().await;
        let (innocent, guilty) = tokio::join!(
            write(&writer, "INSERT INTO home VALUES (1)"),
            // Found out only by the commit.
            write(&writer, "INSERT INTO guest VALUES (9)"),
        );
        for answer in [innocent, guilty] {
            assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
        }
        assert_eq!(homes(&writer).await, 0);
        write(&writer, "INSERT INTO home VALUES (2)")
            .await
            .expect("written");
        assert_eq!(homes(&writer).await, 1);
        writer.close().await;
    }

    #[tokio::test]
    async fn when_the_database_gives_up_the_transaction_nobody_is_told_that_it_is_done() {
        let writer = writer().await;
        let given_up = writer.run(|connection| {
            Box::pin(async move {
                run(connection, "ROLLBACK").await?;
                let full = StoreError::Unavailable("the disk is full".to_owned());
                Err::<(), _>(Undo::Failed(full))
            })
        });
        let (before, given_up, after) = tokio::join!(
            write(&writer, "INSERT INTO home VALUES (1)"),
            given_up,
            write(&writer, "INSERT INTO home VALUES (3)"),
        );
        for answer in [before, given_up, after] {
            assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
        }
        assert_eq!(homes(&writer).await, 0);
        writer.close().await;
    }

    #[tokio::test]
    async fn a_job_that_fails_takes_back_its_own_writes_alone() {
        let writer = writer().await;
        let (one, double, two) = tokio::join!(
            write(&writer, "INSERT INTO home VALUES (1)"),
            write(&writer, "INSERT INTO home VALUES (1)"),
            write(&writer, "INSERT INTO home VALUES (2)"),
        );
        one.expect("written");
        two.expect("written");
        assert!(matches!(double, Err(StoreError::Damaged(_))), "{double:?}");
        assert_eq!(homes(&writer).await, 2);
        writer.close().await;
    }

    #[tokio::test]
    async fn what_finds_no_place_in_the_queue_is_refused_and_what_has_one_is_done() {
        let mut writer = writer().await;
        writer.patience = Duration::from_millis(1);
        let (go_on, stall) = oneshot::channel::<()>();
        let go_on = Mutex::new(Some(go_on));
        let stalled = writer.run(move |_| {
            Box::pin(async move {
                let _ = stall.await;
                Ok(())
            })
        });
        // The first refusal ends the stall.
        let bring = async |home: i64| {
            let written = writer.run(move |connection| {
                Box::pin(async move {
                    let insert = sqlx::query("INSERT INTO home VALUES (?1)").bind(home);
                    insert.execute(connection).await?;
                    Ok(())
                })
            });
            let written = written.await;
            if written.is_err() {
                go_on.lock().expect("unharmed").take();
            }
            written
        };
        let flood = futures_util::future::join_all((1..=40).map(bring));
        let (stalled, answers) = tokio::join!(stalled, flood);
        stalled.expect("it goes on");
        let (kept, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert!(!refused.is_empty(), "nothing was refused");
        for answer in &refused {
            assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
        }
        assert_eq!(homes(&writer).await, i64::try_from(kept.len()).expect("few"));
        writer.close().await;
    }
}
