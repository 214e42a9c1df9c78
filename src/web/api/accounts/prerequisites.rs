use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::account::{AccountId, PrerequisiteSaid, PrerequisiteStanding};
use crate::domain::catalog::PrerequisiteId;
use crate::web::WebState;
use crate::web::api::document::{AccountPath, CommandHeaders, CommandProblems, FindProblems};
use crate::web::api::show::{self, Answer, Page};
use crate::web::api::views::{PrerequisiteView, Reader};
use crate::web::ask::{ActorBody, Caller, Command, Named, SupportBody};
use crate::web::problem::Problem;

/// What is said about a prerequisite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SayPrerequisite {
    /// Which.
    #[schema(value_type = String, example = "a2p-10dlc")]
    prerequisite: PrerequisiteId,
    /// `applies` or `does_not_apply`, said by the account; `met`, said by the seller's systems or its support.
    #[schema(value_type = String, example = "applies")]
    said: PrerequisiteSaid,
    /// Who of the account says it.
    #[serde(default)]
    actor: Option<ActorBody>,
    /// Who of support says it.
    #[serde(default)]
    support: Option<SupportBody>,
}

/// List an account's prerequisites
///
/// What has to be met outside of this program before something can be used, for those to whom it applies: all that the seller has,
/// each with where it stands.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/prerequisites",
    tag = "accounts",
    params(AccountPath),
    responses((status = 200, description = "All of them.", body = Page<PrerequisiteView>), FindProblems)
)]
pub async fn list_prerequisites(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<AccountId>,
) -> Answer {
    let account = state.engine.account_of(id, &caller.seller).await?;
    let playbook = state.playbook(&caller.seller)?;
    let reader = Reader::new(&playbook, Some(account.language));
    let standings = state.engine.prerequisites(&account).await?;
    let of = |(id, standing): (PrerequisiteId, PrerequisiteStanding)| {
        let known = playbook.catalog.prerequisite(&id);
        known.map(|known| PrerequisiteView::of(reader, known, standing))
    };
    Ok(show::page(standings.into_iter().filter_map(of).collect(), None))
}

/// Say something about a prerequisite of an account
///
/// It is kept with who said it. A prerequisite that applies is open until it is met.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/prerequisites",
    tag = "accounts",
    params(AccountPath, CommandHeaders),
    request_body = SayPrerequisite,
    responses((status = 200, description = "Where it stands now.", body = PrerequisiteView), CommandProblems)
)]
pub async fn say_prerequisite(
    State(state): State<WebState>,
    Named(id): Named<AccountId>,
    command: Command<SayPrerequisite>,
) -> Answer {
    let asked = match (&command.body.actor, &command.body.support) {
        (Some(actor), None) if command.body.said != PrerequisiteSaid::Met => {
            command.asked_anew(actor.actor())?
        }
        (Some(_), None) => {
            let detail =
                "That it is met is said by the seller's systems or its support, never by the account itself.";
            return Err(Problem::field("/actor", "not_allowed", detail));
        }
        (None, Some(support)) => command.asked_anew(support.actor())?,
        (None, None) => command.asked_by_the_seller()?,
        (Some(_), Some(_)) => return Err(Problem::field("", "one_of", "Send either `actor` or `support`.")),
    };
    let account = state.engine.account_of(id, &asked.seller).await?;
    let playbook = state.playbook(&asked.seller)?;
    let reader = Reader::new(&playbook, Some(account.language));
    let SayPrerequisite {
        prerequisite, said, ..
    } = &command.body;
    let known = playbook.catalog.prerequisite(prerequisite);
    let present = |standing: &PrerequisiteStanding| {
        let view = known.map(|known| PrerequisiteView::of(reader, known, *standing));
        show::keep(StatusCode::OK, &view)
    };
    let kept = state
        .engine
        .say_prerequisite(id, prerequisite, *said, &asked, &present);
    Ok(show::reply(kept.await?))
}
