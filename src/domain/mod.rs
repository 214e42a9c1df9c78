//! What a plan change *is*: values in, decisions out.
//!
//! Pure: no async, no SQL, no HTTP, no clock and no randomness. This room knows nobody.

pub mod account;
pub mod catalog;
pub mod change;
pub mod language;
pub mod metering;
pub mod money;
pub mod reconcile;
