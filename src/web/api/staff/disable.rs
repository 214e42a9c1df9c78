use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;

use super::{LoginPath, NamedLogin, OPERATOR, Operator, problem};
use crate::web::WebState;
use crate::web::api::document::FindProblems;
use crate::web::api::show::Answer;

/// Keep somebody from signing in
///
/// Under the operator's key. Their sessions end. Doing it again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/staff/{login}/disable",
    tag = "staff",
    params(LoginPath),
    responses((status = 204, description = "They cannot sign in any more."), FindProblems)
)]
pub async fn disable_staff(
    State(state): State<WebState>,
    _: Operator,
    NamedLogin(login): NamedLogin,
) -> Answer {
    let done = state.engine.disable_staff(&login, OPERATOR).await;
    done.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
