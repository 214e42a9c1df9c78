use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::domain::change::ChangeId;
use crate::web::WebState;
use crate::web::api::document::{ChangePath, FindProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ChangeBody;
use crate::web::ask::{Asking, Caller, Named};
use crate::web::problem::{EdgeCode, Problem};

/// How long to wait.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WaitQuery {
    /// For so many seconds, wait until the change no longer moves by itself.
    #[serde(default)]
    #[param(default = 0, minimum = 0, maximum = 30)]
    wait: u8,
}

/// Read a change
///
/// With `wait`, the answer comes as soon as there is something to do, or when the time is over.
#[utoipa::path(
    get,
    path = "/v1/changes/{id}",
    tag = "changes",
    params(ChangePath, WaitQuery),
    responses((status = 200, description = "The change.", body = ChangeBody), FindProblems)
)]
pub async fn read_change(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<ChangeId>,
    Asking(WaitQuery { wait }): Asking<WaitQuery>,
) -> Answer {
    if wait > 30 {
        let detail = format!("`wait` is {wait}; it can be 0 to 30 seconds.");
        return Err(Problem::edge(EdgeCode::ParameterInvalid, detail));
    }
    let until = state
        .engine
        .now()
        .checked_add(SignedDuration::from_secs(i64::from(wait)));
    // With too many waiting already, this one is answered at once: it may ask again.
    let waiting = state.places.to_wait();
    let until = match &waiting {
        Some(_) => until.unwrap_or(Timestamp::MAX),
        None => state.engine.now(),
    };
    let view = state.engine.settled_change(id, &caller.seller, until).await?;
    show::now(&ChangeBody::of(&view))
}
