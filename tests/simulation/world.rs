//! One simulated world: everything that there is, and who can reach what.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use changeover::domain::catalog::{Playbook, Selection, SellerId};
use changeover::domain::metering::Quantity;
use changeover::domain::money::Currency;
use changeover::engine::CrashPoint;
use changeover::ports::time::{Clock, Ids};
use changeover::sandbox::Sandbox;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::bugs::Bug;
use crate::chance::Chance;
use crate::mailbox::Mailbox;
use crate::node::Node;
use crate::plan::{Plan, Weather};
use crate::scheduler::Scheduler;
use crate::store::{Memory, Tables};
use crate::version;
use crate::watch::Watch;
use crate::witness::Witness;

/// How many of the last commits a fail-over can lose at most.
pub const COMMITS_LOST_MAX: usize = 40;

/// Everything that there is. Shared by all tasks of one run, and by nobody else.
pub struct World {
    /// What the seed decided.
    pub plan: Plan,
    /// The bug that was seeded, if one was.
    pub bug: Option<Bug>,
    /// Time, and who goes on.
    pub scheduler: Scheduler,
    /// The database.
    pub memory: Mutex<Memory>,
    /// The database as it was before each of its last commits.
    pub before: Mutex<VecDeque<Tables>>,
    /// The provider.
    pub sandbox: Sandbox,
    /// The provider's front door.
    pub router: Router,
    /// The seller's rules.
    pub playbook: Arc<Playbook>,
    /// The seller.
    pub seller: SellerId,
    /// In which currency everybody pays.
    pub currency: Currency,
    /// The nodes.
    pub nodes: Mutex<Vec<Node>>,
    /// Where mails and events arrive.
    pub mailbox: Mailbox,
    /// What is checked on the way.
    pub watch: Watch,
    /// What was seen.
    pub witness: Witness,
    /// Use that was reported and acknowledged, by the names of the reports.
    pub used: Mutex<BTreeMap<String, Quantity>>,
    /// Selections that no catalogue can find possible, and that were asked for all the same.
    pub spoiled: Mutex<Vec<Selection>>,
    /// What went wrong, and how often.
    pub tally: Mutex<BTreeMap<String, u64>>,
    /// Where nodes must die, and where they did.
    pub crashes: Mutex<Crashes>,
    dice: Mutex<Chance>,
    storm: Mutex<bool>,
    away_until: Mutex<Timestamp>,
    ids: AtomicU64,
    active: AtomicU64,
}

/// Somebody who still acts: without them nothing new begins.
pub struct Here(Arc<World>);

impl Drop for Here {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Crash points: what is armed, and what was reached.
#[derive(Debug, Default)]
pub struct Crashes {
    /// Where nodes die next, in order, each at the nth pass from the one before it.
    pub armed: VecDeque<(CrashPoint, u64)>,
    /// Where nodes have died.
    pub reached: Vec<CrashPoint>,
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a world is put together from.
pub struct Parts {
    pub plan: Plan,
    pub bug: Option<Bug>,
    pub scheduler: Scheduler,
    pub memory: Memory,
    pub sandbox: Sandbox,
    pub playbook: Arc<Playbook>,
    pub witness: Witness,
    pub armed: VecDeque<(CrashPoint, u64)>,
}

impl World {
    pub fn new(parts: Parts) -> Arc<Self> {
        let dice = Mutex::new(Chance::of(parts.plan.seed, "dice"));
        let currencies = &parts.playbook.seller.currencies;
        let currency = *Chance::of(parts.plan.seed, "currency").one_of(currencies);
        Arc::new(Self {
            router: parts.sandbox.router(),
            seller: parts.playbook.seller.id.clone(),
            currency,
            bug: parts.bug,
            scheduler: parts.scheduler,
            memory: Mutex::new(parts.memory),
            before: Mutex::default(),
            sandbox: parts.sandbox,
            playbook: parts.playbook,
            nodes: Mutex::default(),
            mailbox: Mailbox::default(),
            watch: Watch::default(),
            witness: parts.witness,
            used: Mutex::default(),
            spoiled: Mutex::default(),
            tally: Mutex::default(),
            crashes: Mutex::new(Crashes {
                armed: parts.armed,
                ..Crashes::default()
            }),
            dice,
            storm: Mutex::new(false),
            away_until: Mutex::new(parts.plan.start),
            ids: AtomicU64::new(0),
            active: AtomicU64::new(0),
            plan: parts.plan,
        })
    }

    pub fn now(&self) -> Timestamp {
        self.scheduler.now()
    }

    /// Somebody begins to act.
    pub fn enters(world: &Arc<Self>) -> Here {
        world.active.fetch_add(1, Ordering::SeqCst);
        Here(world.clone())
    }

    /// Whether somebody still acts.
    pub fn is_busy(&self) -> bool {
        self.active.load(Ordering::SeqCst) > 0
    }

    /// Whether this bug was seeded.
    pub fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// Draws from the world's own chance.
    pub fn dice(&self) -> MutexGuard<'_, Chance> {
        lock(&self.dice)
    }

    /// Whether faults strike.
    pub fn storms(&self) -> bool {
        *lock(&self.storm)
    }

    pub fn set_storm(&self, on: bool) {
        *lock(&self.storm) = on;
    }

    /// Whether something happens that happens so often while faults strike.
    pub fn strikes(&self, name: &'static str, rate: impl Fn(&Weather) -> u64) -> bool {
        let struck = self.storms() && self.dice().permille(rate(&self.plan.weather));
        if struck {
            self.count(name);
        }
        struck
    }

    /// Counts a fault that struck.
    pub fn count(&self, name: impl Into<String>) {
        *lock(&self.tally).entry(name.into()).or_default() += 1;
    }

    /// How often a fault has struck.
    pub fn counted(&self, names: &[&str]) -> u64 {
        let tally = lock(&self.tally);
        tally
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()))
            .map(|(_, count)| count)
            .sum()
    }

    pub fn is_store_away(&self) -> bool {
        self.now() < *lock(&self.away_until)
    }

    pub fn store_goes_away(&self, time: SignedDuration) {
        *lock(&self.away_until) = self.now().checked_add(time).unwrap_or(Timestamp::MAX);
    }

    pub fn store_comes_back(&self) {
        *lock(&self.away_until) = self.now();
    }

    /// Tells a step of the run.
    pub fn tells(&self, what: impl FnOnce() -> String) {
        self.witness.tells(self.now(), what);
    }

    /// When there is work for engines next: what they nap for. What only a newer node can do is none.
    pub fn next_work(&self) -> Option<Timestamp> {
        let newest = lock(&self.nodes).iter().map(|node| node.version).max();
        let memory = lock(&self.memory);
        version::during(newest.unwrap_or(version::OLD), || memory.tables.next_due())
            .into_iter()
            .chain(memory.tables.next_outbox())
            .min()
    }

    /// Ids in the order of their making.
    pub fn new_id(&self, now: Timestamp) -> Uuid {
        let random = self.random();
        let mut tail = [0; 10];
        tail.copy_from_slice(&random[..10]);
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }

    fn random(&self) -> [u8; 32] {
        let nth = self.ids.fetch_add(1, Ordering::SeqCst);
        Sha256::digest(format!("{} {nth}", self.plan.seed)).into()
    }
}

/// The time of one node: that of the world, but for what its own clock is off.
pub struct NodeClock {
    pub scheduler: Scheduler,
    pub skew: SignedDuration,
}

impl Clock for NodeClock {
    fn now(&self) -> Timestamp {
        self.scheduler
            .now()
            .checked_add(self.skew)
            .unwrap_or(Timestamp::MAX)
    }

    fn wait_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let theirs = at.checked_sub(self.skew).unwrap_or(Timestamp::MIN);
        Box::pin(self.scheduler.nap_until(theirs))
    }
}

/// Ids of one node.
pub struct NodeIds(pub Arc<World>);

impl Ids for NodeIds {
    fn new_id(&self, now: Timestamp) -> Uuid {
        self.0.new_id(now)
    }

    fn secret(&self) -> [u8; 32] {
        self.0.random()
    }
}
