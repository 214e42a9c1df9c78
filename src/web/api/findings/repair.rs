use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ComparisonBody;
use crate::domain::account::ContractId;
use crate::engine::Compared;
use crate::web::WebState;
use crate::web::api::document::{CommandHeaders, CommandProblems, ContractPath};
use crate::web::api::show::{self, Answer};
use crate::web::ask::{Command, Named, SupportBody};

/// Support's order to repair what can be repaired safely.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RepairOrder {
    /// Who orders it.
    support: SupportBody,
}

/// Repair what differs from the provider
///
/// Compares anew, and begins every repair that is safe: each is journalled with who ordered it and why, and none charges. What
/// only a person can decide is left as it is.
#[utoipa::path(
    post,
    path = "/v1/contracts/{id}/repairs",
    tag = "support",
    params(ContractPath, CommandHeaders),
    request_body = RepairOrder,
    responses((status = 200, description = "What was found, and what was begun.", body = ComparisonBody), CommandProblems)
)]
pub async fn repair_contract(
    State(state): State<WebState>,
    Named(id): Named<ContractId>,
    command: Command<RepairOrder>,
) -> Answer {
    let asked = command.asked_anew(command.body.support.actor())?;
    let present = |compared: &Compared| show::keep(StatusCode::OK, &ComparisonBody::of(compared));
    Ok(show::reply(
        state.engine.order_repairs(id, &asked, &present).await?,
    ))
}
