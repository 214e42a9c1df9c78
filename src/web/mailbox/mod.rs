//! The mails of the embedded mailbox as pages, for trying the service out without a mail server.
//!
//! Shows everything to whoever can open it: mount it only where that is meant. May know the mail room's mailbox; must
//! never know who owed the mails. Its pages have the look of all the others; a mail's HTML is shown in a frame that runs nothing.

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

/// How many mails the page lists: with its style it stays a small page.
const MAILS_SHOWN_MAX: usize = 100;

/// For what is no page.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// For the frame that a mail's HTML is shown in: it runs nothing, loads nothing, sends nothing, and is in nobody's origin. Mails carry
/// their styles in attributes; their links open in a window of their own.
const STYLES_OF_MAILS: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; \
                               frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// The pages `/mailbox` and `/mailbox/{id}`, and the same list as `/mailbox.json`, newest first.
pub fn router(mailbox: Mailbox) -> Router {
    Router::new()
        .route("/mailbox", get(list))
        .route("/mailbox/style.css", get(style))
        .route("/mailbox/{id}", get(one))
        .route("/mailbox/{id}/html", get(html))
        .route("/mailbox.json", get(list_for_programs))
        .with_state(mailbox)
}

async fn list(State(mailbox): State<Mailbox>) -> Response {
    match mailbox.list(MAILS_SHOWN_MAX).await {
        Ok(mails) => guarded(pages::list(&mails, MAILS_SHOWN_MAX)),
        Err(error) => unreadable(&error),
    }
}

async fn one(State(mailbox): State<Mailbox>, Path(id): Path<String>) -> Response {
    match mailbox.read(&id).await {
        Ok(Some(mail)) => guarded(pages::mail(&mail)),
        Ok(None) => missing(),
        Err(error) => unreadable(&error),
    }
}

/// What stands in the frame.
async fn html(State(mailbox): State<Mailbox>, Path(id): Path<String>) -> Response {
    match mailbox.read(&id).await {
        Ok(Some(mail)) => guarded((
            [(header::CONTENT_SECURITY_POLICY, STYLES_OF_MAILS)],
            Html(mail.html),
        )),
        Ok(None) => missing(),
        Err(error) => unreadable(&error),
    }
}

async fn list_for_programs(State(mailbox): State<Mailbox>) -> Response {
    match mailbox.list(MAILS_LISTED_MAX).await {
        Ok(mails) => guarded(Json(Listing::of(mails))),
        Err(error) => unreadable(&error),
    }
}

async fn style() -> Response {
    let css = include_str!("templates/style.css");
    guarded(([(header::CONTENT_TYPE, "text/css; charset=utf-8")], css))
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

fn missing() -> Response {
    guarded(pages::notice(
        StatusCode::NOT_FOUND,
        "No such mail",
        "It may have been removed from the folder.",
    ))
}

fn unreadable(error: &std::io::Error) -> Response {
    tracing::error!(kind = %error.kind(), "the mailbox could not be read");
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    guarded(pages::notice(
        status,
        "The mailbox cannot be read",
        "The log says why.",
    ))
}

/// Pages and the frame have policies of their own.
fn guarded(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    let guards: [(HeaderName, &'static str); 4] = [
        (header::CONTENT_SECURITY_POLICY, NOTHING),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in guards {
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}
