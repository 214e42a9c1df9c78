//! The seller's plans, with the held one marked.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::{own_contract, screens};
use crate::domain::account::Permission;
use crate::domain::catalog::StageName;
use crate::engine::EngineError;
use crate::web::WebState;
use crate::web::api::views::{CatalogView, FeatureValueView};
use crate::web::page::{Page, Say, Shell, Visitor, shown};
use crate::web::problem::{OnAPage, Problem};

#[derive(Template)]
#[template(path = "web/checkout/templates/plans.html")]
struct PlansPage {
    shell: Shell,
    say: Say,
    catalog: CatalogView,
    /// Why this person may not change anything, if they may not.
    may_not: Option<OnAPage>,
    /// The roles that may.
    who_can: Vec<String>,
    button: String,
    choose: String,
    has_contract: bool,
    share: Option<String>,
    currency: &'static str,
}

impl PlansPage {
    /// Prices are shown in one currency: the one that is held, else the seller's own.
    fn is_currency(&self, currency: &str) -> bool {
        self.currency == currency
    }
}

/// Shows the plans.
pub(super) async fn show(State(state): State<WebState>, visitor: Visitor) -> Page {
    let contract = own_contract(&visitor, &state).await?;
    let service = state
        .engine
        .service(&visitor.account, &visitor.playbook.seller.time_zone);
    let holder = contract.as_ref().map(|contract| (contract, &service));
    let (reader, say) = (visitor.reader(), Say(visitor.language));
    let allowed = crate::domain::change::permitted(
        &visitor.playbook,
        &visitor.session.about.actor,
        Permission::ChangePlan,
    );
    let roles = visitor.playbook.policy.roles.all.iter();
    let who_can = roles.filter(|role| role.may(Permission::ChangePlan));
    let title = say.get("page-plans-title");
    let button = visitor.playbook.policy.screens_of(StageName::Draft).next();
    let page = PlansPage {
        currency: contract
            .as_ref()
            .map(|contract| contract.currency)
            .or(visitor.playbook.seller.currencies.first().copied())
            .map_or("", |currency| currency.code()),
        catalog: CatalogView::of(reader, holder),
        who_can: who_can.map(|role| reader.said(&role.name)).collect(),
        may_not: allowed
            .err()
            .map(|no| Problem::from(EngineError::from(no)).on_a_page(visitor.language)),
        button: button.map_or_else(
            || screens::button(reader, StageName::Draft).unwrap_or_default(),
            |screen| reader.said(&screen.button),
        ),
        choose: visitor.at("/choose"),
        has_contract: contract.is_some(),
        share: visitor.session.about.return_url.clone(),
        shell: visitor.shell_with_tabs("plans", title),
        say,
    };
    shown(StatusCode::OK, &page)
}
