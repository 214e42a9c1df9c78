use axum::extract::State;

use crate::domain::account::ContractId;
use crate::web::WebState;
use crate::web::api::document::{ContractPath, FindProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::{ContractBody, Reader};
use crate::web::ask::{Caller, Named};

/// Read a contract
///
/// What is held, with names in the account's language, what can be edited, the change that is open on it, and what is promised for a
/// day.
#[utoipa::path(
    get,
    path = "/v1/contracts/{id}",
    tag = "contracts",
    params(ContractPath),
    responses((status = 200, description = "The contract.", body = ContractBody), FindProblems)
)]
pub async fn read_contract(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<ContractId>,
) -> Answer {
    let contract = state.engine.contract_of(id, &caller.seller).await?;
    let account = state.engine.account_of(contract.account, &caller.seller).await?;
    let open = state.engine.store().open_change(id).await?;
    let playbook = state.playbook(&caller.seller)?;
    let reader = Reader::new(&playbook, Some(account.language));
    let promised = state.engine.promise_on(id, &caller.seller).await?;
    let body = ContractBody::of(reader, &contract, open);
    show::now(&body.with_promise(reader, promised.as_ref()))
}
