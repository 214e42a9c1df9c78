//! Who works at the console: for leads.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::duty::OnDuty;
use super::form::ConsoleForm;
use super::page::{Bar, Section};
use super::words;
use crate::domain::catalog::SellerId;
use crate::engine::{NewStaff, PASSWORD_MIN, StaffError, StaffMember};
use crate::ports::store::StaffRole;
use crate::web::WebState;
use crate::web::page::{Page, Shell, see_other, shown};

#[derive(Template)]
#[template(path = "web/console/templates/people.html")]
struct PeoplePage {
    shell: Shell,
    bar: Bar,
    people: Vec<Person>,
    sellers: Vec<String>,
    own_seller: bool,
    refused: Option<String>,
    login: String,
    password_min: usize,
}

#[derive(Template)]
#[template(path = "web/console/templates/person.html")]
struct PersonPage {
    shell: Shell,
    bar: Bar,
    person: Person,
    refused: Option<String>,
    password_min: usize,
}

/// Somebody in a list.
struct Person {
    url: String,
    login: String,
    role: &'static str,
    seller: String,
    added: String,
    disabled: Option<String>,
    themselves: bool,
}

/// Everybody whom they may see.
pub(super) async fn list(State(state): State<WebState>, duty: OnDuty) -> Page {
    duty.leads()?;
    everybody(&state, &duty, None, String::new()).await
}

/// Adds somebody. A lead of one seller adds people of that seller.
pub(super) async fn add(State(state): State<WebState>, sent: ConsoleForm) -> Page {
    let (duty, form) = (&sent.duty, &sent.form);
    duty.leads()?;
    let named: Option<SellerId> = form.get("seller").and_then(|seller| seller.parse().ok());
    let login = form.text("login");
    let new = NewStaff {
        login: login.clone(),
        role: match form.get("role") {
            Some("lead") => StaffRole::Lead,
            _ => StaffRole::Agent,
        },
        seller: duty.seller().cloned().or(named),
        password: form.whole("password").unwrap_or_default().to_owned(),
    };
    match state.engine.add_staff(new, &duty.member.login).await {
        Ok(_) => Ok(see_other("/console/people")),
        Err(StaffError::Engine(problem)) => Err(duty.trouble(problem)),
        Err(refused) => everybody(&state, duty, Some(refused.to_string()), login).await,
    }
}

/// Somebody's own page.
pub(super) async fn show(State(state): State<WebState>, duty: OnDuty, Path(login): Path<String>) -> Page {
    duty.leads()?;
    one(&state, &duty, &login, None).await
}

/// Another password for somebody. Their sessions end.
pub(super) async fn set_password(
    State(state): State<WebState>,
    Path(login): Path<String>,
    sent: ConsoleForm,
) -> Page {
    let duty = &sent.duty;
    duty.leads()?;
    find(&state, duty, &login).await?;
    let password = sent.form.whole("password").unwrap_or_default().to_owned();
    match state.engine.set_staff_password(&login, password).await {
        Ok(()) => Ok(see_other("/console/people")),
        Err(StaffError::Engine(problem)) => Err(duty.trouble(problem)),
        Err(refused) => one(&state, duty, &login, Some(refused.to_string())).await,
    }
}

/// Keeps somebody from signing in. Their sessions end.
pub(super) async fn disable(
    State(state): State<WebState>,
    Path(login): Path<String>,
    sent: ConsoleForm,
) -> Page {
    let duty = &sent.duty;
    duty.leads()?;
    find(&state, duty, &login).await?;
    match state.engine.disable_staff(&login, &duty.member.login).await {
        Ok(()) => Ok(see_other("/console/people")),
        Err(StaffError::Engine(problem)) => Err(duty.trouble(problem)),
        Err(_) => Err(duty.nowhere()),
    }
}

async fn everybody(state: &WebState, duty: &OnDuty, refused: Option<String>, login: String) -> Page {
    let all = state.engine.staff().await?;
    let sellers = state.engine.sellers().all();
    let sellers = sellers.map(|seller| seller.playbook.seller.id.to_string());
    let status = refused
        .as_ref()
        .map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
    let page = PeoplePage {
        shell: duty.shell("People", Section::People),
        bar: duty.bar(""),
        people: { all.iter() }
            .filter(|person| manages(duty, person))
            .map(|person| Person::of(person, duty))
            .collect(),
        sellers: sellers.collect(),
        own_seller: duty.seller().is_some(),
        refused,
        login,
        password_min: PASSWORD_MIN,
    };
    shown(status, &page)
}

async fn one(state: &WebState, duty: &OnDuty, login: &str, refused: Option<String>) -> Page {
    let person = find(state, duty, login).await?;
    let status = refused
        .as_ref()
        .map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
    let page = PersonPage {
        shell: duty.shell(person.login.clone(), Section::People),
        bar: duty.bar(""),
        person: Person::of(&person, duty),
        refused,
        password_min: PASSWORD_MIN,
    };
    shown(status, &page)
}

/// Whether a lead may manage somebody: all, or those of the lead's own seller.
fn manages(duty: &OnDuty, person: &StaffMember) -> bool {
    duty.seller().is_none() || duty.seller() == person.seller.as_ref()
}

async fn find(
    state: &WebState,
    duty: &OnDuty,
    login: &str,
) -> Result<StaffMember, crate::web::page::Trouble> {
    let all = state.engine.staff().await?;
    let mut theirs = all.into_iter().filter(|person| manages(duty, person));
    theirs
        .find(|person| person.login == login)
        .ok_or_else(|| duty.nowhere())
}

impl Person {
    fn of(person: &StaffMember, duty: &OnDuty) -> Self {
        let seller = person.seller.as_ref();
        Self {
            url: format!("/console/people/{}", person.login),
            login: person.login.clone(),
            role: person.role.as_str(),
            seller: seller.map_or_else(|| "all sellers".to_owned(), ToString::to_string),
            added: format!("{}, by {}", words::clock(person.created_at), person.added_by),
            disabled: { person.disabled.as_ref() }.map(|(at, by)| format!("{}, by {by}", words::clock(*at))),
            themselves: person.id == duty.member.id,
        }
    }
}
