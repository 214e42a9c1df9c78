//! Journeys: whole plan changes through the public interfaces.

mod activecampaign;
mod activecampaign_sms;
mod agencies;
mod bad_input;
mod boleto;
mod boleto_ends;
mod budget;
mod client_charges;
mod clint;
mod clint_billing;
mod clint_choosing;
mod clint_lowering;
mod clint_paying;
mod clint_prorating;
mod crashes;
mod edges;
mod ending;
mod erasing;
mod faults;
mod financial;
mod first_contracts;
mod jumps;
mod ladders;
mod late;
pub mod late_money;
mod mails;
mod manners;
mod mended;
mod outages;
mod overage;
mod races;
mod renewals;
mod rollback;
mod sharpspring;
mod stuck;
mod sweeping;
mod tax_rates;
mod taxes;
mod tickets;
pub mod travelling;
mod usage;
mod versions;
mod walking;
mod wallet;
mod webhooks;
mod zenvia;

/// A card that always works.
pub const WORKS: &str = "4242424242424242";

/// So many of so many days of an amount, rounded half up: the closed form that every charge is held against.
pub const fn part(amount: i64, days: i64, of: i64) -> i64 {
    (2 * amount * days + of) / (2 * of)
}
