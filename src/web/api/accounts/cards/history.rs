use axum::extract::State;

use super::view::CardLineView;
use crate::domain::account::AccountId;
use crate::web::WebState;
use crate::web::api::document::{AccountPath, FindProblems};
use crate::web::api::show::{self, Answer, Page};
use crate::web::ask::{Asking, Caller, Named, PageQuery};

/// Read what has happened to an account's cards
///
/// Oldest first. Nothing of it can be changed or removed.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/cards/history",
    tag = "accounts",
    params(AccountPath, PageQuery),
    responses((status = 200, description = "A page of it.", body = Page<CardLineView>), FindProblems)
)]
pub async fn read_card_history(
    State(state): State<WebState>,
    caller: Caller,
    Named(account): Named<AccountId>,
    Asking(asking): Asking<PageQuery>,
) -> Answer {
    let page = asking.page()?;
    let lines = state.engine.card_history(account, page, &caller.asked()).await?;
    let next = asking.next(lines.len(), lines.last().map(|(seq, _)| *seq));
    Ok(show::page(lines.iter().map(CardLineView::of).collect(), next))
}
