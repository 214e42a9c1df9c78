//! What the first page says of each sample product: in a newcomer's language, English.

use crate::web::sample::{Samples, address};

/// A sample product, as the first page leads into it.
pub(super) struct Tile {
    /// The seller's id, by which its mark is found.
    pub id: String,
    /// The product's name.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// What it is about.
    pub about: &'static str,
    /// What to do there.
    pub tries: &'static [&'static str],
}

/// What is said of a product; nothing of one that is not known.
fn said(seller: &str) -> Option<(&'static str, &'static [&'static str])> {
    Some(match seller {
        "clint" => (
            "Devices and user seats beside a plan that is paid in another way. In Portuguese.",
            &[
                "Menu › Conta › Alterar plano: add two devices and three users, pay, and see the new counts.",
                "Act as an administrator: the page says why not, and who may.",
                "Be Ateliê Sol: the official WhatsApp device is refused on Start, and offered on Growth.",
            ],
        ),
        "zenvia" => (
            "A software plan and always a channel package beside it. In Spanish.",
            &[
                "Configuración › Planes y contratos › Ver: change plan and package with one card payment.",
                "Pay by boleto, settle it at the sandbox’s bank, and watch the plan become active.",
                "Be Café do Porto, a new customer: compare, choose, contract.",
            ],
        ),
        "activecampaign" => (
            "Contacts, seats, tiers, a bundle and the SMS add-on. In French.",
            &[
                "Open the menu with the account’s name: move the contact limit, and the price moves along.",
                "Buy the SMS add-on, then more recurring credits. Be Fleurs de Loire: Starter cannot have it.",
                "Ask for less: it becomes a request with a number, answered by mail.",
            ],
        ),
        "sharpspring" => (
            "An agency that settles plans, limits and payers for its clients. In Portuguese.",
            &[
                "Configurações do usuário › Configurações › Ferramentas da agência › Gerenciar clientes.",
                "Choose who pays for a client, switch a service on, and save it all at once.",
                "Be the client: it sees its limits, and cannot raise them.",
            ],
        ),
        _ => return None,
    })
}

/// The sample products that are there. `name` tells a seller's name.
pub(super) fn tiles(samples: &Samples, name: impl Fn(&str) -> Option<String>) -> Vec<Tile> {
    let tile = |product: &crate::web::sample::SampleProduct| {
        let id = product.seller.as_str();
        let (about, tries) = said(id)?;
        Some(Tile {
            name: name(id)?,
            url: address("", &product.seller),
            id: id.to_owned(),
            about,
            tries,
        })
    };
    samples.all().iter().filter_map(tile).collect()
}
