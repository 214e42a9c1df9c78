use axum::extract::State;

use crate::domain::account::ContractId;
use crate::web::WebState;
use crate::web::api::document::{ContractPath, FindProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::{OverviewBody, Reader};
use crate::web::ask::{Asking, Caller, Named, ReaderQuery};

/// View a contract
///
/// Everything that a page about a contract shows: plan and items with where each is edited, status, dates, the responsible person, the
/// next renewal and its amount as the provider previews it, and the change that is open. Where a role is given, only those are
/// answered who may see it.
#[utoipa::path(
    get,
    path = "/v1/contracts/{id}/overview",
    tag = "contracts",
    params(ContractPath, ReaderQuery),
    responses((status = 200, description = "The contract.", body = OverviewBody), FindProblems)
)]
pub async fn read_overview(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<ContractId>,
    Asking(asked): Asking<ReaderQuery>,
) -> Answer {
    let actor = asked.viewer(&*state.playbook(&caller.seller)?)?;
    let overview = state.engine.overview(id, &caller.seller).await?;
    let reader = Reader::new(&overview.playbook, Some(overview.account.language));
    show::now(&OverviewBody::of(reader, &overview, actor.as_ref()))
}
