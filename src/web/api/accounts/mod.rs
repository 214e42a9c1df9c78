//! `/v1/accounts`

pub mod cards;
pub mod contracts;
pub mod create;
pub mod invoices;
pub mod read;
