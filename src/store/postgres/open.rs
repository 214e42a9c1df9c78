//! Opening the database, for serving it or for reading alone, and what can stand in the way.

use std::str::FromStr as _;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};

use super::PostgresStore;
use super::database::{self, Role};
use crate::store::migrations::Standing;

/// A connection that was idle for longer is tried before it is used: the server may have gone away meanwhile.
const TRUSTED_FOR: Duration = Duration::from_secs(5);

/// Connections are made anew after this time, so that they find their way to a new primary or a changed address.
const LIFETIME: Duration = Duration::from_mins(30);

/// How a database is used. The default is right for one of a few nodes.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// How many connections this process has at most.
    pub connections: u32,
    /// How long a call waits for a connection before it is told that the store is unavailable.
    pub acquire_timeout: Duration,
    /// How long one statement may take. No verb comes near it.
    pub statement_timeout: Duration,
    /// How long a statement waits for somebody else's row.
    pub lock_timeout: Duration,
    /// How many calls of a kind go to the server in one statement at most.
    pub together: usize,
    /// How many such statements of a kind are under way at once.
    pub carriers: usize,
    /// How long a reader of the events feed waits for writers that began earlier and may still add an event before its page's end.
    pub feed_patience: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            connections: 16,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            together: 64,
            carriers: 1,
            feed_patience: Duration::from_secs(1),
        }
    }
}

/// Why a database is not used. Nothing was changed in it. None of these shows the address, which holds a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is not one of a PostgreSQL database.
    #[error("not the address of a PostgreSQL database: postgres://user:password@host:5432/name is expected")]
    Address,
    /// The server cannot be reached, or lets nobody in.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// The server is too old.
    #[error("PostgreSQL {found} is too old; at least 15 is needed")]
    OldServer {
        /// Its version.
        found: String,
    },
    /// The database cannot keep every text.
    #[error("the database keeps texts as {found}; it must be made with the encoding UTF8")]
    Encoding {
        /// Its encoding.
        found: String,
    },
    /// It is a standby, or was set read-only. Only the primary is asked.
    #[error("the database takes no writes: {why}. The address must lead to the primary")]
    ReadOnly {
        /// What makes it so.
        why: &'static str,
    },
    /// Its tables are somebody else's, and are left as they are.
    #[error("the database is not one of Changeover: {what}")]
    Foreign {
        /// What was found.
        what: String,
    },
    /// It was written by a newer program.
    #[error("the database was written by a newer version of Changeover (it has migration {migration})")]
    Newer {
        /// The newest migration that this program does not know.
        migration: i64,
    },
    /// It was written by an older program, and reading alone cannot bring it up to date.
    #[error(
        "the database was written by an older version of Changeover, or by none; serve it once, then read it"
    )]
    Older,
    /// A migration was begun and did not end.
    #[error(
        "migration {migration} of the database was begun and did not end; restore the database, or finish it by hand"
    )]
    HalfMigrated {
        /// The migration.
        migration: i64,
    },
    /// A migration failed, and was taken back.
    #[error("the database could not be brought up to date: {0}")]
    NotMigrated(String),
}

impl PostgresStore {
    /// Opens a database for serving it: checks that it is fit, and brings its tables up to date. Many nodes may do so at the
    /// same time; one migrates, under an advisory lock that is held for nothing else, and the others wait for it.
    pub async fn open(address: &SecretString, options: &PostgresOptions) -> Result<Self, OpenError> {
        let connect = address_of(address)?;
        let mut connection = connected(&connect).await?;
        if database::check(&mut connection, Role::Served).await? == Standing::Behind {
            database::migrate(&mut connection).await?;
        }
        database::continue_feed(&mut connection).await?;
        // The connection has done its work; that it closes badly is of no account.
        let _ = connection.close().await;
        Ok(Self::on(pool(connect, options, Role::Served), options))
    }

    /// Opens a database for reading alone. Every verb that writes answers that the store is unavailable.
    pub async fn read_only(address: &SecretString) -> Result<Self, OpenError> {
        let connect = address_of(address)?.options([("default_transaction_read_only", "on")]);
        let mut connection = connected(&connect).await?;
        let standing = database::check(&mut connection, Role::Read).await?;
        let _ = connection.close().await;
        match standing {
            Standing::UpToDate => {
                let options = PostgresOptions::default();
                Ok(Self::on(pool(connect, &options, Role::Read), &options))
            }
            Standing::Behind => Err(OpenError::Older),
        }
    }
}

fn address_of(address: &SecretString) -> Result<PgConnectOptions, OpenError> {
    let address = address.expose_secret();
    let scheme = address.split_once("://").map(|(scheme, _)| scheme);
    if !matches!(scheme, Some("postgres" | "postgresql")) {
        return Err(OpenError::Address);
    }
    let connect = PgConnectOptions::from_str(address).map_err(|_| OpenError::Address)?;
    // Statements and their parameters are nobody's business.
    Ok(connect.application_name("changeover").disable_statement_logging())
}

async fn connected(connect: &PgConnectOptions) -> Result<PgConnection, OpenError> {
    let connection = connect.connect().await;
    connection.map_err(|error| database::unreachable(&error))
}

/// Connections are made when they are needed, so that a node starts and goes on whatever the database is doing just then.
fn pool(connect: PgConnectOptions, options: &PostgresOptions, role: Role) -> sqlx::PgPool {
    let millis = |duration: Duration| duration.as_millis().to_string();
    let connect = connect.options([
        ("statement_timeout", millis(options.statement_timeout)),
        ("lock_timeout", millis(options.lock_timeout)),
        // A decision is one large statement that looks up a handful of rows by their keys. Planned anew each time, or compiled, it
        // takes longer to prepare than to run.
        ("plan_cache_mode", "force_generic_plan".to_owned()),
        ("jit", "off".to_owned()),
        // Whatever is looked for has an index; a plan that was made while a table was small must not read all of it later.
        ("enable_seqscan", "off".to_owned()),
        ("enable_hashjoin", "off".to_owned()),
        ("enable_mergejoin", "off".to_owned()),
        // No verb leaves a transaction open. Should one be, it must not hold anybody up.
        (
            "idle_in_transaction_session_timeout",
            millis(options.lock_timeout),
        ),
    ]);
    PgPoolOptions::new()
        .max_connections(options.connections.max(1))
        .acquire_timeout(options.acquire_timeout)
        .max_lifetime(LIFETIME)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED_FOR {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(move |connection, _| Box::pin(database::is_still_fit(connection, role)))
        .connect_lazy_with(connect)
}
