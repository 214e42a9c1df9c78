//! How long something takes, in the units of this room.

use std::time::Duration;

use crate::ports::time::Stopwatch as _;
use crate::system::SystemStopwatch;

/// Runs from the moment that it was started.
pub(super) struct Stopwatch(SystemStopwatch);

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self(SystemStopwatch::default())
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.0.elapsed().unsigned_abs()
    }

    /// The same in whole microseconds.
    pub(super) fn elapsed_micros(&self) -> u64 {
        u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
