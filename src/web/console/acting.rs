//! An action of support: first what it would do, then a reason and the button that does it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::change::Head;
use super::duty::{Away, OnDuty};
use super::form::{ConsoleForm, REASON_MAX};
use super::page::{Bar, Section};
use super::words;
use crate::domain::change::stuck::Plan;
use crate::engine::{Act, Asked, Case, ChangeView, EngineError};
use crate::web::WebState;
use crate::web::api::show;
use crate::web::ask::ActionOn;
use crate::web::page::{Page, Shell, see_other, shown};
use crate::web::problem::{Problem, ToStaff};

#[derive(Template)]
#[template(path = "web/console/templates/act.html")]
struct ActPage {
    shell: Shell,
    bar: Bar,
    head: Head,
    action: &'static str,
    name: &'static str,
    means: &'static str,
    told: Option<Told>,
    refused: Option<ToStaff>,
    key: String,
    reason: String,
    reason_max: usize,
}

/// What an order would do, as a page tells it.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    steps: Vec<String>,
    charges: Option<String>,
    gives_back: Option<String>,
}

impl Told {
    fn of(plan: &Plan) -> Self {
        let steps = plan.steps.iter().map(|step| words::marked(&step.told()));
        Self {
            steps: steps.collect(),
            charges: plan.charges.map(words::money),
            gives_back: plan.gives_back.map(words::money),
        }
    }
}

/// What would be done. Nothing is.
pub(super) async fn rehearse(
    State(state): State<WebState>,
    duty: OnDuty,
    ActionOn { change, action }: ActionOn,
) -> Result<Response, Away> {
    let case = state.engine.case(change, duty.seller()).await;
    let case = case.map_err(|problem| Away::Trouble(duty.trouble(problem)))?;
    let shown = page(&state, &duty, &case, ActionOn { change, action }, None).await;
    shown.map_err(Away::Trouble)
}

/// Does it, for the reason that was given, on the version that was shown.
pub(super) async fn act(
    State(state): State<WebState>,
    ActionOn { change, action }: ActionOn,
    sent: ConsoleForm,
) -> Page {
    let case = state.engine.case(change, sent.duty.seller()).await;
    let case = case.map_err(|problem| sent.duty.trouble(problem))?;
    let asked = sent.asked(case.change.seller.clone());
    let order = Act {
        action,
        dry_run: false,
    };
    let present = |_: &ChangeView, plan: &Plan| show::keep(StatusCode::OK, &Told::of(plan));
    match state.engine.act(change, order, &asked, &present).await {
        Ok(_) => Ok(see_other(&format!("/console/changes/{change}?done={action}"))),
        Err(problem) => {
            let on = ActionOn { change, action };
            let reason = sent.form.text("reason");
            page(&state, &sent.duty, &case, on, Some((problem, reason))).await
        }
    }
}

async fn page(
    state: &WebState,
    duty: &OnDuty,
    case: &Case,
    on: ActionOn,
    refused: Option<(EngineError, String)>,
) -> Page {
    let asked = Asked {
        seller: case.change.seller.clone(),
        actor: duty.actor(Some("asked in advance")),
        key: None,
        expected_version: None,
    };
    let order = Act {
        action: on.action,
        dry_run: true,
    };
    let present = |_: &ChangeView, plan: &Plan| show::keep(StatusCode::OK, &Told::of(plan));
    let told = state.engine.act(on.change, order, &asked, &present).await;
    let (told, not_now) = match told {
        Ok(reply) => (serde_json::from_slice(&reply.answer.body).ok(), None),
        Err(problem) => (None, Some(problem)),
    };
    let (refused, reason) = match refused {
        Some((problem, reason)) => (Some(problem), reason),
        None => (not_now, String::new()),
    };
    let refused = refused.map(Problem::from);
    let status = refused.as_ref().map_or(StatusCode::OK, Problem::status);
    let (name, means) = words::action(on.action);
    let now = state.engine.now();
    let template = ActPage {
        shell: duty.shell(format!("{name}: {}", case.change.reference), Section::None),
        bar: duty.bar(""),
        head: Head::of(case, now),
        action: on.action.as_str(),
        name,
        means,
        told,
        refused: refused.map(|problem| problem.to_staff()),
        key: state.ids.new_id(now).to_string(),
        reason,
        reason_max: REASON_MAX,
    };
    shown(status, &template)
}
