//! The console's own sheet and script.

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::web::WebState;

const CSS: &str = include_str!("assets/console.css");
const JS: &str = include_str!("assets/console.js");

/// `/console/assets/...`
pub(super) fn router() -> Router<WebState> {
    Router::new()
        .route(
            "/console/assets/console.css",
            get(|| async { file("text/css; charset=utf-8", CSS) }),
        )
        .route(
            "/console/assets/console.js",
            get(|| async { file("text/javascript; charset=utf-8", JS) }),
        )
}

/// Kept for a day: a page names them with its version.
fn file(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_console_adds_is_small() {
        assert!(CSS.len() + JS.len() < 20_000);
        assert!(!CSS.contains("http"), "nothing is loaded from elsewhere");
    }
}
