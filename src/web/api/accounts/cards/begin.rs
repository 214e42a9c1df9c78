use axum::extract::State;
use axum::http::StatusCode;

use crate::domain::account::AccountId;
use crate::engine::Reply;
use crate::web::WebState;
use crate::web::api::changes::card_setup::CardSetupView;
use crate::web::api::document::{AccountPath, CommandHeaders, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::ask::{Command, Named, OnlyActor};

/// Begin to keep a new card
///
/// The customer's browser gives the card to the provider with the client secret, and the holder's name with it as
/// `billing_details.name`: a card without that is taken away again. Nothing more is to be sent: that the card is there is
/// learned from the provider, listed, journalled and told.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/cards",
    tag = "accounts",
    params(AccountPath, CommandHeaders),
    request_body = OnlyActor,
    responses((status = 200, description = "The beginning.", body = CardSetupView), CommandProblems)
)]
pub async fn begin_account_card(
    State(state): State<WebState>,
    Named(account): Named<AccountId>,
    command: Command<OnlyActor>,
) -> Answer {
    let asked = command.asked_anew(command.body.actor.actor())?;
    let (begun, replayed) = state.engine.begin_card(account, &asked).await?;
    let view = CardSetupView::of(begun);
    Ok(show::reply(Reply {
        answer: show::keep(StatusCode::OK, &view)?,
        replayed,
    }))
}
