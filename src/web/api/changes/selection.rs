use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::catalog::Selection;
use crate::domain::change::{ChangeId, Event};
use crate::engine::Wish;
use crate::web::WebState;
use crate::web::api::document::{ChangeHeaders, ChangePath, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::{ChangeBody, SelectionView};
use crate::web::ask::{ActorBody, Command, Named};

/// Another selection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSelection {
    /// What the customer wants to hold afterwards.
    #[schema(value_type = SelectionView)]
    selection: Selection,
    /// Who acts.
    actor: ActorBody,
}

/// Choose otherwise
///
/// The change goes back to `draft`; a quote that was made is thrown away.
#[utoipa::path(
    put,
    path = "/v1/changes/{id}/selection",
    tag = "changes",
    params(ChangePath, ChangeHeaders),
    request_body = NewSelection,
    responses((status = 200, description = "The change.", body = ChangeBody), CommandProblems)
)]
pub async fn select(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: Command<NewSelection>,
) -> Answer {
    let asked = command.asked(command.body.actor.actor());
    let selection = command.body.selection;
    show::submitted(&state, change, Wish::Event(Event::Select { selection }), &asked).await
}
