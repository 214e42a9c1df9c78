//! The store's verbs, each a whole transaction.
//!
//! One room per database behind [`crate::ports::store::Store`]. Knows the ports and the domain's values; it must never know
//! what a stage means, when something should happen, or who asks.

mod failure;
pub mod postgres_facts;
pub mod sqlite;
