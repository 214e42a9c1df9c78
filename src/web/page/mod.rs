//! What all pages for people share: the look, the words, who is there, forms, and what is shown when something goes wrong.
//!
//! Knows the engine's sessions and how things are told; must never know what a page is about: that is for `checkout`, `billing`
//! and their neighbours. Pages work without scripts; what scripts add is in `assets`.

mod assets;
mod browser;
mod entering;
mod form;
mod say;
mod shell;
mod trouble;
mod visitor;

pub use browser::{Browser, browser};
pub use form::{Form, FormTokens, OwnForm, is_from_elsewhere};
pub use say::Say;
pub use shell::{Shell, Tab, own_name};
pub use trouble::{Alert, Trouble};
pub use visitor::{Visitor, cookie_of};

use askama::Template;
use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::WebState;

/// The files of pages, and the ways in.
pub fn router() -> Router<WebState> {
    assets::router().merge(entering::router())
}

/// A page, or why there is none.
pub type Page = Result<Response, Trouble>;

/// What a page may load: our own files, and whatever `more` allows besides.
pub fn policy(more: &Allowed) -> String {
    let Allowed {
        scripts,
        talks,
        frames,
    } = more;
    format!(
        "default-src 'none'; script-src 'self'{scripts}; style-src 'self'; img-src 'self' data:; connect-src 'self'{talks}; \
         frame-src{frames}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        frames = if frames.is_empty() { " 'none'" } else { frames },
    )
}

/// What a page may load from elsewhere; each begins with a space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Scripts.
    pub scripts: String,
    /// What scripts may ask.
    pub talks: String,
    /// What may be shown inside.
    pub frames: String,
}

/// A page from its template.
pub fn shown(status: StatusCode, template: &impl Template) -> Page {
    shown_with(status, template, &Allowed::default())
}

/// The same where the page may load something from elsewhere.
pub fn shown_with(status: StatusCode, template: &impl Template, more: &Allowed) -> Page {
    let html = template.render().map_err(|error| {
        tracing::error!(%error, "a page could not be written");
        Trouble::internal()
    })?;
    let mut response = (status, Html(html)).into_response();
    if let Ok(policy) = HeaderValue::try_from(policy(more)) {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// Leads the browser on after a form was taken, so that going back or reloading sends nothing again.
pub fn see_other(address: &str) -> Response {
    match HeaderValue::try_from(address) {
        Ok(address) => (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
