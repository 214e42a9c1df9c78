use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::{AccountId, ContractId};
use crate::web::WebState;
use crate::web::api::document::{AccountPath, ContractPath, FindProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::{EntitlementsBody, Reader};
use crate::web::ask::{Caller, Named};

/// What an account may use, contract by contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountEntitlements {
    /// One entry per contract, oldest first.
    data: Vec<EntitlementsBody>,
}

/// Read what a contract entitles to
///
/// What may be used now: it switches in the very moment in which a change is paid, and not before. The `ETag` stands for all of
/// it; send it as `If-None-Match`, and an unchanged answer has no body (304).
#[utoipa::path(
    get,
    path = "/v1/contracts/{id}/entitlements",
    tag = "usage",
    params(ContractPath),
    responses(
        (status = 200, description = "What may be used.", body = EntitlementsBody),
        (status = 304, description = "It is what `If-None-Match` stands for."),
        FindProblems
    )
)]
pub async fn read_entitlements(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<ContractId>,
    headers: HeaderMap,
) -> Answer {
    let usage = state.engine.usage(id, &caller.seller).await?;
    let standings = state.engine.prerequisites(&usage.account).await?;
    let reader = Reader::new(&usage.playbook, Some(usage.account.language));
    show::tagged(&EntitlementsBody::of(reader, &usage, &standings), &headers)
}

/// Read what an account may use
///
/// All its contracts in one answer, with an `ETag` as that of a contract.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/entitlements",
    tag = "usage",
    params(AccountPath),
    responses(
        (status = 200, description = "What may be used.", body = AccountEntitlements),
        (status = 304, description = "It is what `If-None-Match` stands for."),
        FindProblems
    )
)]
pub async fn read_account_entitlements(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<AccountId>,
    headers: HeaderMap,
) -> Answer {
    let account = state.engine.account_of(id, &caller.seller).await?;
    let playbook = state.playbook(&caller.seller)?;
    let reader = Reader::new(&playbook, Some(account.language));
    let standings = state.engine.prerequisites(&account).await?;
    let mut data = Vec::new();
    for contract in state.engine.store().contracts_of(id).await? {
        let usage = state.engine.usage_of(account.clone(), contract).await?;
        data.push(EntitlementsBody::of(reader, &usage, &standings));
    }
    show::tagged(&AccountEntitlements { data }, &headers)
}
