use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::account::Account;
use crate::domain::language::Language;
use crate::engine::CreateAccount;
use crate::web::WebState;
use crate::web::api::document::{CommandHeaders, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::AccountView;
use crate::web::ask::Command;

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// The seller's own id of it: a second account with the same one is refused.
    #[serde(default)]
    #[schema(example = "acct_1042")]
    external_id: Option<String>,
    /// Where its mails go.
    #[schema(example = "ana@padaria.example")]
    email: String,
    /// The company's or person's name.
    #[schema(example = "Padaria da Ana")]
    name: String,
    /// The language of its texts and mails; the seller's own where it is left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "pt-BR")]
    language: Option<Language>,
    /// When the account was created at the seller; now where it is left out.
    #[serde(default)]
    created_at: Option<Timestamp>,
    /// The customer at the payment provider, where there is one already.
    #[serde(default)]
    #[schema(example = "cus_NffrFeUfNV2Hib")]
    provider_customer: Option<String>,
}

/// Create an account
#[utoipa::path(
    post,
    path = "/v1/accounts",
    tag = "accounts",
    params(CommandHeaders),
    request_body = NewAccount,
    responses((status = 201, description = "The account.", body = AccountView), CommandProblems)
)]
pub async fn create_account(State(state): State<WebState>, command: Command<NewAccount>) -> Answer {
    let asked = command.asked_by_the_seller()?;
    let new = command.body;
    let wish = CreateAccount {
        external_id: new.external_id,
        email: new.email,
        name: new.name,
        language: new.language,
        created_at: new.created_at,
        provider_customer: new.provider_customer,
    };
    let external_id = wish.external_id.as_deref();
    let present = |account: &Account| show::keep(StatusCode::CREATED, &AccountView::of(account, external_id));
    Ok(show::reply(
        state.engine.create_account(&wish, &asked, &present).await?,
    ))
}
