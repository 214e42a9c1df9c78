//! Minding a promise beside the look at its contract: whether it still stands at the provider, and whether the contract has left it
//! behind.

use jiff::{SignedDuration, Timestamp};

use crate::domain::account::{Contract, ContractId};
use crate::domain::change::{
    Actor, ChangeId, Event, Hold, PromiseStep, Stage, StoredStageError, SubscriptionFacts, read_stage,
};
use crate::engine::changes::TRIES_MAX;
use crate::engine::drafting::Draft;
use crate::engine::{CrashPoint, Engine, EngineError};
use crate::ports::store::{Situation, Written};

/// So long before and after its day, what the provider holds is a promise's own doing, and no edit of somebody else's.
const BEFORE_ITS_DAY: SignedDuration = SignedDuration::from_mins(15);
const AFTER_ITS_DAY: SignedDuration = SignedDuration::from_hours(6);

/// The promise that waits beside a contract.
pub(in crate::engine) struct Promised {
    pub(in crate::engine) change: ChangeId,
    pub(in crate::engine) stage: Stage,
}

impl Promised {
    /// What stands at the provider for it, also while it is being made or taken away.
    pub(in crate::engine) fn hold(&self) -> Option<Hold> {
        match &self.stage {
            Stage::TicketScheduling {
                step: PromiseStep::Telling { schedule, .. },
                ..
            } => Some(Hold::Schedule {
                schedule: schedule.clone(),
            }),
            Stage::TicketScheduling {
                step: PromiseStep::Releasing { hold, .. } | PromiseStep::Halted { hold, .. },
                ..
            } => Some(hold.clone()),
            stage => stage.promise().map(|promise| promise.hold.clone()),
        }
    }

    /// Whether its day is so near that what is seen of the subscription may be its own doing.
    pub(in crate::engine) fn is_coming_true(&self, now: Timestamp) -> bool {
        let Stage::TicketScheduled {
            at, promise: Some(_), ..
        } = &self.stage
        else {
            return false;
        };
        let away = now.duration_since(*at);
        (-BEFORE_ITS_DAY..=AFTER_ITS_DAY).contains(&away)
    }
}

impl Engine {
    /// The promise that waits beside a contract, if one does. One that a newer program has written is left to it.
    pub(in crate::engine) async fn promised_on(
        &self,
        contract: ContractId,
    ) -> Result<Option<Promised>, EngineError> {
        let Some(change) = self.store().promised_change(contract).await? else {
            return Ok(None);
        };
        let Some(situation) = self.store().situation(change).await? else {
            return Ok(None);
        };
        match read_stage(&situation.change.stage) {
            Ok(stage) => Ok(Some(Promised { change, stage })),
            Err(StoredStageError::Newer(_)) => Ok(None),
            Err(damaged) => Err(damaged.into()),
        }
    }

    /// Tells a waiting promise what was seen of its subscription, where that means something to it.
    pub(in crate::engine) async fn mind_promise(
        &self,
        contract: &Contract,
        facts: &SubscriptionFacts,
    ) -> Result<(), EngineError> {
        let Some(change) = self.store().promised_change(contract.id).await? else {
            return Ok(());
        };
        // What a charge has just taken away is not put back under it.
        if let Some(open) = self.store().open_change(contract.id).await?
            && let Some(situation) = self.store().situation(open).await?
            && read_stage(&situation.change.stage).map_or(true, |stage| stage.moves_subscription())
        {
            return Ok(());
        }
        for _ in 0..TRIES_MAX {
            let Some(situation) = self.store().situation(change).await? else {
                return Ok(());
            };
            if !can_be_minded(&situation) {
                return Ok(());
            }
            let footing = self.standing_on(situation).await?;
            let mut draft = Draft::new(self, *footing);
            let event = Event::StandingSeen {
                facts: Box::new(facts.clone()),
            };
            if !draft.decide(&event, &Actor::provider())? {
                return Ok(());
            }
            self.reach(CrashPoint::WorkDecided)?;
            let (written, _) = self.record(draft.finish(None, Vec::new(), None)).await?;
            if written != Written::Stale {
                return Ok(());
            }
        }
        Ok(())
    }
}

fn can_be_minded(situation: &Situation) -> bool {
    let stage = read_stage(&situation.change.stage);
    matches!(stage, Ok(Stage::TicketScheduled { .. }))
}
