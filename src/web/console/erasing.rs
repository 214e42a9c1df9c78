//! Erasing a person's data: for leads, told before it is done.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::duty::{Away, OnDuty};
use super::form::{ConsoleForm, REASON_MAX};
use super::page::{Bar, Section};
use crate::domain::account::{Account, AccountId};
use crate::engine::{Asked, EngineError};
use crate::ports::store::Traces;
use crate::web::WebState;
use crate::web::api::show;
use crate::web::ask::Named;
use crate::web::page::{Page, Shell, see_other, shown};
use crate::web::problem::{Problem, ToStaff};

#[derive(Template)]
#[template(path = "web/console/templates/erase.html")]
struct ErasePage {
    shell: Shell,
    bar: Bar,
    account_url: String,
    account: String,
    told: Option<Told>,
    refused: Option<ToStaff>,
    key: String,
    reason: String,
    reason_max: usize,
}

/// What would be erased.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    named: bool,
    rows: Vec<(String, u64)>,
    provider_customer: Option<String>,
}

impl Told {
    fn of(account: &Account, traces: &Traces) -> Self {
        let rows = [
            ("rows of billing data", traces.identities),
            ("requests to the provider, byte by byte", traces.requests),
            ("answers that are kept for repeated requests", traces.answers),
            (
                "contracts that name the person who is responsible",
                traces.responsible,
            ),
            ("links back into the product and to tax documents", traces.links),
        ];
        let rows = rows.into_iter().filter(|(_, count)| *count > 0);
        Self {
            named: traces.named,
            rows: rows.map(|(what, count)| (what.to_owned(), count)).collect(),
            provider_customer: account.provider_customer.clone(),
        }
    }
}

/// What would be erased. Nothing is.
pub(super) async fn rehearse(
    State(state): State<WebState>,
    duty: OnDuty,
    Named(id): Named<AccountId>,
) -> Result<Response, Away> {
    duty.leads().map_err(Away::Trouble)?;
    let shown = page(&state, &duty, id, None).await;
    shown.map_err(Away::Trouble)
}

/// Erases it, for the reason that was given.
pub(super) async fn erase(
    State(state): State<WebState>,
    Named(id): Named<AccountId>,
    sent: ConsoleForm,
) -> Page {
    let duty = &sent.duty;
    duty.leads()?;
    let account = state.engine.account_for_staff(id, duty.seller()).await;
    let account = account.map_err(|problem| duty.trouble(problem))?;
    let mut asked = sent.asked(account.seller);
    // Erasing is safe to repeat, and what is kept for a repetition would be one more trace.
    asked.key = None;
    let present = |_: &Account, _: &Traces| show::keep(StatusCode::OK, &());
    match state.engine.erase_account(id, false, &asked, &present).await {
        Ok(_) => Ok(see_other(&format!("/console/accounts/{id}"))),
        Err(problem) => {
            let reason = sent.form.text("reason");
            page(&state, duty, id, Some((problem, reason))).await
        }
    }
}

async fn page(
    state: &WebState,
    duty: &OnDuty,
    id: AccountId,
    refused: Option<(EngineError, String)>,
) -> Page {
    let account = state.engine.account_for_staff(id, duty.seller()).await;
    let account = account.map_err(|problem| duty.trouble(problem))?;
    let asked = Asked {
        seller: account.seller.clone(),
        actor: duty.actor(Some("asked in advance")),
        key: None,
        expected_version: None,
    };
    let present = |account: &Account, traces: &Traces| show::keep(StatusCode::OK, &Told::of(account, traces));
    let told = state.engine.erase_account(id, true, &asked, &present).await;
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
    let template = ErasePage {
        shell: duty.shell("Erase a person’s data", Section::None),
        bar: duty.bar(""),
        account_url: format!("/console/accounts/{id}"),
        account: account.name,
        told,
        refused: refused.map(|problem| problem.to_staff()),
        key: state.ids.new_id(state.engine.now()).to_string(),
        reason,
        reason_max: REASON_MAX,
    };
    shown(status, &template)
}
