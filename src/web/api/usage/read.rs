use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::ContractId;
use crate::web::WebState;
use crate::web::api::document::{ContractPath, FindProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::{ClosedPeriodView, PotView, Reader};
use crate::web::ask::{Asking, Caller, Named, PageQuery};

/// What is used on a contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageBody {
    /// What is used now, held against what can be.
    data: Vec<PotView>,
    /// Periods that are closed, the newest first.
    closed: Vec<ClosedPeriodView>,
    /// The `after` of the next page of closed periods; nothing on the last.
    next: Option<u64>,
}

/// Read what is used on a contract
///
/// Everything that is counted, in its running period, and the periods that are closed with what was due for them.
#[utoipa::path(
    get,
    path = "/v1/contracts/{id}/usage",
    tag = "usage",
    params(ContractPath, PageQuery),
    responses((status = 200, description = "What is used.", body = UsageBody), FindProblems)
)]
pub async fn read_usage(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<ContractId>,
    Asking(asked): Asking<PageQuery>,
) -> Answer {
    let page = asked.page()?;
    let usage = state.engine.usage(id, &caller.seller).await?;
    let closed = state.engine.store().closed_tallies(id, page).await?;
    let overages = state.engine.store().overages(id, false).await?;
    let reader = Reader::new(&usage.playbook, Some(usage.account.language));
    let position = u64::try_from(closed.len())
        .ok()
        .map(|held| page.after.saturating_add(held));
    let next = asked.next(closed.len(), position);
    show::now(&UsageBody {
        data: PotView::all(reader, &usage),
        closed: closed
            .iter()
            .map(|closed| ClosedPeriodView::of(reader, closed, &overages))
            .collect(),
        next,
    })
}
