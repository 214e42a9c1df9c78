//! How fast one provider account is asked: a bucket for reads and one for writes, one more per endpoint, and what is learnt
//! from the provider's own "too many".
//!
//! Knows rates and time, and nothing of what is asked. A turn that would come too late is refused before anything is sent.
//! What customers wait for goes first: polls and sweeps only ever use a part of each bucket.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use governor::clock::{Clock, DefaultClock, Reference as _};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{NotUntil, Quota, RateLimiter};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::answer::{Answer, LimitedBy};

/// The longest that something waits for its turn when a customer waits for it.
const HURRIED_WAIT_MAX: Duration = Duration::from_secs(3);
/// The longest that a poll or a sweep waits for its turn: it can come back later.
const UNHURRIED_WAIT_MAX: Duration = Duration::from_secs(1);
/// How long an account or an endpoint is asked at half its rate after it has said "too many".
const SLOW_FOR: Duration = Duration::from_secs(30);
/// The longest that everything rests because one answer asked for it.
const REST_MAX: Duration = Duration::from_mins(1);
/// The share of a bucket that polls and sweeps may use, as `.0` of `.1`.
const UNHURRIED_SHARE: (u32, u32) = (3, 5);

/// The requests of one endpoint at most; Stripe allows 25 a second. Source: Stripe, "Rate limits".
const ENDPOINT_PER_SECOND: u32 = 20;
/// In live mode Stripe allows 100 requests a second and account; the rest is left to the seller's other programs. Source:
/// Stripe, "Rate limits".
const LIVE: (u32, u32) = (55, 25);
/// In a sandbox of Stripe, 25 a second and account. Source: Stripe, "Rate limits".
const TEST: (u32, u32) = (14, 6);

/// How often one account may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Requests that only read.
    pub reads: Quota,
    /// Requests that are sent by POST or DELETE.
    pub writes: Quota,
    /// Requests to any one endpoint.
    pub endpoint: Quota,
}

impl Rates {
    /// So many reads and writes a second. A burst is a quarter of that, so that even the worst second stays near the rate.
    pub fn per_second(reads: NonZeroU32, writes: NonZeroU32) -> Self {
        // Where Stripe has raised an account's limits, its endpoints take more as well.
        let endpoint = NonZeroU32::new(ENDPOINT_PER_SECOND.max(reads.get() / 3));
        Self {
            reads: evenly(reads),
            writes: evenly(writes),
            endpoint: evenly(endpoint.unwrap_or(NonZeroU32::MIN)),
        }
    }

    /// What Stripe allows in live mode, and in its own sandboxes.
    pub fn documented(live: bool) -> Self {
        let (reads, writes) = if live { LIVE } else { TEST };
        let rate = |rate| NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN);
        Self::per_second(rate(reads), rate(writes))
    }
}

fn evenly(rate: NonZeroU32) -> Quota {
    let burst = NonZeroU32::new(rate.get() / 4).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(rate).allow_burst(burst)
}

/// The same quota at a fraction of its rate.
fn share(quota: Quota, (part, of): (u32, u32)) -> Quota {
    let burst = NonZeroU32::new(quota.burst_size().get() * part / of).unwrap_or(NonZeroU32::MIN);
    let slower = Quota::with_period(quota.replenish_interval() * of / part);
    slower.unwrap_or(quota).allow_burst(burst)
}

/// Whether somebody waits for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// A customer does, or a call that has to come to its end.
    Hurried,
    /// Nobody does: polls and sweeps.
    Unhurried,
}

impl Urgency {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Hurried => "hurried",
            Self::Unhurried => "unhurried",
        }
    }
}

type Direct<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;
type Keyed<C> = RateLimiter<String, DefaultKeyedStateStore<String>, C, NoOpMiddleware<<C as Clock>::Instant>>;
type Refused<C> = NotUntil<<C as Clock>::Instant>;
type Sleep = Box<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>;

/// The buckets of one account.
pub struct Pace<C: Clock = DefaultClock> {
    clock: C,
    sleep: Sleep,
    gates: Option<Gates<C>>,
    trouble: Mutex<Trouble<C::Instant>>,
}

struct Gates<C: Clock> {
    reads: Bucket<C>,
    writes: Bucket<C>,
    endpoint: Keyed<C>,
    slow_endpoint: Keyed<C>,
}

struct Bucket<C: Clock> {
    whole: Direct<C>,
    unhurried: Direct<C>,
    slow: Direct<C>,
}

/// What the provider has complained about.
struct Trouble<I> {
    /// Nothing leaves before.
    rest_until: Option<I>,
    /// Half the rate until then.
    slow_until: Option<I>,
    /// The same, for single endpoints.
    endpoints: BTreeMap<String, I>,
}

impl<I> Default for Trouble<I> {
    fn default() -> Self {
        Self {
            rest_until: None,
            slow_until: None,
            endpoints: BTreeMap::new(),
        }
    }
}

impl Pace {
    /// The pace of an account, on the machine's own steady clock; without rates, nothing ever waits.
    pub fn new(rates: Option<Rates>) -> Self {
        let sleep = |wait| -> BoxFuture<'static, ()> { Box::pin(tokio::time::sleep(wait)) };
        Self::on(DefaultClock::default(), Box::new(sleep), rates)
    }
}

impl<C: Clock + Clone> Pace<C> {
    fn on(clock: C, sleep: Sleep, rates: Option<Rates>) -> Self {
        let gates = rates.map(|rates| Gates {
            reads: Bucket::of(rates.reads, &clock),
            writes: Bucket::of(rates.writes, &clock),
            endpoint: RateLimiter::new(rates.endpoint, DefaultKeyedStateStore::default(), clock.clone()),
            slow_endpoint: RateLimiter::new(
                share(rates.endpoint, (1, 2)),
                DefaultKeyedStateStore::default(),
                clock.clone(),
            ),
        });
        Self {
            clock,
            sleep,
            gates,
            trouble: Mutex::default(),
        }
    }

    /// Waits for the turn of one request. Where that would take too long, the time that it would take: then nothing may be
    /// sent.
    pub(super) async fn turn(&self, writes: bool, endpoint: &str, urgency: Urgency) -> Result<(), Duration> {
        let Some(gates) = &self.gates else {
            return Ok(());
        };
        let bucket = if writes { &gates.writes } else { &gates.reads };
        let name = endpoint.to_owned();
        let (resting, slow, slow_endpoint) = self.complaints(endpoint);
        let mut left = match urgency {
            Urgency::Hurried => HURRIED_WAIT_MAX,
            Urgency::Unhurried => UNHURRIED_WAIT_MAX,
        };
        if !resting.is_zero() {
            left = left.checked_sub(resting).ok_or(resting)?;
            (self.sleep)(resting).await;
        }
        if urgency == Urgency::Unhurried {
            self.pass(|| bucket.unhurried.check(), &mut left).await?;
        }
        if slow {
            self.pass(|| bucket.slow.check(), &mut left).await?;
        }
        if slow_endpoint {
            self.pass(|| gates.slow_endpoint.check_key(&name), &mut left)
                .await?;
        }
        self.pass(|| gates.endpoint.check_key(&name), &mut left).await?;
        self.pass(|| bucket.whole.check(), &mut left).await
    }

    /// Waits at one gate, at most as long as there is left.
    async fn pass(
        &self,
        check: impl Fn() -> Result<(), Refused<C>>,
        left: &mut Duration,
    ) -> Result<(), Duration> {
        loop {
            let wait = match check() {
                Ok(()) => return Ok(()),
                Err(refused) => refused.wait_time_from(self.clock.now()),
            };
            // Never nothing: a gate that opens this very moment is asked again after one.
            let wait = wait.max(Duration::from_millis(1));
            *left = left.checked_sub(wait).ok_or(wait)?;
            (self.sleep)(wait).await;
        }
    }

    /// How long everything rests, and whether the account or this endpoint is to be asked more slowly.
    fn complaints(&self, endpoint: &str) -> (Duration, bool, bool) {
        let now = self.clock.now();
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let later = |until: Option<&C::Instant>| until.is_some_and(|until| *until > now);
        let resting = trouble
            .rest_until
            .map_or(Duration::ZERO, |until| until.duration_since(now).into());
        (
            resting,
            later(trouble.slow_until.as_ref()),
            later(trouble.endpoints.get(endpoint)),
        )
    }

    /// Learns from an answer: what was too much is asked at half the rate for a while.
    pub(super) fn learn(&self, endpoint: &str, answer: &Answer) {
        let Some(limited_by) = answer.limited_by() else {
            return;
        };
        let now = self.clock.now();
        let rest = answer.retry_after.unwrap_or_default().min(REST_MAX);
        let slow_until = now + (rest + SLOW_FOR).into();
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match limited_by {
            // One busy object is no reason to ask about others more slowly.
            LimitedBy::Object => {}
            LimitedBy::Endpoint => {
                trouble.endpoints.retain(|_, until| *until > now);
                trouble.endpoints.insert(endpoint.to_owned(), slow_until);
            }
            LimitedBy::Account => {
                trouble.slow_until = Some(slow_until);
                if !rest.is_zero() {
                    trouble.rest_until = Some(now + rest.into());
                }
            }
        }
    }
}

impl<C: Clock + Clone> Bucket<C> {
    fn of(quota: Quota, clock: &C) -> Self {
        let limiter = |quota| RateLimiter::direct_with_clock(quota, clock.clone());
        Self {
            whole: limiter(quota),
            unhurried: limiter(share(quota, UNHURRIED_SHARE)),
            slow: limiter(share(quota, (1, 2))),
        }
    }
}

impl<C: Clock> fmt::Debug for Pace<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace")
            .field("limited", &self.gates.is_some())
            .finish_non_exhaustive()
    }
}

/// The paces of all accounts of a process: sellers that use one account share its buckets.
#[derive(Debug, Default)]
pub struct Paces {
    by_key: BTreeMap<[u8; 32], Arc<Pace>>,
}

impl Paces {
    /// The pace of the account that this key belongs to. The first seller of an account chooses its rates.
    pub fn of(&mut self, key: &SecretString, rates: Option<Rates>) -> Arc<Pace> {
        let hash = Sha256::digest(key.expose_secret().as_bytes()).into();
        let pace = self.by_key.entry(hash);
        pace.or_insert_with(|| Arc::new(Pace::new(rates))).clone()
    }
}

/// What a request is for, without the ids in its address: `POST /v1/subscriptions/{id}`. There are few of them, so that they
/// can name a bucket and a measurement.
pub(super) fn operation(method: &str, path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let mut name = method.to_owned();
    name.push(' ');
    for (nth, part) in path.trim_start_matches('/').split('/').enumerate() {
        name.push('/');
        // `/v1/<things>/<id>/<their things>/<id>`; these are no ids.
        let fixed = nth % 2 == 1 || nth == 0 || matches!(part, "create_preview" | "search");
        name.push_str(if fixed { part } else { "{id}" });
    }
    name
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
