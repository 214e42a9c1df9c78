//! The hosted checkout: from choosing to done, on pages that follow the seller's workflow file.
//!
//! Each page is where the change is, whatever the browser remembers: a form does one thing and leads back to the change, so that
//! going back, reloading, a second click or a second tab can do nothing twice. Knows the engine and the views of the API; must
//! never decide what the engine has not decided.

mod acting;
mod billing_form;
mod change;
mod choose;
mod paying;
mod plans;
mod prerequisites;
mod screens;
mod selecting;
mod ticket;

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use jiff::Timestamp;

use super::WebState;
use super::api::views::Reader;
use super::page::{Trouble, Visitor};
use crate::domain::account::Contract;
use crate::domain::catalog::{LineKey, PlanId};
use crate::domain::change::ChangeId;
use crate::engine::ChangeView;

/// `/p/{session}/plans`, `/choose`, `/changes/...`
pub fn router() -> Router<WebState> {
    Router::new()
        .route("/p/{session}/plans", get(plans::show))
        .route("/p/{session}/choose", get(choose::show).post(choose::take))
        .route("/p/{session}/estimate", post(choose::estimate))
        .route("/p/{session}/changes/{change}", get(change::show))
        .route("/p/{session}/changes/{change}/state", get(change::state))
        .route("/p/{session}/changes/{change}/quote", post(acting::ask_quote))
        .route("/p/{session}/changes/{change}/accept", post(acting::accept))
        .route("/p/{session}/changes/{change}/billing", post(billing_form::take))
        .route(
            "/p/{session}/changes/{change}/billing/check",
            post(billing_form::check),
        )
        .route("/p/{session}/changes/{change}/confirm", post(paying::confirm))
        .route("/p/{session}/changes/{change}/card", post(paying::another_card))
        .route(
            "/p/{session}/changes/{change}/card-setup",
            post(paying::begin_card),
        )
        .route(
            "/p/{session}/changes/{change}/authentication",
            get(paying::authentication),
        )
        .route("/p/{session}/changes/{change}/cancel", post(acting::cancel))
        .route("/p/{session}/changes/{change}/ticket", post(ticket::file))
        .route("/p/{session}/changes/{change}/comment", post(ticket::comment))
}

/// The names of the plan that is held and of the one that is wanted, where it is another.
fn another_plan(reader: Reader<'_>, held: &PlanId, wanted: &PlanId) -> Option<(String, String)> {
    let name = |plan: &PlanId| reader.line_name(plan, &LineKey::Plan);
    (held != wanted).then(|| (name(held), name(wanted)))
}

/// A change once it no longer moves by itself, or as it is when the reader's patience is over.
async fn settled(
    visitor: &Visitor,
    state: &WebState,
    id: ChangeId,
    patience: Duration,
) -> Result<ChangeView, Trouble> {
    let seller = &visitor.session.seller;
    // With too many waiting already, this one is answered at once: its page looks again by itself.
    if let Some(_place) = state.places.to_wait() {
        let waited = state.engine.settled_change(id, seller, Timestamp::MAX);
        if let Ok(found) = tokio::time::timeout(patience, waited).await {
            return found.map_err(|problem| visitor.trouble(problem));
        }
    }
    own_change(visitor, state, id).await
}

/// A change, where it is one of this session's.
async fn own_change(visitor: &Visitor, state: &WebState, id: ChangeId) -> Result<ChangeView, Trouble> {
    let session = &visitor.session;
    let found = state.engine.change(id, &session.seller).await;
    let view = found.map_err(|problem| visitor.trouble(problem))?;
    let own = match session.about.change {
        Some(only) => only == id,
        None => view.account.id == session.account || session.about.contract == Some(view.change.contract),
    };
    if own { Ok(view) } else { Err(visitor.nowhere()) }
}

/// The contract that the session is about, where the account holds one.
async fn own_contract(visitor: &Visitor, state: &WebState) -> Result<Option<Contract>, Trouble> {
    let session = &visitor.session;
    let Some(id) = session.about.contract else {
        return Ok(None);
    };
    let found = state.engine.contract_of(id, &session.seller).await;
    let contract = found.map_err(|problem| visitor.trouble(problem))?;
    Ok(Some(contract).filter(|contract| !contract.is_proposed()))
}
