use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::ContractId;
use crate::web::WebState;
use crate::web::api::document::ReadProblems;
use crate::web::api::show::{self, Answer};
use crate::web::ask::{AfterQuery, Asking, Caller};

/// How many contracts a page names.
const PAGE: u32 = 200;

/// A page of contracts, by their ids.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContractIds {
    /// Their ids, in the order in which they were made.
    #[schema(value_type = Vec<Uuid>)]
    data: Vec<String>,
    /// The `after` of the next page; nothing on the last.
    #[schema(value_type = Option<Uuid>)]
    next: Option<String>,
}

/// Walk through all contracts
///
/// The ids of the seller's contracts, 200 a page.
#[utoipa::path(
    get,
    path = "/v1/contracts",
    tag = "contracts",
    params(AfterQuery),
    responses((status = 200, description = "A page of it.", body = ContractIds), ReadProblems)
)]
pub async fn walk_contracts(
    State(state): State<WebState>,
    caller: Caller,
    Asking(asked): Asking<AfterQuery>,
) -> Answer {
    let after = asked.after.map(ContractId);
    let ids = state
        .engine
        .store()
        .contracts_after(&caller.seller, after, PAGE)
        .await?;
    let full = u32::try_from(ids.len()).is_ok_and(|held| held >= PAGE);
    let data: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let next = data.last().filter(|_| full).cloned();
    show::now(&ContractIds { data, next })
}
