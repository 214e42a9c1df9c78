//! How a world begins: the seller's catalogue at the provider, nodes, customers with what they hold.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};

use changeover::domain::account::{Account, AccountId, Contract, ContractId};
use changeover::domain::catalog::{Interval, Playbook, Selection};
use changeover::domain::change::Actor;
use changeover::domain::language::Language;
use changeover::engine::{
    AdoptContract, Asked, CrashPoint, CreateAccount, CreateContract, Engine, EngineError,
};
use changeover::ports::store::ClientAnswer;
use changeover::sandbox::{Options, Sandbox, Webhook};
use changeover::stripe::{Pace, StripeConfig, StripePayments};
use changeover::workflow::Workflow;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::Value;
use uuid::Uuid;

use crate::browser;
use crate::bugs::Bug;
use crate::chance::Chance;
use crate::client::Client;
use crate::customer::Customer;
use crate::node::Node;
use crate::plan::Plan;
use crate::scheduler::Scheduler;
use crate::store::Memory;
use crate::version;
use crate::wire::SimulatedWire;
use crate::witness::Witness;
use crate::world::{Parts, World, lock};

/// The rules of the seller, prorating by days, or by the second.
fn playbook(by_day: bool) -> (Arc<Playbook>, String) {
    static READ: OnceLock<[(Arc<Playbook>, String); 2]> = OnceLock::new();
    let read = READ.get_or_init(|| {
        ["day", "second"].map(|how| {
            let text = include_str!("seller.toml").replace("PRORATION", how);
            let workflow = Workflow::parse("seller.toml", &text);
            let workflow = workflow.unwrap_or_else(|problems| panic!("seller.toml: {problems:?}"));
            (Arc::new(workflow.playbook), text)
        })
    });
    read[usize::from(!by_day)].clone()
}

/// An empty world at its first instant.
pub fn world(
    plan: Plan,
    bug: Option<Bug>,
    witness: Witness,
    armed: VecDeque<(CrashPoint, u64)>,
) -> Arc<World> {
    let (playbook, text) = playbook(plan.by_day);
    let scheduler = Scheduler::new(plan.start, Chance::of(plan.seed, "scheduler"));
    let clock = scheduler.clone();
    let mut options = Options::in_memory(Arc::new(move || clock.now().as_second()));
    options.seed = plan.seed;
    options.webhooks.push(Webhook {
        url: "http://127.0.0.1/webhooks".to_owned(),
        secret: "whsec_unused".to_owned(),
    });
    let sandbox = Sandbox::open(&options)
        .now_or_never()
        .expect("a sandbox in memory waits for nothing");
    let mut memory = Memory::new(Bug::rules(bug));
    memory.tables.workflows = Arc::new([(playbook.version.clone(), text)].into());
    World::new(Parts {
        plan,
        bug,
        scheduler,
        memory,
        sandbox: sandbox.expect("a sandbox"),
        playbook,
        witness,
        armed,
    })
}

/// Founds everything in fair weather. Gives the customers.
pub async fn found(world: Arc<World>) -> Vec<Customer> {
    push_catalogue(&world).await;
    let mut chance = Chance::of(world.plan.seed, "founding");
    for _ in 0..world.plan.nodes {
        let skew = i64::try_from(chance.below(0..2 * world.plan.weather.skew + 1)).unwrap_or(0);
        let skew = skew - i64::try_from(world.plan.weather.skew).unwrap_or(0);
        lock(&world.nodes).push(Node {
            engine: None,
            starts: 0,
            skew: SignedDuration::from_millis(skew),
            frozen: false,
            version: version::OLD,
        });
    }
    for node in 0..world.plan.nodes {
        World::starts(&world, node);
    }
    let client = Client {
        world: world.clone(),
        actor: Actor::customer("owner", Some("user-1".to_owned())),
    };
    let mut customers = Vec::new();
    for nth in 0..world.plan.customers {
        let client = client.clone();
        let contract = if chance.permille(250) {
            without_extras(&client, nth).await
        } else {
            with_extras(&client, nth).await
        };
        customers.push(Customer {
            client: client.clone(),
            contract,
        });
        // Somebody pays for two contracts under one name.
        if chance.permille(200) {
            let contract = second_contract(&client, contract).await;
            customers.push(Customer { client, contract });
        }
    }
    customers
}

async fn push_catalogue(world: &Arc<World>) {
    let address = "http://127.0.0.1".parse().expect("an address");
    let config = StripeConfig::new(address, "sk_test_simulated".to_owned().into());
    let wire = SimulatedWire {
        world: world.clone(),
        node: 0,
    };
    let payments =
        StripePayments::over(&config, Arc::new(Pace::new(None)), Arc::new(wire)).expect("a provider");
    let plan = payments
        .plan_push(&world.playbook.catalog, Language::En)
        .await
        .expect("a plan");
    payments.push(&plan).await.expect("a catalogue at the provider");
}

/// Asks one of the nodes in fair weather: it answers.
async fn certainly<T: Send + 'static>(
    client: &Client,
    ask: impl FnOnce(Engine, Asked) -> BoxFuture<'static, Result<T, EngineError>> + Send + 'static,
) -> T {
    let answer = client.asks(ask).await;
    answer
        .expect("a node answers in fair weather")
        .unwrap_or_else(|error| panic!("a node refuses in fair weather: {error}"))
}

fn id_of(answer: &ClientAnswer) -> Uuid {
    serde_json::from_slice(&answer.body).expect("an id")
}

async fn account(client: &Client, customer: Option<String>, nth: usize) -> AccountId {
    let wish = CreateAccount {
        external_id: Some(format!("account-{nth}")),
        email: "dona@padaria-luz.example".to_owned(),
        name: "Padaria Luz Ltda".to_owned(),
        language: None,
        created_at: Some("2025-09-10T15:00:00Z".parse().expect("an instant")),
        provider_customer: customer,
    };
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

fn answer(id: Uuid) -> Result<ClientAnswer, serde_json::Error> {
    Ok(ClientAnswer {
        status: 201,
        body: serde_json::to_vec(&id)?,
    })
}

/// A customer whose plan is paid in another way, and who has no extra yet: the first one makes the subscription.
async fn without_extras(client: &Client, nth: usize) -> ContractId {
    let account = account(client, None, nth).await;
    empty_contract(client, account).await
}

async fn second_contract(client: &Client, of: ContractId) -> ContractId {
    let account = {
        let memory = lock(&client.world.memory);
        memory.tables.contracts.get(&of).expect("a contract").account
    };
    empty_contract(client, account).await
}

async fn empty_contract(client: &Client, account: AccountId) -> ContractId {
    let wish = CreateContract {
        account,
        held: Selection {
            plan: "growth".parse().expect("a plan"),
            quantities: BTreeMap::new(),
            options: BTreeMap::new(),
            currency: "BRL".parse().expect("a currency"),
            interval: Interval::MONTH,
        },
        responsible: None,
    };
    let reply = certainly(client, move |engine, asked| {
        Box::pin(async move { engine.create_contract(&wish, &asked, &present_contract).await })
    })
    .await;
    ContractId(id_of(&reply.answer))
}

/// A customer with devices and user seats on a subscription of some weeks ago, charged to a card that works.
async fn with_extras(client: &Client, nth: usize) -> ContractId {
    let world = &client.world;
    let text = |value: &Value| {
        value["id"]
            .as_str()
            .unwrap_or_else(|| panic!("no id: {value}"))
            .to_owned()
    };
    let customer = text(&browser::dashboard(
        world,
        "/v1/customers",
        &[("email", "dona@padaria-luz.example")],
    ));
    let card = browser::dashboard(
        world,
        "/v1/payment_methods/pm_card_visa/attach",
        &[("customer", &customer)],
    );
    let card = text(&card);
    let prices = browser::reads(world, "/v1/prices?limit=100");
    let price = |part: &str| {
        let all = prices["data"].as_array().expect("prices").iter();
        let found = all
            .into_iter()
            .find(|price| price["lookup_key"].as_str().is_some_and(|key| key.contains(part)));
        text(found.expect("a price"))
    };
    let (device, seat) = (price("growth.device"), price("growth.user-seat"));
    let (start, anchor) = period(world.now());
    let fields = [
        ("customer", customer.as_str()),
        ("default_payment_method", &card),
        ("items[0][price]", &device),
        ("items[0][quantity]", "3"),
        ("items[1][price]", &seat),
        ("items[1][quantity]", "5"),
        ("off_session", "true"),
        ("backdate_start_date", &start),
        ("billing_cycle_anchor", &anchor),
    ];
    let subscription = text(&browser::dashboard(world, "/v1/subscriptions", &fields));
    let wish = AdoptContract {
        account: account(client, Some(customer), nth).await,
        subscription,
        plan: Some("growth".parse().expect("a plan")),
        plan_interval: Some(Interval::MONTH),
        options: BTreeMap::new(),
        responsible: None,
    };
    let reply = certainly(client, move |engine, asked| {
        Box::pin(async move { engine.adopt_contract(&wish, &asked, &present_contract).await })
    })
    .await;
    ContractId(id_of(&reply.answer))
}

/// The local midnights of the 10th before and after, in unix seconds.
fn period(now: Timestamp) -> (String, String) {
    let zone = TimeZone::get("America/Sao_Paulo").expect("a time zone");
    let today = now.to_zoned(zone.clone()).date();
    let mut tenth = today.with().day(10).build().expect("a day");
    if tenth > today {
        tenth = tenth.checked_sub(1.month()).expect("a day");
    }
    let at = |day: DateTime| {
        let zoned = day.to_zoned(zone.clone()).expect("an instant");
        zoned.timestamp().as_second().to_string()
    };
    let next = tenth.checked_add(1.month()).expect("a day");
    (
        at(tenth.to_datetime(jiff::civil::Time::midnight())),
        at(next.to_datetime(jiff::civil::Time::midnight())),
    )
}
