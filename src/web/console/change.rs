//! One change: where it stands, what is stuck about it, what can be done, and everything that has happened, in the order of time.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use super::diagram;
use super::duty::OnDuty;
use super::live;
use super::page::{Bar, Section};
use super::words;
use crate::domain::catalog::LineKey;
use crate::domain::change::ChangeId;
use crate::domain::change::stuck::{Action, Stuck};
use crate::domain::language::Language;
use crate::engine::{Case, TimelineKind, TimelineLine};
use crate::web::WebState;
use crate::web::api::views::Reader;
use crate::web::ask::Named;
use crate::web::page::{Page, Shell, shown};

/// What was done just before.
#[derive(Debug, Deserialize)]
pub(super) struct Before {
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "web/console/templates/change.html")]
struct ChangePage {
    shell: Shell,
    bar: Bar,
    live: String,
    mark: String,
    head: Head,
    done: Option<String>,
    stuck: Vec<Diagnosis>,
    quiet: Option<&'static str>,
    actions: Vec<Offer>,
    picture: String,
    path: Vec<String>,
    lines: Vec<Line>,
}

/// What a change is, in short: the same on every page about it.
pub(super) struct Head {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) reference: String,
    pub(super) seller: String,
    pub(super) stage: String,
    pub(super) said: &'static str,
    pub(super) open: bool,
    pub(super) version: u64,
    pub(super) money: Option<String>,
    pub(super) customer: String,
    pub(super) email: String,
    pub(super) account_url: String,
    pub(super) contract_url: String,
    pub(super) ticket_url: Option<String>,
    pub(super) moves: Vec<String>,
    pub(super) provider: Vec<(&'static str, String)>,
    pub(super) opened: String,
    pub(super) moved: String,
    pub(super) moved_ago: String,
    pub(super) next_look: Option<String>,
}

/// One thing that is stuck, in plain words.
pub(super) struct Diagnosis {
    pub(super) code: &'static str,
    pub(super) meaning: String,
    pub(super) advice: String,
    pub(super) since: String,
    pub(super) age: String,
    pub(super) evidence: Vec<(String, String)>,
}

/// Something that can be done.
struct Offer {
    url: String,
    name: &'static str,
    means: &'static str,
    suited: bool,
}

/// One line of the timeline.
struct Line {
    kind: &'static str,
    label: &'static str,
    icon: &'static str,
    at: String,
    what: String,
    how: String,
    who: Option<String>,
    why: Option<String>,
    evidence: Vec<(&'static str, String)>,
    mail: Option<String>,
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
    let now = state.engine.now();
    let path = path_of(&case);
    let done = before.done.and_then(|word| word.parse::<Action>().ok());
    let page = ChangePage {
        shell: duty.shell(case.change.reference.to_string(), Section::None),
        bar: duty.bar(""),
        live: format!("/console/live/changes/{id}"),
        mark: live::mark(&case.change, &case.stuck, case.timeline.len()),
        head: Head::of(&case, now),
        done: done.map(|action| {
            format!(
                "Done: “{}” is in the history, with your name and reason.",
                words::action(action).0
            )
        }),
        stuck: case.stuck.iter().map(|stuck| Diagnosis::of(stuck, now)).collect(),
        quiet: case.stuck.is_empty().then_some(if case.change.open {
            "Nothing is stuck. It goes on by itself."
        } else {
            "Nothing is stuck, and nothing more is to be done."
        }),
        actions: offers(&case),
        picture: diagram::svg(&case.change.stage_name, &path),
        path: path.iter().map(|stage| words::spaced(stage)).collect(),
        lines: case.timeline.iter().map(|line| Line::of(id, line)).collect(),
    };
    shown(StatusCode::OK, &page)
}

/// The stages that it has gone through, each once in a row.
fn path_of(case: &Case) -> Vec<String> {
    let journal = case.timeline.iter();
    let journal = journal.filter(|line| line.kind == TimelineKind::Journal);
    let mut path: Vec<String> = journal.map(|line| line.how.clone()).collect();
    path.dedup();
    path
}

/// What can be done: first what helps with what is stuck.
fn offers(case: &Case) -> Vec<Offer> {
    let suited = |action: &Action| {
        let of = |stuck: &Stuck| *action != Action::Note && stuck.actions.contains(action);
        case.stuck.iter().any(of)
    };
    let mut all: Vec<Offer> = { case.actions.iter() }
        .map(|action| {
            let (name, means) = words::action(*action);
            Offer {
                url: format!("/console/changes/{}/act/{action}", case.change.id),
                name,
                means,
                suited: suited(action),
            }
        })
        .collect();
    all.sort_by_key(|offer| !offer.suited);
    all
}

impl Head {
    /// In short.
    pub(super) fn of(case: &Case, now: Timestamp) -> Self {
        let change = &case.change;
        let provider = [
            ("customer", case.account.provider_customer.clone()),
            ("subscription", case.contract.subscription.clone()),
            ("invoice", change.invoice.clone()),
        ];
        let is_ticket = change.stage_name.starts_with("downgrade_ticket.");
        Self {
            id: change.id.to_string(),
            url: format!("/console/changes/{}", change.id),
            reference: change.reference.to_string(),
            seller: change.seller.to_string(),
            stage: change.stage_name.clone(),
            said: words::stage(&change.stage_name),
            open: change.open,
            version: change.version,
            money: case.money.map(words::money),
            customer: case.account.name.clone(),
            email: case.account.email.clone(),
            account_url: format!("/console/accounts/{}", change.account),
            contract_url: format!("/console/contracts/{}", change.contract),
            ticket_url: is_ticket.then(|| format!("/console/tickets/{}", change.id)),
            moves: moves(case),
            provider: { provider.into_iter() }
                .filter_map(|(name, id)| Some((name, id?)))
                .collect(),
            opened: words::clock(change.created_at),
            moved: words::clock(change.updated_at),
            moved_ago: words::age(now, change.updated_at),
            next_look: case.due_at.map(words::clock),
        }
    }
}

/// What is to change, quantity by quantity.
fn moves(case: &Case) -> Vec<String> {
    let (Some(stage), Some(playbook)) = (&case.stage, &case.playbook) else {
        return Vec::new();
    };
    let reader = Reader::new(playbook, Some(Language::En));
    let held = &case.contract.plan;
    let Some(selection) = stage.selection() else {
        return Vec::new();
    };
    let mut moves = Vec::new();
    if selection.plan != *held {
        let (from, to) = (
            reader.line_name(held, &LineKey::Plan),
            reader.line_name(&selection.plan, &LineKey::Plan),
        );
        moves.push(format!("Plan: {from} → {to}"));
    }
    if let Some(deal) = stage.deal() {
        let holdings = deal.quote.holdings.iter();
        let items = holdings.filter(|moved| moved.key != LineKey::Plan);
        moves.extend(items.map(|moved| {
            let name = reader.line_name(&selection.plan, &moved.key);
            format!("{name}: {} → {}", moved.before, moved.after)
        }));
    } else {
        let quantities = selection.quantities.iter().map(|(item, wanted)| {
            let key = LineKey::Item(item.clone());
            let name = reader.line_name(&selection.plan, &key);
            format!("{name}: {} → {wanted}", case.contract.quantity(&key))
        });
        moves.extend(quantities);
    }
    moves
}

impl Diagnosis {
    /// In plain words.
    pub(super) fn of(stuck: &Stuck, now: Timestamp) -> Self {
        Self {
            code: stuck.code.as_str(),
            meaning: words::marked(stuck.code.meaning()),
            advice: words::marked(stuck.code.advice()),
            since: words::clock(stuck.since),
            age: words::age(now, stuck.since),
            evidence: { stuck.evidence.iter() }
                .map(|fact| (words::spaced(fact.name), fact.value.clone()))
                .collect(),
        }
    }
}

impl Line {
    fn of(change: ChangeId, line: &TimelineLine) -> Self {
        let (kind, label, icon) = match line.kind {
            TimelineKind::Journal => ("journal", "History", "●"),
            TimelineKind::Call => ("call", "Call to the provider", "↗"),
            TimelineKind::Webhook => ("webhook", "Webhook", "↙"),
            TimelineKind::Mail => ("mail", "Mail", "✉"),
            TimelineKind::Event => ("event", "Event to the seller", "⇢"),
        };
        let evidence = line.evidence.iter();
        Self {
            kind,
            label,
            icon,
            at: line.at.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string(),
            what: words::spaced(&line.what),
            how: match line.kind {
                TimelineKind::Journal => words::spaced(&line.how),
                _ => line.how.clone(),
            },
            who: line.actor.as_ref().map(words::who),
            why: line.actor.as_ref().and_then(|actor| actor.reason.clone()),
            evidence: evidence.filter(|(_, value)| !value.is_empty()).cloned().collect(),
            mail: { line.mail }.map(|mail| format!("/console/changes/{change}/mails/{mail}")),
        }
    }
}
