//! Which database there is: a PostgreSQL that the configuration names, or a file in the data folder.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::SignedDuration;
use secrecy::SecretString;

use crate::config::Config;
use crate::ports::store::Store;
use crate::ports::time::Clock;
use crate::store::postgres::{DatabaseClock, PostgresOptions, PostgresStore};
use crate::store::sqlite::{SqliteOptions, SqliteStore};
use crate::system::{SkewedClock, SystemClock, SystemStopwatch};

/// The name of the embedded database in the data folder.
pub const FILE: &str = "changeover.db";

/// An open database.
#[derive(Clone)]
pub enum Database {
    /// A file, served by this process alone.
    Sqlite(Arc<SqliteStore>),
    /// A server, shared by any number of processes.
    Postgres(Arc<PostgresStore>),
}

impl Database {
    /// Opens what the configuration names, for serving it.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        if let Some(address) = &config.database_url {
            let options = PostgresOptions {
                connections: config.database_connections,
                ..PostgresOptions::default()
            };
            let store = PostgresStore::open(address, &options)
                .await
                .context("DATABASE_URL")?;
            return Ok(Self::Postgres(Arc::new(store)));
        }
        let file = config.data.join(FILE);
        let store = SqliteStore::open(file, &SqliteOptions::default()).await?;
        Ok(Self::Sqlite(Arc::new(store)))
    }

    /// Opens a database for reading alone, also while others serve it.
    pub async fn read(address: Option<&SecretString>, file: &Path) -> anyhow::Result<Self> {
        if let Some(address) = address {
            let store = PostgresStore::read_only(address).await.context("DATABASE_URL")?;
            return Ok(Self::Postgres(Arc::new(store)));
        }
        Ok(Self::Sqlite(Arc::new(SqliteStore::read_only(file).await?)))
    }

    /// The store in it.
    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => store.clone(),
            Self::Postgres(store) => store.clone(),
        }
    }

    /// The time that counts: the server's, where there is one, and else this machine's.
    /// `ahead` sets this machine's own clock wrong, for a rehearsal.
    pub async fn clock(&self, ahead: SignedDuration) -> anyhow::Result<Arc<dyn Clock>> {
        Ok(match self.server_clock(ahead).await? {
            Some(clock) => Arc::new(clock),
            None => Arc::new(SystemClock),
        })
    }

    /// The clock of the server, where there is one; it knows how far this machine's own is off.
    pub async fn server_clock(&self, ahead: SignedDuration) -> anyhow::Result<Option<DatabaseClock>> {
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Postgres(store) => {
                let stopwatch = Arc::new(SystemStopwatch::default());
                let clock = store.clock(stopwatch, Arc::new(SkewedClock { ahead })).await;
                Ok(Some(clock.context("DATABASE_URL")?))
            }
        }
    }

    /// Takes no more calls, and ends when those that are under way have ended.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
        }
    }
}
