//! Plans and packages side by side, for everybody.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::domain::catalog::SellerId;
use crate::domain::language::Language;
use crate::web::WebState;
use crate::web::api::views::{ComparedItem, ComparisonView, FeatureValueView, Reader};
use crate::web::ask;
use crate::web::page::{Alert, Page, Say, Shell, Trouble, shown};

#[derive(Template)]
#[template(path = "web/billing/templates/compare.html")]
struct ComparePage {
    shell: Shell,
    say: Say,
    view: ComparisonView,
    currency: String,
    currencies: Vec<(&'static str, bool)>,
}

impl ComparePage {
    /// Whether there is anything to tell about an item's offers.
    fn is_sold(item: &ComparedItem) -> bool {
        item.on
            .iter()
            .any(|offer| offer.included > 0 || !offer.prices.is_empty())
    }

    fn same(one: &str, other: &str) -> bool {
        one == other
    }
}

/// In which language and currency.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    lang: Option<String>,
    currency: Option<String>,
}

/// Shows them.
pub(super) async fn show(
    State(state): State<WebState>,
    Path(seller): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Page {
    let spoken = asked.lang.and_then(|tag| tag.parse::<Language>().ok());
    let spoken = spoken.or_else(|| ask::language(&headers));
    let nobody = || Trouble::of(spoken.unwrap_or(Language::En), Alert::NoSuchPage);
    let id: SellerId = seller.parse().map_err(|_| nobody())?;
    let playbook = state.playbook(&id).map_err(|_| nobody())?;
    let reader = Reader::new(&playbook, spoken);
    let say = Say(reader.language);
    let all = playbook.seller.currencies.iter().map(|one| one.code());
    let wanted = asked.currency.unwrap_or_default();
    let chosen = all
        .clone()
        .find(|code| *code == wanted)
        .or(all.clone().next())
        .unwrap_or_default();
    let page = ComparePage {
        view: ComparisonView::of(reader),
        currency: chosen.to_owned(),
        currencies: all.map(|code| (code, code == chosen)).collect(),
        shell: Shell {
            here: format!("?currency={chosen}&"),
            ..Shell::of(&playbook.seller, reader.language, say.get("page-compare-title"))
        },
        say,
    };
    shown(StatusCode::OK, &page)
}
