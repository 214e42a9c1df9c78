//! `/metrics`: what is measured, in Prometheus's text form.
//!
//! It tells how much business an installation does, so that it is never served beside the API of a real one: it has a listener
//! of its own, or is not there.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::engine::Engine;

/// How long the store may take to be counted. Without it, everything else is still told.
const COUNT_WITHIN: Duration = Duration::from_secs(2);

/// Writes down everything that was measured.
pub type Render = Arc<dyn Fn() -> String + Send + Sync>;

/// The page for machines that watch.
pub fn router(engine: Engine, render: Render) -> Router {
    Router::new()
        .route("/metrics", get(scrape))
        .with_state((engine, render))
}

async fn scrape(State((engine, render)): State<(Engine, Render)>) -> Response {
    match tokio::time::timeout(COUNT_WITHIN, engine.measure()).await {
        Ok(Ok(())) => {}
        Ok(Err(problem)) => tracing::warn!(%problem, "the store could not be counted"),
        Err(_) => tracing::warn!("the store took too long to be counted"),
    }
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], render()).into_response()
}
