//! The hosted billing pages: what is held, cards, invoices, use, history, requests, an agency's clients, and the public comparison.
//!
//! Knows the engine and the views of the API; what changes a plan is the checkout's.

mod clients;
mod compare;
mod contact;
mod history;
mod invoices;
mod overview;
mod usage;
mod wallet;

use axum::Router;
use axum::routing::{get, post};

use super::WebState;
use super::page::{Trouble, Visitor};
use crate::domain::account::ContractId;

/// `/p/{session}/billing` and its neighbours, and `/compare/{seller}`.
pub fn router() -> Router<WebState> {
    Router::new()
        .route("/p/{session}/billing", get(overview::show))
        .route("/p/{session}/wallet", get(wallet::show).post(wallet::again))
        .route("/p/{session}/wallet/card-setup", post(wallet::begin))
        .route("/p/{session}/wallet/default", post(wallet::make_default))
        .route("/p/{session}/wallet/remove", post(wallet::remove))
        .route("/p/{session}/invoices", get(invoices::show))
        .route("/p/{session}/usage", get(usage::show))
        .route("/p/{session}/history", get(history::show))
        .route("/p/{session}/contact", get(contact::show))
        .route("/p/{session}/clients", get(clients::list))
        .route(
            "/p/{session}/clients/{client}",
            get(clients::show).post(clients::save),
        )
        .route("/p/{session}/clients/{client}/agree", post(clients::agree))
        .route("/compare/{seller}", get(compare::show))
}

/// The contract that the session is about: without one there is nothing to see on these pages.
fn contract(visitor: &Visitor) -> Result<ContractId, Trouble> {
    visitor.session.about.contract.ok_or_else(|| visitor.nowhere())
}
