//! Simulated time, and who goes on in it: a single-threaded executor in which the seed decides the order of everything.
//!
//! Time stands still while anybody can go on, and then jumps to the next moment at which somebody can. Waiting comes in two
//! kinds: a **timer** ends at its instant; a **nap** is an engine's look for work that may be there. Where no work is due, naps
//! are slept through until some is, so that a quiet week costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use crate::chance::Chance;
use crate::version;

/// Whose task it is: a killed node's tasks end, a frozen one's stand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Of nobody who could die: networks, databases, customers.
    World,
    /// Of one node.
    Node(usize),
}

/// Runs tasks in simulated time. Clones are the same scheduler.
#[derive(Clone)]
pub struct Scheduler {
    state: Arc<Mutex<State>>,
    ready: Arc<Mutex<BTreeSet<u64>>>,
}

struct Task {
    group: Group,
    /// Taken out while it is polled.
    future: Option<BoxFuture<'static, ()>>,
    waker: Waker,
}

struct State {
    now: Timestamp,
    chance: Chance,
    made: u64,
    steps: u64,
    tasks: BTreeMap<u64, Task>,
    timers: BTreeMap<(Timestamp, u64), Waker>,
    naps: BTreeMap<(Timestamp, u64), Waker>,
    frozen: BTreeSet<Group>,
    versions: BTreeMap<Group, u32>,
}

struct Ring {
    task: u64,
    ready: Arc<Mutex<BTreeSet<u64>>>,
}

impl Wake for Ring {
    fn wake(self: Arc<Self>) {
        lock(&self.ready).insert(self.task);
    }
}

impl State {
    fn waits(&mut self, nap: bool) -> &mut BTreeMap<(Timestamp, u64), Waker> {
        if nap { &mut self.naps } else { &mut self.timers }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Scheduler {
    /// A scheduler at this instant.
    pub fn new(now: Timestamp, chance: Chance) -> Self {
        let state = State {
            now,
            chance,
            made: 0,
            steps: 0,
            tasks: BTreeMap::new(),
            timers: BTreeMap::new(),
            naps: BTreeMap::new(),
            frozen: BTreeSet::new(),
            versions: BTreeMap::new(),
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            ready: Arc::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        self.state().now
    }

    /// How often somebody went on.
    pub fn steps(&self) -> u64 {
        self.state().steps
    }

    /// Starts a task.
    pub fn spawn(&self, group: Group, future: impl Future<Output = ()> + Send + 'static) {
        let mut state = self.state();
        state.made += 1;
        let id = state.made;
        let ring = Ring {
            task: id,
            ready: self.ready.clone(),
        };
        let task = Task {
            group,
            future: Some(Box::pin(future)),
            waker: Arc::new(ring).into(),
        };
        state.tasks.insert(id, task);
        drop(state);
        lock(&self.ready).insert(id);
    }

    /// Ends all tasks of a group where they stand. One that is just being polled ends itself.
    pub fn kill(&self, group: Group) {
        let mut state = self.state();
        state.frozen.remove(&group);
        let tasks = state.tasks.iter();
        let theirs: Vec<u64> = tasks
            .filter(|(_, task)| task.group == group)
            .map(|(id, _)| *id)
            .collect();
        let ended: Vec<Task> = theirs.iter().filter_map(|id| state.tasks.remove(id)).collect();
        drop(state);
        // What falls may wake others and come back here.
        drop(ended);
    }

    /// Ends everything: what is left over would keep itself alive.
    pub fn clear(&self) {
        let ended = std::mem::take(&mut self.state().tasks);
        drop(ended);
    }

    /// Lets a group stand still, or go on.
    pub fn freeze(&self, group: Group, frozen: bool) {
        let mut state = self.state();
        if frozen {
            state.frozen.insert(group);
        } else {
            state.frozen.remove(&group);
        }
    }

    /// From now on a group is a node of this version of the machine.
    pub fn runs(&self, group: Group, version: u32) {
        self.state().versions.insert(group, version);
    }

    /// Lets time jump forward without anybody noticing on the way.
    pub fn jump(&self, by: SignedDuration) {
        let mut state = self.state();
        state.now = state.now.checked_add(by).unwrap_or(Timestamp::MAX);
    }

    /// Ends after so long.
    pub fn sleep(&self, time: SignedDuration) -> Sleep {
        self.sleep_until(self.now().checked_add(time).unwrap_or(Timestamp::MAX))
    }

    /// Ends at an instant.
    pub fn sleep_until(&self, at: Timestamp) -> Sleep {
        self.wait(at, false)
    }

    /// Ends at an instant, or later where there is nothing to do.
    pub fn nap_until(&self, at: Timestamp) -> Sleep {
        self.wait(at, true)
    }

    fn wait(&self, at: Timestamp, nap: bool) -> Sleep {
        Sleep {
            scheduler: self.clone(),
            at,
            key: None,
            nap,
        }
    }

    /// Sleeps for a drawn number of milliseconds.
    pub fn hop(&self, from: u64, to: u64) -> Sleep {
        let millis = self.state().chance.below(from..to.max(from + 1));
        self.sleep(SignedDuration::from_millis(i64::try_from(millis).unwrap_or(0)))
    }

    /// Lets somebody go on, or time pass, but not beyond `until`. `due` says when there is work for those who nap. `false` when
    /// nothing is left to happen before `until`.
    pub fn step(&self, until: Timestamp, due: impl FnOnce() -> Option<Timestamp>) -> bool {
        match self.pick() {
            Some(task) => {
                self.poll(task);
                true
            }
            None => self.pass(until, due()),
        }
    }

    fn pick(&self) -> Option<u64> {
        let mut state = self.state();
        let mut ready = lock(&self.ready);
        ready.retain(|id| state.tasks.contains_key(id));
        let frozen = &state.frozen;
        let runs = |id: &&u64| {
            state
                .tasks
                .get(*id)
                .is_some_and(|task| !frozen.contains(&task.group))
        };
        let able: Vec<u64> = ready.iter().filter(runs).copied().collect();
        if able.is_empty() {
            return None;
        }
        let task = *state.chance.one_of(&able);
        ready.remove(&task);
        Some(task)
    }

    fn poll(&self, id: u64) {
        let taken = {
            let mut state = self.state();
            state.steps += 1;
            let found = state.tasks.get_mut(&id);
            let taken = found.and_then(|task| Some((task.group, task.future.take()?, task.waker.clone())));
            taken.map(|(group, future, waker)| {
                let version = state.versions.get(&group).copied().unwrap_or(version::NEW);
                (version, future, waker)
            })
        };
        let Some((version, mut future, waker)) = taken else {
            return;
        };
        let mut context = Context::from_waker(&waker);
        let polled = version::during(version, || future.as_mut().poll(&mut context));
        let mut state = self.state();
        if let (Poll::Pending, Some(task)) = (polled, state.tasks.get_mut(&id)) {
            task.future = Some(future);
            return;
        }
        let ended = (state.tasks.remove(&id), future);
        drop(state);
        // What falls may wake others and come back here.
        drop(ended);
    }

    /// Nobody can go on: time passes.
    fn pass(&self, until: Timestamp, due: Option<Timestamp>) -> bool {
        let mut state = self.state();
        let timer = state.timers.first_key_value().map(|(key, _)| *key);
        let nap = state.naps.first_key_value().map(|(key, _)| *key);
        // A nap ends when there is work, and not before its own time.
        let nap = nap.and_then(|(at, key)| Some((at.max(due?), key)));
        let (at, is_nap) = match (timer, nap) {
            (Some((at, _)), Some((nap, _))) if nap < at => (nap, true),
            (Some((at, _)), _) => (at, false),
            (None, Some((nap, _))) => (nap, true),
            (None, None) => return false,
        };
        if at > until {
            return false;
        }
        state.now = state.now.max(at);
        let now = state.now;
        let waiting = if is_nap { &state.naps } else { &state.timers };
        let over: Vec<(Timestamp, u64)> = waiting.range(..=(now, u64::MAX)).map(|(key, _)| *key).collect();
        let key = *state.chance.one_of(&over);
        let waker = if is_nap {
            state.naps.remove(&key)
        } else {
            state.timers.remove(&key)
        };
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }
}

/// Waits in simulated time.
pub struct Sleep {
    scheduler: Scheduler,
    at: Timestamp,
    key: Option<(Timestamp, u64)>,
    nap: bool,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let scheduler = self.scheduler.clone();
        let mut state = scheduler.state();
        let now = state.now;
        // Even a sleep of no time lets others go first.
        if let Some(key) = self.key {
            let waits = state.waits(self.nap);
            if let Some(waker) = waits.get_mut(&key) {
                waker.clone_from(context.waker());
                return Poll::Pending;
            }
            if now >= self.at {
                self.key = None;
                return Poll::Ready(());
            }
            waits.insert(key, context.waker().clone());
            return Poll::Pending;
        }
        state.made += 1;
        let key = (self.at.max(now), state.made);
        state.waits(self.nap).insert(key, context.waker().clone());
        self.key = Some(key);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            let mut state = self.scheduler.state();
            state.timers.remove(&key);
            state.naps.remove(&key);
        }
    }
}
