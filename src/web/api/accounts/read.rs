use axum::extract::State;

use crate::domain::account::AccountId;
use crate::web::WebState;
use crate::web::api::document::{AccountPath, FindProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::AccountView;
use crate::web::ask::{Caller, Named};
use crate::web::problem::{EdgeCode, Problem};

/// Read an account
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}",
    tag = "accounts",
    params(AccountPath),
    responses((status = 200, description = "The account.", body = AccountView), FindProblems)
)]
pub async fn read_account(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<AccountId>,
) -> Answer {
    let found = state.engine.store().account(id).await?;
    let own = found.filter(|(account, _)| account.seller == caller.seller);
    let Some((account, external_id)) = own else {
        let detail = format!("There is no account `{id}` of this seller.");
        return Err(Problem::edge(EdgeCode::NotFound, detail));
    };
    let mut shown = AccountView::of(&account, external_id.as_deref());
    let store = state.engine.store();
    if let Some(client) = store.client(id).await? {
        shown = shown.as_client(&client);
    } else if !store.clients_of(id, None, 1).await?.is_empty() {
        shown = shown.with_clients();
    }
    show::now(&shown)
}
