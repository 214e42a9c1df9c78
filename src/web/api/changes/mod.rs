//! `/v1/changes`

pub mod accept;
pub mod authentication;
pub mod billing_info;
pub mod billing_info_keep;
pub mod cancel;
pub mod card_setup;
pub mod cards;
mod chosen_card;
pub mod confirm;
pub mod fiscal_documents;
pub mod history;
pub mod payment_method;
pub mod quote;
pub mod read;
pub mod retry;
pub mod selection;
pub mod ticket_answer;

pub use billing_info::{BillingPrefill, mistakes};
pub use chosen_card::{Chosen, SentByCustomer, one_of};
