//! Finding somebody's change by whatever a ticket names: a reference, a mail address, an invoice, a payment, a webhook, any id.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use super::duty::OnDuty;
use super::page::{Bar, Section};
use super::words;
use crate::engine::{CaseLine, CaseSearch};
use crate::ports::store::{Name, NamedAccount};
use crate::web::WebState;
use crate::web::page::{Page, Shell, shown};

/// The longest word that is looked for.
const WORD_MAX: usize = 200;

/// How many changes are shown.
const CHANGES_MAX: u32 = 50;

/// What is looked for.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "web/console/templates/search.html")]
struct SearchPage {
    shell: Shell,
    bar: Bar,
    searched: String,
    accounts: Vec<FoundAccount>,
    changes: Vec<FoundChange>,
    full: bool,
}

/// An account that was found.
pub(super) struct FoundAccount {
    url: String,
    name: String,
    email: String,
    own_id: String,
    seller: String,
}

/// A change in a list.
pub(super) struct FoundChange {
    pub(super) url: String,
    pub(super) reference: String,
    pub(super) seller: String,
    pub(super) stage: String,
    pub(super) said: &'static str,
    pub(super) stuck: Option<&'static str>,
    pub(super) opened: String,
}

/// The page.
pub(super) async fn search(State(state): State<WebState>, duty: OnDuty, Query(asked): Query<Asked>) -> Page {
    let word: String = asked.q.trim().chars().take(WORD_MAX).collect();
    let (mut accounts, mut changes) = (Vec::new(), Vec::new());
    if let Some(name) = named(&word) {
        let store = state.engine.store();
        let found = store.find_accounts(name.clone(), duty.seller()).await;
        accounts = found.map_err(crate::engine::EngineError::from)?;
        let wanted = CaseSearch {
            seller: duty.seller().cloned(),
            finding: Some(name),
            limit: CHANGES_MAX,
            ..CaseSearch::default()
        };
        changes = state.engine.cases(&wanted).await?.lines;
    }
    let template = SearchPage {
        shell: duty.shell(format!("Search: {word}"), Section::None),
        bar: duty.bar(&word),
        full: changes.len() >= CHANGES_MAX as usize,
        accounts: accounts.into_iter().map(FoundAccount::of).collect(),
        changes: changes.iter().rev().map(FoundChange::of).collect(),
        searched: word,
    };
    shown(StatusCode::OK, &template)
}

/// What a word names; references are also found when they are typed in small letters.
fn named(word: &str) -> Option<Name> {
    if word.is_empty() {
        return None;
    }
    if let Ok(id) = Uuid::try_parse(word) {
        return Some(Name::Id(id));
    }
    let reference = word
        .get(..3)
        .is_some_and(|start| start.eq_ignore_ascii_case("ch-"));
    Some(Name::Word(if reference {
        word.to_ascii_uppercase()
    } else {
        word.to_owned()
    }))
}

impl FoundAccount {
    fn of((account, own_id): NamedAccount) -> Self {
        Self {
            url: format!("/console/accounts/{}", account.id),
            name: account.name,
            email: account.email,
            own_id: own_id.unwrap_or_default(),
            seller: account.seller.to_string(),
        }
    }
}

impl FoundChange {
    /// A line of support's list.
    pub(super) fn of(line: &CaseLine) -> Self {
        let change = &line.change;
        Self {
            url: format!("/console/changes/{}", change.id),
            reference: change.reference.to_string(),
            seller: change.seller.to_string(),
            stage: change.stage_name.clone(),
            said: words::stage(&change.stage_name),
            stuck: line.stuck.first().map(|stuck| stuck.code.as_str()),
            opened: words::clock(change.created_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_names_what_it_can_name() {
        assert_eq!(named(""), None);
        assert_eq!(
            named("ch-0f3k2-9xw7q"),
            Some(Name::Word("CH-0F3K2-9XW7Q".to_owned()))
        );
        assert_eq!(named("in_1TDnZ2"), Some(Name::Word("in_1TDnZ2".to_owned())));
        let id = Uuid::from_u128(7);
        assert_eq!(named(&id.to_string()), Some(Name::Id(id)));
    }
}
