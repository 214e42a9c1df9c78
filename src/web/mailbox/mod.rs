//! The mails of the embedded mailbox as pages, for trying the service out without a mail server.
//!
//! Shows everything to whoever can open it: mount it only where that is meant. May know the mail room's mailbox; must
//! never know who owed the mails. A mail's HTML is shown in a frame that runs no script, and no page here has one.

mod pages;

use axum::Json;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde::Serialize;

use crate::mail::{MAILS_LISTED_MAX, Mailbox, StoredMail};

/// For pages of ours: nothing but our own style sheet.
const OWN_STYLES_ONLY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// For the page around a mail: its frame inherits this, and mails carry their styles in attributes.
const STYLES_OF_MAILS_TOO: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; base-uri 'none'; \
                                   form-action 'none'; frame-ancestors 'none'";

/// The pages `/mailbox` and `/mailbox/{id}`, and the same list as `/mailbox.json`, newest first.
pub fn router(mailbox: Mailbox) -> Router {
    Router::new()
        .route("/mailbox", get(list))
        .route("/mailbox/style.css", get(style))
        .route("/mailbox/{id}", get(one))
        .route("/mailbox.json", get(list_for_programs))
        .with_state(mailbox)
}

async fn list(State(mailbox): State<Mailbox>) -> Response {
    match mailbox.list(MAILS_LISTED_MAX).await {
        Ok(mails) => page(StatusCode::OK, OWN_STYLES_ONLY, pages::list(&mails)),
        Err(error) => unreadable(&error),
    }
}

async fn one(State(mailbox): State<Mailbox>, Path(id): Path<String>) -> Response {
    match mailbox.read(&id).await {
        Ok(Some(mail)) => page(StatusCode::OK, STYLES_OF_MAILS_TOO, pages::mail(&mail)),
        Ok(None) => page(
            StatusCode::NOT_FOUND,
            OWN_STYLES_ONLY,
            pages::notice("No such mail", "It may have been removed from the folder."),
        ),
        Err(error) => unreadable(&error),
    }
}

async fn list_for_programs(State(mailbox): State<Mailbox>) -> Response {
    match mailbox.list(MAILS_LISTED_MAX).await {
        Ok(mails) => guarded(OWN_STYLES_ONLY, Json(Listing::of(mails))),
        Err(error) => unreadable(&error),
    }
}

async fn style() -> Response {
    let css = concat!(include_str!("../base.css"), include_str!("templates/style.css"));
    guarded(
        OWN_STYLES_ONLY,
        ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], css),
    )
}

/// The list as JSON: every mail without its HTML form.
#[derive(Serialize)]
struct Listing {
    mails: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    id: String,
    message_id: String,
    from: String,
    to: String,
    subject: String,
    text: String,
    at: Timestamp,
}

impl Listing {
    fn of(mails: Vec<StoredMail>) -> Self {
        let listed = |mail: StoredMail| Listed {
            id: mail.id,
            message_id: mail.message_id,
            from: mail.from,
            to: mail.to,
            subject: mail.subject,
            text: mail.text,
            at: mail.at,
        };
        Self {
            mails: mails.into_iter().map(listed).collect(),
        }
    }
}

fn page(status: StatusCode, policy: &'static str, html: askama::Result<String>) -> Response {
    match html {
        Ok(html) => guarded(policy, (status, Html(html))),
        Err(error) => {
            tracing::error!(%error, "a page of the mailbox could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn unreadable(error: &std::io::Error) -> Response {
    tracing::error!(kind = %error.kind(), "the mailbox could not be read");
    let said = pages::notice("The mailbox cannot be read", "The log says why.");
    page(StatusCode::INTERNAL_SERVER_ERROR, OWN_STYLES_ONLY, said)
}

fn guarded(policy: &'static str, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    let guards: [(HeaderName, &'static str); 4] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in guards {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
