use std::fmt;

use axum::extract::{Request, State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{LoginPath, NamedLogin, OPERATOR, Operator, StaffBody, nobody, problem};
use crate::web::WebState;
use crate::web::api::document::QuestionProblems;
use crate::web::api::show::{self, Answer};
use crate::web::ask;

/// What becomes of somebody's entry. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffChange {
    /// Another password.
    #[serde(default)]
    #[schema(min_length = 15, max_length = 200)]
    password: Option<String>,
    /// Whether they can no longer sign in. It cannot be taken back: their name stays theirs in histories.
    #[serde(default)]
    #[schema(default = false)]
    disabled: bool,
}

/// Without the password.
impl fmt::Debug for StaffChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaffChange")
            .field("disabled", &self.disabled)
            .finish_non_exhaustive()
    }
}

/// Give somebody another password, or keep them from signing in
///
/// Under the operator's key. Their sessions end. Doing it again changes nothing, so that no idempotency key is needed.
#[utoipa::path(
    post,
    path = "/v1/staff/{login}",
    tag = "staff",
    params(LoginPath),
    request_body = StaffChange,
    responses((status = 200, description = "Their entry as it is then.", body = StaffBody), QuestionProblems)
)]
pub async fn update_staff(
    State(state): State<WebState>,
    _: Operator,
    NamedLogin(login): NamedLogin,
    request: Request,
) -> Answer {
    let asked: StaffChange = ask::question(request).await?;
    if let Some(password) = asked.password {
        let done = state.engine.set_staff_password(&login, password).await;
        done.map_err(problem)?;
    }
    if asked.disabled {
        let done = state.engine.disable_staff(&login, OPERATOR).await;
        done.map_err(problem)?;
    }
    let all = state.engine.staff().await?;
    let person = all.iter().find(|person| person.login == login);
    show::now(&StaffBody::of(person.ok_or_else(nobody)?))
}
