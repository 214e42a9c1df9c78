//! The durable file: everything that must survive a crash, in one SQLite table, behind one writer.
//!
//! Callers hand in batches; the writer packs what waits into one commit and answers after it. What lies on the drawers is
//! bytes to it. A provider that forgets proves nothing, so a commit that fails ends the sandbox.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{mpsc, oneshot};

use super::SandboxError;

/// Marks a SQLite file as ours (`PRAGMA application_id`), in ASCII a word of four letters.
const APPLICATION_ID: i64 = 0x436F_5362;
/// The layout of the file (`PRAGMA user_version`).
const LAYOUT: i64 = 1;
/// Batches waiting for the writer.
const WAITING_MAX: usize = 1_024;
/// Batches in one commit.
const PACKED_MAX: usize = 256;
/// How often, and how long apart, to ask for the lock of a sandbox that is just ending.
const LOCK_TRIES: u32 = 40;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// The kinds of things in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawer {
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
pub(super) struct Write {
    pub(super) drawer: Drawer,
    /// The kind of object, where a drawer has several.
    pub(super) kind: String,
    pub(super) id: String,
    /// The content; `None` takes it out.
    pub(super) body: Option<Vec<u8>>,
}

impl Write {
    /// Puts `body` on a drawer that has one kind of things.
    pub(super) fn put(drawer: Drawer, id: impl Into<String>, body: Vec<u8>) -> Write {
        Write {
            drawer,
            kind: String::new(),
            id: id.into(),
            body: Some(body),
        }
    }

    /// Takes a thing off a drawer that has one kind of things.
    pub(super) fn delete(drawer: Drawer, id: impl Into<String>) -> Write {
        Write {
            drawer,
            kind: String::new(),
            id: id.into(),
            body: None,
        }
    }

    /// Whether it is about this thing.
    pub(super) fn is(&self, drawer: Drawer, id: &str) -> bool {
        self.drawer == drawer && self.id == id
    }
}

enum Message {
    Commit(Vec<Write>, oneshot::Sender<()>),
    Close,
}

/// The way to the writer.
#[derive(Debug, Clone)]
pub(super) struct DurableFile {
    to_writer: mpsc::Sender<Message>,
}

/// Room for one batch. Taken before the decision that fills it, so that batches arrive in the order of decisions.
pub(super) struct Slot<'a>(mpsc::Permit<'a, Message>);

/// Becomes ready when the batch is on disk; an error means that it will never be.
pub(super) type Durable = oneshot::Receiver<()>;

impl DurableFile {
    /// Opens or makes the file at `path`, and returns all that it holds.
    ///
    /// # Errors
    /// [`SandboxError::InUse`], [`SandboxError::Foreign`], [`SandboxError::Damaged`] or [`SandboxError::Storage`].
    pub(super) async fn open(path: &Path) -> Result<(DurableFile, Vec<Write>), SandboxError> {
        let lock = lock(path).await?;
        let mut connection = connect(path).await?;
        let rows = load(&mut connection, path).await?;
        let (to_writer, batches) = mpsc::channel(WAITING_MAX);
        tokio::spawn(write(connection, batches, lock));
        Ok((DurableFile { to_writer }, rows))
    }

    /// Waits for room for one batch.
    ///
    /// # Errors
    /// [`SandboxError::Broken`] after a commit has failed, or after `close`.
    pub(super) async fn reserve(&self) -> Result<Slot<'_>, SandboxError> {
        self.to_writer
            .reserve()
            .await
            .map(Slot)
            .map_err(|_| SandboxError::Broken)
    }

    /// Commits everything before it, and then ends the writer, which lets go of the file.
    pub(super) async fn close(&self) {
        if self.to_writer.send(Message::Close).await.is_ok() {
            self.to_writer.closed().await;
        }
    }

    /// Waits until the writer has ended.
    pub(super) async fn ended(&self) {
        self.to_writer.closed().await;
    }
}

impl Slot<'_> {
    /// Hands in the batch. An empty one becomes ready when all before it are on disk.
    pub(super) fn commit(self, writes: Vec<Write>) -> Durable {
        let (done, durable) = oneshot::channel();
        self.0.send(Message::Commit(writes, done));
        durable
    }
}

/// Two sandboxes on one file would each believe that they are alone.
async fn lock(path: &Path) -> Result<fs::File, SandboxError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let storage = |error| SandboxError::Storage(sqlx::Error::Io(error));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(storage)?;
    }
    let file = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(PathBuf::from(name))
        .map_err(storage)?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(LOCK_PAUSE).await,
            Err(fs::TryLockError::Error(error)) => return Err(storage(error)),
        }
    }
    Err(SandboxError::InUse {
        path: path.to_owned(),
    })
}

async fn connect(path: &Path) -> Result<SqliteConnection, SandboxError> {
    let foreign = |why: &str| SandboxError::Foreign {
        path: path.to_owned(),
        why: why.to_owned(),
    };
    if !starts_like_sqlite(path).map_err(|error| SandboxError::Storage(sqlx::Error::Io(error)))? {
        return Err(foreign("it is no SQLite file"));
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(false);
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(|error| judge(error, path))?;
    let application: i64 = number(&mut connection, "PRAGMA application_id", path).await?;
    let tables = number(&mut connection, "SELECT count(*) FROM sqlite_schema", path).await?;
    let layout = number(&mut connection, "PRAGMA user_version", path).await?;
    match (application, tables, layout) {
        (0, 0, 0) | (APPLICATION_ID, 1, LAYOUT) => {}
        (APPLICATION_ID, _, LAYOUT) => {
            return Err(SandboxError::Damaged {
                path: path.to_owned(),
                why: "its table is missing".to_owned(),
            });
        }
        (APPLICATION_ID, ..) => {
            return Err(foreign(&format!(
                "its layout is {layout}, this program writes {LAYOUT}"
            )));
        }
        _ => return Err(foreign("it belongs to another program")),
    }
    connection.close().await.map_err(|error| judge(error, path))?;
    // Only now that it is ours may it be changed.
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(|error| judge(error, path))?;
    if application == 0 {
        create(&mut connection)
            .await
            .map_err(|error| judge(error, path))?;
    }
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&mut connection)
        .await
        .map_err(|error| judge(error, path))?;
    if verdict == "ok" {
        Ok(connection)
    } else {
        Err(SandboxError::Damaged {
            path: path.to_owned(),
            why: verdict,
        })
    }
}

/// A file that is missing or empty is fine: it will be made.
fn starts_like_sqlite(path: &Path) -> std::io::Result<bool> {
    use std::io::Read;
    let mut start = Vec::new();
    match fs::File::open(path) {
        Ok(file) => file.take(16).read_to_end(&mut start)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    Ok(start.is_empty() || start == b"SQLite format 3\0")
}

async fn number(
    connection: &mut SqliteConnection,
    question: &'static str,
    path: &Path,
) -> Result<i64, SandboxError> {
    sqlx::query_scalar(question)
        .fetch_one(connection)
        .await
        .map_err(|error| judge(error, path))
}

/// SQLite's own words for a file that is broken, told apart from a disk that is.
fn judge(error: sqlx::Error, path: &Path) -> SandboxError {
    let code = error
        .as_database_error()
        .and_then(|error| error.code().map(std::borrow::Cow::into_owned));
    match code.as_deref() {
        // SQLITE_CORRUPT (11, and 267, 523, 779 beside it) and SQLITE_NOTADB (26).
        Some("11" | "26" | "267" | "523" | "779") => SandboxError::Damaged {
            path: path.to_owned(),
            why: "SQLite cannot read it".to_owned(),
        },
        _ => SandboxError::Storage(error),
    }
}

/// One transaction, so that a file is either empty or whole.
async fn create(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query(
        "CREATE TABLE kept (drawer TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, \
         PRIMARY KEY (drawer, kind, id)) STRICT, WITHOUT ROWID",
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query("PRAGMA application_id = 0x436F5362")
        .execute(&mut *transaction)
        .await?;
    sqlx::query("PRAGMA user_version = 1")
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

async fn load(connection: &mut SqliteConnection, path: &Path) -> Result<Vec<Write>, SandboxError> {
    let rows = sqlx::query("SELECT drawer, kind, id, body FROM kept ORDER BY drawer, kind, id")
        .fetch_all(connection)
        .await
        .map_err(|error| judge(error, path))?;
    let read = |row: &sqlx::sqlite::SqliteRow| -> Result<Write, SandboxError> {
        let name: String = row.try_get(0).map_err(SandboxError::Storage)?;
        let drawer = Drawer::ALL.into_iter().find(|drawer| drawer.as_str() == name);
        let drawer = drawer.ok_or_else(|| SandboxError::Foreign {
            path: path.to_owned(),
            why: format!("it has a drawer '{name}' that this program does not know"),
        })?;
        let column = |index: usize| row.try_get(index).map_err(SandboxError::Storage);
        Ok(Write {
            drawer,
            kind: column(1)?,
            id: column(2)?,
            body: Some(row.try_get(3).map_err(SandboxError::Storage)?),
        })
    };
    rows.iter().map(read).collect()
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
