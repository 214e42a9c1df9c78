//! Databases of many nodes that must not be used: each is refused in plain words, and left as it is.

use changeover::store::postgres::{OpenError, PostgresOptions, PostgresStore};
use secrecy::SecretString;

use super::postgres::{open, tables};
use crate::support::postgres::Fresh;

async fn refusal(database: &Fresh) -> OpenError {
    match open(database).await {
        Ok(_) => panic!("it should be refused"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_refused_and_not_shown() {
    for (address, expected) in [
        ("mysql://root:hidden@localhost/changeover", "postgres://"),
        ("postgres://user:hidden@", "postgres://"),
        (
            "postgres://user:hidden@localhost/x?sslmode=whatever",
            "postgres://",
        ),
        (
            "postgres://user:hidden@127.0.0.1:1/changeover",
            "cannot be reached",
        ),
    ] {
        let opened = PostgresStore::open(&SecretString::from(address), &PostgresOptions::default()).await;
        let error = opened.err().expect("refused");
        let told = format!("{error} {error:?}");
        assert!(told.contains(expected), "{told}");
        assert!(!told.contains("hidden"), "{told}");
    }
}

#[tokio::test]
async fn a_database_of_somebody_else_is_refused_and_left_as_it_is() {
    for theirs in [
        "CREATE TABLE song (name TEXT)",
        "CREATE VIEW song AS SELECT 1 AS name",
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
            installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL,
            execution_time BIGINT NOT NULL);
         INSERT INTO _sqlx_migrations VALUES (1, 'songs', now(), TRUE, 'abc', 0)",
        "CREATE TABLE _sqlx_migrations (what TEXT)",
    ] {
        let database = Fresh::empty().await;
        database.raw(theirs).await;
        let before = tables(&database).await;
        let error = refusal(&database).await;
        assert!(matches!(error, OpenError::Foreign { .. }), "{theirs}: {error}");
        assert_eq!(tables(&database).await, before);
        database.remove().await;
    }
}

#[tokio::test]
async fn a_database_of_a_newer_program_or_half_migrated_is_refused() {
    for (row, word) in [
        ("9999, 'from the future', now(), TRUE, '', 0", "newer"),
        ("9999, 'from the future', now(), FALSE, '', 0", "did not end"),
    ] {
        let database = Fresh::migrated().await;
        database
            .raw(&format!("INSERT INTO _sqlx_migrations VALUES ({row})"))
            .await;
        let error = refusal(&database).await;
        assert!(error.to_string().contains(word), "{error}");
        assert!(error.to_string().contains("9999"), "{error}");
        let error = PostgresStore::read_only(&database.address()).await.err();
        assert!(error.expect("refused").to_string().contains(word));
        database.remove().await;
    }
}

#[tokio::test]
async fn a_database_that_cannot_keep_every_text_is_refused() {
    let database = Fresh::made("TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'").await;
    let error = refusal(&database).await;
    assert!(
        matches!(&error, OpenError::Encoding { found } if found == "LATIN1"),
        "{error}"
    );
    assert_eq!(tables(&database).await, Vec::<String>::new());
    database.remove().await;
}

#[tokio::test]
async fn a_database_that_takes_no_writes_is_refused() {
    let database = Fresh::empty().await;
    database
        .raw(r"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$")
        .await;
    let error = refusal(&database).await;
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error}");
    assert_eq!(tables(&database).await, Vec::<String>::new());
    database.remove().await;
}

#[tokio::test]
async fn a_standby_is_refused_but_can_be_read_and_is_taken_once_it_is_the_primary() {
    let primary = Fresh::on_a_server_of_its_own().await;
    open(&primary).await.expect("migrated").close().await;
    let standby = primary.gets_a_standby();
    let refused = PostgresStore::open(&standby, &PostgresOptions::default()).await;
    let error = refused.err().expect("refused");
    assert!(
        matches!(&error, OpenError::ReadOnly { why } if why.contains("standby")),
        "{error}"
    );
    assert!(error.to_string().contains("must lead to the primary"), "{error}");
    let read = PostgresStore::read_only(&standby).await;
    read.expect("good enough for reading").close().await;
    primary.fails_over();
    let taken = PostgresStore::open(&standby, &PostgresOptions::default()).await;
    taken.expect("the primary now").close().await;
}

/// A server says of itself what it is told to say: none that is really too old is at hand.
#[tokio::test]
async fn a_server_that_is_too_old_is_refused() {
    let database = Fresh::empty().await;
    database
        .raw(
            "CREATE SCHEMA old;
            CREATE FUNCTION old.current_setting(name TEXT) RETURNS TEXT LANGUAGE sql AS $$ SELECT CASE name
                WHEN 'server_version_num' THEN '140005' WHEN 'server_version' THEN '14.5'
                ELSE pg_catalog.current_setting(name) END $$",
        )
        .await;
    database
        .raw(r"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, old, pg_catalog', current_database()); END $$")
        .await;
    let error = refusal(&database).await;
    assert!(
        matches!(&error, OpenError::OldServer { found } if found == "14.5"),
        "{error}"
    );
    assert!(error.to_string().contains("at least 15"), "{error}");
    assert_eq!(tables(&database).await, Vec::<String>::new());
    database.remove().await;
}
