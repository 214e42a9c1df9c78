//! The readers: a few connections that never wait for the writer, lent out one at a time.
//!
//! A connection of this library is a thread that is spoken to through a channel, so that each word to it costs more than most
//! of our statements. This pool says none that a verb has not asked for: one that broke off in the middle of a statement, or
//! failed, is not asked how it is, but closed, and the next reader opens another.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::measures;
use crate::ports::store::{StoreError, StoreResult};

/// How long a read waits for one of the readers, before it is refused.
const READER_WAIT_MAX: Duration = Duration::from_secs(3);

/// The connections for reading.
pub(super) struct Readers {
    connect: SqliteConnectOptions,
    idle: Mutex<Vec<SqliteConnection>>,
    places: Semaphore,
    most: u32,
}

/// A connection that is lent out. Dropping it closes it; whoever is done in good order gives it back.
pub(super) struct Reader<'r> {
    pub(super) connection: SqliteConnection,
    readers: &'r Readers,
    _place: SemaphorePermit<'r>,
}

impl Readers {
    /// At most so many; the first is opened at once, so that a file that cannot be read is refused here.
    pub(super) async fn open(connect: SqliteConnectOptions, most: u32) -> Result<Self, sqlx::Error> {
        let most = most.max(1);
        let first = connect.connect().await?;
        Ok(Self {
            connect,
            idle: Mutex::new(vec![first]),
            places: Semaphore::new(most as usize),
            most,
        })
    }

    /// Waits for a free one.
    pub(super) async fn lend(&self) -> StoreResult<Reader<'_>> {
        let all = u64::from(self.most);
        let free = u64::try_from(self.places.available_permits()).unwrap_or(all);
        measures::store_connections(all.saturating_sub(free), free);
        let unavailable = |why: &str| StoreError::Unavailable(why.to_owned());
        let place = tokio::time::timeout(READER_WAIT_MAX, self.places.acquire())
            .await
            .map_err(|_| unavailable("too many reads are waiting"))?
            .map_err(|_| unavailable("the store is closed"))?;
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.connect.connect().await?,
        };
        Ok(Reader {
            connection,
            readers: self,
            _place: place,
        })
    }

    /// Takes no more calls, and waits for those that are under way.
    pub(super) async fn close(&self) {
        // Fails where they are closed already.
        let Ok(all) = self.places.acquire_many(self.most).await else {
            return;
        };
        self.places.close();
        let idle = std::mem::take(&mut *self.idle());
        for connection in idle {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "a reader was not closed cleanly");
            }
        }
        drop(all);
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader<'_> {
    /// Ready for the next.
    pub(super) fn give_back(self) {
        self.readers.idle().push(self.connection);
    }
}
