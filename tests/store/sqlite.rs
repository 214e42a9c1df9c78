//! What is special about the embedded database: its file, its lock, its one writer.

use std::fs;
use std::path::{Path, PathBuf};

use changeover::domain::change::ChangeId;
use changeover::ports::store::{Store, StoreError, Written};
use changeover::store::sqlite::{OpenError, SqliteOptions, SqliteStore};
use futures_util::FutureExt as _;
use tempfile::TempDir;

use super::people::{at, household};
use super::writings::{done, moving, opened, opening};

/// A store in a directory of its own.
pub(crate) struct Bench {
    directory: TempDir,
    store: SqliteStore,
}

impl Bench {
    pub(crate) fn store(&self) -> &dyn Store {
        &self.store
    }

    pub(crate) async fn close(&self) {
        self.store.close().await;
    }

    /// Does to the file what no verb would do.
    pub(crate) async fn harm(&self, statement: &'static str) {
        raw(&self.path(), statement).await;
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("changeover.db")
    }
}

pub(crate) async fn bench() -> Bench {
    bench_with(&SqliteOptions::default()).await
}

async fn bench_with(options: &SqliteOptions) -> Bench {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("changeover.db");
    let store = SqliteStore::open(&path, options).await.expect("opened");
    Bench { directory, store }
}

async fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, &SqliteOptions::default()).await
}

async fn refusal(path: &Path) -> OpenError {
    match open(path).await {
        Ok(_) => panic!("{} should be refused", path.display()),
        Err(error) => error,
    }
}

async fn raw(path: &Path, statement: &'static str) {
    use sqlx::{ConnectOptions as _, Connection as _};
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut connection = options
        .create_if_missing(true)
        .connect()
        .await
        .expect("connected");
    sqlx::query(statement)
        .execute(&mut connection)
        .await
        .expect("done");
    connection.close().await.expect("closed");
}

super::every_story!(bench);

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let bench = bench().await;
    let home = household(bench.store(), "cus_1").await;
    let change = opened(bench.store(), &home, Some(at(5))).await;
    bench.close().await;
    let reopened = open(&bench.path()).await.expect("opened again");
    let situation = reopened.situation(change.id).await.expect("read").expect("there");
    assert_eq!(situation.change, change);
    assert_eq!(reopened.next_due().await.expect("read"), Some(at(5)));
    reopened.close().await;
}

#[tokio::test]
async fn a_store_that_is_only_dropped_finishes_its_work_and_gives_the_file_back() {
    let Bench { directory, store } = bench().await;
    let path = directory.path().join("changeover.db");
    let home = household(&store, "cus_1").await;
    let record = opening(&home, at(1));
    let id = record.change.id;
    // The caller goes away right after its wish has reached the writer.
    assert!(store.record(record).now_or_never().is_none());
    drop(store);
    let reopened = loop {
        match open(&path).await {
            Ok(store) => break store,
            Err(OpenError::InUse { .. }) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    };
    assert!(reopened.situation(id).await.expect("read").is_some());
    reopened.close().await;
}

#[tokio::test]
async fn a_file_is_served_by_one_store_at_a_time() {
    let bench = bench().await;
    let path = bench.path();
    let error = refusal(&path).await;
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    assert!(error.to_string().contains("changeover.db"), "{error}");
    // Another name does not help.
    #[cfg(unix)]
    {
        let alias = bench.directory.path().join("alias.db");
        std::os::unix::fs::symlink(&path, &alias).expect("linked");
        let error = refusal(&alias).await;
        assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    }
    bench.close().await;
    open(&path).await.expect("free again").close().await;
}

#[tokio::test]
async fn after_closing_nothing_is_taken_in() {
    let bench = bench().await;
    let home = household(bench.store(), "cus_1").await;
    bench.close().await;
    let refused = bench.store().record(opening(&home, at(1))).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    let unread = bench.store().next_due().await;
    assert!(matches!(unread, Err(StoreError::Unavailable(_))), "{unread:?}");
}

#[tokio::test]
async fn reading_alone_works_beside_the_server_and_writes_nothing() {
    let bench = bench().await;
    let home = household(bench.store(), "cus_1").await;
    let change = opened(bench.store(), &home, None).await;
    let reader = SqliteStore::read_only(bench.path()).await.expect("opened");
    assert!(reader.situation(change.id).await.expect("read").is_some());
    assert_eq!(reader.change_ids(None, 9).await.expect("read"), [change.id]);
    assert_eq!(
        reader.change_ids(Some(change.id), 9).await.expect("read"),
        Vec::<ChangeId>::new()
    );
    assert_eq!(
        reader.contract_ids(None, 9).await.expect("read"),
        [home.contract.id]
    );
    let refused = reader.record(moving(&change, at(1))).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    done(bench.store(), moving(&change, at(1))).await;
    let seen = reader.situation(change.id).await.expect("read").expect("there");
    assert_eq!(seen.change.version, 2);
    reader.close().await;
    bench.close().await;
}

#[tokio::test]
async fn a_full_disk_is_unavailable_and_leaves_what_was_there() {
    let options = SqliteOptions {
        pages_max: Some(160),
        ..SqliteOptions::default()
    };
    let bench = bench_with(&options).await;
    let store = bench.store();
    let home = household(store, "cus_1").await;
    let mut change = opened(store, &home, None).await;
    let mut full = None;
    for _ in 0..20 {
        let mut record = moving(&change, at(1));
        record.change.stage = vec![b' '; 60_000];
        record.entries[0].content = vec![b' '; 60_000];
        let moved = record.change.clone();
        match store.record(record).await {
            Ok(written) => assert_eq!(written, Written::Done),
            Err(error) => {
                full = Some(error);
                break;
            }
        }
        change = moved;
    }
    assert!(matches!(full, Some(StoreError::Unavailable(_))), "{full:?}");
    let stored = store.situation(change.id).await.expect("read").expect("there");
    assert_eq!(stored.change, change);
    // Something small still fits.
    done(store, moving(&change, at(2))).await;
    bench.close().await;
}

#[tokio::test]
async fn a_file_of_somebody_else_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().expect("a directory");
    let notes = directory.path().join("notes.txt");
    fs::write(&notes, "not a database\n".repeat(100)).expect("written");
    let other = directory.path().join("other.db");
    raw(&other, "CREATE TABLE song (name TEXT)").await;
    for path in [notes, other] {
        let before = fs::read(&path).expect("read");
        let error = refusal(&path).await;
        assert!(matches!(error, OpenError::Foreign(_)), "{error}");
        assert_eq!(fs::read(&path).expect("read"), before);
        let unread = SqliteStore::read_only(&path).await.err().expect("refused");
        assert!(matches!(unread, OpenError::Foreign(_)), "{unread}");
    }
    let nowhere = directory.path().join("no/such/place.db");
    let error = refusal(&nowhere).await;
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn a_file_of_a_newer_program_is_refused() {
    let bench = bench().await;
    bench.close().await;
    raw(
        &bench.path(),
        "INSERT INTO _sqlx_migrations VALUES (9999, 'from the future', '2030-01-01', TRUE, x'00', 0)",
    )
    .await;
    let error = refusal(&bench.path()).await;
    assert!(
        matches!(error, OpenError::Newer { migration: 9999, .. }),
        "{error}"
    );
    let error = SqliteStore::read_only(bench.path()).await.err().expect("refused");
    assert!(
        matches!(error, OpenError::Newer { migration: 9999, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_that_is_half_migrated_or_by_other_migrations_is_refused() {
    let bench = bench().await;
    bench.close().await;
    raw(&bench.path(), "UPDATE _sqlx_migrations SET success = FALSE").await;
    let error = refusal(&bench.path()).await;
    assert!(matches!(error, OpenError::HalfMigrated { .. }), "{error}");
    let error = SqliteStore::read_only(bench.path()).await.err().expect("refused");
    assert!(matches!(error, OpenError::HalfMigrated { .. }), "{error}");
    raw(
        &bench.path(),
        "UPDATE _sqlx_migrations SET success = TRUE, checksum = x'00'",
    )
    .await;
    let error = refusal(&bench.path()).await;
    assert!(matches!(error, OpenError::Foreign(_)), "{error}");
}

#[tokio::test]
async fn a_torn_file_is_refused() {
    let bench = bench().await;
    let home = household(bench.store(), "cus_1").await;
    opened(bench.store(), &home, None).await;
    bench.close().await;
    let mut bytes = fs::read(bench.path()).expect("read");
    // Every page but the first loses its middle.
    for page in bytes.chunks_mut(4096).skip(1) {
        page[..2048].fill(0xA5);
    }
    fs::write(bench.path(), &bytes).expect("written");
    let error = refusal(&bench.path()).await;
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
}

#[tokio::test]
async fn a_number_that_cannot_be_is_named_by_its_cell() {
    for (statement, cell) in [
        ("UPDATE change SET reminded = -1", "change.reminded"),
        ("UPDATE change SET asked = 5000000000", "change.asked"),
        ("UPDATE change SET seller = 'No Slug'", "change.seller"),
        ("UPDATE account SET language = 'tlh'", "account.language"),
        ("UPDATE contract SET version = 7", "contract.content"),
    ] {
        let bench = bench().await;
        let home = household(bench.store(), "cus_1").await;
        let change = opened(bench.store(), &home, None).await;
        raw(&bench.path(), statement).await;
        match bench.store().situation(change.id).await {
            Err(StoreError::Damaged(what)) => assert_eq!(what, cell),
            other => panic!("{cell}: {other:?}"),
        }
        bench.close().await;
    }
}
