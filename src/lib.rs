//! Changeover carries a SaaS customer's plan change from the first click to an active plan, on top of Stripe.
//!
//! The code map, room by room, with what each may know, is in `ARCHITECTURE.md`; `tests/house` enforces it.

pub mod app;
pub mod bench;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod hooks;
pub mod mail;
pub mod measures;
pub mod ports;
pub mod sandbox;
pub mod store;
pub mod stripe;
pub mod system;
pub mod telemetry;
pub mod text;
pub mod web;
pub mod workflow;
