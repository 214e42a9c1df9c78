//! The worker: claims what is due and does the one next thing for it. A worker that died is nothing special: what it held
//! becomes due again when its lease ends.

use std::pin::pin;

use futures_util::future::{Fuse, FusedFuture, FutureExt};
use futures_util::stream::{self, FuturesUnordered, StreamExt};
use jiff::{SignedDuration, Timestamp};

use super::footing::{Footing, Onward};
use super::pace::{BATCH, IN_HAND, later};
use super::{CrashPoint, Engine, EngineError};
use crate::domain::change::{ChangeId, Event, Wake, next_wake, question};
use crate::measures;
use crate::ports::store::{EffectRow, EffectStatus, Lease, Subject, Written};

/// How long a subject rests after a failure of ours, so that one broken change cannot occupy a worker.
const REST_AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(30);

/// How soon a promise whose day has come looks again whether the contract is free.
const WAIT_FOR_THE_OTHER: SignedDuration = SignedDuration::from_mins(5);

/// How many things are done for one change in a row, before others come to their turn.
const STEPS_MAX: usize = 8;

/// What a change needs now.
pub(super) enum Need<'s> {
    TakeIn(&'s EffectRow),
    Perform(&'s EffectRow),
    Wake(Wake),
    Nothing(Option<Timestamp>),
}

impl Engine {
    /// Works until the process is about to end and what was claimed is done, until the returned future is dropped, or until a
    /// test crashes it. Whenever a place is free, what is due is taken into it: what is slow holds up nothing else.
    pub async fn work(&self) -> Result<(), EngineError> {
        let mut tended = FuturesUnordered::new();
        let mut claiming = pin!(Fuse::terminated());
        let mut next = None;
        // Whether something may be due that is not claimed yet.
        let mut more = true;
        loop {
            let retiring = self.is_retiring();
            if retiring && tended.is_empty() && claiming.is_terminated() {
                return Ok(());
            }
            let places = u32::try_from(IN_HAND.saturating_sub(tended.len())).unwrap_or(BATCH);
            if more && !retiring && places > 0 && claiming.is_terminated() {
                claiming.set(self.claim(places).map(move |claimed| (claimed, places)).fuse());
            }
            tokio::select! {
                biased;
                (claimed, places) = &mut claiming, if !claiming.is_terminated() => {
                    let claimed = claimed.unwrap_or_else(|problem| {
                        tracing::error!(%problem, "the worker could not claim its work");
                        Vec::new()
                    });
                    more = claimed.len() == places as usize;
                    tended.extend(claimed.into_iter().map(|lease| self.tend(lease)));
                    if tended.is_empty() {
                        next = self.store().next_due().await.ok().flatten();
                    }
                }
                Some(done) = tended.next(), if !tended.is_empty() => {
                    done?;
                    // With empty hands, it also finds out when something is due next.
                    more |= tended.is_empty();
                }
                () = self.nap(next, &self.parts.bell.work), if !more && !retiring && claiming.is_terminated() => {
                    more = true;
                    next = None;
                }
                () = self.retired(), if !retiring => {}
            }
        }
    }

    async fn claim(&self, most: u32) -> Result<Vec<Lease>, EngineError> {
        Ok(self
            .store()
            .claim_due(self.now(), self.lease, &self.parts.owner, most)
            .await?)
    }

    /// Claims one batch of what is due and works it off. Gives the number of subjects that it claimed.
    pub async fn work_once(&self) -> Result<usize, EngineError> {
        let claimed = self.claim(BATCH).await?;
        let count = claimed.len();
        let mut working = stream::iter(claimed)
            .map(|lease| self.tend(lease))
            .buffer_unordered(BATCH as usize);
        while let Some(done) = working.next().await {
            done?;
        }
        Ok(count)
    }

    /// Does the next thing for one subject. Only a crash ends the worker; everything else is logged and tried again.
    async fn tend(&self, lease: Lease) -> Result<(), EngineError> {
        self.reach(CrashPoint::Claimed)?;
        let done = match lease.subject {
            Subject::Change(id) => self.tend_change(lease, id).await,
            Subject::Contract(id) => self.tend_contract(lease, id).await,
        };
        match done {
            Err(crash @ EngineError::Crashed(_)) => Err(crash),
            Err(problem) => {
                tracing::error!(subject = ?lease.subject, %problem, "work failed; it is tried again");
                measures::failed(match lease.subject {
                    Subject::Change(_) => "change",
                    Subject::Contract(_) => "contract",
                });
                let again = later(self.now(), REST_AFTER_FAILURE);
                let (failure, now) = (problem.failure(), self.now());
                if let Err(problem) = self.store().park(lease, again, None, failure, now).await {
                    tracing::error!(subject = ?lease.subject, %problem, "the lease is left to run out");
                }
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    async fn tend_change(&self, lease: Lease, id: ChangeId) -> Result<(), EngineError> {
        // That there is nothing to do is never believed of what may be outdated: somebody else may have found something.
        let remembered = self
            .recent
            .take(id, self.now())
            .filter(|footing| !matches!(need(lease.woken, footing, self.now()), Need::Nothing(_)));
        let footing = match remembered {
            Some(footing) => footing,
            None => match self.footing(id).await? {
                Some(footing) => footing,
                None => return Ok(self.store().release(lease, None, None).await?),
            },
        };
        let mut lease = lease;
        let mut next = Some(Onward { footing, begun: None });
        for _ in 0..STEPS_MAX {
            let Some(onward) = next else {
                return Ok(());
            };
            next = self.step(lease, onward).await?;
            // What it was woken for was the first thing that it did.
            lease.woken = false;
        }
        match next {
            Some(_) => Ok(self.store().release(lease, Some(self.now()), None).await?),
            None => Ok(()),
        }
    }

    /// Does the one next thing for a change. Gives what is left to do under the same lease.
    async fn step(&self, lease: Lease, onward: Onward) -> Result<Option<Onward>, EngineError> {
        let Onward { footing, begun } = onward;
        match need(lease.woken, &footing, self.now()) {
            Need::TakeIn(effect) => {
                let effect = effect.clone();
                self.take_in(lease, footing, &effect).await
            }
            Need::Perform(effect) => {
                let effect = effect.clone();
                self.perform(lease, footing, &effect, begun == Some(effect.id))
                    .await
            }
            Need::Wake(Wake::Ask(question)) => self.ask(lease, footing, question).await,
            Need::Wake(Wake::Remind(nth)) => self.happen(lease, footing, Event::Remind { nth }).await,
            Need::Wake(Wake::TimeUp) => self.happen(lease, footing, Event::TimeUp).await,
            Need::Nothing(at) => {
                self.store().release(lease, at, None).await?;
                Ok(None)
            }
        }
    }

    async fn happen(
        &self,
        lease: Lease,
        footing: Box<Footing>,
        event: Event,
    ) -> Result<Option<Onward>, EngineError> {
        let (written, onward) = self.decide_for(lease, footing, &event, Vec::new()).await?;
        match written {
            Written::Done => {}
            // Another change is in progress on the contract: this one comes back from aside when that is over.
            Written::Blocked(other) => {
                tracing::info!(subject = ?lease.subject, %other, "another change is in progress; this one waits");
                let again = later(self.now(), WAIT_FOR_THE_OTHER);
                self.store().release(lease, Some(again), None).await?;
            }
            _ => self.store().release(lease, Some(self.now()), None).await?,
        }
        Ok(onward)
    }
}

/// First what is known and not taken in, then what is owed, then, at once where it was woken, what is to be asked or has come to its time.
pub(super) fn need(woken: bool, footing: &Footing, now: Timestamp) -> Need<'_> {
    let effects = &footing.situation.effects;
    if let Some(known) = effects
        .iter()
        .find(|effect| effect.outcome.is_some() && !effect.consumed && effect.next_try_at <= now)
    {
        return Need::TakeIn(known);
    }
    let mut owed = effects
        .iter()
        .filter(|effect| matches!(effect.status, EffectStatus::Intent | EffectStatus::Unknown));
    let next_owed = effects.iter().map(|effect| effect.next_try_at).min();
    if let Some(effect) = owed.find(|effect| effect.next_try_at <= now) {
        return Need::Perform(effect);
    }
    // Something was heard of it: the ladder need not be waited for.
    if woken && let Some(heard) = question(&footing.stage) {
        return Need::Wake(Wake::Ask(heard));
    }
    match next_moment(footing) {
        Some((at, wake)) if at <= now => Need::Wake(wake),
        other => Need::Nothing(other.map(|(at, _)| at).into_iter().chain(next_owed).min()),
    }
}

/// The stage's own next moment, and what for.
pub(super) fn next_moment(footing: &Footing) -> Option<(Timestamp, Wake)> {
    let row = &footing.situation.change;
    let reminded = usize::try_from(row.reminded).unwrap_or(usize::MAX);
    next_wake(
        &footing.stage,
        &footing.playbook.policy,
        row.entered_at,
        row.asked,
        reminded,
        row.last_asked,
    )
}
