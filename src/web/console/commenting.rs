//! Words about a request: to the customer, or among support.

use axum::extract::State;
use axum::http::StatusCode;

use super::form::ConsoleForm;
use crate::domain::change::ChangeId;
use crate::engine::{ChangeView, Wish};
use crate::web::WebState;
use crate::web::api::show;
use crate::web::ask::Named;
use crate::web::page::{Page, see_other};

/// Writes it.
pub(super) async fn comment(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    sent: ConsoleForm,
) -> Page {
    let duty = &sent.duty;
    let case = state.engine.case(change, duty.seller()).await;
    let case = case.map_err(|problem| duty.trouble(problem))?;
    let internal = sent.form.get("internal").is_some();
    // Whoever comments says it all in the comment; the history, which stays for good, only knows that they did.
    let mut asked = sent.asked(case.change.seller);
    asked.actor = duty.actor(Some("a comment"));
    asked.expected_version = None;
    let wish = Wish::Comment {
        // Browsers end lines with two characters.
        text: sent.form.text("text").replace("\r\n", "\n"),
        internal,
    };
    let present = |view: &ChangeView| show::keep(StatusCode::OK, &view.change.version);
    let done = state.engine.submit(change, &wish, &asked, &present).await;
    done.map_err(|problem| duty.trouble(problem))?;
    let done = if internal { "internal" } else { "comment" };
    Ok(see_other(&format!("/console/tickets/{change}?done={done}")))
}
