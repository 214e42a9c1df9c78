//! An account: who it is, what it holds, its changes, and the mails that are about none of them.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::duty::OnDuty;
use super::mails::ListedMail;
use super::page::{Bar, Section};
use super::search::FoundChange;
use super::words;
use crate::domain::account::{AccountId, Contract};
use crate::domain::catalog::LineKey;
use crate::domain::language::Language;
use crate::engine::{CaseSearch, EngineError};
use crate::ports::store::Name;
use crate::web::WebState;
use crate::web::api::views::Reader;
use crate::web::ask::Named;
use crate::web::page::{Page, Shell, shown};

/// How many changes are shown.
const CHANGES_MAX: u32 = 100;

#[derive(Template)]
#[template(path = "web/console/templates/account.html")]
struct AccountPage {
    shell: Shell,
    bar: Bar,
    name: String,
    facts: Vec<(&'static str, String)>,
    contracts: Vec<HeldContract>,
    changes: Vec<FoundChange>,
    mails: Vec<ListedMail>,
    /// Whether nobody is left whom a mail could be written to.
    erased: bool,
    erase: Option<String>,
}

/// A contract in a list.
struct HeldContract {
    url: String,
    plan: String,
    status: &'static str,
    subscription: String,
}

/// The page.
pub(super) async fn show(State(state): State<WebState>, duty: OnDuty, Named(id): Named<AccountId>) -> Page {
    let engine = &state.engine;
    let store = engine.store();
    let found = store.account(id).await.map_err(EngineError::from)?;
    let (account, own_id) = found
        .filter(|(account, _)| duty.member.sees(&account.seller))
        .ok_or_else(|| duty.nowhere())?;
    let contracts = store.contracts_of(id).await.map_err(EngineError::from)?;
    let wanted = CaseSearch {
        seller: Some(account.seller.clone()),
        finding: Some(Name::Id(id.0)),
        limit: CHANGES_MAX,
        ..CaseSearch::default()
    };
    let changes = engine.cases(&wanted).await?.lines;
    let mails = engine.mails_of_account(id, duty.seller()).await?;
    let playbook = state.playbook(&account.seller).ok();
    let plan = |contract: &Contract| {
        playbook.as_deref().map_or_else(
            || contract.plan.to_string(),
            |playbook| Reader::new(playbook, Some(Language::En)).line_name(&contract.plan, &LineKey::Plan),
        )
    };
    let erased = account.name.is_empty() && account.email.is_empty();
    let facts = [
        ("Mail address", account.email.clone()),
        ("Seller", account.seller.to_string()),
        ("The seller’s own id", own_id.unwrap_or_default()),
        ("Language", account.language.tag().to_owned()),
        (
            "Provider’s customer",
            account.provider_customer.clone().unwrap_or_default(),
        ),
        ("Account", id.to_string()),
        ("Since", words::clock(account.created_at)),
    ];
    let name = if erased {
        "Erased account".to_owned()
    } else {
        account.name.clone()
    };
    let page = AccountPage {
        shell: duty.shell(name.clone(), Section::None),
        bar: duty.bar(""),
        name,
        facts: facts.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
        contracts: { contracts.iter() }
            .map(|contract| HeldContract {
                url: format!("/console/contracts/{}", contract.id),
                plan: plan(contract),
                status: status(contract),
                subscription: contract.subscription.clone().unwrap_or_default(),
            })
            .collect(),
        changes: changes.iter().rev().map(FoundChange::of).collect(),
        mails: mails.iter().map(ListedMail::of).collect(),
        erased,
        erase: { duty.member.leads() && !erased }.then(|| format!("/console/accounts/{id}/erase")),
    };
    shown(StatusCode::OK, &page)
}

/// Whether a contract is in force.
pub(super) fn status(contract: &Contract) -> &'static str {
    use crate::domain::account::ContractStatus;
    match contract.status {
        _ if contract.is_proposed() => "proposed",
        ContractStatus::Active => "in force",
        ContractStatus::Ending { .. } => "ending",
        ContractStatus::Cancelled => "over",
    }
}
