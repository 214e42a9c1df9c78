//! `/v1/accounts`

pub mod contracts;
pub mod create;
pub mod prerequisites;
pub mod read;
