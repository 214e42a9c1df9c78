//! A small world with one sample of everything that the machine can be in and be told: for the chart that is asked of
//! `decide`, and for tests of whatever shows a change to people.
//!
//! Knows the domain alone. Nothing here is ever used to decide about a real change.

mod events;
mod seller;
mod stages;
mod tickets;
mod world;

use std::fmt::Debug;
use std::str::FromStr;

use jiff::Timestamp;

use super::actor::Party;
use super::event::Event;
use super::stage::Stage;

pub use world::World;

/// The present of all samples.
pub const NOW: Timestamp = Timestamp::constant(1_773_144_000, 0); // 2026-03-10T12:00:00Z

/// One stage, with whatever makes it behave differently from the others of its name.
#[derive(Debug, Clone)]
pub struct StageSample {
    /// What makes it special, such as `updating`; empty where its name says all.
    pub detail: &'static str,
    /// The stage.
    pub stage: Stage,
}

/// One event, with whatever makes it lead elsewhere than the others of its name.
#[derive(Debug, Clone)]
pub struct EventSample {
    /// What makes it special, such as `payment: paid`; empty where its name says all.
    pub detail: &'static str,
    /// The event.
    pub event: Event,
    /// Who brings it, when all is well.
    pub party: Party,
}

/// A sample of every stage, and of every step in which it behaves differently.
pub fn stages() -> Vec<StageSample> {
    stages::all(&World::subscribed())
}

/// A sample of every event, and of every answer, failure and fact that can lead elsewhere.
pub fn events() -> Vec<EventSample> {
    events::all(&World::subscribed())
}

/// Reads one of the words of this room.
#[expect(
    clippy::expect_used,
    reason = "the words are constants of this room, and a test reads them all"
)]
pub(super) fn word<T>(text: &str) -> T
where
    T: FromStr,
    T::Err: Debug,
{
    text.parse().expect("a word of the samples")
}
