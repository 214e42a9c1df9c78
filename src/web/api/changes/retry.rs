use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::change::{ChangeId, Event};
use crate::engine::Wish;
use crate::web::WebState;
use crate::web::api::document::{ChangeHeaders, ChangePath, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ChangeBody;
use crate::web::ask::{Command, Named, SupportBody};

/// Support's order to try again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryOrder {
    /// Who orders it.
    support: SupportBody,
}

/// Try a halted change again
///
/// Where the provider refused a request as such, nothing moves until somebody has looked. Once the cause is mended, this goes
/// on; what was charged is not charged again.
#[utoipa::path(
    post,
    path = "/v1/changes/{id}/retry",
    tag = "support",
    params(ChangePath, ChangeHeaders),
    request_body = RetryOrder,
    responses((status = 200, description = "The change.", body = ChangeBody), CommandProblems)
)]
pub async fn retry(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: Command<RetryOrder>,
) -> Answer {
    let asked = command.asked(command.body.support.actor());
    show::submitted(&state, change, Wish::Event(Event::Retry), &asked).await
}
