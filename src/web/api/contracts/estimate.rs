use axum::extract::{Request, State};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::account::ContractId;
use crate::domain::catalog::Selection;
use crate::web::WebState;
use crate::web::api::document::{ContractPath, QuestionProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::{EstimateBody, SelectionView};
use crate::web::ask::{self, Caller, Named};

/// What to estimate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EstimateAsk {
    /// What the customer would hold.
    #[schema(value_type = SelectionView)]
    selection: Selection,
}

/// Estimate a selection
///
/// For prices that move along with a slider: computed at once, before tax, discount and balance. It changes nothing, asks the
/// provider nothing and needs no idempotency key. What will be charged is what the quote says.
#[utoipa::path(
    post,
    path = "/v1/contracts/{id}/estimate",
    tag = "contracts",
    params(ContractPath),
    request_body = EstimateAsk,
    responses(
        (status = 200, description = "The estimate.", body = EstimateBody),
        QuestionProblems
    )
)]
pub async fn estimate(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<ContractId>,
    request: Request,
) -> Answer {
    let EstimateAsk { selection } = ask::question(request).await?;
    let live = state.engine.estimate(id, &selection, &caller.seller).await?;
    show::now(&EstimateBody::of(&live))
}
