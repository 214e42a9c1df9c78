//! What is held: each line with its own edit link, the next renewal, and what is under way.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::contract;
use crate::domain::account::{Contract, Permission};
use crate::domain::catalog::{Catalog, ItemId, LineKey};
use crate::web::WebState;
use crate::web::api::InvoiceView;
use crate::web::api::views::{EntitlementsBody, OverviewBody, PotView};
use crate::web::page::{FormTokens, Page, Say, Shell, Visitor, shown};
use crate::web::problem::{OnAPage, Problem};

#[derive(Template)]
#[template(path = "web/billing/templates/overview.html")]
struct OverviewPage {
    shell: Shell,
    say: Say,
    view: OverviewBody,
    at: String,
    form: FormTokens,
    may_change: bool,
    who_can: Vec<String>,
    /// Why no change can begin just now, with the invoices that are open.
    standing: Option<OnAPage>,
    open: Vec<InvoiceView>,
    /// Credits stand at the top, each with the item by which there can be more of them.
    credits: Vec<(PotView, Option<String>)>,
    prerequisites: Vec<crate::web::api::views::PrerequisiteView>,
}

impl OverviewPage {
    /// The id at the end of a change's address in the API.
    fn id_of(url: &str) -> &str {
        url.rsplit('/').next().unwrap_or_default()
    }
}

/// Shows it.
pub(super) async fn show(State(state): State<WebState>, visitor: Visitor) -> Page {
    let id = contract(&visitor)?;
    visitor.needs(Permission::View)?;
    let (seller, engine) = (&visitor.session.seller, &state.engine);
    let overview = engine.overview(id, seller).await;
    let overview = overview.map_err(|problem| visitor.trouble(problem))?;
    let (reader, say) = (visitor.reader(), Say(visitor.language));
    let view = OverviewBody::of(reader, &overview, Some(&visitor.session.about.actor));
    // Where the provider does not answer, the page says what is known without it.
    let standing = engine.standing(id, &visitor.asks()).await.ok();
    let now = engine.now();
    let (refusal, open) = standing.map_or((None, Vec::new()), |standing| (standing.refusal, standing.open));
    let usage = engine
        .usage(id, seller)
        .await
        .map_err(|problem| visitor.trouble(problem))?;
    let standings = engine.prerequisites(&visitor.account).await;
    let standings = standings.map_err(|problem| visitor.trouble(problem))?;
    let entitled = EntitlementsBody::of(reader, &usage, &standings);
    let title = say.get("page-billing-title");
    let page = OverviewPage {
        at: visitor.at(""),
        form: FormTokens::new(&state, &visitor, 0),
        may_change: view.may.as_ref().is_none_or(|may| may.change_plan),
        who_can: view
            .may
            .as_ref()
            .map(|may| may.who_can.clone())
            .unwrap_or_default(),
        standing: refusal.map(|refusal| Problem::from(refusal).on_a_page(visitor.language)),
        open: open
            .iter()
            .map(|invoice| InvoiceView::of(reader, invoice, Vec::new(), now))
            .collect(),
        credits: entitled
            .usage
            .into_iter()
            .filter(|pot| pot.kind == "credits")
            .map(|pot| {
                let more = more_of(&visitor.playbook.catalog, &usage.contract, &pot.id);
                (pot, more)
            })
            .collect(),
        prerequisites: entitled.open_prerequisites,
        shell: visitor.shell_with_tabs("billing", title),
        view,
        say,
    };
    shown(StatusCode::OK, &page)
}

/// The item that brings more of these credits in packs of any number, once whatever it is bought on top of is held.
fn more_of(catalog: &Catalog, contract: &Contract, credit: &str) -> Option<String> {
    let credit = catalog.credits.iter().find(|one| one.id.as_str() == credit)?;
    let mut items = credit.grants.iter().filter_map(|share| share.item.as_ref());
    let is_held = |item: &ItemId| contract.quantity(&LineKey::Item(item.clone())) > 0;
    let can_be_had = |item: &&ItemId| {
        let needs = catalog.item(item).and_then(|item| item.needs.as_ref());
        let offer = catalog.offer(&contract.plan, item);
        offer.is_some_and(|offer| offer.quantities.max > 1)
            && needs.is_none_or(|needs| needs.items.iter().any(is_held))
    };
    items.find(can_be_had).map(ToString::to_string)
}
