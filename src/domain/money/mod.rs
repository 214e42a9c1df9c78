//! Exact money: minor units, explicit currency exponents, proration.
