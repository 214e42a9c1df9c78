//! Installations of real processes: several nodes on one database, and what they go through.
//!
//! The calm stories run with all other tests. The storm takes minutes and the whole machine: `tests/run` runs it by itself, and
//! `tests/run lane --seconds 600` for longer.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a step that fails is the end of the story"
)]

mod backend;
mod customers;
mod damaged;
mod database;
mod draining;
mod fleet;
mod leases;
mod proving;
mod storm;
mod storming;
mod versions;
mod wire;
