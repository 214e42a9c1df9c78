//! Sample products: per seller a small stand-in for the product itself, where each of its journeys starts and ends.
//!
//! Plays the seller's backend: reads entitlements, opens sessions of the hosted pages, reports use, hands tax documents back. May ask
//! the engine only what a backend can ask of the API. Whoever opens a product says who they are, so that it must never be served beside
//! real money: it is mounted where the sandbox stands in for the provider, and nowhere else.

mod facts;
mod leaving;
mod menus;
mod product;
mod scene;
mod shelf;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::WebState;
use crate::domain::catalog::SellerId;

pub use shelf::{SampleCustomer, SampleProduct, Samples};

/// `/sample/...`
pub fn router() -> Router<WebState> {
    Router::new()
        .route("/sample/style.css", get(style))
        .route("/sample/{seller}/", get(product::show))
        .route("/sample/{seller}/open/{page}", get(leaving::open))
        .route("/sample/{seller}/use", post(facts::report_use))
        .route("/sample/{seller}/nota-fiscal", post(facts::issue_nota))
        .route("/sample/{seller}/nota-fiscal/{number}", get(facts::nota))
}

/// Where a seller's sample product is, on a server at this address: everything of it begins so.
pub fn address(server: &str, seller: &SellerId) -> String {
    format!("{server}/sample/{seller}/")
}

async fn style() -> Response {
    let css = include_str!("templates/sample.css");
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, css).into_response()
}
