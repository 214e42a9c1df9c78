//! SQLite with group commit: one writer takes all steps that wait, inserts them, commits once, and answers them all.

use std::path::Path;

use anyhow::Context as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::STEP_BYTES;

/// How many steps one commit takes at most.
const BATCH: usize = 64;

struct Step {
    change: u32,
    seq: u32,
    done: oneshot::Sender<()>,
}

pub(in crate::bench) struct SqliteFloor {
    steps: mpsc::Sender<Step>,
    writer: Mutex<Option<JoinHandle<sqlx::Result<()>>>>,
}

impl SqliteFloor {
    pub(super) async fn open(file: &Path, create: String) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut connection = options.connect().await?;
        sqlx::query(AssertSqlSafe(create))
            .execute(&mut connection)
            .await?;
        let (steps, waiting) = mpsc::channel(256);
        let writer = tokio::spawn(write(connection, waiting));
        Ok(Self {
            steps,
            writer: Mutex::new(Some(writer)),
        })
    }

    pub(super) async fn step(&self, change: u32, seq: u32) -> anyhow::Result<()> {
        let (done, answer) = oneshot::channel();
        let gone = || "the floor's writer has ended";
        self.steps
            .send(Step { change, seq, done })
            .await
            .ok()
            .with_context(gone)?;
        answer.await.with_context(gone)
    }

    /// Whatever went wrong in the writer is told here.
    pub(super) async fn close(&self) -> anyhow::Result<()> {
        if let Some(writer) = self.writer.lock().await.take() {
            if !writer.is_finished() {
                writer.abort();
                return Ok(());
            }
            writer.await??;
        }
        Ok(())
    }
}

async fn write(mut connection: SqliteConnection, mut waiting: mpsc::Receiver<Step>) -> sqlx::Result<()> {
    let body = vec![b'x'; STEP_BYTES];
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        run(&mut connection, "BEGIN IMMEDIATE").await?;
        for step in &batch {
            sqlx::query("INSERT INTO step VALUES (?1, ?2, ?3)")
                .bind(step.change)
                .bind(step.seq)
                .bind(body.as_slice())
                .execute(&mut connection)
                .await?;
        }
        run(&mut connection, "COMMIT").await?;
        for step in batch.drain(..) {
            // Only a lane that has failed no longer waits.
            let _ = step.done.send(());
        }
    }
    connection.close().await
}

async fn run(connection: &mut SqliteConnection, statement: &'static str) -> sqlx::Result<()> {
    sqlx::query(statement).execute(connection).await.map(drop)
}
