//! Exact money: minor units, explicit currency exponents, proration. No float comes near.

mod amount;
mod currency;

pub use amount::{Money, MoneyError};
pub use currency::{Currency, UnknownCurrency};
