use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::change::{Actor, ChangeId, Event, Party};
use crate::engine::Wish;
use crate::web::WebState;
use crate::web::api::document::{ChangeHeaders, ChangePath, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ChangeBody;
use crate::web::ask::{ActorBody, Command, Named, SupportBody};
use crate::web::problem::Problem;

/// The longest reason.
const WHY_CHARACTERS_MAX: usize = 500;

/// Somebody's wish to give a change up: either `actor` or `support` says whose.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancellation {
    /// Why, in a few words or a code. It stays in the history for good: no personal data. Support may leave it out: then its
    /// own reason stands here too.
    #[serde(default)]
    #[schema(max_length = 500, example = "too_expensive")]
    why: Option<String>,
    /// The customer who acts.
    #[serde(default)]
    actor: Option<ActorBody>,
    /// The member of the support who acts.
    #[serde(default)]
    support: Option<SupportBody>,
}

impl Cancellation {
    fn by(&self) -> Result<Actor, Problem> {
        match (&self.actor, &self.support) {
            (Some(actor), None) => Ok(actor.actor()),
            (None, Some(support)) => Ok(support.actor()),
            _ => Err(Problem::field(
                "/actor",
                "one_of",
                "Say who acts: either `actor` or `support`.".to_owned(),
            )),
        }
    }

    fn why(&self, by: &Actor) -> Result<String, Problem> {
        match (&self.why, by.party) {
            (Some(why), _) if why.chars().count() > WHY_CHARACTERS_MAX => {
                let detail = format!("`why` has at most {WHY_CHARACTERS_MAX} characters.");
                Err(Problem::field("/why", "too_long", detail))
            }
            (Some(why), _) => Ok(why.clone()),
            // Without its reason the machine refuses it.
            (None, Party::Support) => Ok(by.reason.clone().unwrap_or_default()),
            (None, _) => Err(Problem::field(
                "/why",
                "missing_field",
                "A customer's wish says `why`, in a few words or a code.".to_owned(),
            )),
        }
    }
}

/// Give a change up
///
/// After the confirmation this takes a moment: the invoice is voided first, and where the money has already moved, the money
/// wins and the change becomes active.
#[utoipa::path(
    post,
    path = "/v1/changes/{id}/cancel",
    tag = "changes",
    params(ChangePath, ChangeHeaders),
    request_body = Cancellation,
    responses((status = 200, description = "The change.", body = ChangeBody), CommandProblems)
)]
pub async fn cancel(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: Command<Cancellation>,
) -> Answer {
    let by = command.body.by()?;
    let why = command.body.why(&by)?;
    let asked = command.asked(by);
    show::submitted(&state, change, Wish::Event(Event::Cancel { why }), &asked).await
}
