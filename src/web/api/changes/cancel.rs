use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::change::{Actor, ChangeId, Event};
use crate::engine::Wish;
use crate::web::WebState;
use crate::web::api::document::{ChangeHeaders, ChangePath, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ChangeBody;
use crate::web::ask::{ActorBody, Command, Named, SupportBody};
use crate::web::problem::{EdgeCode, FieldError, Problem};

/// The longest reason.
const WHY_CHARACTERS_MAX: usize = 500;

/// Somebody's wish to give a change up: either `actor` or `support` says whose.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancellation {
    /// Why, in a few words or a code. It stays in the history for good: no personal data.
    #[schema(max_length = 500, example = "too_expensive")]
    why: String,
    /// The customer who acts.
    #[serde(default)]
    actor: Option<ActorBody>,
    /// The member of the support who acts.
    #[serde(default)]
    support: Option<SupportBody>,
}

impl Cancellation {
    fn by(&self) -> Result<Actor, Problem> {
        if self.why.chars().count() > WHY_CHARACTERS_MAX {
            let detail = format!("`why` has at most {WHY_CHARACTERS_MAX} characters.");
            return Err(wrong("/why", "too_long", detail));
        }
        match (&self.actor, &self.support) {
            (Some(actor), None) => Ok(actor.actor()),
            (None, Some(support)) => Ok(support.actor()),
            _ => Err(wrong(
                "/actor",
                "one_of",
                "Say who acts: either `actor` or `support`.".to_owned(),
            )),
        }
    }
}

fn wrong(pointer: &str, code: &str, detail: String) -> Problem {
    Problem::edge(EdgeCode::RequestInvalid, detail.clone()).pointing([FieldError {
        pointer: pointer.to_owned(),
        code: code.to_owned(),
        detail,
    }])
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
    let asked = command.asked(command.body.by()?);
    let why = command.body.why;
    show::submitted(&state, change, Wish::Event(Event::Cancel { why }), &asked).await
}
