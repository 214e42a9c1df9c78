use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Operator, StaffBody};
use crate::web::WebState;
use crate::web::api::document::ReadProblems;
use crate::web::api::show::Answer;

/// Who works at the console.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffList {
    /// Everybody, also who is disabled, in the order of their names.
    data: Vec<StaffBody>,
}

/// List who works at the console
///
/// Under the operator's key.
#[utoipa::path(
    get,
    path = "/v1/staff",
    tag = "staff",
    responses((status = 200, description = "All of them.", body = StaffList), ReadProblems)
)]
pub async fn list_staff(State(state): State<WebState>, _: Operator) -> Answer {
    let all = state.engine.staff().await?;
    let list = StaffList {
        data: all.iter().map(StaffBody::of).collect(),
    };
    Ok(Json(list).into_response())
}
