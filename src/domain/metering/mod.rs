//! What is used: meters, credits, limits, and what goes beyond them.
//!
//! Pure values. A *pot* is what use is held against: a meter's own allowance, or credits that several meters spend. Each pot has
//! one tally a month. Counting, the turn of the month and the close of a period are functions of a contract, its book and the
//! present; this room must never know how any of it is stored, nor how what goes beyond is charged.

mod against;
mod allowance;
mod book;
mod counting;
mod ids;
mod month;
#[cfg(test)]
mod properties;
mod quantity;
mod rules;
mod turning;

pub use against::{UsedAgainst, against};
pub use allowance::{ClientLimit, Limit, allowance, at_hand, called, shares_of};
pub use book::{Book, CreditKind, CreditLine, Overage, Tally};
pub use counting::{Counted, Report, UsageProblem, count};
pub use ids::{MeterId, Pot};
pub use month::month_after;
pub use quantity::{Quantity, QuantityError};
pub use rules::{Against, Late, LimitRules, Limits, Measures, Meter, Metering, PastLimit, Rates, UnitPrice};
pub use turning::{Happening, Settled, World, advance, next_moment, settle};
