use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::change::{ChangeId, RefusalCode};
use crate::web::WebState;
use crate::web::api::document::{ChangePath, PaymentProblems};
use crate::web::api::show::{self, Answer};
use crate::web::ask::{Caller, Named};
use crate::web::problem::Problem;

/// What the customer's browser needs to authenticate a payment.
#[derive(Serialize, ToSchema)]
pub struct Authentication {
    /// For the provider's browser library: for the customer's browser, and nobody else. Never keep or log it.
    client_secret: String,
}

/// Read the secret of the waiting payment
///
/// Where the bank wants the customer to authenticate.
#[utoipa::path(
    get,
    path = "/v1/changes/{id}/authentication",
    tag = "payment",
    params(ChangePath),
    responses(
        (status = 200, description = "The secret. It is never cached.", body = Authentication),
        PaymentProblems
    )
)]
pub async fn read_authentication(
    State(state): State<WebState>,
    caller: Caller,
    Named(change): Named<ChangeId>,
) -> Answer {
    match state.engine.client_secret(change, &caller.asked()).await? {
        Some(client_secret) => show::now(&Authentication { client_secret }),
        None => Err(Problem::refusal(
            RefusalCode::NotAllowedHere,
            "No payment of this change waits for its customer. Read the change and do its `next_action`.",
        )),
    }
}
