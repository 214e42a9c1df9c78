use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::account::{Contract, ContractId};
use crate::web::WebState;
use crate::web::api::document::{CommandHeaders, CommandProblems, ContractPath};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::{ContractBody, Reader};
use crate::web::ask::{ActorBody, Command, Named, PersonName};

/// Who is financially responsible for a contract.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponsiblePerson {
    /// The person's name; null for nobody. It is kept beside the history, which only tells that it was set.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(value_type = Option<String>, max_length = 200, example = "Ana Souza")]
    responsible: Option<PersonName>,
    /// Who acts.
    actor: ActorBody,
}

/// Set the responsible person
#[utoipa::path(
    put,
    path = "/v1/contracts/{id}/responsible",
    tag = "contracts",
    params(ContractPath, CommandHeaders),
    request_body = ResponsiblePerson,
    responses((status = 200, description = "The contract.", body = ContractBody), CommandProblems)
)]
pub async fn set_responsible(
    State(state): State<WebState>,
    Named(id): Named<ContractId>,
    command: Command<ResponsiblePerson>,
) -> Answer {
    let asked = command.asked_anew(command.body.actor.actor())?;
    let contract = state.engine.contract_of(id, &asked.seller).await?;
    let account = state.engine.account_of(contract.account, &asked.seller).await?;
    let open = state.engine.store().open_change(id).await?;
    let playbook = state.playbook(&asked.seller)?;
    let present = |contract: &Contract| {
        let reader = Reader::new(&playbook, Some(account.language));
        show::keep(StatusCode::OK, &ContractBody::of(reader, contract, open))
    };
    let responsible = command.body.responsible.map(PersonName::into_inner);
    let set = state
        .engine
        .set_responsible(id, responsible.as_deref(), &asked, &present)
        .await?;
    Ok(show::reply(set))
}
