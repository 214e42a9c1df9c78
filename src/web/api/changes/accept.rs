use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::change::{ChangeId, Event, QuoteId};
use crate::engine::Wish;
use crate::web::WebState;
use crate::web::api::document::{ChangeHeaders, ChangePath, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ChangeBody;
use crate::web::ask::{ActorBody, Command, Named};

/// The customer's acceptance.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The quote that the customer saw.
    #[schema(value_type = String, example = "q_9f2c51d07ab3e84d")]
    quote: QuoteId,
    /// Who acts.
    actor: ActorBody,
}

/// Accept the quote
///
/// The customer goes on to the billing data or, where nothing is missing, to the card. Nothing is charged.
#[utoipa::path(
    post,
    path = "/v1/changes/{id}/accept",
    tag = "changes",
    params(ChangePath, ChangeHeaders),
    request_body = Acceptance,
    responses((status = 200, description = "The change.", body = ChangeBody), CommandProblems)
)]
pub async fn accept_quote(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: Command<Acceptance>,
) -> Answer {
    let asked = command.asked(command.body.actor.actor());
    let quote = command.body.quote;
    show::submitted(&state, change, Wish::Event(Event::Accept { quote }), &asked).await
}
