use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::account::ContractId;
use crate::domain::catalog::Selection;
use crate::domain::change::ChangeId;
use crate::engine::{ChangeView, OpenChange};
use crate::web::WebState;
use crate::web::api::document::{CommandHeaders, CommandProblems, ContractPath, FindProblems};
use crate::web::api::show::{self, Answer, Page};
use crate::web::api::views::{ChangeBody, ChangeListed, SelectionView};
use crate::web::ask::{ActorBody, Asking, Caller, Command, Named, PageQuery};

/// A change to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChange {
    /// What the customer wants to hold afterwards.
    #[schema(value_type = SelectionView)]
    selection: Selection,
    /// Who acts.
    actor: ActorBody,
    /// Where the customer goes back to: an address that the workflow file allows.
    #[serde(default)]
    return_url: Option<String>,
    /// Where the customer goes back to after giving up, where that is another place; allowed in the same way.
    #[serde(default)]
    cancel_url: Option<String>,
    /// The `blocking_change` that the customer has agreed to give up for this one. It is given up first, safely: while its payment is
    /// on its way the answer is `payment_in_flight`, and the same request can be sent again in a moment.
    #[serde(default)]
    supersedes: Option<Uuid>,
}

/// List a contract's changes
///
/// The newest first.
#[utoipa::path(
    get,
    path = "/v1/contracts/{id}/changes",
    tag = "contracts",
    params(ContractPath, PageQuery),
    responses((status = 200, description = "A page of them.", body = Page<ChangeListed>), FindProblems)
)]
pub async fn list_changes(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<ContractId>,
    Asking(asked): Asking<PageQuery>,
) -> Answer {
    let page = asked.page()?;
    state.engine.contract_of(id, &caller.seller).await?;
    let rows = state.engine.store().changes_of(id, page).await?;
    let position = u64::try_from(rows.len())
        .ok()
        .map(|held| page.after.saturating_add(held));
    let next = asked.next(rows.len(), position);
    Ok(show::page(rows.iter().map(ChangeListed::of).collect(), next))
}

/// Open a change
///
/// One at a time on a contract: where another is open, it is named in `blocking_change`, and can be taken up or given up there, or be
/// superseded with the customer's consent.
#[utoipa::path(
    post,
    path = "/v1/contracts/{id}/changes",
    tag = "changes",
    params(ContractPath, CommandHeaders),
    request_body = NewChange,
    responses((status = 201, description = "The change, in `draft`.", body = ChangeBody), CommandProblems)
)]
pub async fn open_change(
    State(state): State<WebState>,
    Named(contract): Named<ContractId>,
    command: Command<NewChange>,
) -> Answer {
    let asked = command.asked_anew(command.body.actor.actor())?;
    let wish = OpenChange {
        contract,
        selection: command.body.selection,
        return_url: command.body.return_url,
        cancel_url: command.body.cancel_url,
        supersedes: command.body.supersedes.map(ChangeId),
    };
    let present = |view: &ChangeView| show::keep(StatusCode::CREATED, &ChangeBody::of(view));
    Ok(show::reply(
        state.engine.open_change(&wish, &asked, &present).await?,
    ))
}
