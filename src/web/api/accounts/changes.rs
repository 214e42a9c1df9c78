use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::account::AccountId;
use crate::domain::catalog::Selection;
use crate::engine::{ChangeView, OpenFirstChange};
use crate::web::WebState;
use crate::web::api::document::{AccountPath, CommandHeaders, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::{ChangeBody, SelectionView};
use crate::web::ask::{ActorBody, Command, Named, PersonName};

/// A change that begins without a contract.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFirstChange {
    /// What the customer wants to hold.
    #[schema(value_type = SelectionView)]
    selection: Selection,
    /// Who acts.
    actor: ActorBody,
    /// The person who is financially responsible for the contract.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200, example = "Ana Souza")]
    responsible: Option<PersonName>,
    /// Where the customer goes back to: an address that the workflow file allows.
    #[serde(default)]
    return_url: Option<String>,
    /// Where the customer goes back to after giving up, where that is another place; allowed in the same way.
    #[serde(default)]
    cancel_url: Option<String>,
}

/// Open a first change
///
/// For an account that holds nothing yet: the contract is concluded when the change becomes active, and until then, or when it is
/// given up, there is none. One at a time per account: where another is open, it is named in `blocking_change`.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/changes",
    tag = "changes",
    params(AccountPath, CommandHeaders),
    request_body = NewFirstChange,
    responses((status = 201, description = "The change, in `draft`.", body = ChangeBody), CommandProblems)
)]
pub async fn open_first_change(
    State(state): State<WebState>,
    Named(account): Named<AccountId>,
    command: Command<NewFirstChange>,
) -> Answer {
    let asked = command.asked_anew(command.body.actor.actor())?;
    let new = command.body;
    let wish = OpenFirstChange {
        account,
        selection: new.selection,
        responsible: new.responsible.map(PersonName::into_inner),
        return_url: new.return_url,
        cancel_url: new.cancel_url,
    };
    let present = |view: &ChangeView| show::keep(StatusCode::CREATED, &ChangeBody::of(view));
    Ok(show::reply(
        state.engine.open_first_change(&wish, &asked, &present).await?,
    ))
}
