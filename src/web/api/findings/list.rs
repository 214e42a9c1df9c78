use axum::extract::State;

use super::FindingBody;
use crate::web::WebState;
use crate::web::api::document::ReadProblems;
use crate::web::api::show::{self, Answer, Page};
use crate::web::ask::{Asking, Caller, PageQuery};

/// Read what differs from the provider
///
/// What the last comparison of each contract found and what is still there, the longest known first. What is safe is repaired by
/// itself; what says `ask_a_person` waits for one.
#[utoipa::path(
    get,
    path = "/v1/findings",
    tag = "support",
    params(PageQuery),
    responses((status = 200, description = "A page of it.", body = Page<FindingBody>), ReadProblems)
)]
pub async fn list_findings(
    State(state): State<WebState>,
    caller: Caller,
    Asking(asked): Asking<PageQuery>,
) -> Answer {
    let rows = state
        .engine
        .store()
        .findings(&caller.seller, asked.page()?)
        .await?;
    let last = u64::try_from(rows.len()).ok().map(|held| asked.after + held);
    let next = asked.next(rows.len(), last);
    Ok(show::page(rows.iter().map(FindingBody::kept).collect(), next))
}
