//! From the product to the hosted pages: what a seller's backend does when somebody follows a link into billing.

use axum::extract::{Path, Query, State};

use super::scene::{Scene, Told};
use crate::engine::SessionGrounds;
use crate::web::WebState;
use crate::web::page::{Alert, Page, Trouble, see_other};

/// The hosted pages that can be opened.
const PAGES: [&str; 9] = [
    "billing", "plans", "choose", "wallet", "invoices", "usage", "history", "contact", "clients",
];

/// Opens a session and leads the browser into it: `POST /v1/page-sessions` from inside.
pub(super) async fn open(
    State(state): State<WebState>,
    Path((seller, page)): Path<(String, String)>,
    Query(told): Query<Told>,
) -> Page {
    let scene = Scene::of(&state, &seller, &told).await?;
    let inside = |trouble: Trouble| trouble.within(scene.shell(""));
    if !PAGES.contains(&page.as_str()) {
        return Err(inside(Trouble::of(scene.language, Alert::NoSuchPage)));
    }
    let product = format!("{}{}", state.engine.pages_at(), scene.at(""));
    let about = SessionGrounds {
        contract: scene.contract.as_ref().map(|contract| contract.id),
        change: None,
        actor: scene.actor(),
        language: Some(scene.language),
        return_url: Some(product.clone()),
        cancel_url: Some(product),
    };
    let opened = state
        .engine
        .open_page_session(&scene.seller, scene.account.id, about)
        .await;
    let session = opened.map_err(|problem| inside(problem.into()))?;
    let (address, _) = state.engine.way_in(&session).await?;
    Ok(see_other(&format!("{address}?page=/{page}")))
}
