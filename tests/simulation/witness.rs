//! What is seen of a run: the first promise that broke, and on demand every step.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

/// A promise that broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its name: `I7`.
    pub promise: &'static str,
    /// What was seen.
    pub what: String,
}

/// Sees a run.
#[derive(Debug, Default)]
pub struct Witness {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    tells: bool,
    broken: Option<Violation>,
}

impl Witness {
    /// One that tells every step as it happens, or only what breaks.
    pub fn new(tells: bool) -> Self {
        let seen = Seen { tells, broken: None };
        Self {
            seen: Mutex::new(seen),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a promise broke. The first one counts: what comes after may only follow from it.
    pub fn breaks(&self, promise: &'static str, what: impl Into<String>) {
        let what = what.into();
        let mut seen = self.seen();
        if seen.tells {
            eprintln!("!! {promise}: {what}");
        }
        seen.broken.get_or_insert(Violation { promise, what });
    }

    /// The promise that broke first.
    pub fn broken(&self) -> Option<Violation> {
        self.seen().broken.clone()
    }

    /// Whether one broke.
    pub fn is_broken(&self) -> bool {
        self.seen().broken.is_some()
    }

    /// Tells a step, if somebody wants to hear it.
    pub fn tells(&self, at: Timestamp, what: impl FnOnce() -> String) {
        let tells = self.seen().tells;
        if tells {
            eprintln!("{:.3} {}", at, what());
        }
    }
}
