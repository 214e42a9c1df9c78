//! Invoices, boletos, receipts and tax documents.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;

use crate::domain::account::Permission;
use crate::web::WebState;
use crate::web::api::InvoiceView;
use crate::web::page::{Page, Say, Shell, Visitor, shown};

/// How many are on a page.
const ON_A_PAGE: u32 = 20;

#[derive(Template)]
#[template(path = "web/billing/templates/invoices.html")]
struct InvoicesPage {
    shell: Shell,
    say: Say,
    invoices: Vec<InvoiceView>,
    older: Option<String>,
}

/// Where the page begins.
#[derive(Debug, Deserialize)]
pub(super) struct From {
    after: Option<String>,
}

/// Shows them.
pub(super) async fn show(State(state): State<WebState>, visitor: Visitor, Query(from): Query<From>) -> Page {
    visitor.needs(Permission::Billing)?;
    let (engine, account) = (&state.engine, visitor.account.id);
    let after = from.after.filter(|id| id.len() <= 100);
    let found = engine
        .statements(account, after.as_deref(), ON_A_PAGE, &visitor.asks())
        .await;
    let found = found.map_err(|problem| visitor.trouble(problem))?;
    let (reader, say, now) = (visitor.reader(), Say(visitor.language), engine.now());
    let shown_ones = found.invoices.into_iter();
    let page = InvoicesPage {
        invoices: shown_ones
            .map(|(invoice, documents)| InvoiceView::of(reader, &invoice, documents, now))
            .collect(),
        older: found
            .next
            .map(|next| visitor.at(&format!("/invoices?after={next}"))),
        shell: visitor.shell_with_tabs("invoices", say.get("page-invoices-title")),
        say,
    };
    shown(StatusCode::OK, &page)
}
