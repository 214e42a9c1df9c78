//! Calls of one kind that arrive together go to the server together: what a statement costs before it does anything is then
//! shared by all of them, and so is the wait for the disk.
//!
//! Nobody waits for company. A carrier takes what is there when it is free; while all of them are under way, the next calls
//! gather. A call that cannot be answered beside others is run by itself, where it holds up nobody.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::PgPool;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{Mutex as Turn, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::PostgresOptions;
use super::call::{self, Answer, Fault, Verb};
use crate::ports::store::{StoreError, StoreResult};

/// How many calls of one kind may wait. Beyond it a caller waits for a place, and is refused when its patience is over.
const WAITING_MAX: usize = 1024;

/// A kind of call, for one and for many.
pub(super) struct Kind<A, T> {
    /// Answers one, whatever it meets.
    pub(super) alone: Verb<A, T>,
    /// Answers those of many that it can, in their order.
    pub(super) together: Together<A, T>,
    /// Whether a call cannot be made beside these others.
    pub(super) at_odds: fn(&[A], &A) -> bool,
}

/// A verb for many at once.
pub(super) type Together<A, T> = for<'a> fn(&'a PgPool, &'a [A]) -> BoxFuture<'a, Answer<Vec<Option<T>>>>;

/// Where calls of one kind are handed in.
pub(super) struct Gathering<A, T> {
    waiting: Mutex<Option<mpsc::Sender<Handed<A, T>>>>,
    carriers: Mutex<Vec<JoinHandle<()>>>,
    patience: Duration,
}

/// A call, where its answer goes, and until when it may wait.
struct Handed<A, T> {
    asked: A,
    reply: Reply<T>,
    until: Instant,
}

type Reply<T> = oneshot::Sender<StoreResult<T>>;

impl<A, T> Gathering<A, T>
where
    A: Send + Sync + 'static,
    T: Send + 'static,
{
    /// Carriers that live until it is closed.
    pub(super) fn start(pool: &PgPool, options: &PostgresOptions, kind: Kind<A, T>) -> Self {
        let (waiting, handed) = mpsc::channel(WAITING_MAX);
        let (handed, kind) = (Arc::new(Turn::new(handed)), Arc::new(kind));
        let most = options.together.max(1);
        let carriers = (0..options.carriers.max(1))
            .map(|_| tokio::spawn(carry(pool.clone(), kind.clone(), handed.clone(), most)))
            .collect();
        Self {
            waiting: Mutex::new(Some(waiting)),
            carriers: Mutex::new(carriers),
            patience: options.acquire_timeout,
        }
    }

    /// Hands a call in. Once it is in, it goes on to its end, whoever goes away.
    pub(super) async fn ask(&self, asked: A) -> StoreResult<T> {
        let closed = || StoreError::Unavailable("the store is closed".to_owned());
        let waiting = self
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or_else(closed)?;
        let (reply, answer) = oneshot::channel();
        let handed = Handed {
            asked,
            reply,
            until: Instant::now() + self.patience,
        };
        match waiting.send_timeout(handed, self.patience).await {
            Ok(()) => answer.await.unwrap_or_else(|_| Err(closed())),
            Err(SendTimeoutError::Closed(_)) => Err(closed()),
            Err(SendTimeoutError::Timeout(_)) => Err(too_late()),
        }
    }

    /// Takes no more calls, and ends when all have their answers.
    pub(super) async fn close(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        let carriers = std::mem::take(&mut *self.carriers.lock().unwrap_or_else(PoisonError::into_inner));
        for carrier in carriers {
            // One that has panicked has nothing left to do.
            let _ = carrier.await;
        }
    }
}

fn too_late() -> StoreError {
    StoreError::Unavailable("the database is slow or away, and too much waits for it".to_owned())
}

/// Takes what is there, at most so many, whenever it is free. What has waited too long is not tried: where the database is away,
/// nobody must wait for all who came before.
async fn carry<A, T>(
    pool: PgPool,
    kind: Arc<Kind<A, T>>,
    handed: Arc<Turn<mpsc::Receiver<Handed<A, T>>>>,
    most: usize,
) where
    A: Send + Sync + 'static,
    T: Send + 'static,
{
    let mut taken = Vec::with_capacity(most);
    while handed.lock().await.recv_many(&mut taken, most).await > 0 {
        let now = Instant::now();
        let (mut calls, mut replies, mut apart) = (Vec::new(), Vec::new(), Vec::new());
        for Handed { asked, reply, until } in taken.drain(..) {
            if until < now {
                let _ = reply.send(Err(too_late()));
            } else if (kind.at_odds)(&calls, &asked) {
                apart.push((asked, reply));
            } else {
                calls.push(asked);
                replies.push(reply);
            }
        }
        apart.extend(answer(&pool, &kind, calls, replies).await);
        for (asked, reply) in apart {
            let (pool, verb) = (pool.clone(), kind.alone);
            // Nobody may be waiting any more; the work is done all the same.
            tokio::spawn(async move { reply.send(call::run(pool, asked, verb).await) });
        }
    }
}

/// Answers calls together, and gives back those that need a statement of their own.
async fn answer<A, T>(
    pool: &PgPool,
    kind: &Kind<A, T>,
    calls: Vec<A>,
    replies: Vec<Reply<T>>,
) -> Vec<(A, Reply<T>)> {
    if calls.is_empty() {
        return Vec::new();
    }
    let answers = match (kind.together)(pool, &calls).await {
        Ok(answers) => answers.into_iter().map(|answer| answer.map(Ok)).collect(),
        // What is in the way of one is in the way of the whole statement, and nothing was done: by themselves, each finds out.
        Err(Fault::Collided(_) | Fault::Final(StoreError::Damaged(_))) => Vec::new(),
        Err(Fault::Final(error)) => calls.iter().map(|_| Some(Err(error.clone()))).collect(),
    };
    let mut unanswered = Vec::new();
    let answers = answers.into_iter().chain(std::iter::repeat_with(|| None));
    for ((asked, reply), answer) in calls.into_iter().zip(replies).zip(answers) {
        match answer {
            Some(answer) => drop(reply.send(answer)),
            None => unanswered.push((asked, reply)),
        }
    }
    unanswered
}
