//! HTTP: the JSON API, inbound webhooks, and the pages of the embedded mailbox.

pub mod mailbox;
mod state;

use axum::Router;
pub use state::{VerifyWebhook, WebState, WebhookRefusal};

/// Everything that is served.
pub fn router(state: WebState) -> Router {
    Router::new().merge(state.mailbox.map(mailbox::router).unwrap_or_default())
}
