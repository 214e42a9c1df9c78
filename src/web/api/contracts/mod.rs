//! `/v1/contracts`

pub mod changes;
pub mod create;
pub mod estimate;
pub mod history;
pub mod list;
pub mod overview;
pub mod read;
pub mod responsible;
pub mod standing;
