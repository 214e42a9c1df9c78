//! Time, identifiers and chance. Nothing else in the program asks the machine for them.

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// Says what time it is, and waits.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> Timestamp;

    /// Ends when the present has reached `at`; at once if it already has.
    fn wait_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;
}

/// Measures how much time has passed, whatever anybody does to the machine's clock.
pub trait Stopwatch: Send + Sync {
    /// The time since some fixed moment before; it never goes back.
    fn elapsed(&self) -> SignedDuration;
}

/// Makes identifiers and secrets.
pub trait Ids: Send + Sync {
    /// A new UUIDv7 for something made at `now`.
    fn new_id(&self, now: Timestamp) -> Uuid;

    /// 32 bytes that nobody can guess, for keys and tokens.
    fn secret(&self) -> [u8; 32];
}
