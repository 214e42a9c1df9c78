//! Whom to ask: a problem that a seller's client is told carries the seller's support contact, and the reference of the change
//! that the request was about. Looked up only once there is a problem.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

use super::views::{Reader, SupportView};
use crate::domain::change::ChangeId;
use crate::web::WebState;
use crate::web::ask::Caller;
use crate::web::problem::Problem;

/// Adds to a problem whom to ask.
pub async fn with_contact(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let change = change_in(request.uri().path());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let problem = match contact(&state, &headers, change).await {
        Some((support, reference)) => problem.to_ask(support, reference),
        None => problem,
    };
    problem.instead_of(response)
}

/// The contact of whoever's key the request carried. Where that cannot be found out, the problem is told without it.
async fn contact(
    state: &WebState,
    headers: &HeaderMap,
    change: Option<ChangeId>,
) -> Option<(SupportView, Option<String>)> {
    let caller = Caller::of(headers, state).await.ok()?;
    let playbook = state.playbook(&caller.seller).ok()?;
    let support = SupportView::of(Reader::new(&playbook, None));
    let own = match change {
        Some(change) => state.engine.change(change, &caller.seller).await.ok(),
        None => None,
    };
    Some((support, own.map(|view| view.change.reference.0)))
}

/// The change that an address names.
fn change_in(path: &str) -> Option<ChangeId> {
    let id = path.strip_prefix("/v1/changes/")?.split('/').next()?;
    Uuid::try_parse(id).ok().map(ChangeId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_change_is_read_from_the_address() {
        let id = Uuid::from_u128(7);
        for path in [format!("/v1/changes/{id}"), format!("/v1/changes/{id}/confirm")] {
            assert_eq!(change_in(&path), Some(ChangeId(id)), "{path}");
        }
        for path in ["/v1/changes/", "/v1/changes/x/confirm", "/v1/contracts/1", "/"] {
            assert_eq!(change_in(path), None, "{path}");
        }
    }
}
