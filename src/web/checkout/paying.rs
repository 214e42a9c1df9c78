//! How to pay, and the last button. A card goes from the browser to the provider; what comes here is the name of its setup.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::acting::{ChangePath, after, submit};
use super::own_change;
use crate::domain::change::{ChangeId, Click, Consent, Event, QuoteId, RefusalCode, Stage};
use crate::domain::money::{Currency, Money};
use crate::engine::{ChangeView, Wish};
use crate::web::WebState;
use crate::web::api::views::{CardView, OfferedView};
use crate::web::api::{Chosen, SentByCustomer, one_of};
use crate::web::page::{Allowed, Browser, OwnForm, Page, Trouble, Visitor, browser};
use crate::web::problem::Problem;

/// What can be paid with.
#[derive(Debug)]
pub(super) struct PayView {
    /// Kept cards; none for whoever came by a mail.
    pub cards: Vec<CardView>,
    /// Ways to pay besides a card.
    pub others: Vec<OfferedView>,
    /// When a card releases what is bought.
    pub card_note: String,
    /// How a new card is taken.
    pub browser: Option<Browser>,
    /// What is chosen to begin with: a card's id, `new`, or a way to pay.
    pub chosen: String,
    /// Whether anything is due: the words of the last button depend on it.
    pub due: bool,
}

impl PayView {
    /// What can be paid with in this stage.
    pub async fn of(state: &WebState, visitor: &Visitor, view: &ChangeView) -> Result<Self, Trouble> {
        let asked = visitor.asks();
        let cards = if visitor.session.is_mailed() {
            Vec::new()
        } else {
            let kept = state.engine.cards(view.change.id, &asked).await;
            kept.map_err(|problem| visitor.trouble(problem))?
        };
        let offered = OfferedView::of_change(visitor.reader(), view);
        let (card, others): (Vec<_>, Vec<_>) = offered.into_iter().partition(|one| one.kind == "card");
        let quote = view.stage.deal().map(|deal| &deal.quote);
        let held = quote.and_then(|quote| quote.held_method.clone());
        let own = match &view.stage {
            Stage::Choosing {
                method: Some(means), ..
            } => means.card().map(|card| card.id.clone()),
            _ => None,
        };
        let is_kept = |id: &String| cards.iter().any(|card| card.id == *id);
        let first = || cards.first().map(|card| card.id.clone());
        let chosen = own.filter(is_kept).or(held.filter(is_kept)).or_else(first);
        Ok(Self {
            chosen: chosen.map_or_else(|| "new".to_owned(), |id| format!("card:{id}")),
            cards: cards.iter().map(CardView::of).collect(),
            card_note: card
                .into_iter()
                .next()
                .map(|one| one.releases)
                .unwrap_or_default(),
            others,
            browser: browser(state, visitor),
            due: quote.is_some_and(|quote| !quote.due_today.is_zero()),
        })
    }

    /// What the page may load for it.
    pub fn allowed(&self) -> Allowed {
        self.browser.as_ref().map(Browser::allowed).unwrap_or_default()
    }
}

/// The way to pay that the form names. Whoever came by a mail pays with what they bring, never with what is kept.
fn chosen(own: &OwnForm) -> Result<Chosen, Problem> {
    let pay = own.form.get("pay").unwrap_or_default();
    let setup = own.form.get("setup").map(str::to_owned);
    let nothing = Chosen {
        card: None,
        setup: None,
        method: None,
    };
    Ok(match pay {
        "new" if setup.is_some() => Chosen { setup, ..nothing },
        "new" => {
            let detail = "No card was given yet: the page gives it to the provider first.";
            return Err(Problem::refusal(RefusalCode::PaymentMethodUnusable, detail));
        }
        "boleto" => Chosen {
            method: Some(SentByCustomer::Boleto),
            ..nothing
        },
        "pix" => Chosen {
            method: Some(SentByCustomer::Pix),
            ..nothing
        },
        // Where nothing is due, nothing is paid with.
        "" if own.form.get("amount") == Some("0") => nothing,
        _ if own.visitor.session.is_mailed() => {
            let detail = "A link from a mail pays with a new card, never with a kept one.";
            return Err(Problem::refusal(RefusalCode::PaymentMethodUnusable, detail));
        }
        "" => nothing,
        card => Chosen {
            card: Some(card.strip_prefix("card:").unwrap_or(card).to_owned()),
            ..nothing
        },
    })
}

/// The last button: exactly this amount.
pub(super) async fn confirm(State(state): State<WebState>, Path((_, id)): ChangePath, own: OwnForm) -> Page {
    let change = ChangeId(id);
    own_change(&own.visitor, &state, change).await?;
    let done = confirmed(&state, change, &own).await;
    after(&state, &own, change, done).await
}

async fn confirmed(state: &WebState, change: ChangeId, own: &OwnForm) -> Result<(), Problem> {
    let asked = own.asked_by_content();
    let method = chosen(own)?.find(state, change, &asked).await?;
    let click = Click {
        quote: QuoteId(own.form.text("quote")),
        seen: seen(own)?,
        consent: Consent {
            terms_version: own.form.text("terms"),
            at: state.engine.now(),
        },
        method,
    };
    submit(state, change, Wish::Confirm(click), &asked).await
}

/// The amount that stood on the page.
fn seen(own: &OwnForm) -> Result<Money, Problem> {
    let read = || {
        let amount = own.form.get("amount")?.parse().ok()?;
        let currency: Currency = own.form.get("currency")?.parse().ok()?;
        Some(Money::new(amount, currency))
    };
    read().ok_or_else(|| Problem::field("/seen", "missing_field", "The form carries no amount."))
}

/// After a refusal: the same invoice with another card.
pub(super) async fn another_card(
    State(state): State<WebState>,
    Path((_, id)): ChangePath,
    own: OwnForm,
) -> Page {
    let change = ChangeId(id);
    own_change(&own.visitor, &state, change).await?;
    let done = async {
        let asked = own.asked_by_content();
        let found = chosen(&own)?.find(&state, change, &asked).await?;
        let method = found.ok_or_else(|| one_of("Name a card."))?;
        submit(
            &state,
            change,
            Wish::Event(Event::ChooseMethod { method }),
            &asked,
        )
        .await
    };
    let done = done.await;
    after(&state, &own, change, done).await
}

/// Begins to keep a card: for the browser that gives it to the provider.
pub(super) async fn begin_card(
    State(state): State<WebState>,
    Path((_, id)): ChangePath,
    own: OwnForm,
) -> Result<Response, Problem> {
    let change = ChangeId(id);
    own_change(&own.visitor, &state, change)
        .await
        .map_err(|_| Problem::plain(crate::web::problem::EdgeCode::NotFound))?;
    let (begun, _) = state
        .engine
        .begin_card_setup(change, &own.asked_next("setup"))
        .await?;
    Ok(Json(json!({ "setup": begun.id, "client_secret": begun.client_secret })).into_response())
}

/// What the browser needs to let the bank ask its question.
pub(super) async fn authentication(
    State(state): State<WebState>,
    Path((_, id)): ChangePath,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    let change = ChangeId(id);
    own_change(&visitor, &state, change).await?;
    let secret = state.engine.client_secret(change, &visitor.asks()).await;
    let secret = secret.map_err(|problem| visitor.trouble(problem))?;
    Ok(Json(json!({ "client_secret": secret })).into_response())
}
