//! The database's time, carried between two looks at it by a stopwatch of this process.
//!
//! With many nodes, leases and timers must mean the same everywhere, so nobody decides by his own clock. This process' own one
//! is only compared: how far it is off is told, and nothing follows from it.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use sqlx::{Executor as _, PgPool, Row as _};
use tokio::task::AbortHandle;

use super::{PostgresStore, open::OpenError};
use crate::ports::time::{Clock, Stopwatch};

/// How often the database is asked.
const EVERY: Duration = Duration::from_secs(5);

/// An answer that took longer says too little about the present.
const WAY_MAX: SignedDuration = SignedDuration::from_secs(1);

/// How far a node's own clock may be off before somebody is told.
const SKEW_MAX: SignedDuration = SignedDuration::from_secs(2);

/// The longest that somebody sleeps without a look at what time it has become.
const NAP_MAX: Duration = Duration::from_secs(5);

const ASK: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now";

/// A clock that shows the database's time. It goes on by itself while the database is away.
#[derive(Clone)]
pub struct DatabaseClock {
    face: Arc<Face>,
}

struct Face {
    stopwatch: Arc<dyn Stopwatch>,
    own: Arc<dyn Clock>,
    seen: RwLock<Seen>,
    keeper: RwLock<Option<AbortHandle>>,
}

/// What the database said, and when.
#[derive(Clone, Copy)]
struct Seen {
    database: Timestamp,
    elapsed: SignedDuration,
    skew: SignedDuration,
}

impl PostgresStore {
    /// The database's time. `own` is this node's clock, to be compared with it.
    pub async fn clock(
        &self,
        stopwatch: Arc<dyn Stopwatch>,
        own: Arc<dyn Clock>,
    ) -> Result<DatabaseClock, OpenError> {
        let seen = look(&self.pool, stopwatch.as_ref(), own.as_ref())
            .await
            .map_err(|error| OpenError::Unreachable(error.to_string()))?;
        warn_of(seen.skew, SignedDuration::ZERO);
        let face = Arc::new(Face {
            stopwatch,
            own,
            seen: RwLock::new(seen),
            keeper: RwLock::new(None),
        });
        let keeper = tokio::spawn(keep(Arc::downgrade(&face), self.pool.clone()));
        *face.keeper.write().unwrap_or_else(PoisonError::into_inner) = Some(keeper.abort_handle());
        Ok(DatabaseClock { face })
    }
}

impl DatabaseClock {
    /// How far this node's own clock was ahead of the database's when they were last compared; negative when it was behind.
    pub fn skew(&self) -> SignedDuration {
        self.face.seen().skew
    }
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        self.face.now()
    }

    fn wait_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let face = self.face.clone();
        Box::pin(async move {
            loop {
                let left = Duration::try_from(at.duration_since(face.now())).unwrap_or_default();
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(NAP_MAX)).await;
            }
        })
    }
}

impl Face {
    fn seen(&self) -> Seen {
        *self.seen.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        let seen = self.seen();
        let passed = self.stopwatch.elapsed() - seen.elapsed;
        seen.database.checked_add(passed).unwrap_or(Timestamp::MAX)
    }
}

impl Drop for Face {
    fn drop(&mut self) {
        if let Some(keeper) = self
            .keeper
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        {
            keeper.abort();
        }
    }
}

/// Looks at the database's clock again and again, as long as somebody reads this one.
async fn keep(face: std::sync::Weak<Face>, pool: PgPool) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(face) = face.upgrade() else { return };
        if pool.is_closed() {
            return;
        }
        match look(&pool, face.stopwatch.as_ref(), face.own.as_ref()).await {
            Ok(seen) => {
                warn_of(seen.skew, face.seen().skew);
                *face.seen.write().unwrap_or_else(PoisonError::into_inner) = seen;
            }
            Err(error) => {
                tracing::debug!(%error, "the database's clock could not be read; the stopwatch goes on");
            }
        }
    }
}

/// What the database's clock shows: its answer was right in the middle of the way there and back.
async fn look(pool: &PgPool, stopwatch: &dyn Stopwatch, own: &dyn Clock) -> Result<Seen, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let asked = stopwatch.elapsed();
    let row = connection.fetch_one(ASK).await?;
    let (elapsed, here) = (stopwatch.elapsed(), own.now());
    let way = elapsed - asked;
    if way > WAY_MAX {
        return Err(sqlx::Error::Protocol("the answer took too long".to_owned()));
    }
    let database = Timestamp::from_millisecond(row.try_get("now")?)
        .and_then(|told| told.checked_add(way / 2))
        .map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(Seen {
        database,
        elapsed,
        skew: here.duration_since(database),
    })
}

/// Tells of a clock that has gone wrong, and of one that is right again.
fn warn_of(skew: SignedDuration, before: SignedDuration) {
    let off = |skew: SignedDuration| skew.abs() > SKEW_MAX;
    let skew_ms = i64::try_from(skew.as_millis()).unwrap_or(i64::MAX);
    if off(skew) && !off(before) {
        tracing::warn!(skew_ms, "this node's clock is off; the database's time is used");
    } else if off(before) && !off(skew) {
        tracing::info!(skew_ms, "this node's clock is right again");
    }
}
