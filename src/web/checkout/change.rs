//! The page of a change: wherever the change is.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::acting::ChangePath;
use super::billing_form::{self, BillingView};
use super::paying::PayView;
use super::screens::{self, StepView};
use super::{another_plan, choose, own_change, settled, ticket};
use crate::domain::catalog::{FieldKind, LineKey};
use crate::domain::change::{ChangeId, NextAction, Stage, StageName};
use crate::engine::ChangeView;
use crate::web::WebState;
use crate::web::api::BillingPrefill;
use crate::web::api::views::{ChangeBody, DriftWhy, LineKind, TicketBody};
use crate::web::page::{
    Allowed, Browser, FormTokens, OwnForm, Page, Say, Shell, Trouble, Visitor, browser, shown_with,
};
use crate::web::problem::{OnAPage, Problem};
use askama::Template;

/// How long a page waits for what is on its way, before it says that it is.
const PATIENCE: Duration = Duration::from_millis(2500);

/// What the page is about.
#[derive(Debug)]
pub(super) enum Step {
    /// Something is on its way: it says what.
    Waiting(&'static str),
    /// The quote, with the button that goes on.
    Quote,
    /// The quote, confirmed on the same page.
    Review(Box<PayView>),
    /// The billing data.
    Billing(Box<BillingView>),
    /// How to pay, and the last button.
    Pay(Box<PayView>),
    /// The bank wants to be asked.
    Authenticate {
        /// The invoice's page at the provider, for whoever has no scripts.
        url: Option<String>,
        /// How the provider's library is used.
        browser: Option<Browser>,
    },
    /// Money that the customer sends.
    Voucher,
    /// A card was refused, and the same invoice waits for another.
    Declined(Box<PayView>),
    /// It is done.
    Done,
    /// A request, to be written or written.
    Ticket(Box<TicketBody>),
    /// It is over, and nothing came of it.
    Over,
}

#[derive(Template)]
#[template(path = "web/checkout/templates/change.html")]
pub(super) struct ChangePage {
    pub shell: Shell,
    pub say: Say,
    pub at: String,
    pub change: ChangeBody,
    /// The names of the plan that is held and of another that is wanted.
    pub plan: Option<(String, String)>,
    /// What the wanted plan is called.
    pub plan_name: Option<String>,
    pub steps: Vec<StepView>,
    pub step: Step,
    pub alert: Option<OnAPage>,
    pub button: Option<String>,
    pub form: FormTokens,
    /// Where to choose otherwise.
    pub choose: Option<String>,
    /// Where it ends.
    pub leave: String,
    /// The day until which the quote holds.
    pub holds_until: Option<String>,
    /// The day on which it takes effect.
    pub effective_on: Option<String>,
    pub tax_ids: String,
    pub mailed: bool,
    /// Whether the provider's own library is needed.
    pub stripe: bool,
}

impl ChangePage {
    /// How a card is taken on this page.
    fn browser(&self) -> Option<&Browser> {
        match &self.step {
            Step::Pay(pay) | Step::Review(pay) | Step::Declined(pay) => pay.browser.as_ref(),
            _ => None,
        }
    }
}

/// Shows where a change is.
pub(super) async fn show(State(state): State<WebState>, Path((_, id)): ChangePath, visitor: Visitor) -> Page {
    let change = ChangeId(id);
    own_change(&visitor, &state, change).await?;
    let view = settled(&visitor, &state, change, PATIENCE).await?;
    page(&state, &visitor, &view, StatusCode::OK, None, None).await
}

/// What a waiting page asks for again and again.
pub(super) async fn state(
    State(state): State<WebState>,
    Path((_, id)): ChangePath,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    let view = own_change(&visitor, &state, ChangeId(id)).await?;
    let waits = matches!(view.next_action, NextAction::Wait);
    Ok(Json(json!({ "version": view.change.version, "waiting": waits })).into_response())
}

/// The same page again, with what is the matter, and with what was typed.
pub(super) async fn with_problem(
    state: &WebState,
    own: &OwnForm,
    change: ChangeId,
    problem: &Problem,
) -> Result<Response, Trouble> {
    let view = own_change(&own.visitor, state, change).await?;
    page(
        state,
        &own.visitor,
        &view,
        problem.status(),
        Some(problem),
        Some(own),
    )
    .await
}

async fn page(
    state: &WebState,
    visitor: &Visitor,
    view: &ChangeView,
    status: StatusCode,
    problem: Option<&Problem>,
    own: Option<&OwnForm>,
) -> Page {
    let (reader, say) = (visitor.reader(), Say(visitor.language));
    let alert = problem.map(|problem| problem.on_a_page(visitor.language));
    let step = where_it_is(state, visitor, view, alert.as_ref(), own).await?;
    if matches!(step, Step::Quote) && matches!(view.stage, Stage::Draft { .. }) {
        return choose::again(state, visitor, view, alert).await;
    }
    let name = view.stage.name();
    // A request has a screen of its own from its first line on.
    let screen = screens::named(match step {
        Step::Ticket(_) => StageName::DowngradeTicket,
        _ => name,
    });
    let title = screen.and_then(|name| screens::screen(&visitor.playbook, name));
    let title = title.map(|screen| reader.said(&screen.title));
    let mut shell = visitor.shell(title.unwrap_or_else(|| say.get("page-change-title")));
    shell.reference = Some(view.change.reference.to_string());
    shell.here = format!("{}?", visitor.at(&format!("/changes/{}", view.change.id)));
    let quote = view.stage.deal().map(|deal| &deal.quote);
    let wanted = view.stage.selection().map(|selection| &selection.plan);
    let zone = &visitor.playbook.seller.time_zone;
    let rechoose = matches!(name, StageName::Draft | StageName::Quote | StageName::BillingInfo)
        || matches!(view.stage, Stage::Choosing { .. });
    let about = &visitor.session.about;
    let leave = if matches!(step, Step::Over) {
        about.cancel_url.as_ref()
    } else {
        None
    };
    let allowed = match &step {
        Step::Pay(pay) | Step::Review(pay) | Step::Declined(pay) => pay.allowed(),
        Step::Authenticate {
            browser: Some(browser),
            ..
        } => browser.allowed(),
        _ => Allowed::default(),
    };
    let page = ChangePage {
        say,
        at: visitor.at(&format!("/changes/{}", view.change.id)),
        change: ChangeBody::told(reader, view),
        plan: wanted
            .filter(|_| !view.contract.is_proposed())
            .and_then(|wanted| another_plan(reader, &view.contract.plan, wanted)),
        plan_name: wanted.map(|wanted| reader.line_name(wanted, &LineKey::Plan)),
        steps: screen
            .map(|name| screens::steps(reader, name))
            .unwrap_or_default(),
        // Billing data that are given on the way to the last button are not it.
        button: match step {
            Step::Billing(_) if screens::confirms_the_quote(&visitor.playbook) => {
                Some(say.get("page-quote-go-on"))
            }
            _ => screen.and_then(|name| screens::button(reader, name)),
        },
        form: FormTokens::new(state, visitor, view.change.version),
        choose: rechoose.then(|| visitor.at(&format!("/choose?change={}", view.change.id))),
        leave: leave
            .or(about.return_url.as_ref())
            .cloned()
            .unwrap_or_else(|| visitor.at("/")),
        holds_until: quote.map(|quote| crate::text::moment(visitor.language, quote.expires_at, zone)),
        effective_on: quote
            .and_then(|quote| quote.effective_at)
            .map(|at| reader.day(at)),
        tax_ids: billing_form::kinds(&visitor.playbook.policy.tax_ids),
        mailed: visitor.session.is_mailed(),
        stripe: !allowed.scripts.is_empty(),
        alert,
        step,
        shell,
    };
    shown_with(status, &page, &allowed)
}

/// What the page of this stage is about.
async fn where_it_is(
    state: &WebState,
    visitor: &Visitor,
    view: &ChangeView,
    alert: Option<&OnAPage>,
    own: Option<&OwnForm>,
) -> Result<Step, Trouble> {
    let pay = async || PayView::of(state, visitor, view).await.map(Box::new);
    Ok(match &view.stage {
        Stage::QuotePending { .. } => Step::Waiting("quote"),
        Stage::QuoteReady { deal, .. } => {
            let on_file = BillingPrefill::of(state, view).await?.on_file;
            // Where the address must be put right first, nothing can be confirmed yet.
            let complete = on_file && !deal.quote.location_unknown;
            if screens::confirms_the_quote(&visitor.playbook) && complete {
                Step::Review(pay().await?)
            } else {
                Step::Quote
            }
        }
        Stage::Draft { .. } if ticket::is_one(state, visitor, view).await? => {
            Step::Ticket(ticket::read(state, visitor, view).await?)
        }
        // What is chosen is chosen on its own page.
        Stage::Draft { .. } => Step::Quote,
        Stage::BillingInfo { .. } => {
            let BillingPrefill {
                on_file,
                billing: known,
                ..
            } = BillingPrefill::of(state, view).await?;
            let typed = own
                .filter(|own| own.form.get("country").is_some())
                .map(|own| billing_form::typed(&own.form));
            let form = typed.unwrap_or(known);
            Step::Billing(Box::new(BillingView::of(
                Say(visitor.language),
                &form,
                billing_form::likely_country(view.contract.currency, view.account.language),
                on_file,
                alert,
            )))
        }
        Stage::BillingSaving { .. } => Step::Waiting("billing"),
        Stage::Choosing { .. } => Step::Pay(pay().await?),
        Stage::Charging { .. } => Step::Waiting("charge"),
        Stage::ActionRequired { .. } => Step::Authenticate {
            url: match &view.next_action {
                NextAction::Authenticate { url, .. } => url.clone(),
                _ => None,
            },
            browser: browser(state, visitor),
        },
        Stage::Settling { voucher: Some(_), .. } => Step::Voucher,
        Stage::Settling { .. } => Step::Waiting("settle"),
        Stage::Declined { .. } => Step::Declined(pay().await?),
        Stage::Aborting { .. } => Step::Waiting("abort"),
        Stage::Active { .. } => Step::Done,
        other if other.name() == StageName::DowngradeTicket => {
            Step::Ticket(ticket::read(state, visitor, view).await?)
        }
        _ => Step::Over,
    })
}
