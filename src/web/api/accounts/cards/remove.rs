use axum::extract::State;
use axum::http::StatusCode;

use super::view::CardOrderView;
use crate::engine::CardOrder;
use crate::web::WebState;
use crate::web::api::document::{AccountCardPath, CommandHeaders, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::Reader;
use crate::web::ask::{CardOf, Command, OnlyActor};

/// Remove a card
///
/// Only one that nothing uses: the refusal names what does. The order is carried out in a moment: the list shows it until then.
#[utoipa::path(
    delete,
    path = "/v1/accounts/{id}/cards/{card}",
    tag = "accounts",
    params(AccountCardPath, CommandHeaders),
    request_body = OnlyActor,
    responses((status = 202, description = "The order.", body = CardOrderView), CommandProblems)
)]
pub async fn remove_card(
    State(state): State<WebState>,
    CardOf { account, card }: CardOf,
    command: Command<OnlyActor>,
) -> Answer {
    let asked = command.asked_anew(command.body.actor.actor())?;
    let playbook = state.playbook(&asked.seller)?;
    let reader = Reader::new(&playbook, None);
    let present = |order: &CardOrder| show::keep(StatusCode::ACCEPTED, &CardOrderView::of(reader, order));
    let reply = state.engine.remove_card(account, &card, &asked, &present).await?;
    Ok(show::reply(reply))
}
