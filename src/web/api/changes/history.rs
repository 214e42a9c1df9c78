use axum::extract::State;

use crate::domain::change::ChangeId;
use crate::web::WebState;
use crate::web::api::document::{ChangePath, FindProblems};
use crate::web::api::show::{self, Answer, Page};
use crate::web::api::views::HistoryLine;
use crate::web::ask::{Asking, Caller, Named, PageQuery};
use crate::web::problem::Problem;

/// Read a change's history
///
/// Everything that has happened to it, oldest first.
#[utoipa::path(
    get,
    path = "/v1/changes/{id}/history",
    tag = "changes",
    params(ChangePath, PageQuery),
    responses((status = 200, description = "A page of it.", body = Page<HistoryLine>), FindProblems)
)]
pub async fn read_change_history(
    State(state): State<WebState>,
    caller: Caller,
    Named(change): Named<ChangeId>,
    Asking(asked): Asking<PageQuery>,
) -> Answer {
    let entries = state
        .engine
        .history(change, &caller.seller, asked.page()?)
        .await?;
    let next = asked.next(entries.len(), entries.last().map(|(entry, _)| entry.seq));
    let lines: Result<Vec<_>, Problem> = entries
        .into_iter()
        .map(|(entry, said)| HistoryLine::of(&entry, said))
        .collect();
    Ok(show::page(lines?, next))
}
