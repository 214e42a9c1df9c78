//! The one door: every request, button and passing second goes through [`Sandbox::act`], which decides under one lock and
//! answers when the decision is durable. It ties the world, the kept answers, the webhooks and the clock together, and
//! knows HTTP by nothing but its webhooks.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sha2::{Digest, Sha256};
use tokio::{
    sync::{Notify, Semaphore, watch},
    task::JoinSet,
};

use super::{
    Data, Options, SandboxError,
    clock::RealTime,
    delivery::{Round, Sender, target},
    faults::Faults,
    file::DurableFile,
    journal::Journal,
    published::Published,
    state::State,
};

/// The longest sleep between two looks at the clock.
const NAP_MAX: Duration = Duration::from_mins(1);
/// The shortest one, should work be due that cannot be done.
const NAP_MIN: Duration = Duration::from_secs(1);
/// Requests that a fault leaves hanging at once.
const HANGING_MAX: usize = 256;
/// How long a hanging request is held if its client never gives up.
const HANGING_TIME_MAX: Duration = Duration::from_mins(15);

struct Inner {
    published: &'static Published,
    strict: bool,
    real_time: RealTime,
    state: Mutex<State>,
    file: Option<DurableFile>,
    faults: Mutex<Faults>,
    journal: Mutex<Journal>,
    sender: Sender,
    woken: Notify,
    closing: watch::Sender<bool>,
    hanging: Semaphore,
    request_ids: (String, AtomicU64),
}

/// A Stripe-compatible sandbox. Clones are the same sandbox.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

impl Sandbox {
    /// Opens a sandbox without listening anywhere: what its file holds, or an empty one.
    ///
    /// # Errors
    /// Everything that can be wrong with the file, and a webhook address that is not on loopback.
    pub async fn open(options: &Options) -> Result<Sandbox, SandboxError> {
        let (file, rows) = match &options.data {
            Data::Memory => (None, Vec::new()),
            Data::File(path) => {
                let (file, rows) = DurableFile::open(path).await?;
                (Some(file), rows)
            }
        };
        let mut state = State::restore(options, rows)?;
        for (nth, webhook) in options.webhooks.iter().enumerate() {
            target(&webhook.url).map_err(SandboxError::WebhookTarget)?;
            let now = state.clock.now();
            state
                .hooks
                .listen_from_start(nth, &webhook.url, &webhook.secret, now);
        }
        let prefix = format!("{} {}", state.seed, state.starts);
        let inner = Inner {
            published: Published::load()?,
            strict: options.strict,
            real_time: Arc::clone(&options.real_time),
            state: Mutex::new(state),
            file,
            faults: Mutex::default(),
            journal: Mutex::default(),
            sender: Sender::new(),
            woken: Notify::new(),
            closing: watch::Sender::new(false),
            hanging: Semaphore::new(HANGING_MAX),
            request_ids: (prefix, AtomicU64::new(0)),
        };
        let sandbox = Sandbox {
            inner: Arc::new(inner),
        };
        sandbox.act(|_, _| ()).await?;
        Ok(sandbox)
    }

    /// Says where the sandbox's pages are reached (`http://127.0.0.1:4242`).
    ///
    /// # Errors
    /// [`SandboxError::Broken`].
    pub fn set_base_url(&self, url: &str) -> Result<(), SandboxError> {
        self.inner
            .state
            .lock()
            .map_err(|_| SandboxError::Broken)?
            .world
            .set_base_url(url);
        Ok(())
    }

    /// Decides something, and returns when that is durable, together with everything decided before it.
    ///
    /// # Errors
    /// [`SandboxError::Broken`] when it cannot become durable. Then it did not happen: nothing will be answered again.
    pub(super) async fn act<T>(&self, decide: impl FnOnce(&mut State, i64) -> T) -> Result<T, SandboxError> {
        let slot = match &self.inner.file {
            Some(file) => Some(file.reserve().await?),
            None => None,
        };
        let (outcome, durable) = {
            let mut state = self.inner.state.lock().map_err(|_| SandboxError::Broken)?;
            let now = state.clock.now();
            let outcome = decide(&mut state, now);
            let writes = state.take_writes();
            if !writes.is_empty() {
                self.inner.woken.notify_one();
            }
            (outcome, slot.map(|slot| slot.commit(writes)))
        };
        if let Some(durable) = durable {
            durable.await.map_err(|_| SandboxError::Broken)?;
        }
        Ok(outcome)
    }

    /// Lets go of a key whose request was not executed. Needs no durability: what is in flight is never stored.
    pub(super) fn release(&self, key: &str) {
        if let Ok(mut state) = self.inner.state.lock() {
            state.answers.release(key);
        }
    }

    /// Does the work that time brings, once: what is due in the world, and one round of webhooks, to their end. For
    /// tests that drive the clock; `serve` does it by itself.
    ///
    /// # Errors
    /// [`SandboxError::Broken`].
    pub async fn tick(&self) -> Result<usize, SandboxError> {
        let (rounds, _) = self.due().await?;
        let count = rounds.len();
        for round in rounds {
            self.deliver(round).await?;
        }
        Ok(count)
    }

    /// Plays the world up to now, and hands out the webhooks that are due instead of sending them: each payload counts as
    /// delivered, and whoever takes it signs and carries it. For simulations.
    ///
    /// # Errors
    /// [`SandboxError::Broken`].
    pub async fn hand_out(&self) -> Result<Vec<String>, SandboxError> {
        let mut handed_out = Vec::new();
        loop {
            let (rounds, _) = self.due().await?;
            if rounds.is_empty() {
                return Ok(handed_out);
            }
            self.act(|state, now| {
                for round in rounds {
                    for parcel in round.parcels {
                        state.hooks.settle(&parcel, &Ok(200), now);
                        handed_out.push(parcel.payload);
                    }
                    state.hooks.round_over(&round.endpoint);
                }
            })
            .await?;
        }
    }

    /// When something happens by itself in the sandbox next, in unix seconds of its clock.
    ///
    /// # Errors
    /// [`SandboxError::Broken`].
    pub async fn next_due(&self) -> Result<Option<i64>, SandboxError> {
        self.act(|state, _| {
            [state.world.next_due(), state.hooks.next_due()]
                .into_iter()
                .flatten()
                .min()
        })
        .await
    }

    /// Does the work that time brings, until the sandbox closes.
    pub(super) async fn work(&self) -> Result<(), SandboxError> {
        let mut rounds = JoinSet::new();
        let mut closing = self.inner.closing.subscribe();
        loop {
            let (due, nap) = self.due().await?;
            for round in due {
                let sandbox = self.clone();
                rounds.spawn(async move { sandbox.deliver(round).await });
            }
            tokio::select! {
                biased;
                _ = closing.wait_for(|closing| *closing) => return Ok(()),
                Some(done) = rounds.join_next(), if !rounds.is_empty() => done.map_err(|_| SandboxError::Broken)??,
                () = self.inner.woken.notified() => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
    }

    /// Plays the world up to now; returns the webhooks that are due, and how long nothing else will be.
    async fn due(&self) -> Result<(Vec<Round>, Duration), SandboxError> {
        self.act(|state, now| {
            state.world.advance_to(now);
            state.queue_events(now);
            let rounds = state.hooks.take_due(now);
            let next = [state.world.next_due(), state.hooks.next_due()]
                .into_iter()
                .flatten()
                .min();
            let seconds = next.map_or(i64::MAX, |due| due.saturating_sub(now));
            let nap = Duration::from_secs(u64::try_from(seconds).unwrap_or(0)).clamp(NAP_MIN, NAP_MAX);
            (rounds, if state.clock.is_frozen() { NAP_MAX } else { nap })
        })
        .await
    }

    async fn deliver(&self, round: Round) -> Result<(), SandboxError> {
        for parcel in &round.parcels {
            // Receivers compare the signature's time with their own clocks, which tell the real time.
            let outcome = self.inner.sender.send(parcel, (self.inner.real_time)()).await;
            self.act(|state, now| state.hooks.settle(parcel, &outcome, now))
                .await?;
        }
        self.act(|state, _| state.hooks.round_over(&round.endpoint))
            .await?;
        self.inner.woken.notify_one();
        Ok(())
    }

    /// Holds a request until its client gives up, the sandbox closes, or patience ends.
    pub(super) async fn hang(&self) {
        let Ok(_held) = self.inner.hanging.try_acquire() else {
            return;
        };
        let mut closing = self.inner.closing.subscribe();
        // Either way the connection is broken off afterwards.
        let _ = tokio::time::timeout(HANGING_TIME_MAX, closing.wait_for(|closing| *closing)).await;
    }

    /// Commits what is decided, and lets go of the file. Later requests are refused.
    pub async fn close(&self) {
        self.inner.closing.send_replace(true);
        if let Some(file) = &self.inner.file {
            file.close().await;
        }
    }

    /// Tells everybody who waits that the sandbox is about to close.
    pub(super) fn announce_close(&self) -> watch::Receiver<bool> {
        self.inner.closing.send_replace(true);
        self.inner.closing.subscribe()
    }

    /// Becomes true when the sandbox is about to close.
    pub(super) fn closing(&self) -> watch::Receiver<bool> {
        self.inner.closing.subscribe()
    }

    /// Waits until the file's writer has ended, which it does by itself only when a commit failed.
    pub(super) async fn broken(&self) -> SandboxError {
        match &self.inner.file {
            Some(file) => file.ended().await,
            None => std::future::pending().await,
        }
        SandboxError::Broken
    }

    /// A new `Request-Id`. No two runs on one file give the same.
    pub(super) fn next_request_id(&self) -> String {
        let (prefix, counter) = &self.inner.request_ids;
        let number = counter.fetch_add(1, Ordering::Relaxed);
        let mut id = hex::encode(Sha256::digest(format!("request {prefix} {number}")));
        id.truncate(14);
        format!("req_{id}")
    }

    pub(super) fn published(&self) -> &'static Published {
        self.inner.published
    }

    pub(super) fn is_strict(&self) -> bool {
        self.inner.strict
    }

    /// The fault rules. A panic while they are held leaves counters behind at worst, so its mark is ignored.
    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.inner.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last requests.
    pub(super) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.inner.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sandbox time, for what needs no decision.
    pub(super) fn now(&self) -> i64 {
        self.inner.state.lock().map_or(0, |mut state| state.clock.now())
    }
}
