//! What customers hold when a world begins: something that runs at the provider, something that is paid in another way, or nothing.

use changeover::domain::account::{Account, AccountId, Contract, ContractId};
use changeover::domain::catalog::{Interval, LineKey, Selection, TargetLine};
use changeover::engine::{AdoptContract, Asked, CreateAccount, CreateContract, Engine, EngineError};
use changeover::ports::store::ClientAnswer;
use futures_util::future::BoxFuture;
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;
use uuid::Uuid;

use crate::chance::Chance;
use crate::client::Client;
use crate::customer::Customer;
use crate::sellers::SellerFile;
use crate::world::{World, lock};
use crate::{browser, wishes};

/// Since when most accounts have used the service: the 10th is their day.
const LONG_AGO: &str = "2025-09-10T15:00:00Z";

/// How somebody begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// With a subscription of some weeks ago, charged to a card that works.
    Running,
    /// With a plan that is paid in another way, and no extra yet: the first one makes the subscription.
    PaidElsewhere,
    /// With nothing: the first change concludes a contract.
    Newcomer,
}

impl Beginning {
    pub fn drawn(seller: SellerFile, chance: &mut Chance) -> Self {
        let draw = chance.below(0..100);
        match (draw, seller.plans_are_paid_elsewhere()) {
            (..75, _) => Self::Running,
            (75..95, true) => Self::PaidElsewhere,
            _ => Self::Newcomer,
        }
    }
}

/// Asks one of the nodes in fair weather: it answers.
pub async fn certainly<T: Send + 'static>(
    client: &Client,
    ask: impl FnOnce(Engine, Asked) -> BoxFuture<'static, Result<T, EngineError>> + Send + 'static,
) -> T {
    let answer = client.asks(ask).await;
    answer
        .expect("a node answers in fair weather")
        .unwrap_or_else(|error| panic!("a node refuses in fair weather: {error}"))
}

pub fn id_of(answer: &ClientAnswer) -> Uuid {
    serde_json::from_slice(&answer.body).expect("an id")
}

pub fn answer(id: Uuid) -> Result<ClientAnswer, serde_json::Error> {
    Ok(ClientAnswer {
        status: 201,
        body: serde_json::to_vec(&id)?,
    })
}

/// What the seller says about an account; one in eight is only some days old.
pub fn account_wish(client: &Client, nth: usize, chance: &mut Chance) -> CreateAccount {
    let young = chance.permille(125);
    let lately = client.world.plan.start.checked_sub(96.hours());
    let long_ago = LONG_AGO.parse().expect("an instant");
    CreateAccount {
        external_id: Some(format!("account-{nth}")),
        email: "dona@padaria-luz.example".to_owned(),
        name: "Padaria Luz Ltda".to_owned(),
        language: None,
        created_at: Some(lately.ok().filter(|_| young).unwrap_or(long_ago)),
        provider_customer: None,
    }
}

pub async fn account(client: &Client, wish: CreateAccount) -> AccountId {
    let reply = certainly(client, move |engine, asked| {
        Box::pin(async move { engine.create_account(&wish, &asked, &present_account).await })
    })
    .await;
    AccountId(id_of(&reply.answer))
}

fn present_account(account: &Account) -> Result<ClientAnswer, serde_json::Error> {
    answer(account.id.0)
}

fn present_contract(contract: &Contract) -> Result<ClientAnswer, serde_json::Error> {
    answer(contract.id.0)
}

/// A customer who begins so.
pub async fn begins(client: &Client, how: Beginning, nth: usize, chance: &mut Chance) -> Customer {
    let mut wish = account_wish(client, nth, chance);
    if how == Beginning::Running {
        wish.provider_customer = Some(provider_customer(&client.world));
    }
    let customer = wish.provider_customer.clone();
    let account = account(client, wish).await;
    let contract = match how {
        Beginning::Running => Some(runs(client, account, &customer.unwrap_or_default(), chance).await),
        Beginning::PaidElsewhere => Some(is_paid_elsewhere(client, account, chance).await),
        Beginning::Newcomer => None,
    };
    Customer {
        client: client.clone(),
        account,
        contract,
        agency: None,
    }
}

/// The same customer with another contract.
pub async fn holds_another(customer: &Customer, chance: &mut Chance) -> Customer {
    let (client, account) = (&customer.client, customer.account);
    let known = {
        let memory = lock(&client.world.memory);
        let row = memory.tables.accounts.get(&account).expect("an account");
        row.account.provider_customer.clone()
    };
    let contract = match known {
        Some(known) if !client.world.plan.seller.plans_are_paid_elsewhere() => {
            runs(client, account, &known, chance).await
        }
        _ => is_paid_elsewhere(client, account, chance).await,
    };
    Customer {
        contract: Some(contract),
        ..customer.clone()
    }
}

/// A plan that is paid in another way.
async fn is_paid_elsewhere(client: &Client, account: AccountId, chance: &mut Chance) -> ContractId {
    let world = &client.world;
    let mut held = wishes::drawn(&world.playbook.catalog, None, world.currency, chance);
    held.quantities.clear();
    let wish = CreateContract {
        account,
        held,
        responsible: None,
    };
    let reply = certainly(client, move |engine, asked| {
        Box::pin(async move { engine.create_contract(&wish, &asked, &present_contract).await })
    })
    .await;
    ContractId(id_of(&reply.answer))
}

fn text(value: &Value) -> String {
    let id = value["id"].as_str();
    id.unwrap_or_else(|| panic!("no id: {value}")).to_owned()
}

/// A customer of the provider, with a card that works.
fn provider_customer(world: &std::sync::Arc<World>) -> String {
    let customer = text(&browser::dashboard(
        world,
        "/v1/customers",
        &[("email", "dona@padaria-luz.example")],
    ));
    let attach = "/v1/payment_methods/pm_card_visa/attach";
    let card = text(&browser::dashboard(world, attach, &[("customer", &customer)]));
    let default = [("invoice_settings[default_payment_method]", card.as_str())];
    browser::dashboard(world, &format!("/v1/customers/{customer}"), &default);
    customer
}

/// What a running customer holds: lines that can be had, and at least one that is charged at the provider.
fn holding(world: &World, chance: &mut Chance) -> (Selection, Vec<TargetLine>) {
    let catalog = &world.playbook.catalog;
    let elsewhere = world.plan.seller.plans_are_paid_elsewhere();
    loop {
        let held = wishes::drawn(catalog, None, world.currency, chance);
        let Ok(lines) = catalog.resolve(&held, None) else {
            continue;
        };
        let charged = |line: &TargetLine| line.quantity > 0 && !(elsewhere && line.key == LineKey::Plan);
        let lines: Vec<TargetLine> = lines.into_iter().filter(charged).collect();
        if !lines.is_empty() {
            return (held, lines);
        }
    }
}

/// A subscription of some weeks ago.
async fn runs(client: &Client, account: AccountId, customer: &str, chance: &mut Chance) -> ContractId {
    let world = &client.world;
    let (held, lines) = holding(world, chance);
    let interval = lines[0].price.interval;
    let (start, anchor) = period(world, interval, chance);
    let mut fields: Vec<(String, String)> = vec![
        ("customer".to_owned(), customer.to_owned()),
        ("off_session".to_owned(), "true".to_owned()),
        ("backdate_start_date".to_owned(), start),
        ("billing_cycle_anchor".to_owned(), anchor),
    ];
    for (nth, line) in lines.iter().enumerate() {
        let price = format!("/v1/prices?lookup_keys[]={}", line.price_ref.as_str());
        let price = text(&browser::reads(world, &price)["data"][0]);
        fields.push((format!("items[{nth}][price]"), price));
        fields.push((format!("items[{nth}][quantity]"), line.quantity.to_string()));
    }
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let subscription = text(&browser::dashboard(world, "/v1/subscriptions", &fields));
    let elsewhere = world.plan.seller.plans_are_paid_elsewhere();
    let wish = AdoptContract {
        account,
        subscription,
        plan: elsewhere.then(|| held.plan.clone()),
        plan_interval: elsewhere.then_some(held.interval),
        options: held.options.clone(),
        responsible: None,
    };
    let reply = certainly(client, move |engine, asked| {
        Box::pin(async move { engine.adopt_contract(&wish, &asked, &present_contract).await })
    })
    .await;
    ContractId(id_of(&reply.answer))
}

/// The local midnights at which the running period began and will end, in unix seconds: 10ths, and of a longer interval any of them.
fn period(world: &World, interval: Interval, chance: &mut Chance) -> (String, String) {
    let zone = &world.playbook.seller.time_zone;
    let now: Timestamp = world.now();
    let today = now.to_zoned(zone.clone()).date();
    let mut tenth = today.with().day(10).build().expect("a day");
    if tenth > today {
        tenth = tenth.checked_sub(1.month()).expect("a day");
    }
    let months = u64::from(interval.months());
    let ago = i64::try_from(chance.below(0..months)).unwrap_or(0);
    let start = tenth.checked_sub(ago.months()).expect("a day");
    let end = start.checked_add(interval.span()).expect("a day");
    let at = |day: Date| {
        let zoned = day.to_datetime(Time::midnight()).to_zoned(zone.clone());
        zoned.expect("an instant").timestamp().as_second().to_string()
    };
    (at(start), at(end))
}
