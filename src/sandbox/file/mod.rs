//! The durable file: everything that must survive a crash, in one SQLite table, behind one writer.
//!
//! Callers hand in batches; the writer packs what waits into one commit and answers after it. What lies in the drawers is
//! bytes to it. A provider that forgets proves nothing, so a commit that fails ends the sandbox.

mod opening;

use std::{fs, path::Path};

use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::SandboxError;

/// Batches waiting for the writer.
const WAITING_MAX: usize = 1_024;
/// Batches in one commit.
const PACKED_MAX: usize = 256;
/// The kinds of things in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum Drawer {
    /// Objects of the world.
    World,
    /// Answers under idempotency keys.
    Answers,
    /// Webhook endpoints.
    Endpoints,
    /// Webhooks still to be delivered.
    Deliveries,
    /// Seed, clock, counters, switches.
    Settings,
}

impl Drawer {
    const ALL: [Drawer; 5] = [
        Drawer::World,
        Drawer::Answers,
        Drawer::Endpoints,
        Drawer::Deliveries,
        Drawer::Settings,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Drawer::World => "world",
            Drawer::Answers => "answers",
            Drawer::Endpoints => "endpoints",
            Drawer::Deliveries => "deliveries",
            Drawer::Settings => "settings",
        }
    }
}

/// One thing put into the file, or taken out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sandbox) struct Write {
    pub(in crate::sandbox) drawer: Drawer,
    /// The kind of object, where a drawer has several.
    pub(in crate::sandbox) kind: String,
    pub(in crate::sandbox) id: String,
    /// The content; `None` takes it out.
    pub(in crate::sandbox) body: Option<Vec<u8>>,
}

impl Write {
    /// Puts `body` in a drawer that has one kind of things.
    pub(in crate::sandbox) fn put(drawer: Drawer, id: impl Into<String>, body: Vec<u8>) -> Write {
        Write {
            drawer,
            kind: String::new(),
            id: id.into(),
            body: Some(body),
        }
    }

    /// Takes a thing out of a drawer that has one kind of things.
    pub(in crate::sandbox) fn delete(drawer: Drawer, id: impl Into<String>) -> Write {
        Write {
            drawer,
            kind: String::new(),
            id: id.into(),
            body: None,
        }
    }
}

enum Message {
    Commit(Vec<Write>, oneshot::Sender<()>),
    Close,
}

/// The way to the writer.
#[derive(Debug, Clone)]
pub(in crate::sandbox) struct DurableFile {
    to_writer: mpsc::Sender<Message>,
}

/// Room for one batch. Taken before the decision that fills it, so that batches arrive in the order of decisions.
pub(in crate::sandbox) struct Slot<'a>(mpsc::Permit<'a, Message>);

/// Becomes ready when the batch is on disk; an error means that it will never be.
pub(in crate::sandbox) type Durable = oneshot::Receiver<()>;

impl DurableFile {
    /// Opens or makes the file at `path`, and returns all that it holds.
    ///
    /// # Errors
    /// [`SandboxError::InUse`], [`SandboxError::Foreign`], [`SandboxError::Damaged`] or [`SandboxError::Storage`].
    pub(in crate::sandbox) async fn open(path: &Path) -> Result<(DurableFile, Vec<Write>), SandboxError> {
        let lock = opening::lock(path).await?;
        let mut connection = opening::connect(path).await?;
        let rows = opening::load(&mut connection, path).await?;
        let (to_writer, batches) = mpsc::channel(WAITING_MAX);
        tokio::spawn(write(connection, batches, lock));
        Ok((DurableFile { to_writer }, rows))
    }

    /// Waits for room for one batch.
    ///
    /// # Errors
    /// [`SandboxError::Broken`] after a commit has failed, or after `close`.
    pub(in crate::sandbox) async fn reserve(&self) -> Result<Slot<'_>, SandboxError> {
        self.to_writer
            .reserve()
            .await
            .map(Slot)
            .map_err(|_| SandboxError::Broken)
    }

    /// Commits everything before it, and then ends the writer, which lets go of the file.
    pub(in crate::sandbox) async fn close(&self) {
        if self.to_writer.send(Message::Close).await.is_ok() {
            self.to_writer.closed().await;
        }
    }

    /// Waits until the writer has ended.
    pub(in crate::sandbox) async fn ended(&self) {
        self.to_writer.closed().await;
    }
}

impl Slot<'_> {
    /// Hands in the batch. An empty one becomes ready when all before it are on disk.
    pub(in crate::sandbox) fn commit(self, writes: Vec<Write>) -> Durable {
        let (done, durable) = oneshot::channel();
        self.0.send(Message::Commit(writes, done));
        durable
    }
}

/// The writer: it alone has the connection, and holds the lock for as long as it does.
async fn write(mut connection: SqliteConnection, mut batches: mpsc::Receiver<Message>, lock: fs::File) {
    let mut open = true;
    while open {
        let Some(first) = batches.recv().await else { break };
        let mut packed = vec![first];
        while packed.len() < PACKED_MAX {
            let Ok(next) = batches.try_recv() else { break };
            packed.push(next);
        }
        let mut waiting = Vec::with_capacity(packed.len());
        let mut writes = Vec::new();
        for message in packed {
            match message {
                Message::Commit(batch, done) if open => {
                    writes.extend(batch);
                    waiting.push(done);
                }
                Message::Commit(..) => {}
                Message::Close => open = false,
            }
        }
        if let Err(error) = commit(&mut connection, &writes).await {
            tracing::error!(%error, "the sandbox cannot write its file, and ends");
            break;
        }
        for done in waiting {
            // Nobody waits for it any more when its client has gone; the effect stands all the same.
            let _ = done.send(());
        }
    }
    // First the connection, then the lock: the next sandbox must find a file at rest. `batches` goes last, since its end
    // is what `close` waits for.
    let _ = connection.close().await;
    drop(lock);
    drop(batches);
}

async fn commit(connection: &mut SqliteConnection, writes: &[Write]) -> Result<(), sqlx::Error> {
    if writes.is_empty() {
        return Ok(());
    }
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for write in writes {
        let query = match &write.body {
            Some(body) => {
                sqlx::query("INSERT OR REPLACE INTO kept (drawer, kind, id, body) VALUES (?1, ?2, ?3, ?4)")
                    .bind(write.drawer.as_str())
                    .bind(&write.kind)
                    .bind(&write.id)
                    .bind(body)
            }
            None => sqlx::query("DELETE FROM kept WHERE drawer = ?1 AND kind = ?2 AND id = ?3")
                .bind(write.drawer.as_str())
                .bind(&write.kind)
                .bind(&write.id),
        };
        query.execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
