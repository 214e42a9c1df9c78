//! How a verb runs: in a task of its own, which goes on when nobody waits for its answer any more, and again when it has met
//! another writer.
//!
//! No verb opens a transaction: each is one statement, which the server commits or takes back whole. So there is nothing that a
//! torn-off call could leave open, and no state of one call that the next one on the same connection could see.

use futures_util::future::BoxFuture;
use sqlx::PgPool;

use crate::ports::store::{StoreError, StoreResult};

/// How often a verb is tried that meets other writers, before its caller is told.
const TRIES: u32 = 4;

/// What a verb comes to.
pub(super) type Answer<T> = Result<T, Fault>;

/// A verb: what it does with what it was asked.
pub(super) type Verb<A, T> = for<'a> fn(&'a PgPool, &'a A) -> BoxFuture<'a, Answer<T>>;

/// Why a verb has no answer.
pub(super) enum Fault {
    /// Another writer was faster, and nothing was written. The verb sees what was written there when it runs again.
    Collided(StoreError),
    /// Running it again would not help, or is not for the store to decide.
    Final(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Final(error)
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        // Source: PostgreSQL, appendix A: unique_violation, serialization_failure, deadlock_detected.
        let collided = matches!(code.as_deref(), Some("23505" | "40001" | "40P01"));
        if collided {
            Self::Collided(error.into())
        } else {
            Self::Final(error.into())
        }
    }
}

/// Runs a verb to its end, whoever goes away.
pub(super) fn run<A, T>(pool: PgPool, asked: A, verb: Verb<A, T>) -> BoxFuture<'static, StoreResult<T>>
where
    A: Send + Sync + 'static,
    T: Send + 'static,
{
    Box::pin(async move {
        let task = tokio::spawn(async move {
            let mut tries = 1;
            loop {
                match verb(&pool, &asked).await {
                    Ok(answer) => return Ok(answer),
                    Err(Fault::Collided(_)) if tries < TRIES => tries += 1,
                    Err(Fault::Collided(error) | Fault::Final(error)) => return Err(error),
                }
            }
        });
        task.await.unwrap_or_else(|_| {
            Err(StoreError::Unavailable(
                "the store call was broken off".to_owned(),
            ))
        })
    })
}
