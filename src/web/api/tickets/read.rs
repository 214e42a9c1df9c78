use axum::extract::State;

use crate::domain::change::ChangeId;
use crate::web::WebState;
use crate::web::api::document::{ChangePath, FindProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::TicketBody;
use crate::web::ask::{Caller, Named, Staff};

/// Read a request to go down
///
/// Of a draft that would become one: the form, filled in with what is known, and what would be lost. Later: what was answered, what was
/// said about it, and when it takes effect. What is for support alone is not here.
#[utoipa::path(
    get,
    path = "/v1/changes/{id}/ticket",
    tag = "tickets",
    params(ChangePath),
    responses((status = 200, description = "The request.", body = TicketBody), FindProblems)
)]
pub async fn read_ticket(
    State(state): State<WebState>,
    caller: Caller,
    Named(change): Named<ChangeId>,
) -> Answer {
    let view = state.engine.ticket(change, Some(&caller.seller)).await?;
    show::now(&TicketBody::of(&view, false))
}

/// Read a request to go down, as support
///
/// With comments that are for support alone, and with the address that a mail came from.
#[utoipa::path(
    get,
    path = "/v1/support/tickets/{id}",
    tag = "tickets",
    params(ChangePath),
    responses((status = 200, description = "The request.", body = TicketBody), FindProblems)
)]
pub async fn read_ticket_as_support(
    State(state): State<WebState>,
    staff: Staff,
    Named(change): Named<ChangeId>,
) -> Answer {
    let view = state.engine.ticket(change, staff.seller()).await?;
    show::now(&TicketBody::of(&view, true))
}
