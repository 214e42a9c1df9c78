//! A Stripe-compatible server on loopback. A second program that shares the binary: it knows nobody of ours.

pub mod core;
pub mod error;
