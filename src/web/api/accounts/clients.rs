use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::account::AccountId;
use crate::domain::language::Language;
use crate::engine::{ClientView, CreateAccount, CreateClient};
use crate::web::WebState;
use crate::web::api::document::{AccountPath, CommandHeaders, CommandProblems, FindProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::{ClientBody, ClientListed, Reader};
use crate::web::ask::{ActorBody, AfterQuery, Asking, Caller, Command, Named};

/// How many clients are on a page.
const PAGE: u32 = 50;

/// A new client of an agency.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    /// The seller's own id of its account: a second account with the same one is refused.
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
    /// Who acts: one of the agency's people who may manage clients.
    actor: ActorBody,
}

/// A page of clients.
#[derive(Debug, serde::Serialize, ToSchema)]
pub struct ClientsPage {
    /// What is on it. Empty until there is a first client: then nothing about client services is to be shown either.
    data: Vec<ClientListed>,
    /// The `after` of the next page; nothing on the last.
    #[schema(format = Uuid)]
    next: Option<String>,
}

/// Create a client
///
/// Makes the client's account, with a settings form in which nothing is settled yet: the agency pays and manages.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/clients",
    tag = "clients",
    params(AccountPath, CommandHeaders),
    request_body = NewClient,
    responses((status = 201, description = "The client.", body = ClientBody), CommandProblems)
)]
pub async fn create_client(
    State(state): State<WebState>,
    Named(agency): Named<AccountId>,
    command: Command<NewClient>,
) -> Answer {
    let asked = command.asked_anew(command.body.actor.actor())?;
    let playbook = state.playbook(&asked.seller)?;
    let new = command.body;
    let wish = CreateClient {
        agency,
        account: CreateAccount {
            external_id: new.external_id,
            email: new.email,
            name: new.name,
            language: new.language,
            created_at: None,
            provider_customer: None,
        },
    };
    let language = state.engine.account_of(agency, &asked.seller).await?.language;
    let present = |view: &ClientView| {
        let reader = Reader::new(&playbook, Some(language));
        show::keep(StatusCode::CREATED, &ClientBody::of(reader, view))
    };
    Ok(show::reply(
        state.engine.create_client(&wish, &asked, &present).await?,
    ))
}

/// List an agency's clients
///
/// In the order of their making.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/clients",
    tag = "clients",
    params(AccountPath, AfterQuery),
    responses((status = 200, description = "A page of them.", body = ClientsPage), FindProblems)
)]
pub async fn list_clients(
    State(state): State<WebState>,
    caller: Caller,
    Named(agency): Named<AccountId>,
    Asking(asked): Asking<AfterQuery>,
) -> Answer {
    let after: Option<Uuid> = asked.after;
    let clients = state
        .engine
        .clients_of(agency, &caller.seller, after.map(AccountId), PAGE)
        .await?;
    let full = u32::try_from(clients.len()).is_ok_and(|held| held >= PAGE);
    let last = clients.last().filter(|_| full);
    show::now(&ClientsPage {
        next: last.map(|view| view.client.account.to_string()),
        data: clients.iter().map(ClientListed::of).collect(),
    })
}
