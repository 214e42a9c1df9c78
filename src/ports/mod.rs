//! What the engine needs from the outside world: a store, a payment provider, mail, outgoing events, time and ids.
//!
//! Knows the domain only. Every trait here has a real adapter and one for simulation.

pub mod hooks;
pub mod mail;
pub mod payments;
pub mod statements;
pub mod store;
pub mod time;
pub mod wallet;
