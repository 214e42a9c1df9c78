//! The product's one page: what the customer may use, read anew each time, and behind it what a visitor of the sample can play.

use std::borrow::Borrow;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;

use super::facts::{self, Counted, Said};
use super::menus::{MainLink, Menu, comparison, main_link, menus};
use super::scene::{Scene, Told};
use crate::engine::EngineError;
use crate::ports::store::PageAsk;
use crate::web::WebState;
use crate::web::api::views::{ComparisonView, EntitlementsBody, FeatureValueView};
use crate::web::page::{Page, Say, Shell, shown};

/// The most pieces that are shown one by one.
const PIPS_MAX: usize = 40;

/// One of several of a kind, as a row of links shows them.
struct Pick {
    name: String,
    url: String,
    current: bool,
}

/// The newest change of the customer's contract.
struct LastChange {
    reference: String,
    /// `open`, `active` or `over`.
    state: &'static str,
}

/// What stands beside the product: who one is, and what happens outside.
struct Backstage {
    customers: Vec<Pick>,
    roles: Vec<Pick>,
    languages: Vec<Pick>,
    counted: Vec<Counted>,
    use_at: String,
    nota_at: Option<String>,
    mailbox: bool,
    sandbox: Option<String>,
}

#[derive(Template)]
#[template(path = "web/sample/templates/product.html")]
struct ProductPage {
    shell: Shell,
    say: Say,
    menus: Vec<Menu>,
    main: MainLink,
    compare: String,
    history: String,
    seller: String,
    account: String,
    held: Option<EntitlementsBody>,
    /// What the plan has of each feature.
    features: Vec<(String, FeatureValueView)>,
    last: Option<LastChange>,
    said: Option<Said>,
    backstage: Backstage,
    is_agency: bool,
}

impl ProductPage {
    /// Where a number of items comes from.
    fn origin(&self, bought: impl Borrow<u64>, included: impl Borrow<u64>) -> String {
        let (bought, included) = (self.say.number(bought), self.say.number(included));
        let (bought, included) = (("bought", bought.as_str()), ("included", included.as_str()));
        self.say.with_two("sample-bought", bought, included)
    }

    /// So many pieces, to be seen at a glance; none where nobody could count them.
    fn pips(quantity: impl Borrow<u64>) -> String {
        let shown = usize::try_from(*quantity.borrow()).unwrap_or_default();
        "<i></i>".repeat(if (2..=PIPS_MAX).contains(&shown) { shown } else { 0 })
    }

    /// What is used of a limit, which is written already.
    fn used_of(&self, used: impl AsRef<str>, limit: impl AsRef<str>) -> String {
        let used = self.say.quantity(used);
        let (used, limit) = (("used", used.as_str()), ("limit", limit.as_ref()));
        self.say.with_two("sample-used-of", used, limit)
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
    let held = entitlements(&state, &scene).await?;
    let page = ProductPage {
        menus: menus(&scene),
        main: main_link(&scene),
        compare: comparison(&scene),
        history: scene.at("open/history"),
        seller: scene.seller.to_string(),
        account: scene.account.name.clone(),
        features: features(&scene, held.as_ref()),
        last: last_change(&state, &scene).await?,
        said: Said::read(told.said.as_deref()),
        backstage: backstage(&state, &scene),
        is_agency: scene.is_agency,
        shell: scene.shell(say.get("sample-title")),
        held,
        say,
    };
    shown(StatusCode::OK, &page)
}

/// What `GET /v1/contracts/{id}/entitlements` says.
async fn entitlements(state: &WebState, scene: &Scene) -> Result<Option<EntitlementsBody>, EngineError> {
    let Some(contract) = scene.contract.clone() else {
        return Ok(None);
    };
    let usage = state.engine.usage_of(scene.account.clone(), contract).await?;
    let standings = state.engine.prerequisites(&usage.account).await?;
    Ok(Some(EntitlementsBody::of(scene.reader(), &usage, &standings)))
}

fn features(scene: &Scene, held: Option<&EntitlementsBody>) -> Vec<(String, FeatureValueView)> {
    let Some(held) = held else {
        return Vec::new();
    };
    let mut all = ComparisonView::of(scene.reader());
    let plan = all.plans.iter_mut().find(|plan| plan.id == held.plan);
    let mut values = plan
        .map(|plan| std::mem::take(&mut plan.features))
        .unwrap_or_default();
    let features = all.features.into_iter();
    features
        .filter_map(|feature| Some((feature.name, values.remove(&feature.id)?)))
        .collect()
}

async fn last_change(state: &WebState, scene: &Scene) -> Result<Option<LastChange>, EngineError> {
    let Some(contract) = &scene.contract else {
        return Ok(None);
    };
    let newest = PageAsk { after: 0, limit: 1 };
    let rows = state.engine.store().changes_of(contract.id, newest).await?;
    Ok(rows.into_iter().next().map(|row| LastChange {
        state: match (row.open, row.stage_name.starts_with("active")) {
            (_, true) => "active",
            (true, false) => "open",
            (false, false) => "over",
        },
        reference: row.reference.0,
    }))
}

fn backstage(state: &WebState, scene: &Scene) -> Backstage {
    let say = Say(scene.language);
    let of = format!("sample-who-{}", scene.seller);
    let customers = scene.customers.iter().map(|who| Pick {
        name: say.word(&of, who),
        url: scene.with("", who, None, scene.language),
        current: *who == scene.who,
    });
    let roles = scene.roles.iter().map(|(id, name)| Pick {
        name: name.clone(),
        url: scene.with("", &scene.who, Some(id), scene.language),
        current: *id == scene.role,
    });
    let tongues = Shell::of(&scene.playbook.seller, scene.language, "").languages;
    let languages = tongues.iter().filter_map(|tongue| {
        Some(Pick {
            name: tongue.name.to_owned(),
            url: scene.with("", &scene.who, Some(&scene.role), tongue.tag.parse().ok()?),
            current: tongue.current,
        })
    });
    Backstage {
        customers: customers.collect(),
        roles: roles.collect(),
        languages: languages.collect(),
        counted: facts::counted(scene),
        use_at: scene.at("use"),
        nota_at: facts::has_notas(&scene.seller).then(|| scene.at("nota-fiscal")),
        mailbox: state.mailbox.is_some(),
        sandbox: state.sandbox.clone(),
    }
}
