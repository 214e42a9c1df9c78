use axum::extract::State;

use super::view::WalletBody;
use crate::domain::account::AccountId;
use crate::web::WebState;
use crate::web::api::document::{AccountPath, PaymentProblems};
use crate::web::api::show::{self, Answer};
use crate::web::ask::{Asking, Caller, Named, ReaderQuery};

/// List an account's cards
///
/// As the provider has them now, the newest first, each with what it is used for. Where a role is given, only those are answered
/// who may see them.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/cards",
    tag = "accounts",
    params(AccountPath, ReaderQuery),
    responses((status = 200, description = "The cards.", body = WalletBody), PaymentProblems)
)]
pub async fn list_account_cards(
    State(state): State<WebState>,
    caller: Caller,
    Named(account): Named<AccountId>,
    Asking(reader): Asking<ReaderQuery>,
) -> Answer {
    reader.viewer(&*state.playbook(&caller.seller)?)?;
    let wallet = state.engine.wallet(account, &caller.asked()).await?;
    show::now(&WalletBody::of(&wallet))
}
