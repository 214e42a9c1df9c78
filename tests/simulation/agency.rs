//! Agencies and their clients, at a seller that has such: who acts for whom, and what an agency settles.

use changeover::domain::account::{
    AccountId, Client as AgencyClient, ClientSettings, Limit, Payer, ServiceSetting,
};
use changeover::domain::catalog::ManagedBy;
use changeover::domain::change::Actor;
use changeover::domain::money::Money;
use changeover::engine::{ClientView, CreateClient};
use jiff::SignedDuration;

use crate::chance::Chance;
use crate::client::Client;
use crate::customer::Customer;
use crate::holders::{account, account_wish, answer, certainly, id_of};
use crate::world::{World, lock};

/// An agency, as its clients know it.
#[derive(Clone)]
pub struct Agency {
    account: AccountId,
    /// One of its people who manages clients.
    manager: Actor,
    /// One of each client's own people.
    person: Actor,
}

impl Agency {
    /// Who acts in the name of a client: mostly one of the agency's people, in one of three times one of the client's own.
    pub fn somebody(&self, client: AccountId, mood: &mut Chance) -> Actor {
        if mood.permille(650) {
            self.manager.clone().of(Some(self.account))
        } else {
            self.person.clone().of(Some(client))
        }
    }
}

fn present(view: &ClientView) -> Result<changeover::ports::store::ClientAnswer, serde_json::Error> {
    answer(view.account.id.0)
}

/// An agency with a client that holds nothing yet.
pub async fn found(client: &Client, manager: Actor, nth: usize, chance: &mut Chance) -> Customer {
    let own = account(client, account_wish(client, 100 + nth, chance)).await;
    let agency = Agency {
        account: own,
        manager,
        person: client.actor.clone(),
    };
    let wish = CreateClient {
        agency: own,
        account: account_wish(client, nth, chance),
    };
    let theirs = client.on_behalf_of(agency.manager.clone().of(Some(own)));
    let reply = certainly(&theirs, move |engine, asked| {
        Box::pin(async move { engine.create_client(&wish, &asked, &present).await })
    })
    .await;
    Customer {
        client: theirs,
        account: AccountId(id_of(&reply.answer)),
        contract: None,
        agency: Some(agency),
    }
}

/// The agency settles things for its client, while the storm lasts; a change that follows from it is carried on.
pub async fn settles(customer: Customer, rounds: u64) {
    let world = customer.client.world.clone();
    let _here = World::enters(&world);
    let Some(agency) = customer.agency.clone() else {
        return;
    };
    let mut mood = world.dice().fork();
    let manager = agency.manager.clone().of(Some(agency.account));
    let theirs = customer.client.on_behalf_of(manager);
    for _ in 0..rounds {
        customer.client.dawdles(SignedDuration::from_hours(4)).await;
        let known = {
            let memory = lock(&world.memory);
            memory.tables.clients.get(&customer.account).cloned()
        };
        let Some(known) = known.filter(|_| world.storms()) else {
            return;
        };
        let account = customer.account;
        if mood.permille(300) {
            agrees(&customer, &agency, &known).await;
            continue;
        }
        let settings = otherwise(&world, &known, &mut mood);
        let saved = theirs.asks(move |engine, asked| {
            let opened = std::sync::Mutex::new(None);
            Box::pin(async move {
                let tell = |view: &ClientView| {
                    *lock(&opened) = view.opened;
                    present(view)
                };
                engine.save_client(account, &settings, &asked, &tell).await?;
                Ok(*lock(&opened))
            })
        });
        match saved.await {
            Some(Ok(opened)) => {
                world.count("client: saved");
                if let Some(change) = opened {
                    world.count("client: change follows");
                    customer.drives(change, mood.fork()).await;
                }
            }
            Some(Err(error)) => world.tells(|| format!("the form is not saved: {error}")),
            None => {}
        }
    }
}

/// The client's own people agree to pay.
async fn agrees(customer: &Customer, agency: &Agency, known: &AgencyClient) {
    let world = &customer.client.world;
    let own = customer
        .client
        .on_behalf_of(agency.person.clone().of(Some(known.account)));
    let (account, terms) = (known.account, world.playbook.policy.terms.version.clone());
    let agreed = own.asks(move |engine, asked| {
        Box::pin(async move { engine.agree_to_pay(account, &terms, &asked, &present).await })
    });
    if let Some(Ok(_)) = agreed.await {
        world.count("client: agrees to pay");
    }
}

/// The form with something in it otherwise.
fn otherwise(world: &World, known: &AgencyClient, mood: &mut Chance) -> ClientSettings {
    let mut settings = known.settings.clone();
    let services: Vec<_> = settings.services.keys().cloned().collect();
    match mood.below(0..6) {
        0 => {
            settings.payer = match settings.payer {
                Payer::Agency => Payer::Client,
                Payer::Client => Payer::Agency,
            };
        }
        1 => settings.access = !settings.access,
        2 => {
            let amount = 10_000 + 500 * i64::try_from(mood.below(0..40)).unwrap_or(0);
            settings.retail_price = mood.permille(700).then(|| Money::new(amount, world.currency));
        }
        3 => {
            let limit = Limit::Count(mood.below(0..500));
            for kept in settings.limits.values_mut() {
                *kept = mood.permille(500).then_some(limit);
            }
        }
        _ if services.is_empty() => {}
        _ => {
            let service = mood.one_of(&services).clone();
            let set = ServiceSetting {
                managed_by: *mood.one_of(&[ManagedBy::Agency, ManagedBy::Client]),
                enabled: mood.permille(600),
            };
            settings.services.insert(service, set);
        }
    }
    settings
}
