//! An agency's clients, and the one form in which all about a client is settled; and what a client sees of it.

use std::str::FromStr as _;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use crate::domain::account::{AccountId, ClientSettings, Limit, Payer, Permission, ServiceSetting};
use crate::domain::catalog::{ManagedBy, ServiceId, StageName};
use crate::domain::money::{Currency, Money};
use crate::engine::ClientView;
use crate::ports::store::ClientAnswer;
use crate::web::WebState;
use crate::web::api::keep;
use crate::web::api::views::{ClientBody, ClientListed};
use crate::web::page::{Form, FormTokens, OwnForm, Page, Say, Shell, Trouble, Visitor, see_other, shown};
use crate::web::problem::{OnAPage, Problem};

/// How many are on a page.
const ON_A_PAGE: u32 = 100;

#[derive(Template)]
#[template(path = "web/billing/templates/clients.html")]
struct ClientsPage {
    shell: Shell,
    say: Say,
    clients: Vec<ClientListed>,
    at: String,
}

#[derive(Template)]
#[template(path = "web/billing/templates/client.html")]
struct ClientPage {
    shell: Shell,
    say: Say,
    client: ClientBody,
    alert: Option<OnAPage>,
    form: FormTokens,
    at: String,
    /// The agency's people settle it; the client's own only see it.
    by_agency: bool,
    currencies: Vec<&'static str>,
    terms: String,
    terms_url: String,
    changes: String,
    /// What is said once everything is saved.
    saved: Option<String>,
}

impl ClientPage {
    fn service(&self, id: &str) -> (bool, bool) {
        let set = self
            .client
            .settings
            .services
            .iter()
            .find(|(service, _)| service.as_str() == id);
        set.map_or((true, false), |(_, set)| {
            (set.managed_by == ManagedBy::Agency, set.enabled)
        })
    }

    fn allowance(&self, id: &str) -> u64 {
        let mut set = self.client.settings.allowances.iter();
        set.find(|(meter, _)| meter.as_str() == id)
            .map_or(0, |(_, units)| *units)
    }

    /// A limit as it stands in its field, and whether it is an amount of money.
    fn limit(&self, id: &str) -> (String, bool, &'static str) {
        let mut set = self.client.settings.limits.iter();
        match set
            .find(|(meter, _)| meter.as_str() == id)
            .and_then(|(_, limit)| *limit)
        {
            Some(Limit::Count(count)) => (count.to_string(), false, ""),
            Some(Limit::Money(money)) => (money.major().to_string(), true, money.currency.code()),
            None => (String::new(), false, ""),
        }
    }

    fn same(one: &str, other: &str) -> bool {
        one == other
    }

    fn retail(&self) -> (String, &'static str) {
        self.client
            .settings
            .retail_price
            .map_or((String::new(), ""), |price| {
                (price.major().to_string(), price.currency.code())
            })
    }
}

/// The list, for the agency's people.
pub(super) async fn list(State(state): State<WebState>, visitor: Visitor) -> Page {
    visitor.needs(Permission::ManageClients)?;
    let (engine, session) = (&state.engine, &visitor.session);
    let found = engine
        .clients_of(visitor.account.id, &session.seller, None, ON_A_PAGE)
        .await;
    let found = found.map_err(|problem| visitor.trouble(problem))?;
    let say = Say(visitor.language);
    let page = ClientsPage {
        clients: found.iter().map(ClientListed::of).collect(),
        at: visitor.at("/clients"),
        shell: visitor.shell_with_tabs("clients", say.get("page-clients-title")),
        say,
    };
    shown(StatusCode::OK, &page)
}

/// A client, where it is one of this person's agency, or their own.
async fn own_client(state: &WebState, visitor: &Visitor, id: Uuid) -> Result<ClientView, Trouble> {
    let found = state
        .engine
        .client_of(AccountId(id), &visitor.session.seller)
        .await;
    let view = found.map_err(|problem| visitor.trouble(problem))?;
    let own = [view.client.agency, view.client.account].contains(&visitor.account.id);
    if own { Ok(view) } else { Err(visitor.nowhere()) }
}

/// One client's settings.
pub(super) async fn show(
    State(state): State<WebState>,
    Path((_, id)): Path<(Uuid, Uuid)>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Page {
    let view = own_client(&state, &visitor, id).await?;
    let is_saved = Form::read(query.unwrap_or_default().as_bytes())
        .get("saved")
        .is_some();
    page(&state, &visitor, &view, is_saved, None)
}

fn page(
    state: &WebState,
    visitor: &Visitor,
    view: &ClientView,
    is_saved: bool,
    problem: Option<&Problem>,
) -> Page {
    let say = Say(visitor.language);
    let status = problem.map_or(StatusCode::OK, Problem::status);
    let done = visitor.playbook.policy.screens_of(StageName::Active).next();
    let client = ClientBody::of(visitor.reader(), view);
    let terms = &visitor.playbook.policy.terms;
    let page = ClientPage {
        alert: problem.map(|problem| problem.on_a_page(visitor.language)),
        saved: done
            .filter(|_| is_saved)
            .map(|screen| visitor.reader().said(&screen.title)),
        form: FormTokens::new(state, visitor, client.version),
        at: visitor.at(&format!("/clients/{}", view.client.account)),
        by_agency: view.client.agency == visitor.account.id && visitor.may(Permission::ManageClients),
        currencies: visitor
            .playbook
            .seller
            .currencies
            .iter()
            .map(|one| one.code())
            .collect(),
        terms: terms.version.clone(),
        terms_url: terms.url.clone(),
        changes: visitor.at("/changes"),
        shell: Shell {
            here: format!("{}?", visitor.at(&format!("/clients/{}", view.client.account))),
            ..visitor.shell_with_tabs("clients", client.account.name.clone())
        },
        client,
        say,
    };
    shown(status, &page)
}

/// What is kept for a repetition: which change was opened, if one was.
fn noted(view: &ClientView) -> Result<ClientAnswer, serde_json::Error> {
    keep(
        StatusCode::OK,
        &json!({ "change": view.opened.map(|id| id.to_string()) }),
    )
}

/// Saves the form: whole, or not at all.
pub(super) async fn save(
    State(state): State<WebState>,
    Path((_, id)): Path<(Uuid, Uuid)>,
    own: OwnForm,
) -> Page {
    let view = own_client(&state, &own.visitor, id).await?;
    let done = async {
        let settings = typed(&view.client.settings, &own.form)?;
        let account = view.client.account;
        let reply = state
            .engine
            .save_client(account, &settings, &own.asked(), &noted)
            .await?;
        Ok(reply)
    };
    let done: Result<_, Problem> = done.await;
    match done {
        Ok(reply) => {
            let said: serde_json::Value = serde_json::from_slice(&reply.answer.body).unwrap_or_default();
            // What costs something else from now on is confirmed by whoever pays.
            let next = match said["change"].as_str() {
                Some(change) => own.visitor.at(&format!("/changes/{change}")),
                None => own.visitor.at(&format!("/clients/{id}?saved=1")),
            };
            Ok(see_other(&next))
        }
        Err(problem) => page(&state, &own.visitor, &view, false, Some(&problem)),
    }
}

/// The client agrees to be charged itself.
pub(super) async fn agree(
    State(state): State<WebState>,
    Path((_, id)): Path<(Uuid, Uuid)>,
    own: OwnForm,
) -> Page {
    let view = own_client(&state, &own.visitor, id).await?;
    let terms = own.form.text("terms");
    let done = state
        .engine
        .agree_to_pay(view.client.account, &terms, &own.asked_next("agree"), &noted)
        .await;
    match done {
        Ok(_) => Ok(see_other(&own.visitor.at(&format!("/clients/{id}")))),
        Err(problem) => {
            let problem = Problem::from(problem);
            page(&state, &own.visitor, &view, false, Some(&problem))
        }
    }
}

/// What was typed, upon what was settled: a field that the form lacks stays as it was.
fn typed(before: &ClientSettings, form: &Form) -> Result<ClientSettings, Problem> {
    let mut settings = before.clone();
    if let Some(payer) = form.get("payer") {
        settings.payer = if payer == "client" {
            Payer::Client
        } else {
            Payer::Agency
        };
    }
    settings.access = form.get("access").is_some();
    settings.direct_support = form.get("direct_support").is_some();
    let services: Vec<ServiceId> = settings.services.keys().cloned().collect();
    for service in services {
        let managed_by = match form.get(&format!("managed.{service}")) {
            Some("client") => ManagedBy::Client,
            _ => ManagedBy::Agency,
        };
        let enabled = form.get(&format!("enabled.{service}")).is_some();
        settings
            .services
            .insert(service, ServiceSetting { managed_by, enabled });
    }
    for (meter, units) in &mut settings.allowances {
        let name = format!("allowance.{meter}");
        if let Some(text) = form.get(&name) {
            *units = text.parse().map_err(|_| wrong(&name))?;
        }
    }
    for (meter, limit) in &mut settings.limits {
        let name = format!("limit.{meter}");
        *limit = match (form.get(&name), form.get(&format!("kind.{meter}"))) {
            (None, _) => None,
            (Some(text), Some("count") | None) => Some(Limit::Count(text.parse().map_err(|_| wrong(&name))?)),
            (Some(text), Some(currency)) => {
                Some(Limit::Money(money(text, currency).ok_or_else(|| wrong(&name))?))
            }
        };
    }
    settings.retail_price = match form.get("retail") {
        None => None,
        Some(text) => {
            let currency = form.text("retail_currency");
            Some(money(text, &currency).ok_or_else(|| wrong("retail"))?)
        }
    };
    Ok(settings)
}

fn wrong(field: &str) -> Problem {
    Problem::field(
        format!("/{field}"),
        "form",
        "This is not a number as the field takes it.",
    )
}

/// An amount as people type it, with a point or a comma before its decimals: exact, or nothing.
fn money(text: &str, currency: &str) -> Option<Money> {
    let currency: Currency = currency.parse().ok()?;
    let amount = Decimal::from_str(&text.replace(',', ".")).ok()?;
    let minor = amount.checked_mul(Decimal::from(10_i64.checked_pow(u32::from(currency.exponent()))?))?;
    let whole = minor.normalize();
    (whole.scale() == 0).then_some(())?;
    Some(Money::new(i64::try_from(whole).ok()?, currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_exactly_or_not_at_all() {
        let read = |text: &str| money(text, "BRL").map(|money| money.amount);
        assert_eq!(read("49.90"), Some(4990));
        assert_eq!(read("49,9"), Some(4990));
        assert_eq!(read("49"), Some(4900));
        for bad in ["", "1.234,50", "0.001", "a", "99999999999999999999"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(money("10", "XXX"), None);
    }
}
