//! Requests to go down: the seller's form, prefilled, and what became of it.

use std::collections::BTreeMap;

use axum::extract::{Path, State};

use super::acting::{ChangePath, after, submit};
use super::own_change;
use crate::domain::change::ChangeId;
use crate::engine::{ChangeView, Way, Wish};
use crate::web::WebState;
use crate::web::api::views::TicketBody;
use crate::web::page::{OwnForm, Page, Trouble, Visitor};

/// Whether what is chosen goes by a request.
pub(super) async fn is_one(state: &WebState, visitor: &Visitor, view: &ChangeView) -> Result<bool, Trouble> {
    let Some(selection) = view.stage.selection() else {
        return Ok(false);
    };
    if view.contract.is_proposed() {
        return Ok(false);
    }
    let live = state
        .engine
        .estimate(view.change.contract, selection, &view.change.seller)
        .await;
    match live {
        Ok(live) => Ok(live.way == Way::Ticket),
        // What cannot be had any more is said on the page where it is chosen.
        Err(crate::engine::EngineError::Refused(_)) => Ok(false),
        Err(problem) => Err(visitor.trouble(problem)),
    }
}

/// The request as its page shows it.
pub(super) async fn read(
    state: &WebState,
    visitor: &Visitor,
    view: &ChangeView,
) -> Result<Box<TicketBody>, Trouble> {
    let ticket = state
        .engine
        .ticket(view.change.id, Some(&view.change.seller))
        .await;
    let ticket = ticket.map_err(|problem| visitor.trouble(problem))?;
    Ok(Box::new(TicketBody::told(visitor.reader(), &ticket, false)))
}

/// Makes the request.
pub(super) async fn file(State(state): State<WebState>, Path((_, id)): ChangePath, own: OwnForm) -> Page {
    let change = ChangeId(id);
    own_change(&own.visitor, &state, change).await?;
    let fields: BTreeMap<String, String> = own
        .form
        .beginning("f.")
        .filter(|(_, value)| !value.is_empty())
        .map(|(field, value)| (field.to_owned(), value.to_owned()))
        .collect();
    let done = submit(&state, change, Wish::FileTicket(fields), &own.asked()).await;
    after(&state, &own, change, done).await
}

/// Writes something to the request.
pub(super) async fn comment(State(state): State<WebState>, Path((_, id)): ChangePath, own: OwnForm) -> Page {
    let change = ChangeId(id);
    own_change(&own.visitor, &state, change).await?;
    let wish = Wish::Comment {
        text: own.form.text("text"),
        internal: false,
    };
    let done = submit(&state, change, wish, &own.asked()).await;
    after(&state, &own, change, done).await
}
