use axum::extract::State;

use crate::domain::account::AccountId;
use crate::web::WebState;
use crate::web::api::document::{AccountPath, FindProblems};
use crate::web::api::show::{self, Answer, Page};
use crate::web::api::views::{ContractListed, Reader};
use crate::web::ask::{Caller, Named};

/// List an account's contracts
///
/// Oldest first, all of them.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/contracts",
    tag = "accounts",
    params(AccountPath),
    responses((status = 200, description = "Its contracts.", body = Page<ContractListed>), FindProblems)
)]
pub async fn list_contracts(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<AccountId>,
) -> Answer {
    let account = state.engine.account_of(id, &caller.seller).await?;
    let contracts = state.engine.store().contracts_of(id).await?;
    let playbook = state.playbook(&caller.seller)?;
    let reader = Reader::new(&playbook, Some(account.language));
    let listed = contracts
        .iter()
        .map(|contract| ContractListed::of(reader, contract));
    Ok(show::page(listed.collect(), None))
}
