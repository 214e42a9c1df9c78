//! Getting in touch: how to have less, something else, or nothing any more.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::contract;
use crate::domain::account::Permission;
use crate::web::WebState;
use crate::web::api::views::OverviewBody;
use crate::web::page::{Page, Say, Shell, Visitor, shown};

#[derive(Template)]
#[template(path = "web/billing/templates/contact.html")]
struct ContactPage {
    shell: Shell,
    say: Say,
    intro: String,
    view: OverviewBody,
    choose: String,
    changes: String,
    support: String,
}

/// Shows it.
pub(super) async fn show(State(state): State<WebState>, visitor: Visitor) -> Page {
    let id = contract(&visitor)?;
    visitor.needs(Permission::ChangePlan)?;
    let overview = state.engine.overview(id, &visitor.session.seller).await;
    let overview = overview.map_err(|problem| visitor.trouble(problem))?;
    let (reader, say) = (visitor.reader(), Say(visitor.language));
    let page = ContactPage {
        intro: reader.said(&visitor.playbook.policy.ticket.intro),
        view: OverviewBody::of(reader, &overview, Some(&visitor.session.about.actor)),
        choose: visitor.at("/choose"),
        changes: visitor.at("/changes"),
        support: visitor.playbook.seller.support.email.clone(),
        shell: visitor.shell_with_tabs("contact", say.get("page-contact-title")),
        say,
    };
    shown(StatusCode::OK, &page)
}
