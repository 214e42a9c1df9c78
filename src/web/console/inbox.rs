//! What waits: changes about which something is stuck, and requests to go down, in one list.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use super::duty::OnDuty;
use super::page::{Bar, Section};
use super::words;
use crate::domain::catalog::SellerId;
use crate::domain::change::stuck::Action;
use crate::domain::money::{Currency, Money};
use crate::engine::{Inbox, InboxLine, InboxSearch, InboxSort};
use crate::web::WebState;
use crate::web::page::{Page, Shell, shown};

/// How many stand on a page.
const PAGE: usize = 25;

/// Which of it, in which order.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Wanted {
    seller: Option<String>,
    show: Option<String>,
    sort: Option<String>,
    page: Option<usize>,
}

#[derive(Template)]
#[template(path = "web/console/templates/inbox.html")]
struct InboxPage {
    shell: Shell,
    bar: Bar,
    sellers: Vec<Choice>,
    kinds: Vec<Choice>,
    sorts: Vec<Choice>,
    waiting: usize,
    more: bool,
    at_stake: Vec<String>,
    mark: String,
    lines: Vec<Line>,
    before: Option<String>,
    after: Option<String>,
}

/// Something to choose in the form above the list.
struct Choice {
    value: String,
    name: String,
    chosen: bool,
}

/// One thing that waits.
pub(super) struct Line {
    pub(super) url: String,
    pub(super) what: String,
    pub(super) advice: Option<String>,
    pub(super) code: &'static str,
    pub(super) further: usize,
    pub(super) reference: String,
    pub(super) seller: String,
    pub(super) customer: String,
    pub(super) stage: String,
    pub(super) money: Option<String>,
    pub(super) age: String,
    pub(super) since: String,
    pub(super) request: bool,
    pub(super) next: Option<(String, &'static str)>,
}

/// The page.
pub(super) async fn show(State(state): State<WebState>, duty: OnDuty, Query(wanted): Query<Wanted>) -> Page {
    let search = wanted.search(&duty);
    let inbox = state.engine.inbox(&search).await?;
    let watched = state.watched.seen(&state, duty.seller()).await?;
    let page = wanted.page.unwrap_or(1).clamp(1, 1000);
    let now = state.engine.now();
    let lines = inbox.lines.iter().skip((page - 1) * PAGE).take(PAGE);
    let title = match inbox.lines.len() {
        0 => "Inbox".to_owned(),
        many => format!("Inbox ({many})"),
    };
    let template = InboxPage {
        shell: duty.shell(title, Section::Inbox),
        bar: duty.bar(""),
        sellers: wanted.sellers(&state, &duty),
        kinds: wanted.kinds(),
        sorts: wanted.sorts(),
        waiting: inbox.lines.len(),
        more: inbox.more,
        at_stake: at_stake(&inbox),
        mark: watched.mark,
        lines: lines.map(|line| Line::of(line, now)).collect(),
        before: (page > 1).then(|| wanted.at(page - 1)),
        after: (inbox.lines.len() > page * PAGE).then(|| wanted.at(page + 1)),
    };
    shown(StatusCode::OK, &template)
}

impl Wanted {
    fn search(&self, duty: &OnDuty) -> InboxSearch {
        let named: Option<SellerId> = self.seller.as_deref().and_then(|seller| seller.parse().ok());
        InboxSearch {
            seller: duty.seller().cloned().or(named),
            sort: match self.sort.as_deref() {
                Some("money") => InboxSort::Money,
                _ => InboxSort::Age,
            },
            requests: match self.show.as_deref() {
                Some("requests") => Some(true),
                Some("stuck") => Some(false),
                _ => None,
            },
        }
    }

    /// The sellers to choose among; none where there is nothing to choose.
    fn sellers(&self, state: &WebState, duty: &OnDuty) -> Vec<Choice> {
        let all = state.engine.sellers().all().map(|seller| &seller.playbook.seller);
        let each = all.filter(|seller| duty.member.sees(&seller.id));
        let each: Vec<Choice> = each
            .map(|seller| Choice {
                value: seller.id.to_string(),
                name: seller.name.clone(),
                chosen: self.seller.as_deref() == Some(seller.id.as_str()),
            })
            .collect();
        if each.len() < 2 {
            return Vec::new();
        }
        let any = Choice {
            value: String::new(),
            name: "All sellers".to_owned(),
            chosen: each.iter().all(|choice| !choice.chosen),
        };
        std::iter::once(any).chain(each).collect()
    }

    fn kinds(&self) -> Vec<Choice> {
        let all = [
            ("", "Everything"),
            ("stuck", "What is stuck"),
            ("requests", "Requests to go down"),
        ];
        choices(all, self.show.as_deref())
    }

    fn sorts(&self) -> Vec<Choice> {
        choices(
            [("", "Longest waiting"), ("money", "Most money")],
            self.sort.as_deref(),
        )
    }

    /// The address of another page of the same list.
    fn at(&self, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("seller", &self.seller),
            ("show", &self.show),
            ("sort", &self.sort),
        ] {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                query.append_pair(name, value);
            }
        }
        query.append_pair("page", &page.to_string());
        format!("/console?{}", query.finish())
    }
}

fn choices<const N: usize>(all: [(&str, &str); N], chosen: Option<&str>) -> Vec<Choice> {
    let chosen = chosen.unwrap_or_default();
    let each = all.into_iter().map(|(value, name)| Choice {
        value: value.to_owned(),
        name: name.to_owned(),
        chosen: value == chosen,
    });
    each.collect()
}

/// What is at stake in all, currency by currency.
fn at_stake(inbox: &Inbox) -> Vec<String> {
    let mut sums: BTreeMap<Currency, Money> = BTreeMap::new();
    for money in inbox.lines.iter().filter_map(|line| line.money) {
        let sum = sums
            .entry(money.currency)
            .or_insert_with(|| Money::zero(money.currency));
        // Beyond what can be counted, the sum stays what it is: it only tells how much there is to do.
        *sum = sum.plus(money).unwrap_or(*sum);
    }
    let sums = sums.into_values().filter(|sum| !sum.is_zero());
    sums.map(words::money).collect()
}

impl Line {
    fn of(line: &InboxLine, now: Timestamp) -> Self {
        let change = &line.change;
        let request = line.is_request();
        let first = line.stuck.first();
        let what = first.map_or_else(|| words::stage(&change.stage_name), |stuck| stuck.code.meaning());
        let url = if request {
            format!("/console/tickets/{}", change.id)
        } else {
            format!("/console/changes/{}", change.id)
        };
        let suited = first.and_then(|stuck| {
            let mut actions = stuck.actions.iter().copied();
            actions.find(|action| *action != Action::Note)
        });
        let act = |action: Action| {
            let url = format!("/console/changes/{}/act/{action}", change.id);
            (url, words::action(action).0)
        };
        Self {
            what: what.to_owned(),
            advice: first.map(|stuck| words::marked(stuck.code.advice())),
            code: first.map_or("request", |stuck| stuck.code.as_str()),
            further: line.stuck.len().saturating_sub(1),
            reference: change.reference.to_string(),
            seller: change.seller.to_string(),
            customer: line.account.name.clone(),
            stage: change.stage_name.clone(),
            money: line.money.map(words::money),
            age: words::age(now, line.since),
            since: words::clock(line.since),
            next: match (request, suited) {
                (true, _) => Some((url.clone(), "Answer")),
                (false, Some(action)) => Some(act(action)),
                (false, None) => None,
            },
            request,
            url,
        }
    }
}
