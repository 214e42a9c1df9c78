//! What is stuck: a code, since when, the evidence, and what support can safely do about it now.
//!
//! Derived from where a change stands, never stored as a flag, so that it cannot be forgotten and goes away by itself. Knows the
//! change's own values; must never know how they are stored, and puts no personal data into evidence.

mod actions;
mod code;
mod diagnosis;
mod evidence;
mod plan;
mod standing;

use jiff::Timestamp;

pub use actions::{Action, possible};
pub use code::StuckCode;
pub use diagnosis::{concern, diagnose};
pub use evidence::Evidence;
pub use plan::{Consequence, Plan, follows};
pub use standing::{
    Difference, Failing, Failure, FailureKind, NOT_LONG, Owed, OwedState, Standing, Unsent, Work,
};

/// One thing that is stuck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// What, as a stable word.
    pub code: StuckCode,
    /// Since when.
    pub since: Timestamp,
    /// The facts, with their ids at the provider.
    pub evidence: Vec<Evidence>,
    /// What can safely be done about it now. A note is always among it, where the program can read the change at all.
    pub actions: Vec<Action>,
}
