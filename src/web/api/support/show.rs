use axum::extract::State;

use crate::domain::change::ChangeId;
use crate::web::WebState;
use crate::web::api::document::{ChangePath, FindProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::CaseView;
use crate::web::ask::{Named, Staff};

/// Read everything about a change
///
/// What is stuck about it, what can safely be done, its calls, mails and events, and all of it in the order of time. No personal
/// data: the ids lead to it.
#[utoipa::path(
    get,
    path = "/v1/support/changes/{id}",
    tag = "support",
    params(ChangePath),
    responses((status = 200, description = "The change.", body = CaseView), FindProblems)
)]
pub async fn read_case(
    State(state): State<WebState>,
    staff: Staff,
    Named(change): Named<ChangeId>,
) -> Answer {
    let case = state.engine.case(change, staff.seller()).await?;
    show::now(&CaseView::of(&case))
}
