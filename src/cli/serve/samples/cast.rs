//! Who can be played in the sample products: companies that are invented, in the situations in which the journeys begin.

use serde_json::{Value, json};

use crate::cli::sample;

/// A customer of a sample product.
pub(super) struct Person {
    /// Its name within the product; its texts are found by it.
    pub id: &'static str,
    /// The company.
    pub name: &'static str,
    /// Its mail address, under a domain that is reserved for examples.
    pub email: &'static str,
    /// Who is financially responsible.
    pub responsible: &'static str,
    /// For how many days it has been a customer.
    pub days: i64,
    /// What it holds.
    pub holds: Holds,
}

/// What a customer holds when it enters the scene.
pub(super) enum Holds {
    /// Nothing, and no card either.
    Nothing,
    /// Nothing, but a card is on file.
    CardOnly,
    /// A plan that is paid in another way, with devices and user seats on a subscription: the customer of the demo.
    Extras,
    /// This selection, all of it paid in another way; a card is on file.
    Outside(Value),
    /// This selection, on a subscription.
    Subscribed(Value),
    /// The same as `Outside`, as a client of the agency that comes before it: the agency's card pays.
    Client(Value),
}

impl Person {
    fn new(
        id: &'static str,
        (name, email, responsible): (&'static str, &'static str, &'static str),
        days: i64,
        holds: Holds,
    ) -> Self {
        Self {
            id,
            name,
            email,
            responsible,
            days,
            holds,
        }
    }
}

/// The customers of a seller's sample product, the newcomer's first. Empty for a seller whose file does not come with the program.
pub(super) fn of(seller: &str) -> Vec<Person> {
    match seller {
        "clint" => clint(),
        "zenvia" => zenvia(),
        "activecampaign" => activecampaign(),
        "sharpspring" => sharpspring(),
        _ => Vec::new(),
    }
}

fn clint() -> Vec<Person> {
    let plan = |plan: &str, interval: &str| {
        let held = json!({ "plan": plan, "quantities": {}, "currency": "BRL", "interval": interval });
        Holds::Outside(held)
    };
    let bakery = (sample::NAME, sample::EMAIL, sample::RESPONSIBLE);
    let studio = ("Ateliê Sol ME", "sol@atelie-sol.example", "Sol Nunes");
    let garage = (
        "Oficina Serra Ltda",
        "contato@oficina-serra.example",
        "Caio Serra",
    );
    vec![
        Person::new("growth", bakery, 80, Holds::Extras),
        Person::new("start", studio, 50, plan("start", "month")),
        Person::new("yearly", garage, 200, plan("growth", "year")),
    ]
}

fn zenvia() -> Vec<Person> {
    let specialist = || {
        Holds::Subscribed(json!({
            "plan": "specialist", "quantities": { "package-s": 1 }, "currency": "BRL", "interval": "month",
            "options": { "package-s": ["whatsapp", "email"] },
        }))
    };
    let shop = (
        "Tienda Andes S.A.",
        "compras@tienda-andes.example",
        "Soledad Andes",
    );
    let clinic = ("Clínica Vida Nova Ltda", "contato@vida-nova.example", "Lia Prado");
    let cafe = ("Café do Porto Ltda", "oi@cafe-do-porto.example", "Rui Porto");
    vec![
        Person::new("settled", shop, 120, specialist()),
        Person::new("young", clinic, 12, specialist()),
        Person::new("new", cafe, 0, Holds::Nothing),
    ]
}

fn activecampaign() -> Vec<Person> {
    let held = |plan: &str, contacts: u64, interval: &str| {
        Holds::Subscribed(json!({
            "plan": plan, "quantities": { "contacts": contacts, "seat": 1 }, "currency": "EUR", "interval": interval,
        }))
    };
    let studio = (
        "Atelier Lumière SARL",
        "compta@atelier-lumiere.example",
        "Inès Lumière",
    );
    let florist = (
        "Fleurs de Loire SARL",
        "contact@fleurs-loire.example",
        "Paul Loire",
    );
    let books = (
        "Librairie du Canal SAS",
        "bonjour@librairie-canal.example",
        "Anne Canal",
    );
    vec![
        Person::new("plus", studio, 90, held("plus", 2500, "month")),
        Person::new("starter", florist, 40, held("starter", 1000, "month")),
        Person::new("yearly", books, 60, held("plus", 5000, "year")),
    ]
}

fn sharpspring() -> Vec<Person> {
    let licence = |plan: &str| {
        let held = json!({ "plan": plan, "quantities": {}, "currency": "USD", "interval": "month" });
        Holds::Client(held)
    };
    let agency = ("Agência Mar", "equipe@agencia-mar.example", "Mar Alves");
    let bakery = (sample::NAME, sample::EMAIL, sample::RESPONSIBLE);
    let books = ("Livraria Rio Ltda", "oi@livraria-rio.example", "Téo Rio");
    vec![
        Person::new("agency", agency, 300, Holds::CardOnly),
        Person::new("bakery", bakery, 60, licence("licence-s")),
        Person::new("bookshop", books, 30, licence("licence-m")),
    ]
}
