//! What a decision stands on: a change as it is known, its stage, and the rules that it runs by.
//!
//! What this process has just written it knows, and need not read again: the next step mostly follows at once. Such knowledge is
//! never more than a guess, because another node may have moved the change since. A decision that was made on an outdated one is
//! not written, and a refusal that rests on one is not given: both read, and decide again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::support::stuck_outside;
use super::view::ChangeView;
use super::{Engine, EngineError};
use crate::domain::account::Contract;
use crate::domain::catalog::Playbook;
use crate::domain::change::{ChangeId, EffectId, NextAction, Stage, read_stage};
use crate::ports::store::Situation;

/// How long what was written is taken for what is there. A click, or the worker, follows within that or not soon.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(2);

/// How many changes are remembered at most.
const REMEMBERED_MAX: usize = 1024;

/// A change with all that a decision about it looks at. It is large, and handed on in a box.
#[derive(Debug, Clone)]
pub(super) struct Footing {
    pub(super) situation: Situation,
    pub(super) stage: Stage,
    pub(super) playbook: Arc<Playbook>,
}

impl Footing {
    /// The change as the outside sees it.
    pub(super) fn view(self, now: Timestamp, successor: Option<ChangeId>) -> ChangeView {
        let Situation {
            change,
            account,
            contract,
            effects,
            work,
            ..
        } = self.situation;
        ChangeView {
            stuck: stuck_outside(&change, &self.stage, &effects, &work, now),
            next_action: NextAction::of(&self.stage),
            change,
            stage: self.stage,
            playbook: self.playbook,
            account,
            contract,
            successor,
            now,
        }
    }
}

/// What a worker goes on with, under the lease that it has kept.
pub(super) struct Onward {
    pub(super) footing: Box<Footing>,
    /// The call whose attempt is noted already.
    pub(super) begun: Option<EffectId>,
}

/// The changes that this process has just written.
#[derive(Default)]
pub(super) struct Recent {
    written: Mutex<BTreeMap<ChangeId, (Timestamp, Box<Footing>)>>,
}

impl Recent {
    /// Remembers how a change was written. One that finds no room is read when it is needed.
    pub(super) fn remember(&self, footing: Box<Footing>, now: Timestamp) {
        let mut written = self.written();
        if written.len() >= REMEMBERED_MAX {
            written.retain(|_, (at, _)| is_fresh(*at, now));
        }
        let change = footing.situation.change.id;
        if written.len() < REMEMBERED_MAX || written.contains_key(&change) {
            written.insert(change, (now, footing));
        }
    }

    /// What is remembered of a change, for one use: whoever goes on with it writes it anew.
    pub(super) fn take(&self, change: ChangeId, now: Timestamp) -> Option<Box<Footing>> {
        let (at, footing) = self.written().remove(&change)?;
        is_fresh(at, now).then_some(footing)
    }

    /// What is remembered of a change, for whoever asks only for what never changes again: it stays where it is.
    pub(super) fn look<T>(
        &self,
        change: ChangeId,
        now: Timestamp,
        ask: impl FnOnce(&Footing) -> Option<T>,
    ) -> Option<T> {
        let written = self.written();
        let (at, footing) = written.get(&change)?;
        is_fresh(*at, now).then(|| ask(footing)).flatten()
    }

    /// A poisoned lock only means that a test panicked elsewhere: the map itself is always whole.
    fn written(&self) -> MutexGuard<'_, BTreeMap<ChangeId, (Timestamp, Box<Footing>)>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    (SignedDuration::ZERO..=FRESH_FOR).contains(&now.duration_since(at))
}

/// The rules as they are for this contract: a client that pays itself has a price of its own.
pub(super) fn priced_for(playbook: Arc<Playbook>, contract: &Contract) -> Arc<Playbook> {
    playbook.for_contract(contract).map_or(playbook, Arc::new)
}

impl Engine {
    /// Reads what a decision about a change stands on.
    pub(super) async fn footing(&self, change: ChangeId) -> Result<Option<Box<Footing>>, EngineError> {
        match self.store().situation(change).await? {
            Some(situation) => Ok(Some(self.standing_on(situation).await?)),
            None => Ok(None),
        }
    }

    /// A situation that was read, with its stage and rules.
    pub(super) async fn standing_on(&self, situation: Situation) -> Result<Box<Footing>, EngineError> {
        let row = &situation.change;
        let playbook = self
            .sellers()
            .playbook(self.store(), &row.seller, &row.workflow)
            .await?;
        let playbook = priced_for(playbook, &situation.contract);
        Ok(Box::new(Footing {
            stage: read_stage(&row.stage)?,
            situation,
            playbook,
        }))
    }
}
