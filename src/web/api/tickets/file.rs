use std::collections::BTreeMap;

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::change::ChangeId;
use crate::engine::Wish;
use crate::web::WebState;
use crate::web::api::document::{ChangeHeaders, ChangePath, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ChangeBody;
use crate::web::ask::{ActorBody, Command, Named};

/// A request to go down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Filing {
    /// Who acts.
    actor: ActorBody,
    /// The answers to the seller's form, by the fields' ids; what is not answered is left out.
    #[serde(default)]
    #[schema(example = json!({ "reason": "cost", "message": "Menos gente na equipe." }))]
    fields: BTreeMap<String, String>,
}

/// Request to go down
///
/// Of a draft whose selection goes by ticket. The answers are kept where they can be erased.
#[utoipa::path(
    post,
    path = "/v1/changes/{id}/ticket",
    tag = "tickets",
    params(ChangePath, ChangeHeaders),
    request_body = Filing,
    responses((status = 200, description = "The change, in `downgrade_ticket`.", body = ChangeBody), CommandProblems)
)]
pub async fn file_ticket(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: Command<Filing>,
) -> Answer {
    let asked = command.asked(command.body.actor.actor());
    show::submitted(&state, change, Wish::FileTicket(command.body.fields), &asked).await
}
