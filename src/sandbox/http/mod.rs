//! The sandbox over HTTP: Stripe's API under `/v1/`, and what is not Stripe's under `/_sandbox/`.

mod admin;
mod api;
mod arrival;
mod caller;
mod pages;
mod reply;
mod server;
mod vouchers;

use axum::{
    Router,
    extract::State,
    response::Redirect,
    routing::{delete, get, post},
};
use tower_http::catch_panic::CatchPanicLayer;

use self::reply::Reply;
pub use self::server::{answer, serve};
use super::{Sandbox, error::ApiError};

impl Sandbox {
    /// The whole service, for in-process use; [`serve`] puts it on a port. A response that carries the extension
    /// [`BrokenOff`] stands for a connection that breaks without an answer.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", get(|| async { Redirect::to("/_sandbox/") }))
            .route("/_sandbox", get(|| async { Redirect::to("/_sandbox/") }))
            .route("/_sandbox/", get(pages::index))
            .route("/_sandbox/style.css", get(pages::style))
            .route(
                "/_sandbox/3ds/{intent}",
                get(pages::challenge).post(pages::answer),
            )
            .route("/_sandbox/invoices/{id}", get(pages::invoice))
            .route("/_sandbox/invoices/{id}/pdf", get(pages::invoice))
            .route(
                "/_sandbox/vouchers/{intent}",
                get(vouchers::page).post(vouchers::at_the_bank),
            )
            .route("/_sandbox/vouchers/{intent}/{form}", get(vouchers::form))
            .route("/_sandbox/health", get(admin::health))
            .route("/_sandbox/ledger", get(admin::ledger))
            .route("/_sandbox/requests", get(admin::requests))
            .route("/_sandbox/clock", get(admin::clock).post(admin::move_clock))
            .route(
                "/_sandbox/faults",
                get(admin::faults)
                    .post(admin::add_fault)
                    .merge(delete(admin::clear_faults)),
            )
            .route("/_sandbox/webhooks", get(admin::webhooks).post(admin::set_chaos))
            .route("/_sandbox/webhooks/{id}/roll", post(admin::roll))
            .fallback(api::call)
            .method_not_allowed_fallback(wrong_method)
            .layer(CatchPanicLayer::custom(panicked))
            .with_state(self.clone())
    }
}

/// Marks a response that must never be sent: the connection breaks instead.
#[derive(Debug, Clone, Copy)]
pub struct BrokenOff;

async fn wrong_method(State(sandbox): State<Sandbox>) -> Reply {
    let message = "This page of the sandbox does not know that method.";
    Reply::error(
        &ApiError {
            status: 405,
            ..ApiError::invalid(message)
        },
        &sandbox.next_request_id(),
    )
}

/// The world may be half changed in memory, so nothing is said about it any more; the file is whole.
fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    tracing::error!("the sandbox has a defect: a request made it panic");
    let error = ApiError::internal("The sandbox has a defect. Restart it; its file is whole.");
    axum::response::IntoResponse::into_response(Reply::error(&error, "req_panic"))
}
