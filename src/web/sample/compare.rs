//! The seller's public comparison of plans and packages: for everybody, signed in or not.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;

use super::menus::{Menu, menus};
use super::scene::{Scene, Told};
use crate::web::WebState;
use crate::web::api::views::{ComparisonView, FeatureValueView};
use crate::web::page::{Page, Say, Shell, shown};

#[derive(Template)]
#[template(path = "web/sample/templates/compare.html")]
struct ComparePage {
    shell: Shell,
    say: Say,
    menus: Vec<Menu>,
    all: ComparisonView,
    choose: String,
}

impl ComparePage {
    /// Prices are shown in the seller's own currency.
    fn is_currency(&self, currency: &str) -> bool {
        self.all.currencies.first() == Some(&currency)
    }
}

/// The page.
pub(super) async fn show(
    State(state): State<WebState>,
    Path(seller): Path<String>,
    Query(told): Query<Told>,
) -> Page {
    let scene = Scene::of(&state, &seller, &told).await?;
    let say = Say(scene.language);
    let page = ComparePage {
        menus: menus(&scene),
        all: ComparisonView::of(scene.reader()),
        choose: scene.at("open/plans"),
        shell: scene.shell(say.get("sample-compare-title")),
        say,
    };
    shown(StatusCode::OK, &page)
}
