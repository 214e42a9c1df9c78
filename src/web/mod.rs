//! HTTP: the JSON API, inbound webhooks, the pages that explain both, those for customers, support's console, the sample products, and
//! the embedded mailbox.
//!
//! Understands requests, asks the engine, shows its answers. Knows the engine, the domain's values and how they are told; must
//! never know SQL, a provider's objects, or decide anything that the engine has not decided.

pub mod api;
mod ask;
mod billing;
mod checkout;
pub mod console;
mod guards;
mod inbound;
mod limits;
mod listening;
pub mod mailbox;
pub mod metrics;
pub mod page;
pub mod problem;
pub mod sample;
mod start;
mod state;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::get;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use self::problem::{EdgeCode, Problem};

pub use ask::{KnownKeys, hash_of_key, new_key};
pub use limits::Places;
pub use listening::Bounded;
pub use start::health;
pub use state::{VerifyWebhook, WebParts, WebState, WebhookRefusal};

/// Everything that this server answers to.
pub fn router(state: WebState) -> Router {
    let told = from_fn_with_state(state.clone(), problem::in_the_customers_language);
    let mut all = routes();
    if state.samples.is_some() {
        all = all.merge(sample::router());
    }
    let mut all = all.layer(told);
    if let Some(mailbox) = state.mailbox.clone() {
        all = all.merge(mailbox::router(mailbox).with_state(()));
    }
    let all = all.layer(from_fn_with_state(state.clone(), api::with_contact));
    let (engine, ids) = (state.engine.clone(), state.ids.clone());
    let places = state.places.clone();
    let all = all.with_state(state).layer(from_fn(limits::measured));
    let all = all.layer(from_fn_with_state(places, limits::shed));
    guards::around(all, move || ids.new_id(engine.now()))
}

/// All routes but those of the mailbox, and an answer where there is none.
fn routes() -> Router<WebState> {
    let (api, document) = api::router();
    let reference = SwaggerUi::new("/docs").url("/openapi.json", document).config(
        Config::new(["/openapi.json"])
            // The page loads nothing from elsewhere, so that the badge of an online validator could only be a broken picture.
            .validator_url("none")
            .try_it_out_enabled(true)
            .persist_authorization(false),
    );
    api.merge(inbound::router())
        .merge(start::router())
        .merge(problem::router())
        .merge(page::router())
        .merge(checkout::router())
        .merge(billing::router())
        .merge(console::router())
        .merge(reference)
        .route(
            "/favicon.ico",
            get(|| async { Redirect::permanent("/start/icon.svg") }),
        )
        .fallback(nowhere)
        .method_not_allowed_fallback(not_so)
}

/// The OpenAPI document, made from the handlers.
pub fn document() -> OpenApi {
    api::router().1
}

async fn nowhere(request: Request) -> Problem {
    let detail = format!(
        "Nothing answers to `{} {}`.",
        request.method(),
        shortened(request.uri().path())
    );
    Problem::edge(EdgeCode::NotFound, detail)
}

async fn not_so(request: Request) -> Problem {
    let detail = format!(
        "`{}` does not answer to `{}`.",
        shortened(request.uri().path()),
        request.method()
    );
    Problem::edge(EdgeCode::MethodNotAllowed, detail)
}

/// A path as far as a sentence can hold it.
fn shortened(path: &str) -> String {
    path.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Mailbox;

    /// Two routers that claim one address, or a path that cannot be one, panic here instead of when the server starts.
    #[test]
    fn no_two_routes_claim_one_address() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let mailbox = Mailbox::open(folder.path()).expect("a mailbox");
        let all = routes()
            .merge(sample::router())
            .merge(mailbox::router(mailbox).with_state(()));
        assert!(all.has_routes());
    }
}
