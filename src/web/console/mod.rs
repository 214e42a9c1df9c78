//! The support console: what waits, one change with everything about it, and safe actions that are told before they are done.
//!
//! Knows the engine's answers and how they are told to people who work with them; must never decide what the engine has not decided.
//! In English alone. Its pages work without scripts; what the one script adds is that they follow what happens.

mod accounts;
mod acting;
mod assets;
mod audit;
mod change;
mod commenting;
mod contract;
mod diagram;
mod duty;
mod erasing;
mod form;
mod inbox;
mod live;
mod mails;
mod page;
mod people;
mod search;
mod signing_in;
mod ticket;
mod ticket_answer;
mod words;

use axum::Router;
use axum::routing::{get, post};

pub use live::Watched;

use super::WebState;

/// `/console/...`
pub fn router() -> Router<WebState> {
    Router::new()
        .route("/console", get(inbox::show))
        .route("/console/login", get(signing_in::ask).post(signing_in::sign_in))
        .route("/console/sign-out", post(signing_in::sign_out))
        .route("/console/search", get(search::search))
        .route("/console/changes/{id}", get(change::show))
        .route(
            "/console/changes/{id}/act/{action}",
            get(acting::rehearse).post(acting::act),
        )
        .route("/console/changes/{id}/mails/{mail}", get(mails::show))
        .route("/console/changes/{id}/mails/{mail}/html", get(mails::html))
        .route("/console/tickets/{id}", get(ticket::show))
        .route("/console/tickets/{id}/comment", post(commenting::comment))
        .route(
            "/console/tickets/{id}/answer/{decision}",
            get(ticket_answer::rehearse).post(ticket_answer::answer),
        )
        .route("/console/accounts/{id}", get(accounts::show))
        .route("/console/accounts/{id}/mails/{mail}", get(mails::show_to_account))
        .route(
            "/console/accounts/{id}/mails/{mail}/html",
            get(mails::html_to_account),
        )
        .route(
            "/console/accounts/{id}/erase",
            get(erasing::rehearse).post(erasing::erase),
        )
        .route("/console/contracts/{id}", get(contract::show))
        .route("/console/audit", get(audit::show))
        .route("/console/people", get(people::list).post(people::add))
        .route(
            "/console/people/{login}",
            get(people::show).post(people::set_password),
        )
        .route("/console/people/{login}/disable", post(people::disable))
        .route("/console/live/inbox", get(live::inbox))
        .route("/console/live/changes/{id}", get(live::change))
        .merge(assets::router())
}
