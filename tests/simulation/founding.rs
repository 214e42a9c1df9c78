//! How a world begins: the seller's catalogue at the provider, nodes, customers with what they hold.

use std::collections::VecDeque;
use std::sync::Arc;

use changeover::domain::language::Language;
use changeover::engine::CrashPoint;
use changeover::sandbox::{Options, Sandbox, Webhook};
use changeover::stripe::{Pace, StripeConfig, StripePayments};
use futures_util::FutureExt as _;
use jiff::SignedDuration;

use crate::bugs::Bug;
use crate::chance::Chance;
use crate::client::Client;
use crate::customer::Customer;
use crate::holders::{self, Beginning};
use crate::node::Node;
use crate::plan::Plan;
use crate::scheduler::Scheduler;
use crate::store::Memory;
use crate::wire::SimulatedWire;
use crate::witness::Witness;
use crate::world::{Parts, World, lock};
use crate::{agency, sellers, version};

/// An empty world at its first instant.
pub fn world(
    plan: Plan,
    bug: Option<Bug>,
    witness: Witness,
    armed: VecDeque<(CrashPoint, u64)>,
) -> Arc<World> {
    let (playbook, text) = sellers::rules(&plan);
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
        actor: sellers::buyer(&world.playbook),
    };
    let mut customers = Vec::new();
    for nth in 0..world.plan.customers {
        // Where the seller has agencies, most customers are clients of one.
        if let Some(manager) = sellers::manager(&world.playbook).filter(|_| chance.permille(600)) {
            customers.push(agency::found(&client, manager, nth, &mut chance).await);
            continue;
        }
        let begins = Beginning::drawn(world.plan.seller, &mut chance);
        let customer = holders::begins(&client, begins, nth, &mut chance).await;
        // Somebody pays for two contracts under one name.
        if chance.permille(200) && begins != Beginning::Newcomer {
            customers.push(holders::holds_another(&customer, &mut chance).await);
        }
        customers.push(customer);
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
        .plan_push(
            &sellers::sold_in(&world.playbook.catalog, world.currency),
            world.playbook.policy.tax_rates(),
            Language::En,
        )
        .await
        .expect("a plan");
    payments.push(&plan).await.expect("a catalogue at the provider");
}
