//! The store's verbs, each a whole transaction.
//!
//! One room per database behind [`crate::ports::store::Store`]. Knows the ports and the domain's values; it must never know
//! what a stage means, when something should happen, or who asks.

mod cells;
mod failure;
mod history;
mod metering_rows;
mod migrations;
mod naming;
mod outcomes;
pub mod postgres;
pub mod postgres_facts;
mod queue;
mod rows;
pub mod sqlite;
