//! Exact money: minor units, explicit currency exponents, proration. No float comes near.

mod amount;
mod currency;
mod proration;

pub use amount::{Money, MoneyError};
pub use currency::{Currency, UnknownCurrency};
pub use proration::{prorate, share};
