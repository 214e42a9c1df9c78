use axum::extract::State;
use serde::Deserialize;
use uuid::Uuid;

use super::document::FindProblems;
use super::show::{self, Answer};
use super::views::{CatalogView, Reader};
use crate::domain::account::ContractId;
use crate::domain::language::Language;
use crate::web::WebState;
use crate::web::ask::{Asking, Caller};

/// For whom the catalogue is shown.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CatalogQuery {
    /// The language of the texts; the account's where a contract is named, else the seller's own.
    #[param(value_type = Option<String>, example = "pt-BR")]
    language: Option<Language>,
    /// The contract whose customer is choosing: its plan is marked as held, only what its customer can choose is editable, and
    /// what cannot be bought yet says why.
    contract: Option<Uuid>,
}

/// Read the catalogue
#[utoipa::path(
    get,
    path = "/v1/catalog",
    tag = "catalog",
    params(CatalogQuery),
    responses((status = 200, description = "What is sold.", body = CatalogView), FindProblems)
)]
pub async fn read_catalog(
    State(state): State<WebState>,
    caller: Caller,
    Asking(asked): Asking<CatalogQuery>,
) -> Answer {
    let playbook = state.playbook(&caller.seller)?;
    let mut language = asked.language;
    let mut holding = None;
    if let Some(id) = asked.contract {
        let held = state.engine.contract_of(ContractId(id), &caller.seller).await?;
        let account = state.engine.account_of(held.account, &caller.seller).await?;
        language = language.or(Some(account.language));
        let service = state.engine.service(&account, &playbook.seller.time_zone);
        holding = Some((held, service));
    }
    let holder = holding.as_ref().map(|(contract, service)| (contract, service));
    // A client that pays itself reads its own price.
    let own = holder.and_then(|(held, _)| playbook.for_contract(held));
    let reader = Reader::new(own.as_ref().unwrap_or(&playbook), language);
    show::now(&CatalogView::of(reader, holder))
}
