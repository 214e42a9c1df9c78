use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::change::{ChangeId, Event};
use crate::engine::{Asked, ChangeView, Wish};
use crate::web::WebState;
use crate::web::api::changes::ticket_answer::TicketAnswer;
use crate::web::api::document::{ChangeHeaders, ChangePath, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ChangeBody;
use crate::web::ask::{Named, StaffCommand, SupportBody};

/// What support has found out about a held request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// Whether it is the customer's. If not, it is over, and nothing was changed.
    genuine: bool,
    /// Who found out, and how.
    support: SupportBody,
    /// Only say what would be done: nothing is written, and the key is not used up.
    #[serde(default)]
    #[schema(default = false)]
    dry_run: bool,
}

/// What was done to a request, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketActed {
    /// Whether nothing was written.
    dry_run: bool,
    /// The change, as it is or would be.
    change: ChangeBody,
}

/// Answer a request, as support
///
/// `apply_now` lowers the plan without a charge. `at_period_end` lets the provider itself do so at the renewal, whether this service
/// runs at that moment or not. `schedule` promises another day, `at`. `ask_money` leads through a quote that the customer
/// confirms. `decline` says no, and the customer is told `support.reason`.
#[utoipa::path(
    post,
    path = "/v1/support/tickets/{id}/answer",
    tag = "tickets",
    params(ChangePath, ChangeHeaders),
    request_body = TicketAnswer,
    responses((status = 200, description = "What was done, or would be.", body = TicketActed), CommandProblems)
)]
pub async fn answer_as_support(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: StaffCommand<TicketAnswer>,
) -> Answer {
    let case = state.engine.case(change, command.staff.seller()).await?;
    let asked = command.asked(case.change.seller, command.body.actor());
    if let Some(answer) = show::replayed(&state, &asked).await? {
        return Ok(answer);
    }
    let decision = command.body.decision(state.engine.now())?;
    let event = Event::AnswerTicket { decision };
    act(&state, change, event, &asked, command.body.dry_run()).await
}

/// Verify a held request
///
/// A request by mail from an address that is not the primary admin's waits for this, and nothing else happens to it.
#[utoipa::path(
    post,
    path = "/v1/support/tickets/{id}/verification",
    tag = "tickets",
    params(ChangePath, ChangeHeaders),
    request_body = Verification,
    responses((status = 200, description = "What was done, or would be.", body = TicketActed), CommandProblems)
)]
pub async fn verify_ticket(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: StaffCommand<Verification>,
) -> Answer {
    let case = state.engine.case(change, command.staff.seller()).await?;
    let asked = command.asked(case.change.seller, command.body.support.actor());
    let genuine = command.body.genuine;
    let event = Event::VerifyTicket { genuine };
    act(&state, change, event, &asked, command.body.dry_run).await
}

async fn act(state: &WebState, change: ChangeId, event: Event, asked: &Asked, dry_run: bool) -> Answer {
    let present = |view: &ChangeView| {
        let acted = TicketActed {
            dry_run,
            change: ChangeBody::of(view),
        };
        show::keep(StatusCode::OK, &acted)
    };
    let wish = Wish::Event(event);
    let reply = if dry_run {
        state.engine.rehearse(change, &wish, asked, &present).await?
    } else {
        state.engine.submit(change, &wish, asked, &present).await?
    };
    Ok(show::reply(reply))
}
