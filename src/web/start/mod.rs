//! The first page that somebody sees, and the two answers that a load balancer wants.

mod products;

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use self::products::{Tile, tiles};
use super::WebState;
use super::page::{Page, Shell, shown};
use super::problem::{EdgeCode, Problem};
use crate::domain::language::Language;
use crate::engine::Engine;

/// `/`, `/healthz`, `/readyz`, and what the page needs.
pub fn router() -> Router<WebState> {
    Router::new()
        .route("/", get(start))
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/start/start.css", get(start_style))
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
struct StartPage {
    shell: Shell,
    tiles: Vec<Tile>,
    sellers: Vec<String>,
    mailbox: bool,
    sandbox: Option<String>,
    /// Where this server is reached.
    host: String,
    version: &'static str,
}

async fn start(State(state): State<WebState>) -> Page {
    let sellers: Vec<(String, String)> = state
        .engine
        .sellers()
        .all()
        .map(|seller| &seller.playbook.seller)
        .map(|seller| (seller.id.to_string(), seller.name.clone()))
        .collect();
    let name = |id: &str| {
        let mut all = sellers.iter();
        all.find(|(own, _)| own == id).map(|(_, name)| name.clone())
    };
    let page = StartPage {
        tiles: state
            .samples
            .as_ref()
            .map(|samples| tiles(samples, name))
            .unwrap_or_default(),
        mailbox: state.mailbox.is_some(),
        sandbox: state.sandbox.clone(),
        host: state.engine.pages_at().to_owned(),
        shell: Shell::own(Language::En, "Start"),
        sellers: sellers.into_iter().map(|(_, name)| name).collect(),
        version: env!("CARGO_PKG_VERSION"),
    };
    shown(StatusCode::OK, &page)
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

async fn start_style() -> Response {
    let css = include_str!("templates/start.css");
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
        let tile = Tile {
            id: "clint".to_owned(),
            name: "Clint".to_owned(),
            url: "/sample/clint/".to_owned(),
            about: "What it is about.",
            tries: &["A first step."],
        };
        let page = StartPage {
            shell: Shell::own(Language::En, "Start"),
            tiles: sandbox.map(|_| tile).into_iter().collect(),
            sellers: vec!["Clint".to_owned(), "<Tiefling>".to_owned()],
            mailbox,
            sandbox: sandbox.map(str::to_owned),
            host: "http://127.0.0.1:8080".to_owned(),
            version: "1.2.3",
        };
        page.render().expect("a page")
    }

    #[test]
    fn the_first_page_leads_to_what_is_there_and_to_nothing_else() {
        let everything = page(true, Some("http://127.0.0.1:12111"));
        for link in [
            "/sample/clint/",
            "/console",
            "/docs/",
            "/mailbox",
            "/problems",
            "http://127.0.0.1:12111",
        ] {
            assert!(everything.contains(&format!("href=\"{link}\"")), "{link}");
        }
        let bare = page(false, None);
        for word in ["/mailbox", "Sandbox", "/sample/"] {
            assert!(!bare.contains(word), "{word} is not there");
        }
    }

    #[test]
    fn names_are_text() {
        let bare = page(false, None);
        assert!(bare.contains("Clint, ") && !bare.contains("<Tiefling>"), "{bare}");
    }
}
