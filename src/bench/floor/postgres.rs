//! PostgreSQL with one statement per step, each a transaction of its own, and a connection for each change in flight.

use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::sync::Mutex;

use super::STEP_BYTES;
use crate::bench::postgres_server::Scratch;

pub(in crate::bench) struct PostgresFloor {
    pool: PgPool,
    body: Vec<u8>,
    scratch: Mutex<Option<Scratch>>,
}

impl PostgresFloor {
    pub(super) async fn open(server: &str, create: String, in_flight: u32) -> anyhow::Result<Self> {
        let scratch = Scratch::create(server).await?;
        let pool = PgPoolOptions::new()
            .min_connections(in_flight)
            .max_connections(in_flight)
            .test_before_acquire(false)
            .connect(&scratch.url)
            .await?;
        sqlx::query(AssertSqlSafe(create)).execute(&pool).await?;
        Ok(Self {
            pool,
            body: vec![b'x'; STEP_BYTES],
            scratch: Mutex::new(Some(scratch)),
        })
    }

    pub(super) async fn step(&self, change: u32, seq: u32) -> anyhow::Result<()> {
        sqlx::query("INSERT INTO step VALUES ($1, $2, $3)")
            .bind(i64::from(change))
            .bind(i64::from(seq))
            .bind(self.body.as_slice())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub(super) async fn close(&self) -> anyhow::Result<()> {
        self.pool.close().await;
        match self.scratch.lock().await.take() {
            Some(scratch) => scratch.drop().await,
            None => Ok(()),
        }
    }
}
