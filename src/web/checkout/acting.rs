//! What a customer does with a change: each form one command, then back to where the change is.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;
use uuid::Uuid;

use super::{change, own_change};
use crate::domain::change::{ChangeId, Event, QuoteId};
use crate::engine::{Asked, ChangeView, Wish};
use crate::ports::store::ClientAnswer;
use crate::web::WebState;
use crate::web::api::keep;
use crate::web::page::{OwnForm, Page, Trouble, see_other};
use crate::web::problem::Problem;

/// A path of a change's page.
pub(super) type ChangePath = Path<(Uuid, Uuid)>;

/// What is kept for a repetition of a form: only that it was done. The page is asked again anyway.
pub(super) fn noted(view: &ChangeView) -> Result<ClientAnswer, serde_json::Error> {
    keep(StatusCode::OK, &json!({ "change": view.change.id.to_string() }))
}

/// Submits a wish of the customer's.
pub(super) async fn submit(
    state: &WebState,
    change: ChangeId,
    wish: Wish,
    asked: &Asked,
) -> Result<(), Problem> {
    state.engine.submit(change, &wish, asked, &noted).await?;
    Ok(())
}

/// The page after a command: on to where the change is, or the same page with what is the matter.
pub(super) async fn after(
    state: &WebState,
    own: &OwnForm,
    change: ChangeId,
    done: Result<(), Problem>,
) -> Result<Response, Trouble> {
    match done {
        Ok(()) => Ok(see_other(&own.visitor.at(&format!("/changes/{change}")))),
        Err(problem) => change::with_problem(state, own, change, &problem).await,
    }
}

/// Asks what it costs, or asks again.
pub(super) async fn ask_quote(
    State(state): State<WebState>,
    Path((_, id)): ChangePath,
    own: OwnForm,
) -> Page {
    let change = ChangeId(id);
    own_change(&own.visitor, &state, change).await?;
    let done = submit(&state, change, Wish::Event(Event::AskQuote), &own.asked()).await;
    after(&state, &own, change, done).await
}

/// Goes on with the quote that was seen.
pub(super) async fn accept(State(state): State<WebState>, Path((_, id)): ChangePath, own: OwnForm) -> Page {
    let change = ChangeId(id);
    own_change(&own.visitor, &state, change).await?;
    let quote = QuoteId(own.form.text("quote"));
    let done = submit(&state, change, Wish::Event(Event::Accept { quote }), &own.asked()).await;
    after(&state, &own, change, done).await
}

/// Gives the change up, or takes a request back.
pub(super) async fn cancel(State(state): State<WebState>, Path((_, id)): ChangePath, own: OwnForm) -> Page {
    let change = ChangeId(id);
    own_change(&own.visitor, &state, change).await?;
    let why = "customer_on_page".to_owned();
    let done = submit(&state, change, Wish::Event(Event::Cancel { why }), &own.asked()).await;
    after(&state, &own, change, done).await
}
