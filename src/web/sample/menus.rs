//! The menus of the sample products, as the journeys of their sellers go through them.

use askama::Template;

use super::scene::Scene;
use crate::web::page::Say;

/// A menu, or an entry of one.
#[derive(Template)]
#[template(path = "web/sample/templates/menu.html")]
pub(super) struct Menu {
    /// What it is called.
    name: String,
    /// Where it leads; a menu leads nowhere, and opens.
    url: Option<String>,
    /// What is in it.
    items: Vec<Menu>,
}

/// The way into billing that the page itself offers.
pub(super) struct MainLink {
    /// Its words.
    pub name: String,
    /// Where it leads.
    pub url: String,
}

impl Menu {
    fn of(name: String, items: Vec<Self>) -> Self {
        Self {
            name,
            url: None,
            items,
        }
    }
}

/// The menus of the seller's product.
pub(super) fn menus(scene: &Scene) -> Vec<Menu> {
    let say = Say(scene.language);
    let link = |key: &str, page: &str| Menu {
        name: say.get(key),
        url: Some(scene.at(page)),
        items: Vec::new(),
    };
    let menu = |key: &str, items| Menu::of(say.get(key), items);
    match scene.seller.as_str() {
        "clint" => vec![menu(
            "sample-menu",
            vec![menu(
                "sample-account",
                vec![
                    link("sample-change-plan", "open/plans"),
                    link("sample-cards", "open/wallet"),
                    link("sample-invoices", "open/invoices"),
                ],
            )],
        )],
        "zenvia" => zenvia(scene, &menu, &link),
        "sharpspring" => vec![menu(
            "sample-user-settings",
            vec![menu("sample-settings", agency_tools(scene, &menu, &link))],
        )],
        // A product whose menu is named after its user; and any other.
        _ => vec![Menu::of(
            scene.account.name.clone(),
            vec![link("sample-billing-upgrade", "open/billing")],
        )],
    }
}

type MakeMenu<'m> = &'m dyn Fn(&str, Vec<Menu>) -> Menu;
type MakeLink<'m> = &'m dyn Fn(&str, &str) -> Menu;

fn zenvia(scene: &Scene, menu: MakeMenu<'_>, link: MakeLink<'_>) -> Vec<Menu> {
    let compare = Menu {
        url: Some(comparison(scene)),
        ..link("sample-compare", "")
    };
    if scene.contract.is_none() {
        return vec![compare, link("sample-contract", "open/plans")];
    }
    let contract = vec![
        link("sample-view", "open/billing"),
        link("sample-change-plan", "open/choose"),
    ];
    let settings = vec![
        menu("sample-plans-contracts", contract),
        link("sample-cards", "open/wallet"),
        link("sample-finances", "open/invoices"),
    ];
    vec![menu("sample-settings", settings), compare]
}

fn agency_tools(scene: &Scene, menu: MakeMenu<'_>, link: MakeLink<'_>) -> Vec<Menu> {
    if scene.is_agency {
        let tools = vec![link("sample-manage-clients", "open/clients")];
        vec![
            menu("sample-agency-tools", tools),
            link("sample-cards", "open/wallet"),
            link("sample-invoices", "open/invoices"),
        ]
    } else {
        vec![
            link("sample-billing", "open/billing"),
            link("sample-usage", "open/usage"),
        ]
    }
}

/// The seller's public comparison, for everybody.
pub(super) fn comparison(scene: &Scene) -> String {
    format!("/compare/{}?lang={}", scene.seller, scene.language.tag())
}

/// The way into billing that stands on the page itself.
pub(super) fn main_link(scene: &Scene) -> MainLink {
    let (key, page) = match scene.seller.as_str() {
        "clint" => ("sample-change-plan", "open/plans"),
        "zenvia" if scene.contract.is_none() => ("sample-contract", "open/plans"),
        "zenvia" => ("sample-plans-contracts", "open/billing"),
        "sharpspring" if scene.is_agency => ("sample-manage-clients", "open/clients"),
        "sharpspring" => ("sample-billing", "open/billing"),
        _ => ("sample-billing-upgrade", "open/billing"),
    };
    MainLink {
        name: Say(scene.language).get(key),
        url: scene.at(page),
    }
}
