//! `/v1/findings`, and what is looked up and repaired at one contract: where our side and the provider's differ.

mod body;
pub mod compare;
pub mod list;
pub mod repair;

pub use body::{ComparisonBody, FindingBody};
