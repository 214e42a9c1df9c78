use axum::extract::State;

use crate::domain::change::ChangeId;
use crate::web::WebState;
use crate::web::api::document::{ChangePath, PaymentProblems};
use crate::web::api::show::{self, Answer, Page};
use crate::web::api::views::CardView;
use crate::web::ask::{Caller, Named};

/// List the customer's cards
///
/// Those that the provider keeps, the newest first.
#[utoipa::path(
    get,
    path = "/v1/changes/{id}/cards",
    tag = "payment",
    params(ChangePath),
    responses((status = 200, description = "The cards.", body = Page<CardView>), PaymentProblems)
)]
pub async fn list_cards(
    State(state): State<WebState>,
    caller: Caller,
    Named(change): Named<ChangeId>,
) -> Answer {
    let cards = state.engine.cards(change, &caller.asked()).await?;
    Ok(show::page(cards.iter().map(CardView::of).collect(), None))
}
