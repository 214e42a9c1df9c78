//! What a PostgreSQL server says about itself, for whoever looks after it. Only asks.

use std::str::FromStr as _;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

/// How long the server may take to let us in and answer.
const WITHIN: Duration = Duration::from_secs(10);

const FACTS: &str = "SELECT current_setting('server_version_num')::int AS version,
    current_setting('server_version') AS version_text,
    current_setting('server_encoding') AS encoding,
    current_setting('fsync') AS fsync,
    current_setting('full_page_writes') AS full_page_writes,
    current_setting('synchronous_commit') AS synchronous_commit,
    current_setting('transaction_read_only') = 'on' AS read_only,
    pg_is_in_recovery() AS in_recovery,
    to_regclass('_sqlx_migrations') IS NOT NULL AS migrated,
    (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now";

const MIGRATION: &str = "SELECT coalesce(max(version), 0) FROM _sqlx_migrations";

/// What it says.
#[derive(Debug, Clone)]
pub struct PostgresFacts {
    /// Its version as a number: 150004 for 15.4.
    pub version: i32,
    /// Its version as it names it.
    pub version_text: String,
    /// The encoding of the database.
    pub encoding: String,
    /// Whether commits reach the disk: `on` or `off`.
    pub fsync: String,
    /// Whether a torn page can be mended: `on` or `off`.
    pub full_page_writes: String,
    /// When a commit is acknowledged.
    pub synchronous_commit: String,
    /// Whether our transactions could not write.
    pub read_only: bool,
    /// Whether it follows another server.
    pub in_recovery: bool,
    /// The newest migration that was applied; `None` where there are no tables.
    pub migration: Option<i64>,
    /// The newest migration that this program knows.
    pub newest: i64,
    /// Its present.
    pub now: Timestamp,
}

/// Asks it. The error names hosts and codes, never a password.
pub async fn inspect(url: &SecretString) -> Result<PostgresFacts, String> {
    let options = PgConnectOptions::from_str(url.expose_secret()).map_err(|_| {
        "DATABASE_URL is not an address such as postgres://user:password@host/name".to_owned()
    })?;
    match tokio::time::timeout(WITHIN, ask(&options)).await {
        Ok(answer) => answer.map_err(|error| match error {
            sqlx::Error::Database(told) => told.message().to_owned(),
            other => other.to_string(),
        }),
        Err(_) => Err(format!("no answer within {} seconds", WITHIN.as_secs())),
    }
}

async fn ask(options: &PgConnectOptions) -> Result<PostgresFacts, sqlx::Error> {
    let mut connection: PgConnection = options.connect().await?;
    let row = sqlx::query(FACTS).fetch_one(&mut connection).await?;
    let migrated: bool = row.try_get("migrated")?;
    let migration = if migrated {
        Some(
            sqlx::query(MIGRATION)
                .fetch_one(&mut connection)
                .await?
                .try_get(0)?,
        )
    } else {
        None
    };
    connection.close().await?;
    Ok(PostgresFacts {
        version: row.try_get("version")?,
        version_text: row.try_get("version_text")?,
        encoding: row.try_get("encoding")?,
        fsync: row.try_get("fsync")?,
        full_page_writes: row.try_get("full_page_writes")?,
        synchronous_commit: row.try_get("synchronous_commit")?,
        read_only: row.try_get("read_only")?,
        in_recovery: row.try_get("in_recovery")?,
        migration,
        newest: super::sqlite::newest_migration(),
        now: Timestamp::from_millisecond(row.try_get("now")?).unwrap_or(Timestamp::MAX),
    })
}
