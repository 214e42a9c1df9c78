//! `/v1/accounts`

pub mod cards;
pub mod changes;
pub mod client_settings;
pub mod clients;
pub mod contracts;
pub mod create;
pub mod invoices;
pub mod prerequisites;
pub mod read;

pub use cards::{CardOrderView, KeptCardView, WalletBody};
pub use invoices::InvoiceView;
