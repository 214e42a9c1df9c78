//! The first page that somebody sees, and the two answers that a load balancer wants.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use super::WebState;
use super::problem::{EdgeCode, Problem};
use crate::engine::Engine;

/// `/`, `/healthz`, `/readyz`, and what the page needs.
pub fn router() -> Router<WebState> {
    Router::new()
        .route("/", get(start))
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/start/style.css", get(style))
        .route("/start/icon.svg", get(icon))
}

/// `/healthz` and `/readyz` alone: for a process that serves nothing else.
pub fn health(engine: Engine) -> Router {
    let ready = async |State(engine): State<Engine>| readiness(&engine).await;
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .with_state(engine)
}

#[derive(Template)]
#[template(path = "web/start/templates/start.html")]
struct StartPage<'a> {
    sellers: Vec<String>,
    mailbox: bool,
    sandbox: Option<&'a str>,
    version: &'static str,
}

async fn start(State(state): State<WebState>) -> Result<Response, Problem> {
    let sellers = state.engine.sellers().all();
    let page = StartPage {
        sellers: sellers
            .map(|seller| seller.playbook.seller.name.clone())
            .collect(),
        mailbox: state.mailbox.is_some(),
        sandbox: state.sandbox.as_deref(),
        version: env!("CARGO_PKG_VERSION"),
    };
    match page.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            Err(Problem::plain(EdgeCode::Internal))
        }
    }
}

/// The process answers. It says nothing about its store: a restart would not help that.
async fn alive() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "status": "alive" }))
}

/// How long the store may take to say that it is there.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// The store answers and the process is not about to end, so that requests can be sent here.
async fn ready(State(state): State<WebState>) -> Result<Json<serde_json::Value>, Problem> {
    readiness(&state.engine).await
}

async fn readiness(engine: &Engine) -> Result<Json<serde_json::Value>, Problem> {
    if engine.is_retiring() {
        return Err(Problem::plain(EdgeCode::Ending));
    }
    match tokio::time::timeout(READY_WITHIN, engine.store().next_due()).await {
        Ok(answer) => answer?,
        Err(_) => return Err(Problem::plain(EdgeCode::StoreUnavailable)),
    };
    Ok(Json(serde_json::json!({ "status": "ready" })))
}

async fn style() -> Response {
    let css = concat!(include_str!("../base.css"), include_str!("templates/style.css"));
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], css).into_response()
}

async fn icon() -> Response {
    let svg = include_str!("templates/icon.svg");
    ([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(mailbox: bool, sandbox: Option<&str>) -> String {
        let sellers = vec!["Clint".to_owned(), "<Tiefling>".to_owned()];
        let page = StartPage {
            sellers,
            mailbox,
            sandbox,
            version: "1.2.3",
        };
        page.render().expect("a page")
    }

    #[test]
    fn the_first_page_leads_to_what_is_there_and_to_nothing_else() {
        let everything = page(true, Some("http://127.0.0.1:12111"));
        for link in ["/docs/", "/mailbox", "/problems", "http://127.0.0.1:12111"] {
            assert!(everything.contains(&format!("href=\"{link}\"")), "{link}");
        }
        let bare = page(false, None);
        assert!(!bare.contains("/mailbox") && !bare.contains("Sandbox"));
    }

    #[test]
    fn names_are_text() {
        let bare = page(false, None);
        assert!(bare.contains("Clint, ") && !bare.contains("<Tiefling>"), "{bare}");
    }
}
