use axum::extract::State;

use super::view::WalletBody;
use crate::domain::account::AccountId;
use crate::web::WebState;
use crate::web::api::document::{AccountPath, PaymentProblems};
use crate::web::api::show::{self, Answer};
use crate::web::ask::{Caller, Named};

/// List an account's cards
///
/// As the provider has them now, the newest first, each with what it is used for.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/cards",
    tag = "accounts",
    params(AccountPath),
    responses((status = 200, description = "The cards.", body = WalletBody), PaymentProblems)
)]
pub async fn list_account_cards(
    State(state): State<WebState>,
    caller: Caller,
    Named(account): Named<AccountId>,
) -> Answer {
    let wallet = state.engine.wallet(account, &caller.asked()).await?;
    show::now(&WalletBody::of(&wallet))
}
