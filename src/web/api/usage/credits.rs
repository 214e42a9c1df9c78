use axum::extract::State;

use crate::domain::account::ContractId;
use crate::web::WebState;
use crate::web::api::document::{ContractPath, FindProblems};
use crate::web::api::show::{self, Answer, Page};
use crate::web::api::views::CreditLineView;
use crate::web::ask::{Asking, Caller, Named, PageQuery};

/// Read the history of a contract's credits
///
/// Granted, spent and lapsed, oldest first: its sum is the balance.
#[utoipa::path(
    get,
    path = "/v1/contracts/{id}/credits",
    tag = "usage",
    params(ContractPath, PageQuery),
    responses((status = 200, description = "A page of it.", body = Page<CreditLineView>), FindProblems)
)]
pub async fn read_credits(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<ContractId>,
    Asking(asked): Asking<PageQuery>,
) -> Answer {
    let page = asked.page()?;
    state.engine.contract_of(id, &caller.seller).await?;
    let lines = state.engine.store().credit_lines(id, page).await?;
    let next = asked.next(lines.len(), lines.last().map(|line| line.seq));
    Ok(show::page(lines.iter().map(CreditLineView::of).collect(), next))
}
