//! A contract: what is held, what differs from the provider, and its changes.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::accounts::status;
use super::duty::OnDuty;
use super::page::{Bar, Section};
use super::words;
use crate::domain::account::{Contract, ContractId, LinePlace};
use crate::domain::catalog::{LineKey, Playbook};
use crate::domain::language::Language;
use crate::engine::EngineError;
use crate::ports::store::{ChangeRow, FindingRow, PageAsk};
use crate::web::WebState;
use crate::web::api::views::Reader;
use crate::web::ask::Named;
use crate::web::page::{Page, Shell, shown};

/// How many changes are shown.
const CHANGES_MAX: u32 = 100;

#[derive(Template)]
#[template(path = "web/console/templates/contract.html")]
struct ContractPage {
    shell: Shell,
    bar: Bar,
    title: String,
    account_url: String,
    facts: Vec<(&'static str, String)>,
    lines: Vec<Held>,
    found: Vec<Found>,
    changes: Vec<Listed>,
}

/// A line that is held.
struct Held {
    name: String,
    quantity: u64,
    amount: String,
    place: &'static str,
}

/// Something that differs from the provider.
struct Found {
    code: String,
    object: String,
    seen: String,
    amount: Option<String>,
    repair: String,
    since: String,
}

/// A change in a list.
struct Listed {
    url: String,
    reference: String,
    stage: String,
    said: &'static str,
    opened: String,
}

/// The page.
pub(super) async fn show(State(state): State<WebState>, duty: OnDuty, Named(id): Named<ContractId>) -> Page {
    let store = state.engine.store();
    let contract = store.contract(id).await.map_err(EngineError::from)?;
    let contract = contract
        .filter(|contract| duty.member.sees(&contract.seller))
        .ok_or_else(|| duty.nowhere())?;
    let found = store.findings_of(id).await.map_err(EngineError::from)?;
    let ask = PageAsk {
        after: 0,
        limit: CHANGES_MAX,
    };
    let changes = store.changes_of(id, ask).await.map_err(EngineError::from)?;
    let playbook = state.playbook(&contract.seller).ok();
    let lines = held(&contract, playbook.as_deref());
    let plan = lines
        .first()
        .map_or_else(|| contract.plan.to_string(), |line| line.name.clone());
    let periods = contract.periods.iter();
    let periods: Vec<String> = periods
        .map(|period| {
            format!(
                "every {}: {} to {}",
                period.interval,
                words::clock(period.start),
                words::clock(period.end)
            )
        })
        .collect();
    let facts = [
        ("Status", status(&contract).to_owned()),
        ("Seller", contract.seller.to_string()),
        ("Plan", plan.clone()),
        ("Period", periods.join("; ")),
        ("Subscription", contract.subscription.clone().unwrap_or_default()),
        ("Contract", id.to_string()),
        ("Version", contract.version.to_string()),
        ("Since", words::clock(contract.created_at)),
    ];
    let page = ContractPage {
        shell: duty.shell(format!("Contract: {plan}"), Section::None),
        bar: duty.bar(""),
        title: plan,
        account_url: format!("/console/accounts/{}", contract.account),
        facts: facts.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
        lines,
        found: found.iter().map(Found::of).collect(),
        changes: changes.iter().map(Listed::of).collect(),
    };
    shown(StatusCode::OK, &page)
}

fn held(contract: &Contract, playbook: Option<&Playbook>) -> Vec<Held> {
    let name = |key: &LineKey| {
        playbook.map_or_else(
            || key.to_string(),
            |playbook| Reader::new(playbook, Some(Language::En)).line_name(&contract.plan, key),
        )
    };
    let lines = contract.lines.iter();
    lines
        .map(|line| Held {
            name: name(&line.key),
            quantity: line.quantity,
            amount: { line.price.amount(line.quantity) }.map_or_else(|_| String::new(), words::money),
            place: match line.place {
                LinePlace::Outside => "paid in another way",
                LinePlace::Provider { .. } => "at the provider",
            },
        })
        .collect()
}

impl Found {
    fn of(row: &FindingRow) -> Self {
        Self {
            code: row.code.as_str().to_owned(),
            object: row.evidence.object.clone(),
            seen: row.evidence.seen.clone(),
            amount: row.evidence.amount.map(words::money),
            repair: words::spaced(&row.repair),
            since: words::clock(row.first_seen_at),
        }
    }
}

impl Listed {
    fn of(row: &ChangeRow) -> Self {
        Self {
            url: format!("/console/changes/{}", row.id),
            reference: row.reference.to_string(),
            stage: row.stage_name.clone(),
            said: words::stage(&row.stage_name),
            opened: words::clock(row.created_at),
        }
    }
}
