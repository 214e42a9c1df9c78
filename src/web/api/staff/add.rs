use std::fmt;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{OPERATOR, Operator, RoleWord, StaffBody, problem};
use crate::engine::{NewStaff, StaffError};
use crate::ports::store::StaffRole;
use crate::web::WebState;
use crate::web::api::document::QuestionProblems;
use crate::web::api::show::Answer;
use crate::web::ask;

/// Somebody to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStaffBody {
    /// The name that they sign in with: small letters, digits, `-`, `_` and `.`. It stays in histories for good: no real name.
    #[schema(max_length = 40, example = "agent-7")]
    login: String,
    /// What they may do.
    role: RoleWord,
    /// The one seller whose customers they see; those of all where none is named.
    #[serde(default)]
    #[schema(example = "clint")]
    seller: Option<String>,
    /// Their first password.
    #[schema(min_length = 15, max_length = 200)]
    password: String,
}

/// Without the password.
impl fmt::Debug for NewStaffBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewStaffBody")
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

/// Add somebody to the console
///
/// Under the operator's key. A name is given once: adding it again is refused, so that no idempotency key is needed.
#[utoipa::path(
    post,
    path = "/v1/staff",
    tag = "staff",
    request_body = NewStaffBody,
    responses((status = 201, description = "Somebody who can sign in now.", body = StaffBody), QuestionProblems)
)]
pub async fn add_staff(State(state): State<WebState>, _: Operator, request: Request) -> Answer {
    let asked: NewStaffBody = ask::question(request).await?;
    let seller = asked.seller.as_deref().map(str::parse).transpose();
    let new = NewStaff {
        login: asked.login,
        role: match asked.role {
            RoleWord::Agent => StaffRole::Agent,
            RoleWord::Lead => StaffRole::Lead,
        },
        seller: seller.map_err(|_| problem(StaffError::Seller))?,
        password: asked.password,
    };
    let person = state.engine.add_staff(new, OPERATOR).await.map_err(problem)?;
    Ok((StatusCode::CREATED, Json(StaffBody::of(&person))).into_response())
}
