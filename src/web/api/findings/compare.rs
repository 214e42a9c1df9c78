use axum::extract::State;

use super::ComparisonBody;
use crate::domain::account::ContractId;
use crate::web::WebState;
use crate::web::api::document::{ContractPath, PaymentProblems};
use crate::web::api::show::{self, Answer};
use crate::web::ask::{Caller, Named};

/// Compare a contract with the provider
///
/// Reads what the provider holds now, and says what differs and what would be done about it. Changes nothing.
#[utoipa::path(
    get,
    path = "/v1/contracts/{id}/comparison",
    tag = "support",
    params(ContractPath),
    responses((status = 200, description = "What was found.", body = ComparisonBody), PaymentProblems)
)]
pub async fn compare_contract(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<ContractId>,
) -> Answer {
    let compared = state.engine.reconcile(id, &caller.seller, None).await?;
    show::now(&ComparisonBody::of(&compared))
}
