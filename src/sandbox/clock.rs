//! The sandbox's time: the real one plus an offset that only grows, or an instant at which it stands still.
//!
//! It never goes back, not even when the real clock does, so that nothing is older than what it followed from.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error::ApiError;

/// The real time in unix seconds, handed in.
pub type RealTime = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The longest single step, two years: every renewal on the way is played.
const STEP_SECONDS_MAX: i64 = 2 * 366 * 24 * 60 * 60;

/// What is remembered of the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Setting {
    /// Seconds that sandbox time is ahead of real time.
    offset: i64,
    /// The instant at which the clock stands still, if it does.
    frozen: Option<i64>,
    /// The latest instant that was ever told.
    reached: i64,
}

/// Tells the sandbox's time.
pub(super) struct Clock {
    real: RealTime,
    setting: Setting,
    stored: Option<Setting>,
}

impl Clock {
    /// A clock that goes on from `stored`, or a new one, standing still at `frozen_at` if that is given.
    pub(super) fn new(real: RealTime, stored: Option<Setting>, frozen_at: Option<i64>) -> Clock {
        let setting = stored.clone().unwrap_or(Setting {
            offset: 0,
            frozen: frozen_at,
            reached: i64::MIN,
        });
        Clock {
            real,
            setting,
            stored,
        }
    }

    /// Now, in unix seconds.
    pub(super) fn now(&mut self) -> i64 {
        let told = self
            .setting
            .frozen
            .unwrap_or_else(|| (self.real)().saturating_add(self.setting.offset));
        self.setting.reached = self.setting.reached.max(told);
        self.setting.reached
    }

    /// The real time, which is what receivers of webhooks compare signatures with.
    pub(super) fn real(&self) -> i64 {
        (self.real)()
    }

    /// Whether it stands still.
    pub(super) fn is_frozen(&self) -> bool {
        self.setting.frozen.is_some()
    }

    /// Moves forward to `instant`.
    ///
    /// # Errors
    /// A 400 for an instant in the past, or further away than one step may be.
    pub(super) fn move_to(&mut self, instant: i64) -> Result<(), ApiError> {
        let step = instant.saturating_sub(self.now());
        if !(0..=STEP_SECONDS_MAX).contains(&step) {
            let message =
                format!("The clock moves forward only, by at most {STEP_SECONDS_MAX} seconds at once.");
            return Err(ApiError::invalid(message).with_param("to"));
        }
        match &mut self.setting.frozen {
            Some(frozen) => *frozen = instant,
            None => self.setting.offset = instant.saturating_sub((self.real)()),
        }
        Ok(())
    }

    /// Stands still from now on, or goes on from where it stood.
    pub(super) fn freeze(&mut self, frozen: bool) {
        let now = self.now();
        self.setting.frozen = frozen.then_some(now);
        self.setting.offset = now.saturating_sub((self.real)());
    }

    /// What to store, if it differs from what was stored last. `reached` alone is worth storing only `along` with
    /// something that was made at that instant.
    pub(super) fn take_change(&mut self, along: bool) -> Option<Setting> {
        let rules = |setting: &Setting| (setting.offset, setting.frozen);
        let moved = self.stored.as_ref().map(rules) != Some(rules(&self.setting));
        if moved || (along && self.stored.as_ref() != Some(&self.setting)) {
            self.stored = Some(self.setting.clone());
            self.stored.clone()
        } else {
            None
        }
    }
}
