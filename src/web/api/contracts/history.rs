use axum::extract::State;

use crate::domain::account::ContractId;
use crate::web::WebState;
use crate::web::api::document::{ContractPath, FindProblems};
use crate::web::api::show::{self, Answer, Page};
use crate::web::api::views::ContractEntry;
use crate::web::ask::{Asking, Caller, Named, PageQuery};
use crate::web::problem::Problem;

/// Read a contract's history
///
/// How it began, and what the provider did with it while no change was open. Oldest first.
#[utoipa::path(
    get,
    path = "/v1/contracts/{id}/history",
    tag = "contracts",
    params(ContractPath, PageQuery),
    responses((status = 200, description = "A page of it.", body = Page<ContractEntry>), FindProblems)
)]
pub async fn read_contract_history(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<ContractId>,
    Asking(asked): Asking<PageQuery>,
) -> Answer {
    let page = asked.page()?;
    state.engine.contract_of(id, &caller.seller).await?;
    let entries = state.engine.store().contract_journal(id, page).await?;
    let next = asked.next(entries.len(), entries.last().map(|entry| entry.seq));
    let lines: Result<Vec<_>, Problem> = entries.iter().map(ContractEntry::of).collect();
    Ok(show::page(lines?, next))
}
