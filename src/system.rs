//! The machine's own clock and chance: the only place that asks for them.

use std::time::Instant;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::ports::time::{Clock, Ids, Stopwatch};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that is handed in everywhere else"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn wait_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let wait = std::time::Duration::try_from(at.duration_since(self.now())).unwrap_or_default();
        Box::pin(tokio::time::sleep(wait))
    }
}

/// The machine's clock, set wrong: for rehearsals of what a wrong clock does, which is nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct SkewedClock {
    /// How far it is ahead of the machine's.
    pub ahead: SignedDuration,
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        let shown = SystemClock.now().checked_add(self.ahead);
        shown.unwrap_or(Timestamp::MAX)
    }

    fn wait_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let right = at.checked_sub(self.ahead);
        SystemClock.wait_until(right.unwrap_or(Timestamp::MAX))
    }
}

/// The machine's monotonic clock, from the moment that this was made.
#[derive(Debug, Clone, Copy)]
pub struct SystemStopwatch {
    started: Instant,
}

impl Default for SystemStopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the stopwatch that is handed in everywhere else"
    )]
    fn default() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl Stopwatch for SystemStopwatch {
    fn elapsed(&self) -> SignedDuration {
        SignedDuration::try_from(self.started.elapsed()).unwrap_or(SignedDuration::MAX)
    }
}

/// The machine's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn new_id(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let secret = self.secret();
        let mut random = [0; 10];
        random.copy_from_slice(&secret[..10]);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the chance that is handed in everywhere else"
    )]
    #[expect(
        clippy::expect_used,
        reason = "without randomness no key and no id is safe: there is no way to go on"
    )]
    fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        bytes
    }
}
