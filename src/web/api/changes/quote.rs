use axum::extract::State;

use crate::domain::change::{ChangeId, Event};
use crate::engine::Wish;
use crate::web::WebState;
use crate::web::api::document::{ChangeHeaders, ChangePath, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ChangeBody;
use crate::web::ask::{Command, Named, OnlyActor};

/// Ask for a quote
///
/// The provider is asked what the selection costs; read the change with `wait` for the answer. Where the seller's rules make
/// the selection a request to its support, it becomes one instead. An expired quote is made anew in the same way.
#[utoipa::path(
    post,
    path = "/v1/changes/{id}/quote",
    tag = "changes",
    params(ChangePath, ChangeHeaders),
    request_body = OnlyActor,
    responses((status = 200, description = "The change.", body = ChangeBody), CommandProblems)
)]
pub async fn ask_quote(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: Command<OnlyActor>,
) -> Answer {
    let asked = command.asked(command.body.actor.actor());
    show::submitted(&state, change, Wish::Event(Event::AskQuote), &asked).await
}
