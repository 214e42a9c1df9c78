//! Who did what, when, on which change, and why.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::duty::OnDuty;
use super::page::{Bar, Section};
use super::words;
use crate::domain::change::ChangeId;
use crate::engine::{ActLine, ActSearch};
use crate::ports::store::ErasedRow;
use crate::web::WebState;
use crate::web::page::{Page, Shell, shown};

/// How many stand on a page.
const PAGE: u32 = 50;

/// Which of it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    by: Option<String>,
    before: Option<String>,
}

#[derive(Template)]
#[template(path = "web/console/templates/audit.html")]
struct AuditPage {
    shell: Shell,
    bar: Bar,
    by: String,
    lines: Vec<Line>,
    erased: Vec<Erased>,
    next: Option<String>,
}

/// Something that was done to a change.
struct Line {
    at: String,
    who: String,
    url: String,
    reference: String,
    seller: String,
    what: String,
    led_to: String,
    why: String,
}

/// An order to erase a person's data.
struct Erased {
    at: String,
    who: String,
    url: String,
    seller: String,
    why: String,
}

/// The page.
pub(super) async fn show(State(state): State<WebState>, duty: OnDuty, Query(wanted): Query<Wanted>) -> Page {
    let by: String = wanted.by.unwrap_or_default().trim().chars().take(100).collect();
    let search = ActSearch {
        seller: duty.seller().cloned(),
        by: Some(by.clone()).filter(|by| !by.is_empty()),
        before: wanted.before.as_deref().and_then(place),
        limit: PAGE,
    };
    let page = state.engine.support_acts(&search).await?;
    let template = AuditPage {
        shell: duty.shell("Audit", Section::Audit),
        bar: duty.bar(""),
        lines: page.lines.iter().map(Line::of).collect(),
        erased: page.erased.iter().map(Erased::of).collect(),
        next: page.next.map(|next| address(&by, next)),
        by,
    };
    shown(StatusCode::OK, &template)
}

/// The address of the page that begins before this line.
fn address(by: &str, (at, change, seq): (Timestamp, ChangeId, u64)) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("by", by);
    query.append_pair("before", &format!("{}.{change}.{seq}", at.as_millisecond()));
    format!("/console/audit?{}", query.finish())
}

/// The line that an address names.
fn place(word: &str) -> Option<(Timestamp, ChangeId, u64)> {
    let mut parts = word.split('.');
    let at = Timestamp::from_millisecond(parts.next()?.parse().ok()?).ok()?;
    let change = ChangeId(Uuid::try_parse(parts.next()?).ok()?);
    Some((at, change, parts.next()?.parse().ok()?))
}

impl Line {
    fn of(line: &ActLine) -> Self {
        let row = &line.row;
        Self {
            at: words::clock(row.at),
            who: line.actor.subject.clone().unwrap_or_default(),
            url: format!("/console/changes/{}", row.change),
            reference: row.reference.to_string(),
            seller: row.seller.to_string(),
            what: words::spaced(&line.what),
            led_to: line.led_to.clone(),
            why: line.actor.reason.clone().unwrap_or_default(),
        }
    }
}

impl Erased {
    fn of(row: &ErasedRow) -> Self {
        Self {
            at: words::clock(row.at),
            who: row.by.clone(),
            url: format!("/console/accounts/{}", row.account),
            seller: row.seller.to_string(),
            why: row.why.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_where_its_address_says() {
        let at = Timestamp::from_millisecond(1_700_000_000_123).expect("a time");
        let line = (at, ChangeId(Uuid::from_u128(7)), 12);
        let address = address("agent 1", line);
        let before = address.split("before=").nth(1).expect("a place");
        assert_eq!(place(before), Some(line));
        assert!(address.contains("by=agent+1"));
        assert_eq!(place("now"), None);
    }
}
