//! An answer to a request to go down: first what it would lead to, then a reason and the button that gives it.

use std::str::FromStr;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::change::Head;
use super::duty::{Away, OnDuty};
use super::form::{ConsoleForm, REASON_MAX};
use super::page::{Bar, Section};
use super::words;
use crate::domain::change::{ChangeId, Event, Stage, TicketDecision};
use crate::engine::{Asked, Case, ChangeView, EngineError, Wish};
use crate::web::WebState;
use crate::web::api::show;
use crate::web::page::{Page, Shell, see_other, shown};
use crate::web::problem::{Problem, ToStaff};

/// An answer, or the verdict on where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Genuine,
    NotGenuine,
    AtPeriodEnd,
    ApplyNow,
    Schedule,
    AskMoney,
    Decline,
}

impl Decision {
    const ALL: [Self; 7] = [
        Self::Genuine,
        Self::NotGenuine,
        Self::AtPeriodEnd,
        Self::ApplyNow,
        Self::Schedule,
        Self::AskMoney,
        Self::Decline,
    ];

    /// Those that fit where a request stands.
    pub(super) fn fitting(stage: &Stage) -> &'static [Self] {
        match stage {
            Stage::TicketHeld { .. } => &[Self::Genuine, Self::NotGenuine],
            Stage::TicketOpen { .. } => &[
                Self::AtPeriodEnd,
                Self::ApplyNow,
                Self::Schedule,
                Self::AskMoney,
                Self::Decline,
            ],
            Stage::TicketScheduled { .. } => {
                &[Self::ApplyNow, Self::AtPeriodEnd, Self::Schedule, Self::Decline]
            }
            _ => &[],
        }
    }

    /// The word in addresses.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Genuine => "genuine",
            Self::NotGenuine => "not-genuine",
            Self::AtPeriodEnd => "at-period-end",
            Self::ApplyNow => "apply-now",
            Self::Schedule => "schedule",
            Self::AskMoney => "ask-money",
            Self::Decline => "decline",
        }
    }

    /// What it is called on its button, and what it does.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Genuine => (
                "It is the customer’s",
                "The request goes on and waits for an answer. Nothing is charged.",
            ),
            Self::NotGenuine => (
                "It is not the customer’s",
                "The request is over. Nothing is changed and nothing is charged.",
            ),
            Self::AtPeriodEnd => (
                "Apply at the period’s end",
                "The provider itself lowers the plan at the renewal. Nothing is charged before; what is paid for can be used until then.",
            ),
            Self::ApplyNow => (
                "Apply now",
                "Lowers the plan at once, without a charge and without giving money back.",
            ),
            Self::Schedule => (
                "Apply on a day",
                "Promises a day. On it the plan is lowered, without a charge. The customer is told the day by mail.",
            ),
            Self::AskMoney => (
                "Ask for money",
                "Something is due for it: the customer gets a quote, and nothing is charged unless they confirm it.",
            ),
            Self::Decline => (
                "Decline",
                "The plan stays as it is. The customer is told your reason by mail, word for word.",
            ),
        }
    }

    /// What to say once it is done.
    pub(super) fn done(self) -> &'static str {
        match self {
            Self::Genuine => "Done: the request is verified and waits for an answer.",
            Self::NotGenuine => "Done: the request is over.",
            Self::AtPeriodEnd | Self::Schedule => "Done: it is being promised.",
            Self::ApplyNow => "Done: it is being applied.",
            Self::AskMoney => "Done: the customer gets a quote.",
            Self::Decline => "Done: the customer is told your reason.",
        }
    }

    /// The event that it is; nothing where its day is missing or over.
    fn event(self, reason: &str, at: Option<Timestamp>) -> Option<Event> {
        let decision = match self {
            Self::Genuine => return Some(Event::VerifyTicket { genuine: true }),
            Self::NotGenuine => return Some(Event::VerifyTicket { genuine: false }),
            Self::AtPeriodEnd => TicketDecision::AtPeriodEnd,
            Self::ApplyNow => TicketDecision::ApplyNow,
            Self::Schedule => TicketDecision::Schedule { at: at? },
            Self::AskMoney => TicketDecision::AskMoney,
            Self::Decline => TicketDecision::Decline {
                why: reason.to_owned(),
            },
        };
        Some(Event::AnswerTicket { decision })
    }
}

/// There is no such answer.
#[derive(Debug)]
pub(super) struct NoDecision;

impl FromStr for Decision {
    type Err = NoDecision;

    fn from_str(word: &str) -> Result<Self, NoDecision> {
        let mut all = Self::ALL.into_iter();
        all.find(|decision| decision.as_str() == word).ok_or(NoDecision)
    }
}

/// For which day.
#[derive(Debug, Deserialize)]
pub(super) struct Day {
    at: Option<String>,
}

#[derive(Template)]
#[template(path = "web/console/templates/answer.html")]
struct AnswerPage {
    shell: Shell,
    bar: Bar,
    head: Head,
    ticket_url: String,
    here: String,
    name: &'static str,
    means: &'static str,
    asks_day: bool,
    told: bool,
    day: String,
    tomorrow: String,
    led_to: Option<(String, &'static str)>,
    refused: Option<ToStaff>,
    key: String,
    reason: String,
    reason_max: usize,
}

/// Where an answer would lead.
#[derive(Debug, Serialize, Deserialize)]
struct Led {
    stage: String,
}

/// What was typed on the page before, and what came of it.
#[derive(Default)]
struct Typed {
    day: String,
    reason: String,
    refused: Option<EngineError>,
}

/// What it would lead to. Nothing is done.
pub(super) async fn rehearse(
    State(state): State<WebState>,
    duty: OnDuty,
    Path((change, decision)): Path<(Uuid, String)>,
    Query(day): Query<Day>,
) -> Result<Response, Away> {
    let decision: Decision = { decision.parse() }.map_err(|_| Away::Trouble(duty.nowhere()))?;
    let case = state.engine.case(ChangeId(change), duty.seller()).await;
    let case = case.map_err(|problem| Away::Trouble(duty.trouble(problem)))?;
    let typed = Typed {
        day: day.at.unwrap_or_default(),
        ..Typed::default()
    };
    let shown = page(&state, &duty, &case, decision, typed).await;
    shown.map_err(Away::Trouble)
}

/// Gives it, for the reason that was given, on the version that was shown.
pub(super) async fn answer(
    State(state): State<WebState>,
    Path((change, decision)): Path<(Uuid, String)>,
    sent: ConsoleForm,
) -> Page {
    let duty = &sent.duty;
    let decision: Decision = decision.parse().map_err(|_| duty.nowhere())?;
    let case = state.engine.case(ChangeId(change), duty.seller()).await;
    let case = case.map_err(|problem| duty.trouble(problem))?;
    let day = sent.form.text("at");
    let at = instant(&case, &day, state.engine.now());
    let reason = sent.reason().unwrap_or_default();
    let mut typed = Typed {
        reason: reason.to_owned(),
        day,
        refused: None,
    };
    let Some(event) = decision.event(reason, at) else {
        return page(&state, duty, &case, decision, typed).await;
    };
    let asked = sent.asked(case.change.seller.clone());
    let wish = Wish::Event(event);
    let done = state.engine.submit(case.change.id, &wish, &asked, &led).await;
    match done {
        Ok(_) => {
            let done = decision.as_str();
            Ok(see_other(&format!("/console/tickets/{change}?done={done}")))
        }
        Err(problem) => {
            typed.refused = Some(problem);
            page(&state, duty, &case, decision, typed).await
        }
    }
}

fn led(view: &ChangeView) -> Result<crate::ports::store::ClientAnswer, serde_json::Error> {
    let stage = view.change.stage_name.clone();
    show::keep(StatusCode::OK, &Led { stage })
}

/// The beginning of a day in the seller's time zone, where it is one to come.
fn instant(case: &Case, day: &str, now: Timestamp) -> Option<Timestamp> {
    let zone = case.playbook.as_ref()?.seller.time_zone.clone();
    let day: Date = day.parse().ok()?;
    let at = day.to_zoned(zone).ok()?.timestamp();
    (at > now).then_some(at)
}

/// The first day that can be promised.
fn tomorrow(case: &Case, now: Timestamp) -> String {
    let zone = case
        .playbook
        .as_ref()
        .map(|playbook| playbook.seller.time_zone.clone());
    let today = now.to_zoned(zone.unwrap_or(jiff::tz::TimeZone::UTC)).date();
    today.tomorrow().unwrap_or(today).to_string()
}

async fn page(state: &WebState, duty: &OnDuty, case: &Case, decision: Decision, typed: Typed) -> Page {
    let now = state.engine.now();
    let at = instant(case, &typed.day, now);
    let asked = Asked {
        seller: case.change.seller.clone(),
        actor: duty.actor(Some("asked in advance")),
        key: None,
        expected_version: None,
    };
    let (mut led_to, mut refused) = (None, typed.refused);
    if let Some(event) = decision.event("asked in advance", at) {
        let wish = Wish::Event(event);
        let rehearsed = state.engine.rehearse(case.change.id, &wish, &asked, &led).await;
        match rehearsed {
            Ok(reply) => {
                let led: Led = serde_json::from_slice(&reply.answer.body).map_err(EngineError::from)?;
                led_to = Some((led.stage.clone(), words::stage(&led.stage)));
            }
            Err(problem) => refused = refused.or(Some(problem)),
        }
    }
    let refused = refused.map(Problem::from);
    let status = refused.as_ref().map_or(StatusCode::OK, Problem::status);
    let (name, means) = decision.words();
    let change = case.change.id;
    let template = AnswerPage {
        shell: duty.shell(format!("{name}: {}", case.change.reference), Section::None),
        bar: duty.bar(""),
        ticket_url: format!("/console/tickets/{change}"),
        here: format!("/console/tickets/{change}/answer/{}", decision.as_str()),
        name,
        means,
        asks_day: decision == Decision::Schedule && at.is_none(),
        told: decision == Decision::Decline,
        day: typed.day,
        tomorrow: tomorrow(case, now),
        led_to,
        refused: refused.map(|problem| problem.to_staff()),
        key: state.ids.new_id(now).to_string(),
        reason: typed.reason,
        reason_max: REASON_MAX,
        head: Head::of(case, now),
    };
    shown(status, &template)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_its_word_and_its_words() {
        for decision in Decision::ALL {
            assert_eq!(decision.as_str().parse::<Decision>().ok(), Some(decision));
            assert!(decision.words().1.ends_with('.') && decision.done().ends_with('.'));
        }
        assert!("later".parse::<Decision>().is_err());
        assert!(Decision::Schedule.event("why", None).is_none(), "it needs a day");
    }
}
