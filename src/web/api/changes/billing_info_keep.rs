use axum::extract::State;

use crate::domain::change::{ChangeId, Event};
use crate::engine::Wish;
use crate::web::WebState;
use crate::web::api::document::{ChangeHeaders, ChangePath, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ChangeBody;
use crate::web::ask::{Command, Named, OnlyActor};

/// Keep the billing data on file
///
/// The customer goes on with what is known.
#[utoipa::path(
    post,
    path = "/v1/changes/{id}/billing-info/keep",
    tag = "changes",
    params(ChangePath, ChangeHeaders),
    request_body = OnlyActor,
    responses((status = 200, description = "The change.", body = ChangeBody), CommandProblems)
)]
pub async fn keep_billing_info(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: Command<OnlyActor>,
) -> Answer {
    let asked = command.asked(command.body.actor.actor());
    show::submitted(&state, change, Wish::Event(Event::PassBillingInfo), &asked).await
}
