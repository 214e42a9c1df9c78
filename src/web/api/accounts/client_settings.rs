use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::account::AccountId;
use crate::engine::ClientView;
use crate::web::WebState;
use crate::web::api::document::{AccountPath, CommandHeaders, CommandProblems, FindProblems, SaveHeaders};
use crate::web::api::show::{self, Answer, Page};
use crate::web::api::views::{ClientBody, ClientLine, Reader, SettingsBody};
use crate::web::ask::{ActorBody, Asking, Caller, Command, Named, PageQuery};

/// The form, to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveSettings {
    /// The form, whole.
    settings: SettingsBody,
    /// Who acts: one of the agency's people who may manage clients, with the agency's account in `account`.
    actor: ActorBody,
}

/// Read a client's settings
///
/// For the agency and for the client: what is settled, and the fields of the form. 404 where the account is nobody's client.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/client-settings",
    tag = "clients",
    params(AccountPath),
    responses((status = 200, description = "The client.", body = ClientBody), FindProblems)
)]
pub async fn read_client_settings(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<AccountId>,
) -> Answer {
    let view = state.engine.client_of(id, &caller.seller).await?;
    let playbook = state.playbook(&caller.seller)?;
    let reader = Reader::new(&playbook, Some(view.account.language));
    show::now(&ClientBody::of(reader, &view))
}

/// Save a client's settings
///
/// The whole form or nothing, on the version that was read (`If-Match`), by the people of the agency alone.
#[utoipa::path(
    put,
    path = "/v1/accounts/{id}/client-settings",
    tag = "clients",
    params(AccountPath, SaveHeaders),
    request_body = SaveSettings,
    responses((status = 200, description = "The client, as it is from now on.", body = ClientBody), CommandProblems)
)]
pub async fn save_client_settings(
    State(state): State<WebState>,
    Named(id): Named<AccountId>,
    command: Command<SaveSettings>,
) -> Answer {
    let asked = command.asked_to_replace(command.body.actor.actor())?;
    let playbook = state.playbook(&asked.seller)?;
    let settings = command.body.settings.settings();
    let present = |view: &ClientView| {
        let reader = Reader::new(&playbook, Some(view.account.language));
        show::keep(StatusCode::OK, &ClientBody::of(reader, view))
    };
    Ok(show::reply(
        state.engine.save_client(id, &settings, &asked, &present).await?,
    ))
}

/// That the client agrees to be charged itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayerConsentGiven {
    /// The version of the terms that the person has seen, as the catalogue names it.
    #[schema(example = "2026-01")]
    terms_version: String,
    /// Who agrees: one of the client's own people.
    actor: ActorBody,
}

/// Agree to pay
///
/// Where the agency has chosen that the client pays itself. From then on the client's card is charged: at once where nothing runs, else with
/// the next contract, once what runs has ended.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/client-settings/payer-consent",
    tag = "clients",
    params(AccountPath, CommandHeaders),
    request_body = PayerConsentGiven,
    responses((status = 200, description = "The client.", body = ClientBody), CommandProblems)
)]
pub async fn agree_to_pay(
    State(state): State<WebState>,
    Named(id): Named<AccountId>,
    command: Command<PayerConsentGiven>,
) -> Answer {
    let asked = command.asked_anew(command.body.actor.actor())?;
    let playbook = state.playbook(&asked.seller)?;
    let present = |view: &ClientView| {
        let reader = Reader::new(&playbook, Some(view.account.language));
        show::keep(StatusCode::OK, &ClientBody::of(reader, view))
    };
    let terms = command.body.terms_version;
    Ok(show::reply(
        state.engine.agree_to_pay(id, &terms, &asked, &present).await?,
    ))
}

/// Read the history of a client's settings
///
/// From the first on, one line a version.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/client-settings/history",
    tag = "clients",
    params(AccountPath, PageQuery),
    responses((status = 200, description = "A page of it.", body = Page<ClientLine>), FindProblems)
)]
pub async fn read_client_history(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<AccountId>,
    Asking(asked): Asking<PageQuery>,
) -> Answer {
    let page = asked.page()?;
    let lines = state.engine.client_history(id, &caller.seller, page).await?;
    let next = asked.next(lines.len(), lines.last().map(|(entry, _)| entry.seq));
    let lines = lines
        .into_iter()
        .map(|(entry, said)| ClientLine::of(&entry, said));
    Ok(show::page(lines.collect(), next))
}
