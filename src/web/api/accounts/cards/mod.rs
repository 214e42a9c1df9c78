//! `/v1/accounts/{id}/cards`: the wallet, outside of any change.

mod view;

pub mod begin;
pub mod default;
pub mod history;
pub mod list;
pub mod remove;

pub use view::{CardOrderView, KeptCardView, WalletBody};
