//! How somebody comes in: by a seller's link, or by one from a mail.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

use super::{Alert, Page, Trouble, Visitor, cookie_of, see_other};
use crate::domain::language::Language;
use crate::engine::{MailedEntry, PageSession, Purpose};
use crate::web::WebState;
use crate::web::ask;

/// `/p/open/...`, `/p/mail/...`, and where a session begins.
pub fn router() -> Router<WebState> {
    Router::new()
        .route("/p/open/{token}", get(open))
        .route("/p/mail/{token}", get(from_mail))
        .route("/p/{session}/", get(first))
}

/// Where to begin.
#[derive(Debug, Deserialize)]
struct Begin {
    page: Option<String>,
}

/// A link that the seller's backend was given.
async fn open(
    State(state): State<WebState>,
    Path(token): Path<String>,
    Query(begin): Query<Begin>,
    headers: HeaderMap,
) -> Page {
    let session = state.engine.page_session(Purpose::Entry, &token).await?;
    let session = session.ok_or_else(|| ended(&headers))?;
    // Only a place within the session: it cannot lead out of it.
    let plain = |page: &String| {
        page.starts_with('/') && page.bytes().all(|byte| byte == b'/' || byte.is_ascii_lowercase())
    };
    let page = begin.page.filter(plain).unwrap_or_else(|| "/".to_owned());
    enter(&state, &session, &page).await
}

/// A link from a mail: it can be opened again, on any device, and always leads to where the change is now.
async fn from_mail(State(state): State<WebState>, Path(token): Path<String>, headers: HeaderMap) -> Page {
    let session = match state.engine.enter_from_mail(&token).await? {
        MailedEntry::Begun(session) => session,
        MailedEntry::Ended => return Err(ended(&headers)),
        MailedEntry::TooOften(again_at) => {
            let wait = again_at.duration_since(state.engine.now()).as_secs().max(1);
            return Err(Trouble::of(spoken(&headers), Alert::TooOften(wait)));
        }
    };
    let change = session.about.change.map(|change| format!("/changes/{change}"));
    enter(&state, &session, &change.unwrap_or_default()).await
}

/// The link has ended, in the language that the browser asks for.
fn ended(headers: &HeaderMap) -> Trouble {
    Trouble::of(spoken(headers), Alert::LinkEnded)
}

/// Nobody is known yet: the language that the browser asks for.
fn spoken(headers: &HeaderMap) -> Language {
    ask::language(headers).unwrap_or(Language::En)
}

/// Gives the browser its cookie, and leads it to an address without the token, which is in no history and no `Referer`.
async fn enter(state: &WebState, session: &PageSession, page: &str) -> Page {
    let token = state.engine.session_token(Purpose::Cookie, session).await?;
    let secure = state.engine.pages_at().starts_with("https://");
    let mut response = see_other(&format!("/p/{}{page}", session.id));
    if let Ok(cookie) = HeaderValue::try_from(cookie_of(session, token, secure)) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The page on which a session begins: what is held, or the plans where nothing is yet.
async fn first(visitor: Visitor) -> Response {
    let about = &visitor.session.about;
    let page = match (about.change, about.contract) {
        (Some(change), _) => format!("/changes/{change}"),
        (None, Some(_)) => "/billing".to_owned(),
        (None, None) => "/plans".to_owned(),
    };
    Redirect::to(&visitor.at(&page)).into_response()
}
