//! Choosing: plan, quantities, add-ons, packages, with a price that moves along.

mod view;

use std::time::Duration;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use uuid::Uuid;

use self::view::{ChoosePage, LiveView};
use super::acting::{noted, submit};
use super::prerequisites::{self, Said};
use super::screens;
use super::{another_plan, own_change, own_contract, selecting, settled};
use crate::domain::account::{Contract, Permission};
use crate::domain::catalog::{Playbook, Selection, StageName};
use crate::domain::change::{ChangeId, Event, Stage};
use crate::engine::{ChangeView, OpenChange, OpenFirstChange, Way, Wish};
use crate::web::WebState;
use crate::web::api::views::{CatalogView, EstimateBody};
use crate::web::page::{Form, FormTokens, OwnForm, Page, Say, Shell, Trouble, Visitor, see_other, shown};
use crate::web::problem::{OnAPage, Problem};

/// How long the next page is kept waiting for the quote, before it says that it is being made.
const PATIENCE: Duration = Duration::from_secs(3);

/// The longest name of who answers for a contract.
const RESPONSIBLE_CHARACTERS_MAX: usize = 200;

/// What the address of the page asks for.
struct Wanted {
    change: Option<ChangeId>,
    only: Option<String>,
    form: Form,
}

impl Wanted {
    fn of(query: Option<&str>) -> Self {
        let form = Form::read(query.unwrap_or_default().as_bytes());
        let change = form.get("change").and_then(|id| Uuid::try_parse(id).ok());
        Self {
            change: change.map(ChangeId),
            only: form.get("line").map(str::to_owned),
            form,
        }
    }
}

/// The page.
pub(super) async fn show(State(state): State<WebState>, visitor: Visitor, RawQuery(query): RawQuery) -> Page {
    if !visitor.may(Permission::ChangePlan) {
        // The plans say why not, and who can.
        return Ok(see_other(&visitor.at("/plans")));
    }
    let wanted = Wanted::of(query.as_deref());
    let contract = own_contract(&visitor, &state).await?;
    let before = match wanted.change {
        Some(change) => own_change(&visitor, &state, change)
            .await?
            .stage
            .selection()
            .cloned(),
        None => None,
    };
    let before = before.or_else(|| selecting::starting_point(&visitor.playbook, contract.as_ref()));
    let before = before.ok_or_else(|| visitor.nowhere())?;
    let selection = selecting::chosen(&visitor.playbook, &before, &wanted.form)
        .map_err(|problem| visitor.trouble(problem))?;
    let ask = Ask {
        selection,
        change: wanted.change,
        only: wanted.only,
        responsible: responsible(&wanted.form),
    };
    page(&state, &visitor, contract.as_ref(), ask, StatusCode::OK, None).await
}

/// The page for a change that is being chosen.
pub(super) async fn again(
    state: &WebState,
    visitor: &Visitor,
    view: &ChangeView,
    alert: Option<OnAPage>,
) -> Page {
    let selection = view.stage.selection().cloned().ok_or_else(|| visitor.nowhere())?;
    let own = match &view.stage {
        Stage::Draft {
            problem: Some(problem),
            ..
        } => Some(Problem::from(problem.clone())),
        _ => None,
    };
    let ask = Ask {
        selection,
        change: Some(view.change.id),
        only: None,
        responsible: String::new(),
    };
    let contract = own_contract(visitor, state).await?;
    let alert = alert.or_else(|| own.map(|problem| problem.on_a_page(visitor.language)));
    page(state, visitor, contract.as_ref(), ask, StatusCode::OK, alert).await
}

/// Who answers for a new contract, as it was typed.
fn responsible(form: &Form) -> String {
    let typed = form.get("responsible").unwrap_or_default().trim();
    typed.chars().take(RESPONSIBLE_CHARACTERS_MAX).collect()
}

/// What the page shows.
struct Ask {
    selection: Selection,
    change: Option<ChangeId>,
    only: Option<String>,
    responsible: String,
}

async fn page(
    state: &WebState,
    visitor: &Visitor,
    contract: Option<&Contract>,
    ask: Ask,
    status: StatusCode,
    alert: Option<OnAPage>,
) -> Page {
    let service = state
        .engine
        .service(&visitor.account, &visitor.playbook.seller.time_zone);
    let (reader, say) = (visitor.reader(), Say(visitor.language));
    let catalog = CatalogView::of(reader, contract.map(|contract| (contract, &service)));
    let plan = catalog
        .plans
        .iter()
        .position(|plan| plan.id == ask.selection.plan.as_str());
    let editable = catalog.plans.iter().filter(|plan| plan.editable).count();
    let plans = editable > 1 && ask.only.as_deref().is_none_or(|only| only == "plan");
    let live = live(state, visitor, contract, &ask.selection).await?;
    let step = screens::screen(&visitor.playbook, StageName::Draft);
    let title = step.map(|screen| reader.said(&screen.title)).unwrap_or_default();
    let mut here = format!("{}?", visitor.at("/choose"));
    if let Some(change) = ask.change {
        here = format!("{here}change={change}&");
    }
    if let Some(only) = &ask.only {
        let strange = |sign: char| !sign.is_ascii_alphanumeric() && !matches!(sign, ':' | '-' | '_');
        here = format!("{here}line={}&", only.replace(strange, ""));
    }
    let page = ChoosePage {
        steps: screens::steps(reader, StageName::Draft),
        plan: plan.unwrap_or_default(),
        plans,
        only: ask.only,
        live,
        form: FormTokens::new(state, visitor, 0),
        change: ask.change.map(|change| change.to_string()),
        at: visitor.at("/choose"),
        estimate_at: visitor.at("/estimate"),
        button: screens::button(reader, StageName::Draft).unwrap_or_default(),
        first: contract.is_none(),
        responsible: ask.responsible,
        blocking: alert.as_ref().and_then(|alert| alert.blocking.clone()),
        intervals: intervals(&visitor.playbook, contract, &ask.selection),
        said: Said::read(state, visitor)
            .await
            .map_err(|problem| visitor.trouble(problem))?,
        selection: ask.selection,
        catalog,
        alert,
        shell: Shell {
            here,
            ..visitor.shell(title)
        },
        say,
    };
    shown(status, &page)
}

/// The intervals that a new customer can choose among; whoever holds something stays in theirs.
fn intervals(playbook: &Playbook, contract: Option<&Contract>, selection: &Selection) -> Vec<(String, bool)> {
    if contract.is_some() {
        return Vec::new();
    }
    let plan = playbook.catalog.plan(&selection.plan);
    let prices = plan.map(|plan| plan.prices.as_slice()).unwrap_or_default();
    let own = prices.iter().filter(|price| price.currency == selection.currency);
    own.map(|price| (price.interval.to_string(), price.interval == selection.interval))
        .collect()
}

/// What it would cost, or why it cannot be had.
async fn live(
    state: &WebState,
    visitor: &Visitor,
    contract: Option<&Contract>,
    selection: &Selection,
) -> Result<LiveView, Trouble> {
    let say = Say(visitor.language);
    let nothing = LiveView {
        say,
        estimate: None,
        plan: None,
        wrong: None,
        frozen: false,
    };
    let Some(contract) = contract else {
        return Ok(nothing);
    };
    match state
        .engine
        .estimate(contract.id, selection, &visitor.session.seller)
        .await
    {
        Ok(live) => Ok(LiveView {
            frozen: live.frozen_until.is_some(),
            plan: another_plan(visitor.reader(), &contract.plan, &selection.plan),
            estimate: Some(EstimateBody::told(visitor.reader(), &live)),
            ..nothing
        }),
        Err(problem @ crate::engine::EngineError::Refused(_)) => Ok(LiveView {
            wrong: Some(Problem::from(problem).on_a_page(visitor.language)),
            ..nothing
        }),
        Err(problem) => Err(visitor.trouble(problem)),
    }
}

/// The price alone, for the script that lets it move along.
pub(super) async fn estimate(State(state): State<WebState>, own: OwnForm) -> Page {
    let visitor = &own.visitor;
    let contract = own_contract(visitor, &state).await?;
    let before = selecting::starting_point(&visitor.playbook, contract.as_ref());
    let before = before.ok_or_else(|| visitor.nowhere())?;
    let selection = selecting::chosen(&visitor.playbook, &before, &own.form)
        .map_err(|problem| visitor.trouble(problem))?;
    let live = live(&state, visitor, contract.as_ref(), &selection).await?;
    match live.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(_) => Err(Trouble::internal()),
    }
}

/// Takes what was chosen: opens the change, or chooses otherwise in an open one, and asks what it costs.
pub(super) async fn take(State(state): State<WebState>, own: OwnForm) -> Page {
    let visitor = &own.visitor;
    visitor.needs(Permission::ChangePlan)?;
    let contract = own_contract(visitor, &state).await?;
    let before = selecting::starting_point(&visitor.playbook, contract.as_ref());
    let before = before.ok_or_else(|| visitor.nowhere())?;
    let selection = match selecting::chosen(&visitor.playbook, &before, &own.form) {
        Ok(selection) => selection,
        Err(problem) => return Err(visitor.trouble(problem)),
    };
    let change = own
        .form
        .get("change")
        .and_then(|id| Uuid::try_parse(id).ok())
        .map(ChangeId);
    match change {
        Some(change) => drop(own_change(visitor, &state, change).await?),
        // A link from a mail opens nothing new.
        None if visitor.session.is_mailed() => return Err(visitor.nowhere()),
        None => {}
    }
    let ask = Ask {
        selection,
        change,
        only: own.form.get("line").map(str::to_owned),
        responsible: responsible(&own.form),
    };
    match begun(&state, &own, contract.as_ref(), &ask).await {
        Ok(change) => {
            prerequisites::keep(&state, &own).await?;
            Ok(onward(&state, &own, change).await?)
        }
        Err(problem) => {
            let alert = problem.on_a_page(visitor.language);
            page(
                &state,
                visitor,
                contract.as_ref(),
                ask,
                problem.status(),
                Some(alert),
            )
            .await
        }
    }
}

/// The change that the choice is about: a new one, or the open one with the new choice.
async fn begun(
    state: &WebState,
    own: &OwnForm,
    contract: Option<&Contract>,
    ask: &Ask,
) -> Result<ChangeId, Problem> {
    let (engine, asked) = (&state.engine, own.asked_next("open"));
    let selection = ask.selection.clone();
    if let Some(change) = ask.change {
        // What was chosen before is simply replaced: no other tab can have agreed to anything meanwhile that would be lost.
        submit(state, change, Wish::Event(Event::Select { selection }), &asked).await?;
        return Ok(change);
    }
    let reply = if let Some(contract) = contract {
        let supersedes = own.form.get("supersedes").and_then(|id| Uuid::try_parse(id).ok());
        let wish = OpenChange {
            contract: contract.id,
            selection,
            return_url: None,
            cancel_url: None,
            supersedes: supersedes.map(ChangeId),
        };
        engine.open_change(&wish, &asked, &noted).await?
    } else {
        let wish = OpenFirstChange {
            account: own.visitor.account.id,
            selection,
            responsible: Some(ask.responsible.clone()).filter(|name| !name.is_empty()),
            return_url: None,
            cancel_url: None,
        };
        engine.open_first_change(&wish, &asked, &noted).await?
    };
    let said: serde_json::Value = serde_json::from_slice(&reply.answer.body).unwrap_or_default();
    let id = said["change"].as_str().and_then(|id| Uuid::try_parse(id).ok());
    id.map(ChangeId)
        .ok_or_else(|| Problem::plain(crate::web::problem::EdgeCode::Internal))
}

/// On to the next page: what goes by request is written there; everything else is quoted, and where the quote has no page of its
/// own, it is passed as soon as it is there.
async fn onward(state: &WebState, own: &OwnForm, change: ChangeId) -> Result<Response, Trouble> {
    let visitor = &own.visitor;
    let there = see_other(&visitor.at(&format!("/changes/{change}")));
    let view = own_change(visitor, state, change).await?;
    let by_request = match view.stage.selection() {
        Some(selection) if !view.contract.is_proposed() => {
            let live = state
                .engine
                .estimate(view.change.contract, selection, &view.change.seller)
                .await;
            live.is_ok_and(|live| live.way == Way::Ticket)
        }
        _ => false,
    };
    if by_request || !matches!(view.stage, Stage::Draft { .. }) {
        return Ok(there);
    }
    let asked = own.asked_next("quote");
    if submit(state, change, Wish::Event(Event::AskQuote), &asked)
        .await
        .is_err()
    {
        // Its own page says why.
        return Ok(there);
    }
    if screens::passes_the_quote(&visitor.playbook) {
        let view = settled(visitor, state, change, PATIENCE).await?;
        if let Stage::QuoteReady {
            deal, drift: None, ..
        } = view.stage
        {
            let quote = deal.quote.id;
            let asked = own.asked_next("accept");
            // Where it does not pass, the page shows the quote, and the button that does.
            let _ = submit(state, change, Wish::Event(Event::Accept { quote }), &asked).await;
        }
    }
    Ok(there)
}
