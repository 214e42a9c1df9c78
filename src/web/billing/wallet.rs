//! Cards, outside of any change.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::domain::account::Permission;
use crate::engine::CardOrder;
use crate::web::WebState;
use crate::web::api::{WalletBody, keep};
use crate::web::page::{
    Browser, FormTokens, OwnForm, Page, Say, Shell, Visitor, browser, see_other, shown_with,
};
use crate::web::problem::{OnAPage, Problem};

#[derive(Template)]
#[template(path = "web/billing/templates/wallet.html")]
struct WalletPage {
    shell: Shell,
    say: Say,
    wallet: WalletBody,
    alert: Option<OnAPage>,
    at: String,
    form: FormTokens,
    browser: Option<Browser>,
}

impl WalletPage {
    fn browser(&self) -> Option<&Browser> {
        self.browser.as_ref()
    }
}

/// Shows them.
pub(super) async fn show(State(state): State<WebState>, visitor: Visitor) -> Page {
    page(&state, &visitor, StatusCode::OK, None).await
}

async fn page(state: &WebState, visitor: &Visitor, status: StatusCode, alert: Option<OnAPage>) -> Page {
    visitor.needs(Permission::Wallet)?;
    let wallet = state.engine.wallet(visitor.account.id, &visitor.asks()).await;
    let wallet = wallet.map_err(|problem| visitor.trouble(problem))?;
    let (reader, say) = (visitor.reader(), Say(visitor.language));
    let browser = browser(state, visitor);
    let allowed = browser.as_ref().map(Browser::allowed).unwrap_or_default();
    let page = WalletPage {
        wallet: WalletBody::told(reader, &wallet),
        alert,
        at: visitor.at("/wallet"),
        form: FormTokens::new(state, visitor, 0),
        browser,
        shell: Shell {
            here: format!("{}?", visitor.at("/wallet")),
            ..visitor.shell_with_tabs("wallet", say.get("page-wallet-title"))
        },
        say,
    };
    shown_with(status, &page, &allowed)
}

/// The form for a new card is sent by its script alone, and to the provider: whoever has none comes back to the page that says so.
pub(super) async fn again(own: OwnForm) -> Page {
    Ok(see_other(&own.visitor.at("/wallet")))
}

/// Begins to keep a card: for the browser that gives it to the provider.
pub(super) async fn begin(State(state): State<WebState>, own: OwnForm) -> Result<Response, Problem> {
    let account = own.visitor.account.id;
    let (begun, _) = state.engine.begin_card(account, &own.asked_next("setup")).await?;
    Ok(Json(json!({ "setup": begun.id, "client_secret": begun.client_secret })).into_response())
}

fn noted(order: &CardOrder) -> Result<crate::ports::store::ClientAnswer, serde_json::Error> {
    keep(StatusCode::ACCEPTED, &json!({ "order": order.id.to_string() }))
}

/// This card pays from now on.
pub(super) async fn make_default(State(state): State<WebState>, own: OwnForm) -> Page {
    let card = own.form.text("card");
    let account = own.visitor.account.id;
    let done = state
        .engine
        .make_card_default(account, &card, &own.asked(), &noted)
        .await;
    after(&state, &own, done.map(drop).map_err(Problem::from)).await
}

/// The provider forgets a card.
pub(super) async fn remove(State(state): State<WebState>, own: OwnForm) -> Page {
    let card = own.form.text("card");
    let account = own.visitor.account.id;
    let done = state
        .engine
        .remove_card(account, &card, &own.asked(), &noted)
        .await;
    after(&state, &own, done.map(drop).map_err(Problem::from)).await
}

async fn after(state: &WebState, own: &OwnForm, done: Result<(), Problem>) -> Page {
    match done {
        Ok(()) => Ok(see_other(&own.visitor.at("/wallet"))),
        Err(problem) => {
            let alert = problem.on_a_page(own.visitor.language);
            page(state, &own.visitor, problem.status(), Some(alert)).await
        }
    }
}
