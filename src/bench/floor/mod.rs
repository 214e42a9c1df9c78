//! The floor: the same promises by hand, with nothing in between. Its shape is fixed in `src/bench/README.md`, so that ratios of
//! different days can be compared.

mod postgres;
mod sqlite;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::future::try_join_all;
use hyper::Method;

use self::postgres::PostgresFloor;
use self::sqlite::SqliteFloor;
use super::http::Http;
use super::stub;
use crate::bench::stopwatch::Stopwatch;

/// What every step writes: about as much as a stage with its quote.
const STEP_BYTES: usize = 1024;

const CREATE: &str = "CREATE TABLE step (change BIGINT NOT NULL, seq BIGINT NOT NULL, body BYTES NOT NULL,
    PRIMARY KEY (change, seq))";

/// Where the floor's steps become durable.
pub(super) enum Floor {
    Sqlite(SqliteFloor),
    Postgres(PostgresFloor),
}

impl Floor {
    /// A new file, with one writer.
    pub(super) async fn sqlite(file: &Path) -> anyhow::Result<Arc<Self>> {
        let create = CREATE.replace("BYTES", "BLOB");
        Ok(Arc::new(Self::Sqlite(SqliteFloor::open(file, create).await?)))
    }

    /// A new database on this server, with a connection for each change in flight.
    pub(super) async fn postgres(server: &str, in_flight: u32) -> anyhow::Result<Arc<Self>> {
        let create = CREATE.replace("BYTES", "BYTEA");
        Ok(Arc::new(Self::Postgres(
            PostgresFloor::open(server, create, in_flight).await?,
        )))
    }

    /// One durable step: answered when it would survive a loss of power.
    async fn step(&self, change: u32, seq: u32) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(floor) => floor.step(change, seq).await,
            Self::Postgres(floor) => floor.step(change, seq).await,
        }
    }

    pub(super) async fn close(&self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(floor) => floor.close().await,
            Self::Postgres(floor) => floor.close().await,
        }
    }
}

/// So many changes, so many at once; how long it took.
pub(super) async fn run(
    floor: &Arc<Floor>,
    provider: &str,
    in_flight: u32,
    changes: u32,
) -> anyhow::Result<Duration> {
    let next = Arc::new(AtomicU32::new(0));
    let provider = Http::new(provider);
    let watch = Stopwatch::start();
    let lanes = (0..in_flight).map(|_| {
        let (floor, provider, next) = (Arc::clone(floor), provider.clone(), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let change = next.fetch_add(1, Ordering::Relaxed);
                if change >= changes {
                    return anyhow::Ok(());
                }
                carry(&floor, &provider, change).await?;
            }
        })
    });
    for lane in try_join_all(lanes).await? {
        lane?;
    }
    Ok(watch.elapsed())
}

/// One change: opened; previewed and quoted; confirmed, before the charge leaves; charged and active; told.
async fn carry(floor: &Floor, provider: &Http, change: u32) -> anyhow::Result<()> {
    let nth = u64::from(change);
    let (subscription, item) = (stub::subscription(nth), stub::item(nth, 0));
    let wanted = stub::HELD[0] + 1;
    floor.step(change, 1).await?;
    let preview = format!(
        "subscription={subscription}&subscription_details[items][0][id]={item}\
         &subscription_details[items][0][quantity]={wanted}"
    );
    call(
        provider,
        "/v1/invoices/create_preview",
        &format!("preview-{change}"),
        preview,
    )
    .await?;
    floor.step(change, 2).await?;
    floor.step(change, 3).await?;
    let update =
        format!("items[0][id]={item}&items[0][quantity]={wanted}&metadata[changeover_effect]={change}");
    let path = format!("/v1/subscriptions/{subscription}");
    call(provider, &path, &format!("update-{change}"), update).await?;
    floor.step(change, 4).await?;
    floor.step(change, 5).await
}

async fn call(provider: &Http, path: &str, key: &str, form: String) -> anyhow::Result<()> {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("idempotency-key", key),
    ];
    provider.send(Method::POST, path, &headers, form).await.map(drop)
}
