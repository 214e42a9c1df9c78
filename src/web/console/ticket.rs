//! A request to go down: what is asked, what would be lost, what is used, and what both sides have said.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;

use super::change::{Diagnosis, Head};
use super::duty::OnDuty;
use super::page::{Bar, Section};
use super::words;
use crate::domain::change::ChangeId;
use crate::domain::language::Language;
use crate::engine::{COMMENT_MAX, SaidAbout, TicketView};
use crate::web::WebState;
use crate::web::api::views::{Reader, TicketBody};
use crate::web::ask::Named;
use crate::web::page::{Page, Shell, shown};

use super::ticket_answer::Decision;

/// What was done just before.
#[derive(Debug, Deserialize)]
pub(super) struct Before {
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "web/console/templates/ticket.html")]
struct TicketPage {
    shell: Shell,
    bar: Bar,
    live: String,
    mark: String,
    head: Head,
    done: Option<&'static str>,
    stuck: Vec<Diagnosis>,
    asked: String,
    filed: Option<String>,
    from: Option<String>,
    effective: Option<String>,
    plan: Option<String>,
    lost: Vec<Lost>,
    used: Vec<Counted>,
    answers: Vec<(String, String)>,
    comments: Vec<Comment>,
    decisions: Vec<Offer>,
    key: String,
    comment_max: usize,
}

/// An item of which there will be less.
struct Lost {
    name: String,
    held: u64,
    wanted: u64,
    limit_now: u64,
    limit_then: u64,
}

/// Something that is counted.
struct Counted {
    name: String,
    used: String,
    limit_now: String,
    limit_then: String,
    over: bool,
}

/// Something that was said.
struct Comment {
    by: &'static str,
    internal: bool,
    text: Option<String>,
    at: String,
}

/// An answer that can be given.
struct Offer {
    url: String,
    name: &'static str,
    means: &'static str,
}

/// The page.
pub(super) async fn show(
    State(state): State<WebState>,
    duty: OnDuty,
    Named(id): Named<ChangeId>,
    Query(before): Query<Before>,
) -> Page {
    let case = state.engine.case(id, duty.seller()).await;
    let case = case.map_err(|problem| duty.trouble(problem))?;
    let ticket = state.engine.ticket(id, duty.seller()).await;
    let ticket = ticket.map_err(|problem| duty.trouble(problem))?;
    let now = state.engine.now();
    let reader = Reader::new(&ticket.change.playbook, Some(Language::En));
    let told = TicketBody::told(reader, &ticket, true);
    let page = TicketPage {
        shell: duty.shell(format!("Request {}", case.change.reference), Section::None),
        bar: duty.bar(""),
        live: format!("/console/live/changes/{id}"),
        mark: super::live::mark(&case.change, &case.stuck, case.timeline.len()),
        done: before.done.as_deref().and_then(said_done),
        stuck: case.stuck.iter().map(|stuck| Diagnosis::of(stuck, now)).collect(),
        asked: asked(&told),
        filed: told.filed.as_ref().map(filed),
        from: told.filed.as_ref().and_then(|filed| filed.from.clone()),
        effective: told.effective_on.clone(),
        plan: told.losing.plan.as_ref().map(|plan| {
            let to = plan
                .to
                .as_ref()
                .map_or("nothing: the contract ends", |to| to.name.as_str());
            format!("{} → {to}", plan.from.name)
        }),
        lost: lost(&told),
        used: used(&told),
        answers: answers(&told),
        comments: ticket.comments.iter().map(Comment::of).collect(),
        decisions: offers(&ticket),
        key: state.ids.new_id(now).to_string(),
        comment_max: COMMENT_MAX,
        head: Head::of(&case, now),
    };
    shown(StatusCode::OK, &page)
}

fn said_done(word: &str) -> Option<&'static str> {
    match word {
        "comment" => Some("Sent: the customer gets your words by mail."),
        "internal" => Some("Noted, for support alone."),
        word => word.parse::<Decision>().ok().map(Decision::done),
    }
}

fn asked(told: &TicketBody) -> String {
    if told.ends_contract {
        return "The customer wants the contract to end.".to_owned();
    }
    let items = told.losing.items.len();
    match (&told.losing.plan, items) {
        (Some(plan), _) => {
            let to = plan.to.as_ref().map_or("no plan", |to| to.name.as_str());
            format!("The customer wants to go down from {} to {to}.", plan.from.name)
        }
        (None, 0) => "The customer asks for a change that goes by request.".to_owned(),
        (None, _) => "The customer wants to hold less of what is in the plan.".to_owned(),
    }
}

fn filed(filed: &crate::web::api::views::FiledView) -> String {
    let who = match (&filed.role, &filed.id) {
        (Some(role), Some(id)) => format!(" ({role}, {id})"),
        (Some(one), None) | (None, Some(one)) => format!(" ({one})"),
        (None, None) => String::new(),
    };
    format!(
        "Entered by {}{who}, by way of {}, on {}",
        filed.by,
        filed.channel,
        words::clock(filed.at)
    )
}

fn lost(told: &TicketBody) -> Vec<Lost> {
    let items = told.losing.items.iter();
    items
        .map(|item| Lost {
            name: item.name.clone(),
            held: item.held,
            wanted: item.wanted,
            limit_now: item.limit_now,
            limit_then: item.limit_then,
        })
        .collect()
}

fn used(told: &TicketBody) -> Vec<Counted> {
    let all = told.losing.usage.iter();
    all.map(|used| Counted {
        name: used.name.clone(),
        used: used.used.clone(),
        limit_now: used.limit_now.clone().unwrap_or_else(|| "no limit".to_owned()),
        limit_then: used.limit_then.clone().unwrap_or_else(|| "no limit".to_owned()),
        over: used.over,
    })
    .collect()
}

/// What was answered to the seller's form.
fn answers(told: &TicketBody) -> Vec<(String, String)> {
    let fields = told.form.fields.iter();
    let answered = fields.filter_map(|field| {
        let value = field.value.clone()?;
        let chosen = field.choices.iter().find(|choice| choice.id == value);
        Some((
            field.label.clone(),
            chosen.map_or(value, |choice| choice.label.clone()),
        ))
    });
    answered.collect()
}

/// The answers that fit where the request stands. Whether one can be given now, its rehearsal says.
fn offers(ticket: &TicketView) -> Vec<Offer> {
    let id = ticket.change.change.id;
    let fitting = Decision::fitting(&ticket.change.stage);
    let offers = fitting.iter().map(|decision| {
        let (name, means) = decision.words();
        Offer {
            url: format!("/console/tickets/{id}/answer/{}", decision.as_str()),
            name,
            means,
        }
    });
    offers.collect()
}

impl Comment {
    fn of(said: &SaidAbout) -> Self {
        Self {
            by: said.by.as_str(),
            internal: said.internal,
            text: said.text.clone(),
            at: words::clock(said.at),
        }
    }
}
