//! `/v1/usage`, and what is used on a contract

pub mod credits;
pub mod entitlements;
pub mod read;
pub mod report;
