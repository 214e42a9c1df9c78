use axum::Json;
use axum::extract::{Path, Request, State};

use crate::domain::catalog::SellerId;
use crate::measures;
use crate::web::WebState;
use crate::web::ask::raw;
use crate::web::problem::{EdgeCode, Problem};
use crate::web::state::WebhookRefusal;

/// The most bytes of an event: the provider's largest are far below.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Keeps an event of this seller's provider and wakes what it is about. An event that was kept before is answered alike.
pub async fn receive(
    State(state): State<WebState>,
    Path(seller): Path<String>,
    request: Request,
) -> Result<Json<serde_json::Value>, Problem> {
    let seller: Option<SellerId> = seller.parse().ok();
    let verifier = seller.and_then(|seller| state.webhooks.get(&seller));
    let Some(verifier) = verifier else {
        return Err(Problem::plain(EdgeCode::SellerUnknown));
    };
    let (parts, body) = request.into_parts();
    let body = raw(body, BODY_BYTES_MAX).await?;
    let inbound = verifier
        .verify(&parts.headers, &body, state.engine.now())
        .map_err(refused)?;
    match state.engine.accept_inbound(inbound).await {
        Ok(true) => measures::webhook("accepted"),
        Ok(false) => measures::webhook("duplicate"),
        Err(problem) => {
            // Nothing is acknowledged that is not kept: the provider sends it again.
            measures::webhook("not_kept");
            return Err(problem.into());
        }
    }
    Ok(Json(serde_json::json!({})))
}

fn refused(why: WebhookRefusal) -> Problem {
    tracing::warn!(%why, "a webhook is not believed");
    let (outcome, code) = match why {
        WebhookRefusal::Forged => ("forged", EdgeCode::WebhookForged),
        WebhookRefusal::Stale => ("stale", EdgeCode::WebhookStale),
        WebhookRefusal::Malformed => ("malformed", EdgeCode::WebhookMalformed),
    };
    measures::webhook(outcome);
    Problem::plain(code)
}
