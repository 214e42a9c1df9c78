//! One run: founding in fair weather, a storm, and a calm in which everything must come to an end.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use changeover::domain::change::{Stage, read_stage};
use changeover::engine::CrashPoint;
use changeover::ports::store::{EffectStatus, OverageStatus};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::bugs::Bug;
use crate::plan::Plan;
use crate::scheduler::Group;
use crate::version;
use crate::witness::{Violation, Witness};
use crate::world::{World, lock};
use crate::{agency, courier, founding, inquest, product, proof, storm};

/// How long everything may take to come to an end once the faults have stopped: the longest deadline of the seller, one more
/// for what began at its end, and the days that a lost key needs.
const CALM_MAX: SignedDuration = SignedDuration::from_hours(24 * 8);

/// How long the last observations may take: webhooks can be lost, and contracts are swept daily.
const LAST_LOOKS: SignedDuration = SignedDuration::from_hours(26);

/// How long promises are waited for: those for the end of a month are met everywhere,
const PROMISES_MAX_DAYS: i64 = 34;

/// and those for the end of a year in the worlds that look so far; in the others they stay what they are.
const FAR_PROMISES_MAX_DAYS: i64 = 370;

/// The longest month, and a day.
const MONTH_DAYS: i32 = 32;

/// A day.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How long support waits for its answers in the end.
const LAST_QUESTIONS: SignedDuration = SignedDuration::from_hours(1);

/// More steps than any run takes: a loop that never ends is a fault.
const STEPS_MAX: u64 = 400_000;

/// What is run.
#[derive(Debug, Clone)]
pub struct Order {
    /// What the seed decides.
    pub plan: Plan,
    /// The bug that is seeded.
    pub bug: Option<Bug>,
    /// Where nodes die.
    pub armed: VecDeque<(CrashPoint, u64)>,
    /// Whether every step is told.
    pub tells: bool,
}

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Report {
    /// The promise that broke.
    pub broken: Option<Violation>,
    /// A hash over all that was journalled, and all that was sent.
    pub hash: String,
    /// How often somebody went on.
    pub steps: u64,
    /// How the changes ended, and what went wrong how often.
    pub tally: BTreeMap<String, u64>,
    /// Where nodes died.
    pub reached: Vec<CrashPoint>,
}

impl Order {
    /// A run of a seed, undisturbed but by what the seed brings.
    pub fn of(seed: u64) -> Self {
        Self {
            plan: Plan::of(seed),
            bug: None,
            armed: VecDeque::new(),
            tells: false,
        }
    }
}

/// Runs a world from its founding to its end.
pub fn run(order: &Order) -> Report {
    let witness = Witness::new(order.tells);
    let world = founding::world(order.plan.clone(), order.bug, witness, order.armed.clone());
    let ran = catch_unwind(AssertUnwindSafe(|| plays(&world)));
    if let Err(panicked) = ran {
        let said = panicked
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panicked.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        world.witness.breaks("panic", said.unwrap_or_default());
    }
    let report = report(&world);
    let nodes = lock(&world.nodes).len();
    for node in 0..nodes {
        World::goes_down(&world, node);
    }
    world.scheduler.clear();
    report
}

fn plays(world: &Arc<World>) {
    let customers = Arc::new(Mutex::new(None));
    let (found, founder) = (customers.clone(), world.clone());
    world.scheduler.spawn(Group::World, async move {
        let customers = founding::found(founder).await;
        *lock(&found) = Some(customers);
    });
    until(world, SignedDuration::from_hours(1), |_| {
        lock(&customers).is_some()
    });
    let Some(customers) = lock(&customers).take() else {
        world.witness.breaks("panic", "the world was not founded");
        return;
    };
    world.set_storm(true);
    world.scheduler.spawn(Group::World, courier::plays(world.clone()));
    for customer in customers {
        let product = product::reports(customer.clone(), 2 * world.plan.rounds);
        world.scheduler.spawn(Group::World, product);
        if customer.agency.is_some() {
            let settles = agency::settles(customer.clone(), 3 * world.plan.rounds);
            world.scheduler.spawn(Group::World, settles);
        }
        world
            .scheduler
            .spawn(Group::World, customer.lives(world.plan.rounds));
    }
    storm::gathers(world);
    until(world, world.plan.storm, |_| false);
    calms(world);
    until(world, CALM_MAX, is_at_rest);
    keeps_promises(world);
    until(world, LAST_LOOKS, |_| false);
    let shown = Arc::new(Mutex::new(None));
    let (told, asking) = (shown.clone(), world.clone());
    world.scheduler.spawn(Group::World, async move {
        let answer = inquest::asks(asking).await;
        *lock(&told) = answer;
    });
    until(world, LAST_QUESTIONS, |_| lock(&shown).is_some());
    let shown = lock(&shown).take();
    if !world.witness.is_broken() {
        match shown {
            Some(shown) => proof::prove(world, &shown),
            None => world.witness.breaks("I25", "support is not answered at rest"),
        }
    }
}

fn calms(world: &Arc<World>) {
    world.tells(|| "the storm is over".to_owned());
    world.set_storm(false);
    world.store_comes_back();
    if world.counted(&["deploy"]) > 0 {
        // A deployment that was taken back comes again in the end: what the newer version wrote goes on.
        for node in &mut *lock(&world.nodes) {
            node.version = version::NEW;
        }
        for node in 0..world.plan.nodes {
            World::goes_down(world, node);
        }
        world.watch.node_died();
    }
    for node in 0..world.plan.nodes {
        let (down, frozen) = {
            let nodes = lock(&world.nodes);
            (nodes[node].engine.is_none(), nodes[node].frozen)
        };
        if down {
            World::starts(world, node);
        } else if frozen {
            world.freezes(node, false);
        }
    }
}

/// Lets the world go on for so long, or until it is where it should be, or a promise breaks.
fn until(world: &World, time: SignedDuration, done: impl Fn(&World) -> bool) {
    let end = world.now().checked_add(time).unwrap_or(Timestamp::MAX);
    let mut looked = world.now();
    loop {
        if world.witness.is_broken() {
            return;
        }
        let steps = world.scheduler.steps();
        if steps > STEPS_MAX {
            world
                .witness
                .breaks("P4", format!("no rest after {STEPS_MAX} steps"));
            return;
        }
        let now = world.now();
        if now > looked || steps.is_multiple_of(16) {
            looked = now;
            if done(world) {
                return;
            }
        }
        if !world.scheduler.step(end, || world.next_work()) {
            world
                .scheduler
                .jump(end.duration_since(world.now()).max(SignedDuration::ZERO));
            return;
        }
    }
}

/// Nothing is open, nothing is owed, and everything has left.
fn is_at_rest(world: &World) -> bool {
    if world.is_busy() {
        return false;
    }
    let memory = lock(&world.memory);
    let tables = &memory.tables;
    let open = || tables.changes.values().any(|change| change.open);
    let owed = || {
        tables.effects.iter().any(|effect| {
            matches!(effect.row.status, EffectStatus::Intent | EffectStatus::Unknown) || !effect.row.consumed
        })
    };
    let charging = || {
        use OverageStatus::{Charged, Waived};
        let over = |status| matches!(status, Charged | Waived);
        // Who has no customer at the provider yet is looked at daily.
        let soon = world
            .now()
            .checked_add(SignedDuration::from_hours(2))
            .unwrap_or(Timestamp::MAX);
        tables
            .overages
            .values()
            .any(|row| !over(row.status) && row.next_try_at <= soon)
    };
    !open() && !owed() && !charging() && tables.next_outbox().is_none()
}

/// Waits for the days that something is promised for.
fn keeps_promises(world: &World) {
    // What a client's use came to beyond its limits is charged when its month ends.
    if world.plan.looks_far && world.playbook.policy.clients.is_some() {
        until(world, DAY * MONTH_DAYS, |_| false);
    }
    let days = if world.plan.looks_far {
        FAR_PROMISES_MAX_DAYS
    } else {
        PROMISES_MAX_DAYS
    };
    for left in (0..days).rev() {
        let end = world.now().checked_add(DAY * i32::try_from(left).unwrap_or(0));
        if !is_promised_until(world, end.unwrap_or(Timestamp::MAX)) {
            break;
        }
        until(world, DAY, |_| false);
    }
    until(world, CALM_MAX, is_at_rest);
}

fn is_promised_until(world: &World, end: Timestamp) -> bool {
    let memory = lock(&world.memory);
    let promised = memory
        .tables
        .changes
        .values()
        .filter(|change| change.is_promised());
    let mut stages = promised.filter_map(|change| read_stage(&change.stage).ok());
    stages.any(|stage| match stage {
        Stage::TicketScheduled { at, .. } => at < end,
        _ => true,
    })
}

fn report(world: &World) -> Report {
    let tables = lock(&world.memory).tables.clone();
    let mut hash = Sha256::new();
    let mut tally: BTreeMap<String, u64> = BTreeMap::new();
    for change in tables.changes.values() {
        hash.update(change.id.0.as_bytes());
        hash.update(change.journal_head);
        *tally.entry(format!("change: {}", change.stage_name)).or_default() += 1;
        *tally
            .entry(format!(
                "change of {:?}: {}",
                world.plan.seller, change.stage_name
            ))
            .or_default() += 1;
    }
    for lines in tables.contract_journal.values() {
        hash.update(lines.last().map_or([0; 32], |line| line.hash));
    }
    for mail in lock(&world.mailbox.mails).iter() {
        hash.update(mail.as_bytes());
    }
    for (name, count) in lock(&world.tally).iter() {
        tally.insert(name.clone(), *count);
    }
    let crashes = lock(&world.crashes);
    Report {
        broken: world.witness.broken(),
        hash: hex::encode(&hash.finalize()[..16]),
        steps: world.scheduler.steps(),
        tally,
        reached: crashes.reached.clone(),
    }
}
