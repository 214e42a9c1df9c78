//! Past changes of the contract, the newest first.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;

use super::contract;
use crate::domain::account::Permission;
use crate::ports::store::PageAsk;
use crate::web::WebState;
use crate::web::api::views::ChangeListed;
use crate::web::page::{Page, Say, Shell, Visitor, shown};

/// How many are on a page.
const ON_A_PAGE: u32 = 20;

#[derive(Template)]
#[template(path = "web/billing/templates/history.html")]
struct HistoryPage {
    shell: Shell,
    say: Say,
    changes: Vec<ChangeListed>,
    at: String,
    older: Option<String>,
}

/// Where the page begins.
#[derive(Debug, Deserialize)]
pub(super) struct From {
    after: Option<u64>,
}

/// Shows them.
pub(super) async fn show(State(state): State<WebState>, visitor: Visitor, Query(from): Query<From>) -> Page {
    let id = contract(&visitor)?;
    visitor.needs(Permission::View)?;
    let after = from.after.unwrap_or_default();
    let ask = PageAsk {
        after,
        limit: ON_A_PAGE,
    };
    let rows = state.engine.store().changes_of(id, ask).await;
    let rows = rows.map_err(|problem| visitor.trouble(problem))?;
    let full = u32::try_from(rows.len()).is_ok_and(|many| many == ON_A_PAGE);
    let say = Say(visitor.language);
    let page = HistoryPage {
        changes: rows.iter().map(ChangeListed::of).collect(),
        at: visitor.at("/changes"),
        older: full.then(|| visitor.at(&format!("/history?after={}", after + u64::from(ON_A_PAGE)))),
        shell: visitor.shell_with_tabs("history", say.get("page-history-title")),
        say,
    };
    shown(StatusCode::OK, &page)
}
