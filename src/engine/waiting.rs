//! Waiting for a change to move: what a client's long poll stands on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::footing::Footing;
use super::pace::later;
use super::view::ChangeView;
use super::{Engine, EngineError};
use crate::domain::catalog::SellerId;
use crate::domain::change::{ChangeId, NextAction};

/// How soon a waiting client looks even when nothing was written in this process: another node may have. Then half as often, and
/// half as often again.
const LOOK_FIRST: SignedDuration = SignedDuration::from_millis(500);

/// How many changes are remembered as going on at most.
const GOING_ON_MAX: usize = 1024;

/// The longest between two such looks: many wait long where a provider is slow, and must not wear the database out.
const LOOK_MOST: SignedDuration = SignedDuration::from_secs(2);

/// Who waits for which change: only they look, and only when it has come to rest.
#[derive(Default)]
pub(super) struct Moved {
    awaited: Mutex<BTreeMap<ChangeId, Told>>,
    /// What this process has just written as going on by itself, and not yet as at rest.
    going_on: Mutex<BTreeMap<ChangeId, (Timestamp, SellerId)>>,
}

/// How a change came to rest, for those who wait for it.
type Told = watch::Sender<Option<Arc<ChangeView>>>;

impl Moved {
    /// A change goes on by itself: whoever asks for it within a moment need not read it in order to wait for it.
    pub(super) fn goes_on(&self, footing: &Footing, now: Timestamp) {
        let change = &footing.situation.change;
        let mut going_on = self.going_on();
        if going_on.len() >= GOING_ON_MAX {
            going_on.retain(|_, (at, _)| is_new(*at, now));
        }
        if going_on.len() < GOING_ON_MAX {
            going_on.insert(change.id, (now, change.seller.clone()));
        }
    }

    /// Whether a change of this seller was written as going on a moment ago. It may have come to rest since, by another node.
    fn is_going_on(&self, change: ChangeId, seller: &SellerId, now: Timestamp) -> bool {
        let going_on = self.going_on();
        let known = going_on.get(&change);
        known.is_some_and(|(at, whose)| whose == seller && is_new(*at, now))
    }

    /// Tells those who wait for it how a change has come to rest.
    pub(super) fn tell(&self, footing: &Footing, now: Timestamp) {
        // First, so that whoever waits already is told, and whoever comes later reads.
        self.going_on().remove(&footing.situation.change.id);
        if let Some(waiting) = self.awaited().get(&footing.situation.change.id) {
            // A change that has just been written has no successor yet.
            waiting.send_replace(Some(Arc::new(footing.clone().view(now, None))));
        }
    }

    fn wait_for(&self, change: ChangeId) -> Waiting<'_> {
        let mut awaited = self.awaited();
        let told = awaited
            .entry(change)
            .or_insert_with(|| watch::Sender::new(None))
            .subscribe();
        Waiting {
            told: Some(told),
            change,
            moved: self,
        }
    }

    /// A poisoned lock only means that a test panicked elsewhere: the map itself is always whole.
    fn going_on(&self) -> MutexGuard<'_, BTreeMap<ChangeId, (Timestamp, SellerId)>> {
        self.going_on.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As above.
    fn awaited(&self) -> MutexGuard<'_, BTreeMap<ChangeId, Told>> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Until it would be looked at anyway.
fn is_new(at: Timestamp, now: Timestamp) -> bool {
    (SignedDuration::ZERO..LOOK_FIRST).contains(&now.duration_since(at))
}

/// Somebody who waits for a change.
struct Waiting<'m> {
    told: Option<watch::Receiver<Option<Arc<ChangeView>>>>,
    change: ChangeId,
    moved: &'m Moved,
}

impl Waiting<'_> {
    /// From now on, only what is still to come is news.
    fn listen(&mut self) {
        if let Some(told) = &mut self.told {
            told.mark_unchanged();
        }
    }

    /// How the change came to rest in this process.
    async fn moves(&mut self) -> Option<Arc<ChangeView>> {
        match &mut self.told {
            // Its sender is dropped only after the last who waits.
            Some(told) => {
                let _ = told.changed().await;
                told.borrow_and_update().clone()
            }
            None => std::future::pending().await,
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut awaited = self.moved.awaited();
        self.told = None;
        if awaited
            .get(&self.change)
            .is_some_and(|waiting| waiting.receiver_count() == 0)
        {
            awaited.remove(&self.change);
        }
    }
}

impl Engine {
    /// Reads a change as soon as it no longer moves by itself, or at `until` at the latest.
    pub async fn settled_change(
        &self,
        change: ChangeId,
        seller: &SellerId,
        until: Timestamp,
    ) -> Result<ChangeView, EngineError> {
        let mut waiting = self.parts.bell.moved.wait_for(change);
        let mut pause = LOOK_FIRST;
        // That it goes on is believed for one pause; how it stands is always read.
        let mut known = self.parts.bell.moved.is_going_on(change, seller, self.now());
        loop {
            waiting.listen();
            let now = self.now();
            if !std::mem::take(&mut known) || now >= until || self.is_retiring() {
                let view = self.change(change, seller).await?;
                if !NextAction::moves_by_itself(&view.stage) || self.now() >= until || self.is_retiring() {
                    return Ok(view);
                }
            }
            let look = later(now, pause).min(until);
            pause = LOOK_MOST.min(pause * 2);
            tokio::select! {
                biased;
                told = waiting.moves() => match told {
                    Some(view) => return Ok(Arc::unwrap_or_clone(view)),
                    None => pause = LOOK_FIRST,
                },
                () = self.retired() => {}
                () = self.parts.clock.wait_until(look) => {}
            }
        }
    }
}
