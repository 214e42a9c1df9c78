//! Journeys: whole plan changes through the public interfaces.

mod bad_input;
mod budget;
mod clint;
mod clint_billing;
mod clint_choosing;
mod clint_lowering;
mod clint_paying;
mod clint_prorating;
mod crashes;
mod ending;
mod faults;
mod jumps;
mod ladders;
mod late;
pub mod late_money;
mod manners;
mod mended;
mod outages;
mod races;
mod renewals;
mod rollback;
mod stuck;
mod sweeping;
mod tickets;
pub mod travelling;
mod versions;
mod walking;
mod webhooks;

/// A card that always works.
pub const WORKS: &str = "4242424242424242";

/// So many of so many days of an amount, rounded half up: the closed form that every charge is held against.
pub const fn part(amount: i64, days: i64, of: i64) -> i64 {
    (2 * amount * days + of) / (2 * of)
}
