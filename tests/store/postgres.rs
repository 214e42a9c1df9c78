//! What is special about the database of many nodes: how it is opened, and what it does when it goes away.

use std::time::Duration;

use changeover::ports::store::{Channel, PageAsk, Store, StoreError, Written};
use changeover::ports::time::Clock as _;
use changeover::store::postgres::{OpenError, PostgresOptions, PostgresStore};
use changeover::system::{SystemClock, SystemStopwatch};
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use jiff::SignedDuration;
use sqlx::{Connection as _, Row as _};

use super::people::{FIRST_PAGE, at, household, seller};
use super::writings::{done, leaving, moving, opened, opening};
use crate::support::postgres::{Fresh, run};

/// A store on a database of its own.
pub(crate) struct Bench {
    database: Fresh,
    store: PostgresStore,
}

impl Bench {
    pub(crate) fn store(&self) -> &dyn Store {
        &self.store
    }

    pub(crate) async fn close(self) {
        self.store.close().await;
        self.database.remove().await;
    }
}

pub(crate) async fn bench() -> Bench {
    on(Fresh::migrated().await).await
}

async fn on(database: Fresh) -> Bench {
    let store = open(&database).await.expect("opened");
    Bench { database, store }
}

pub(super) async fn open(database: &Fresh) -> Result<PostgresStore, OpenError> {
    PostgresStore::open(&database.address(), &PostgresOptions::default()).await
}

/// Everything that lies in a database, by name.
pub(super) async fn tables(database: &Fresh) -> Vec<String> {
    let found = database
        .look(
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname",
        )
        .await;
    found.iter().map(|row| row.get(0)).collect()
}

super::every_story!(bench);

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let bench = bench().await;
    let home = household(bench.store(), "cus_1").await;
    let change = opened(bench.store(), &home, Some(at(5))).await;
    bench.store.close().await;
    let reopened = open(&bench.database).await.expect("opened again");
    let situation = reopened.situation(change.id).await.expect("read").expect("there");
    assert_eq!(situation.change, change);
    assert_eq!(reopened.next_due().await.expect("read"), Some(at(5)));
    reopened.close().await;
    bench.close().await;
}

#[tokio::test]
async fn what_somebody_holds_holds_up_nothing_else() {
    let bench = bench().await;
    let mut changes = Vec::new();
    for number in 0..12 {
        let home = household(bench.store(), &format!("cus_{number}")).await;
        changes.push(opened(bench.store(), &home, Some(at(5))).await);
    }
    let mut somebody = bench.database.connect().await;
    run(&mut somebody, "BEGIN").await;
    sqlx::query("SELECT FROM due WHERE subject = $1 FOR UPDATE")
        .bind(changes[0].id.0)
        .execute(&mut somebody)
        .await
        .expect("held");
    let mut decisions = changes
        .iter()
        .map(|change| bench.store().record(moving(change, at(6))));
    let mut held = decisions.next().expect("a decision");
    let others = join_all(decisions);
    tokio::select! {
        biased;
        written = &mut held => panic!("written past somebody: {written:?}"),
        written = others => {
            for written in written {
                assert_eq!(written.expect("answered"), Written::Done);
            }
        }
    }
    run(&mut somebody, "ROLLBACK").await;
    assert_eq!(held.await.expect("answered"), Written::Done);
    bench.close().await;
}

#[tokio::test]
async fn a_call_goes_on_when_its_caller_goes_away() {
    let bench = bench().await;
    let home = household(bench.store(), "cus_1").await;
    let record = opening(&home, at(1));
    let id = record.change.id;
    assert!(bench.store().record(record).now_or_never().is_none());
    while bench.store().situation(id).await.expect("read").is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        bench.store().journal(id, FIRST_PAGE).await.expect("read").len(),
        1
    );
    bench.close().await;
}

#[tokio::test]
async fn after_closing_nothing_is_taken_in() {
    let bench = bench().await;
    let home = household(bench.store(), "cus_1").await;
    bench.store.close().await;
    let refused = bench.store().record(opening(&home, at(1))).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    bench.close().await;
}

#[tokio::test]
async fn reading_alone_writes_nothing() {
    let empty = Fresh::empty().await;
    let unread = PostgresStore::read_only(&empty.address()).await.err();
    assert!(matches!(unread, Some(OpenError::Older)), "{unread:?}");
    assert_eq!(tables(&empty).await, Vec::<String>::new());
    empty.remove().await;

    let bench = bench().await;
    let home = household(bench.store(), "cus_1").await;
    let change = opened(bench.store(), &home, None).await;
    let reader = PostgresStore::read_only(&bench.database.address()).await;
    let reader = reader.expect("opened");
    assert!(reader.situation(change.id).await.expect("read").is_some());
    let refused = reader.record(moving(&change, at(1))).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    reader.close().await;
    bench.close().await;
}

#[tokio::test]
async fn many_nodes_may_start_at_once_on_an_empty_database() {
    let database = Fresh::empty().await;
    let opened = join_all((0..6).map(|_| open(&database))).await;
    let stores: Vec<PostgresStore> = opened.into_iter().map(|store| store.expect("opened")).collect();
    let home = household(&stores[0], "cus_1").await;
    assert!(
        stores[5]
            .contract(home.contract.id)
            .await
            .expect("read")
            .is_some()
    );
    for store in stores {
        store.close().await;
    }
    database.remove().await;
}

#[tokio::test]
async fn texts_are_compared_byte_by_byte_whatever_the_database_thinks_of_them() {
    let how = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE' LOCALE 'C'";
    let bench = on(Fresh::made(how).await).await;
    let order = bench
        .database
        .look(
            "SELECT attrelid::regclass::text || '.' || attname FROM pg_attribute
             JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r' AND relnamespace = 'public'::regnamespace
             WHERE atttypid = 'text'::regtype AND attcollation <> '\"C\"'::regcollation
                 AND relname <> '_sqlx_migrations'",
        )
        .await;
    let order: Vec<String> = order.iter().map(|row| row.get(0)).collect();
    assert_eq!(order, Vec::<String>::new(), "columns with another order");
    bench.close().await;
}

#[tokio::test]
async fn history_cannot_be_rewritten_or_cut() {
    let bench = bench().await;
    let home = household(bench.store(), "cus_1").await;
    opened(bench.store(), &home, None).await;
    for statement in [
        "UPDATE journal SET content = ''",
        "DELETE FROM journal",
        "TRUNCATE journal",
        "UPDATE contract_journal SET content = ''",
        "DELETE FROM contract_journal",
        "TRUNCATE contract_journal",
    ] {
        let mut somebody = bench.database.connect().await;
        let refused = sqlx::query(statement).execute(&mut somebody).await;
        let told = refused.expect_err(statement).to_string();
        assert!(told.contains("history"), "{told}");
        somebody.close().await.expect("closed");
    }
    bench.close().await;
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
        bench.database.raw(statement).await;
        match bench.store().situation(change.id).await {
            Err(StoreError::Damaged(what)) => assert_eq!(what, cell),
            other => panic!("{cell}: {other:?}"),
        }
        bench.close().await;
    }
}

#[tokio::test]
async fn a_text_that_cannot_be_kept_is_refused_without_being_shown() {
    let bench = bench().await;
    let home = household(bench.store(), "cus_1").await;
    let mut record = opening(&home, at(1));
    record.change.return_url = Some("https://acme.example/\0secret".to_owned());
    let refused = bench.store().record(record).await.expect_err("refused");
    let told = format!("{refused} {refused:?}");
    assert!(matches!(refused, StoreError::Damaged(_)), "{told}");
    assert!(!told.contains("secret"), "{told}");
    bench.close().await;
}

#[tokio::test]
async fn lost_connections_are_unavailability_and_soon_forgotten() {
    let bench = bench().await;
    let home = household(bench.store(), "cus_1").await;
    let mut change = opened(bench.store(), &home, None).await;
    for round in 0..5 {
        bench
            .database
            .raw(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await;
        let record = moving(&change, at(round));
        // Whoever is told that the store is unavailable may ask again, and again until it is there.
        loop {
            match bench.store().record(record.clone()).await {
                Ok(written) => {
                    assert_eq!(written, Written::Done);
                    break;
                }
                Err(StoreError::Unavailable(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        change = record.change;
    }
    bench.close().await;
}

#[tokio::test]
async fn a_row_that_somebody_holds_for_too_long_is_unavailability() {
    let database = Fresh::migrated().await;
    let options = PostgresOptions {
        lock_timeout: Duration::from_millis(20),
        ..PostgresOptions::default()
    };
    let store = PostgresStore::open(&database.address(), &options).await;
    let bench = Bench {
        store: store.expect("opened"),
        database,
    };
    let home = household(bench.store(), "cus_1").await;
    let change = opened(bench.store(), &home, None).await;
    let mut somebody = bench.database.connect().await;
    run(&mut somebody, "BEGIN; SELECT FROM due FOR UPDATE").await;
    let refused = bench.store().record(moving(&change, at(1))).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    run(&mut somebody, "ROLLBACK").await;
    done(bench.store(), moving(&change, at(1))).await;
    somebody.close().await.expect("closed");
    bench.close().await;
}

#[tokio::test]
async fn a_reader_of_the_feed_misses_no_event_that_becomes_visible_late() {
    let database = Fresh::migrated().await;
    let options = PostgresOptions {
        feed_patience: Duration::ZERO,
        ..PostgresOptions::default()
    };
    let store = PostgresStore::open(&database.address(), &options).await;
    let bench = Bench {
        store: store.expect("opened"),
        database,
    };
    let home = household(bench.store(), "cus_1").await;
    let change = opened(bench.store(), &home, None).await;
    // Another node is in the middle of telling something: it has its place in the feed, and has not committed.
    let mut node = bench.database.connect().await;
    let telling = format!(
        "BEGIN; INSERT INTO outbox (position, id, dedupe_key, channel, seller, account, topic, facts, at, attempts, status,
             next_try_at)
         SELECT (pg_current_xact_id()::text::bigint - first_transaction) * 1024 + 1, gen_random_uuid(), 'early', 'event',
             'acme', '{}', 'early', '', 0, 0, 'waiting', 0 FROM feed",
        home.account.id
    );
    run(&mut node, &telling).await;
    let mut record = moving(&change, at(1));
    record.outbox = vec![leaving(&record.change, Channel::Event, "late")];
    done(bench.store(), record).await;
    let topics = async || {
        let page = bench.store().events(&seller(), FIRST_PAGE).await.expect("read");
        page.into_iter().map(|(_, row)| row.topic).collect::<Vec<_>>()
    };
    assert_eq!(
        topics().await,
        Vec::<String>::new(),
        "the later one is shown before the earlier"
    );
    run(&mut node, "COMMIT").await;
    // Others work on this server too, and hold the feed up for a moment.
    while topics().await.is_empty() {
        tokio::task::yield_now().await;
    }
    let all = loop {
        let seen = topics().await;
        assert_eq!(seen[0], "early");
        if seen.len() == 2 {
            break seen;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(all, ["early", "late"]);
    node.close().await.expect("closed");
    bench.close().await;
}

#[tokio::test]
async fn positions_of_the_feed_go_on_rising_in_a_restored_database() {
    let bench = bench().await;
    let home = household(bench.store(), "cus_1").await;
    let change = opened(bench.store(), &home, None).await;
    let mut record = moving(&change, at(1));
    record.outbox = vec![leaving(&record.change, Channel::Event, "before")];
    let change = done(bench.store(), record).await;
    // As if the server it came from had counted far more transactions than this one.
    bench
        .database
        .raw("UPDATE outbox SET position = position + 1024 * 1000000")
        .await;
    bench.store.close().await;
    let reopened = open(&bench.database).await.expect("opened again");
    let mut record = moving(&change, at(2));
    record.outbox = vec![leaving(&record.change, Channel::Event, "after")];
    done(&reopened, record).await;
    let page = reopened
        .events(&seller(), PageAsk { after: 0, limit: 9 })
        .await
        .expect("read");
    let topics: Vec<&str> = page.iter().map(|(_, row)| row.topic.as_str()).collect();
    assert_eq!(topics, ["before", "after"]);
    reopened.close().await;
    bench.close().await;
}

#[tokio::test]
async fn the_time_is_the_databases_and_a_wrong_clock_is_told() {
    let bench = bench().await;
    let stopwatch = || std::sync::Arc::new(SystemStopwatch::default());
    let a_day_ahead = crate::support::a_clock_ahead(SignedDuration::from_hours(24));
    let clock = bench
        .store
        .clock(stopwatch(), a_day_ahead)
        .await
        .expect("a clock");
    let off = (clock.now().duration_since(SystemClock.now())).abs();
    assert!(
        off < SignedDuration::from_mins(1),
        "the database runs on this machine: {off}"
    );
    let skew = clock.skew() - SignedDuration::from_hours(24);
    assert!(skew.abs() < SignedDuration::from_mins(1), "{skew}");
    // It goes on by itself, and whoever waits for a time wakes when it has come.
    let soon = clock.now() + SignedDuration::from_millis(30);
    clock.wait_until(soon).await;
    assert!(clock.now() >= soon);
    bench.close().await;
}
