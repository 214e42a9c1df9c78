use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::change::ChangeId;
use crate::engine::Reply;
use crate::ports::payments::CardSetup;
use crate::web::WebState;
use crate::web::api::document::{ChangePath, CommandHeaders, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::ask::{Command, Named, Nobody};

/// A beginning of keeping a card, for the provider's browser library.
#[derive(Serialize, ToSchema)]
#[schema(as = CardSetup)]
pub struct CardSetupView {
    /// The provider's id: the `setup` of the payment method or the confirmation.
    #[schema(example = "seti_1Mm8s8LkdIwHu7ix0OXBfTRG")]
    setup: String,
    /// For the customer's browser, and nobody else.
    client_secret: String,
}

impl CardSetupView {
    /// The beginning.
    pub fn of(begun: CardSetup) -> Self {
        Self {
            setup: begun.id,
            client_secret: begun.client_secret,
        }
    }
}

/// Begin to keep a new card
///
/// The customer's browser gives the card to the provider with the client secret; then name the `setup`.
#[utoipa::path(
    post,
    path = "/v1/changes/{id}/card-setup",
    tag = "payment",
    params(ChangePath, CommandHeaders),
    request_body = Option<Nobody>,
    responses((status = 200, description = "The beginning.", body = CardSetupView), CommandProblems)
)]
pub async fn begin_card_setup(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: Command<Nobody>,
) -> Answer {
    let asked = command.asked_by_the_seller()?;
    let (begun, replayed) = state.engine.begin_card_setup(change, &asked).await?;
    let view = CardSetupView::of(begun);
    Ok(show::reply(Reply {
        answer: show::keep(StatusCode::OK, &view)?,
        replayed,
    }))
}
