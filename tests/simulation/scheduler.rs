//! Simulated time, and who goes on in it: a single-threaded executor in which the seed decides the order of everything.
//!
//! Time stands still while anybody can go on, and then jumps to the next moment at which somebody can. Waiting comes in two
//! kinds: a **timer** ends at its instant; a **nap** is an engine's look for work that may be there. Where no work is due, naps
//! are slept through until some is, so that a quiet week costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
    ready: Arc<Ready>,
    steps: Arc<AtomicU64>,
}

/// Those who can go on, by the order in which they were made. They are few; so a list is quicker than any tree.
type Ready = Mutex<Vec<Arc<Task>>>;

struct Task {
    id: u64,
    group: Group,
    /// Taken out while it is polled, and for good when it has ended or was killed.
    future: Mutex<Option<BoxFuture<'static, ()>>>,
    /// Whether it has ended or was killed: it is never woken again.
    is_over: AtomicBool,
    ready: Arc<Ready>,
}

struct State {
    now: Timestamp,
    chance: Chance,
    made: u64,
    tasks: BTreeMap<u64, Arc<Task>>,
    timers: BTreeMap<(Timestamp, u64), Waker>,
    naps: BTreeMap<(Timestamp, u64), Waker>,
    frozen: BTreeSet<Group>,
    versions: BTreeMap<Group, u32>,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        if self.is_over.load(Ordering::SeqCst) {
            return;
        }
        let ready = self.ready.clone();
        let mut ready = lock(&ready);
        // Whoever was made last is mostly woken last.
        let mut place = ready.len();
        while place > 0 && ready[place - 1].id >= self.id {
            place -= 1;
        }
        if ready.get(place).is_none_or(|task| task.id != self.id) {
            ready.insert(place, self);
        }
    }
}

impl Task {
    /// It is over, whoever still holds a waker of it; what is left of it falls with what is given back.
    fn ends(&self) -> Option<BoxFuture<'static, ()>> {
        self.is_over.store(true, Ordering::SeqCst);
        lock(&self.ready).retain(|ready| ready.id != self.id);
        lock(&self.future).take()
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
            tasks: BTreeMap::new(),
            timers: BTreeMap::new(),
            naps: BTreeMap::new(),
            frozen: BTreeSet::new(),
            versions: BTreeMap::new(),
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            ready: Arc::default(),
            steps: Arc::default(),
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
        self.steps.load(Ordering::SeqCst)
    }

    /// Starts a task.
    pub fn spawn(&self, group: Group, future: impl Future<Output = ()> + Send + 'static) {
        let mut state = self.state();
        state.made += 1;
        let task = Arc::new(Task {
            id: state.made,
            group,
            future: Mutex::new(Some(Box::pin(future))),
            is_over: AtomicBool::new(false),
            ready: self.ready.clone(),
        });
        state.tasks.insert(task.id, task.clone());
        drop(state);
        task.wake();
    }

    /// Ends all tasks of a group where they stand. One that is just being polled ends itself.
    pub fn kill(&self, group: Group) {
        let mut state = self.state();
        state.frozen.remove(&group);
        let theirs: Vec<_> = state
            .tasks
            .extract_if(.., |_, task| task.group == group)
            .collect();
        drop(state);
        Self::end(theirs);
    }

    /// Ends everything: what is left over would keep itself alive.
    pub fn clear(&self) {
        let all = std::mem::take(&mut self.state().tasks);
        Self::end(all);
    }

    /// What falls may wake others and come back here; so all of them are over before the first one falls.
    fn end(tasks: impl IntoIterator<Item = (u64, Arc<Task>)>) {
        let ended: Vec<_> = tasks.into_iter().map(|(_, task)| task.ends()).collect();
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
        let mut state = self.state();
        let millis = state.chance.below(from..to.max(from + 1));
        let time = SignedDuration::from_millis(i64::try_from(millis).unwrap_or(0));
        let at = state.now.checked_add(time).unwrap_or(Timestamp::MAX);
        drop(state);
        self.sleep_until(at)
    }

    /// Lets somebody go on, or time pass, but not beyond `until`. `due` says when there is work for those who nap. `false` when
    /// nothing is left to happen before `until`.
    pub fn step(&self, until: Timestamp, due: impl FnOnce() -> Option<Timestamp>) -> bool {
        match self.pick() {
            Some((task, version)) => {
                self.poll(&task, version);
                true
            }
            None => self.pass(until, due),
        }
    }

    /// Somebody who can go on, and of which version they are.
    fn pick(&self) -> Option<(Arc<Task>, u32)> {
        let mut state = self.state();
        let mut ready = lock(&self.ready);
        let State {
            chance,
            frozen,
            versions,
            ..
        } = &mut *state;
        let place = if frozen.is_empty() {
            (!ready.is_empty()).then(|| chance.place_in(ready.len()))?
        } else {
            let able = |(_, task): &(usize, &Arc<Task>)| !frozen.contains(&task.group);
            let able: Vec<usize> = ready
                .iter()
                .enumerate()
                .filter(able)
                .map(|(nth, _)| nth)
                .collect();
            (!able.is_empty()).then(|| *chance.one_of(&able))?
        };
        let task = ready.remove(place);
        let version = match task.group {
            Group::World => version::NEW,
            node @ Group::Node(_) => versions.get(&node).copied().unwrap_or(version::NEW),
        };
        Some((task, version))
    }

    fn poll(&self, task: &Arc<Task>, version: u32) {
        self.steps.fetch_add(1, Ordering::SeqCst);
        let taken = lock(&task.future).take();
        let Some(mut future) = taken else {
            return;
        };
        let waker = Waker::from(task.clone());
        let mut context = Context::from_waker(&waker);
        let polled = version::during(version, || future.as_mut().poll(&mut context));
        if polled.is_pending() && !task.is_over.load(Ordering::SeqCst) {
            *lock(&task.future) = Some(future);
            return;
        }
        let ended = self.state().tasks.remove(&task.id);
        task.ends();
        // What falls may wake others and come back here.
        drop((ended, future));
    }

    /// Nobody can go on: time passes.
    fn pass(&self, until: Timestamp, due: impl FnOnce() -> Option<Timestamp>) -> bool {
        let (timer, nap) = {
            let state = self.state();
            let first = |waiting: &BTreeMap<(Timestamp, u64), Waker>| {
                waiting.first_key_value().map(|((at, _), _)| *at)
            };
            (first(&state.timers), first(&state.naps))
        };
        // A nap ends when there is work, and not before its own time: where a timer ends before that, nobody has to look for work.
        let nap = nap.filter(|nap| timer.is_none_or(|timer| *nap < timer));
        let nap = nap.and_then(|nap| Some(nap.max(due()?)));
        let (at, is_nap) = match (timer, nap) {
            (Some(at), Some(nap)) if nap < at => (nap, true),
            (Some(at), _) => (at, false),
            (None, Some(nap)) => (nap, true),
            (None, None) => return false,
        };
        if at > until {
            return false;
        }
        if let Some(waker) = self.state().passes_to(at, is_nap) {
            waker.wake();
        }
        true
    }
}

impl State {
    /// Time passes, and one of those whose wait is over by then is drawn.
    fn passes_to(&mut self, at: Timestamp, naps: bool) -> Option<Waker> {
        self.now = self.now.max(at);
        let waiting = if naps { &mut self.naps } else { &mut self.timers };
        let over = waiting.keys().take_while(|(at, _)| *at <= self.now).count();
        let nth = self.chance.place_in(over);
        let key = *waiting.keys().nth(nth)?;
        waiting.remove(&key)
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
        let Self {
            scheduler,
            at,
            key: place,
            nap,
        } = &mut *self;
        let mut state = scheduler.state();
        let now = state.now;
        // Even a sleep of no time lets others go first.
        if let Some(key) = *place {
            let waits = state.waits(*nap);
            if let Some(waker) = waits.get_mut(&key) {
                waker.clone_from(context.waker());
                return Poll::Pending;
            }
            if now >= *at {
                *place = None;
                return Poll::Ready(());
            }
            waits.insert(key, context.waker().clone());
            return Poll::Pending;
        }
        state.made += 1;
        let key = ((*at).max(now), state.made);
        state.waits(*nap).insert(key, context.waker().clone());
        *place = Some(key);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.scheduler.state().waits(self.nap).remove(&key);
        }
    }
}
