//! What strikes a whole node, the database or the calendar, so often in a run.

use std::future::Future;
use std::sync::Arc;

use changeover::domain::change::ChangeId;
use changeover::domain::change::stuck::{Stuck, StuckCode};
use changeover::engine::Engine;
use futures_util::future::BoxFuture;
use jiff::SignedDuration;

use crate::scheduler::Group;
use crate::store::Tables;
use crate::world::{World, lock};
use crate::{browser, courier, desk, version};

/// Lets everything strike that the weather brings, at drawn moments of the storm.
pub fn gathers(world: &Arc<World>) {
    let weather = world.plan.weather.clone();
    each(world, "kill", weather.kills, |world| async move {
        if let Some(node) = world.any_node() {
            World::dies(&world, node);
        }
    });
    each(world, "outage", weather.outages, |world| async move {
        world.tells(|| "the database is away".to_owned());
        world.store_goes_away(SignedDuration::from_secs(60));
    });
    each(world, "failover", weather.lossy_failovers, |world| async move {
        loses_commits(&world, None);
    });
    each(world, "night", weather.long_nights, |world| async move {
        falls_asleep(world).await;
    });
    each(world, "jump", weather.jumps, |world| async move {
        world.tells(|| "the clock jumps by 25 hours".to_owned());
        world.scheduler.jump(SignedDuration::from_hours(25));
        courier::dispatch(&world);
    });
    each(world, "deploy", weather.deploys, |world| async move {
        deploys(world).await;
    });
    each(world, "forged", weather.forged, |world| async move {
        courier::forge(&world);
    });
    each(world, "edit", weather.edits, |world| async move {
        edits(&world);
    });
    each(world, "support", weather.support / 60, |world| async move {
        desk::helps(world).await;
    });
    each(world, "brought", weather.brought, |world| async move {
        desk::brings(world).await;
    });
}

fn each<F>(
    world: &Arc<World>,
    name: &'static str,
    often: u64,
    strike: impl Fn(Arc<World>) -> F + Send + Sync + Copy + 'static,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let length = u64::try_from(world.plan.storm.as_millis()).unwrap_or(1);
    // Most of what happens, happens early.
    let window = length.min(2 * 3_600_000);
    for nth in 0..often {
        let task = world.clone();
        world.scheduler.spawn(Group::World, async move {
            task.scheduler
                .hop(0, if nth % 3 == 2 { length } else { window })
                .await;
            if task.storms() {
                task.count(name);
                task.tells(|| format!("strikes: {name}"));
                strike(task).await;
            }
        });
    }
}

/// F14: all nodes are down for longer than a key is used.
pub async fn falls_asleep(world: Arc<World>) {
    for node in 0..world.plan.nodes {
        World::goes_down(&world, node);
    }
    world.watch.node_died();
    world.scheduler.sleep(SignedDuration::from_hours(30)).await;
    for node in 0..world.plan.nodes {
        if lock(&world.nodes)[node].engine.is_none() {
            World::starts(&world, node);
        }
    }
}

/// F20: nodes of the newer version take over, one by one; and often some or all of them are taken back.
async fn deploys(world: Arc<World>) {
    for node in 0..world.plan.nodes {
        World::is_replaced(&world, node, version::NEW).await;
        world.scheduler.hop(1_000, 1_200_000).await;
    }
    if world.dice().permille(400) {
        return;
    }
    world.count("deploy taken back");
    for node in 0..world.plan.nodes {
        if !world.storms() {
            return;
        }
        World::is_replaced(&world, node, version::OLD).await;
        world.scheduler.hop(1_000, 1_200_000).await;
        is_left_alone(&world, node).await;
    }
}

/// I25: a node of the older version shows what it cannot go on with.
async fn is_left_alone(world: &Arc<World>, node: usize) {
    let newer: Vec<ChangeId> = {
        let memory = lock(&world.memory);
        let changes = memory.tables.changes.values();
        changes
            .filter(|change| change.open && change.machine_version > version::OLD)
            .map(|change| change.id)
            .collect()
    };
    let starts = || {
        let nodes = lock(&world.nodes);
        (nodes[node].starts, nodes[node].version)
    };
    let before = starts();
    let Some(change) = newer.first().copied() else {
        return;
    };
    let ask = move |engine: Engine| -> BoxFuture<'static, _> {
        Box::pin(async move { engine.case(change, None).await })
    };
    let shown = world.ask(node, ask).await;
    if before.1 != version::OLD || before != starts() || world.watch.has_lost() {
        return;
    }
    let Some(Ok(case)) = shown else { return };
    world.count("left to a newer node");
    let parked = |stuck: &Stuck| stuck.code == StuckCode::UnknownMachineVersion && stuck.actions.is_empty();
    if !case.stuck.iter().any(parked) {
        let what = format!("{change} is of a newer version, and shown as {:?}", case.stuck);
        world.witness.breaks("I25", what);
    }
}

/// F9: the database goes on from an earlier commit; with a key, often from before anybody had decided to send it, or had noted
/// that it leaves.
pub fn loses_commits(world: &World, key: Option<&str>) {
    let mut kept = lock(&world.before);
    let most = if key.is_some() { kept.len() } else { 8 };
    let few = kept.len().clamp(1, most.max(1)) as u64;
    let back = usize::try_from(world.dice().below(1..few + 1)).unwrap_or(1);
    let sends = |tables: &Tables, attempts: u32| {
        let mut effects = tables.effects.iter().map(|effect| &effect.row);
        effects.any(|row| Some(row.key.as_str()) == key && row.attempts >= attempts)
    };
    let attempts = u32::try_from(world.dice().below(0..3)).unwrap_or(0);
    let before = kept.iter().rposition(|tables| !sends(tables, attempts));
    let before = before.filter(|_| key.is_some() && attempts < 2);
    let Some(place) = before.or_else(|| kept.len().checked_sub(back)) else {
        return;
    };
    let back = kept.len() - place;
    let earlier = kept[place].clone();
    kept.clear();
    drop(kept);
    world.tells(|| format!("the last {back} commits are lost"));
    lock(&world.memory).tables = earlier;
    world.watch.lost(world);
    world.store_goes_away(SignedDuration::from_secs(20));
}

/// Somebody edits or ends a subscription at the provider, past Changeover.
fn edits(world: &Arc<World>) {
    let subscriptions: Vec<String> = {
        let memory = lock(&world.memory);
        let contracts = memory.tables.contracts.values();
        contracts
            .filter_map(|contract| contract.subscription.clone())
            .collect()
    };
    if subscriptions.is_empty() {
        return;
    }
    let subscription = world.dice().one_of(&subscriptions).clone();
    let path = format!("/v1/subscriptions/{subscription}");
    if world.dice().permille(200) {
        copies(world, &path);
        return;
    }
    if world.dice().permille(250) {
        browser::dashboard_deletes(world, &path);
        return;
    }
    let read = browser::reads(world, &path);
    let Some(item) = read["items"]["data"][0]["id"].as_str() else {
        return;
    };
    let quantity = world.dice().below(1..9).to_string();
    let fields = [
        ("items[0][id]", item),
        ("items[0][quantity]", quantity.as_str()),
        ("proration_behavior", "none"),
    ];
    browser::dashboard(world, &path, &fields);
}

/// Another installation works on the same provider account: a subscription with marks like ours, of a change that nobody here
/// knows. Only a person can decide about it.
fn copies(world: &Arc<World>, path: &str) {
    let read = browser::reads(world, path);
    let (Some(customer), Some(price)) = (
        read["customer"].as_str(),
        read["items"]["data"][0]["price"]["id"].as_str(),
    ) else {
        return;
    };
    let [change, effect] = [(); 2].map(|()| world.new_id(world.now()).to_string());
    let fields = [
        ("customer", customer),
        ("items[0][price]", price),
        ("items[0][quantity]", "0"),
        ("metadata[changeover_change]", change.as_str()),
        ("metadata[changeover_effect]", effect.as_str()),
    ];
    browser::dashboard(world, "/v1/subscriptions", &fields);
}
