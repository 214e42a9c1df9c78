use std::fmt;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{LoginPath, NamedLogin, Operator, problem};
use crate::web::WebState;
use crate::web::api::document::QuestionProblems;
use crate::web::api::show::Answer;
use crate::web::ask;

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// It.
    #[schema(min_length = 15, max_length = 200)]
    password: String,
}

/// Without the password.
impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewPassword").finish_non_exhaustive()
    }
}

/// Give somebody another password
///
/// Under the operator's key. Their sessions end.
#[utoipa::path(
    post,
    path = "/v1/staff/{login}/password",
    tag = "staff",
    params(LoginPath),
    request_body = NewPassword,
    responses((status = 204, description = "They sign in with it from now on."), QuestionProblems)
)]
pub async fn set_staff_password(
    State(state): State<WebState>,
    _: Operator,
    NamedLogin(login): NamedLogin,
    request: Request,
) -> Answer {
    let asked: NewPassword = ask::question(request).await?;
    let done = state.engine.set_staff_password(&login, asked.password).await;
    done.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
