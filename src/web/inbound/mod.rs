//! What the provider sends. Nothing is believed before its signature is checked, nothing is stored of what is not believed,
//! and nothing is answered with success before it is stored.

mod stripe;

use axum::Router;
use axum::routing::post;

use super::WebState;

/// The addresses that providers call.
pub fn router() -> Router<WebState> {
    Router::new().route("/webhooks/stripe/{seller}", post(stripe::receive))
}
