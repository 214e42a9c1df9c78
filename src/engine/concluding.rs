//! Concluding: what a worker has found out becomes a decision, and both are written together.

use jiff::SignedDuration;

use super::changes::named_by_a_voucher;
use super::drafting::Draft;
use super::footing::{Footing, Onward};
use super::pace::later;
use super::performing::Outcome;
use super::{CrashPoint, Engine, EngineError};
use crate::domain::change::stuck::{Failure, FailureKind};
use crate::domain::change::{
    Actor, CallAnswer, CallName, ChangeId, Event, IntentStatus, InvoiceStatus, PaymentFacts, Refusal, Stage,
};
use crate::measures;
use crate::ports::store::{EffectRow, EffectStatus, EffectUpdate, Lease, Written};

/// How long a decision waits for another payment of the same customer.
const WAIT_FOR_CUSTOMER: SignedDuration = SignedDuration::from_secs(5);

/// How long an outcome rests that the machine has no place for: a newer program can take it in, or the change's end.
const REST_NOT_TAKEN_IN: SignedDuration = SignedDuration::from_hours(1);

/// Calls of which a change holds one success at most.
const ONCE: [CallName; 4] = [
    CallName::UpdateSubscription,
    CallName::CreateSubscription,
    CallName::LowerSubscription,
    CallName::SwitchSubscription,
];

impl Engine {
    /// The outcome is known: it, the event and the next stage are written together. Where that cannot be, because the lease
    /// is lost, the bare fact is still written, and whoever holds the change next takes it in.
    pub(super) async fn conclude(
        &self,
        lease: Lease,
        footing: Box<Footing>,
        effect: &EffectRow,
        outcome: Outcome,
    ) -> Result<Option<Onward>, EngineError> {
        let call = effect.name;
        let event = match outcome.clone() {
            Outcome::Done(answer) => Event::Done { call, answer },
            Outcome::Failed(failure) => Event::Failed { call, failure },
        };
        let now = self.now();
        let mut update = EffectUpdate {
            id: effect.id,
            status: settled_status(&outcome),
            outcome: Some(serde_json::to_vec(&outcome)?),
            last_error: None,
            next_try_at: now,
            consumed: true,
            undecidable_since: None,
        };
        let mut settled = vec![update.clone()];
        settled.extend(self.undone_by(effect.change, &event).await?);
        let status = status_word(update.status);
        let written = match self.decide_for(lease, footing, &event, settled).await {
            Ok((Written::Done, onward)) => {
                measures::effect(call.as_str(), status);
                return Ok(onward);
            }
            Err(EngineError::Refused(refusal)) => Err(refusal),
            other => Ok(other?.0),
        };
        update.consumed = false;
        if let Err(refusal) = &written {
            update.last_error = Some(format!("not taken in: {}", refusal.code.as_str()));
            update.next_try_at = later(now, REST_NOT_TAKEN_IN);
        }
        // Writing it wakes the change: so what is known already is not written at every later attempt to take it in.
        if effect.outcome.is_none() || written.is_err() {
            self.store().settle_effect(update, now).await?;
            measures::effect(call.as_str(), status);
        }
        match written {
            Ok(Written::CustomerBusy) => self.wait_for_the_customer(lease).await?,
            Ok(_) => {}
            Err(refusal) => self.rest_not_taken_in(lease, effect, &refusal).await?,
        }
        Ok(None)
    }

    /// Another payment of this customer is on its way: the decision is made again when it may be over.
    pub(super) async fn wait_for_the_customer(&self, lease: Lease) -> Result<(), EngineError> {
        tracing::info!(subject = ?lease.subject, "another payment of this customer is on its way; this one waits");
        let (now, again) = (self.now(), later(self.now(), WAIT_FOR_CUSTOMER));
        let failure = Failure {
            kind: FailureKind::Customer,
            detail: "another payment of this customer is on its way".to_owned(),
        };
        Ok(self.store().park(lease, again, None, failure, now).await?)
    }

    /// The machine has no place for a known outcome where the change stands: a defect of ours. The fact is kept, the call is
    /// not made again, and a person must look. The change itself goes on by its own timers.
    async fn rest_not_taken_in(
        &self,
        lease: Lease,
        effect: &EffectRow,
        refusal: &Refusal,
    ) -> Result<(), EngineError> {
        tracing::error!(change = %effect.change, call = %effect.name, effect = %effect.id, code = refusal.code.as_str(), "an outcome is known that the change has no place for: a person must look");
        Ok(self.store().release(lease, Some(self.now()), None).await?)
    }

    /// Decides what a worker has found out, and writes it under the worker's lease, which is kept where there is more to do.
    pub(super) async fn decide_for(
        &self,
        lease: Lease,
        footing: Box<Footing>,
        event: &Event,
        mut settled: Vec<EffectUpdate>,
    ) -> Result<(Written, Option<Onward>), EngineError> {
        let change = footing.situation.change.id;
        let identity = match &footing.stage {
            Stage::BillingSaving { identity, .. } => {
                let data = self.store().identity(identity.row).await?;
                data.map(|data| (identity.row, data))
            }
            _ => match named_by_a_voucher(&footing, None) {
                Some(row) => self.store().identity(row).await?.map(|data| (row, data)),
                None => None,
            },
        };
        let mut draft = Draft::new(self, *footing);
        if let Some((row, data)) = identity {
            draft.with_identity(row, data);
        }
        let actor = match event {
            Event::Remind { .. } | Event::TimeUp => Actor::system(),
            _ => Actor::provider(),
        };
        let news = draft.decide(event, &actor)?;
        if !news && settled.is_empty() {
            return Ok((Written::Stale, None));
        }
        settled.extend(self.superseded(change, &draft.promised(), &settled).await?);
        self.reach(CrashPoint::WorkDecided)?;
        let mut drafted = draft.finish(Some(lease), settled, None);
        if !self.is_retiring() {
            drafted.hold_until(later(self.now(), self.lease), self.now());
        }
        let written = self.record(drafted).await?;
        self.reach(CrashPoint::WorkWritten)?;
        Ok(written)
    }

    /// A voided invoice undoes the charging calls that made it; an ended subscription, the call that made it.
    pub(super) async fn undone_by(
        &self,
        change: ChangeId,
        event: &Event,
    ) -> Result<Vec<EffectUpdate>, EngineError> {
        let undone = match event {
            Event::Done {
                answer: CallAnswer::Payment(facts),
                ..
            }
            | Event::PaymentSeen { facts } => facts
                .invoice
                .as_ref()
                .is_some_and(|invoice| invoice.status == InvoiceStatus::Void),
            Event::Done {
                answer: CallAnswer::SubscriptionCancelled,
                ..
            } => true,
            _ => false,
        };
        if !undone {
            return Ok(Vec::new());
        }
        let effects = self.store().effects(change).await?;
        let charged = effects
            .into_iter()
            .filter(|effect| effect.charging.is_some() && effect.status == EffectStatus::Succeeded);
        Ok(charged.map(|effect| self.abandoned(effect)).collect())
    }

    /// The machine asks for a call again only where the one before it has done nothing that lasts: it is given up for the new
    /// one.
    async fn superseded(
        &self,
        change: ChangeId,
        promised: &[CallName],
        settled: &[EffectUpdate],
    ) -> Result<Vec<EffectUpdate>, EngineError> {
        if !promised.iter().any(|name| ONCE.contains(name)) {
            return Ok(Vec::new());
        }
        let effects = self.store().effects(change).await?;
        let earlier = effects.into_iter().filter(|effect| {
            ONCE.contains(&effect.name)
                && promised.contains(&effect.name)
                && effect.status == EffectStatus::Succeeded
                && settled.iter().all(|update| update.id != effect.id)
        });
        Ok(earlier.map(|effect| self.abandoned(effect)).collect())
    }

    fn abandoned(&self, effect: EffectRow) -> EffectUpdate {
        EffectUpdate {
            id: effect.id,
            status: EffectStatus::Abandoned,
            outcome: effect.outcome,
            last_error: None,
            next_try_at: self.now(),
            consumed: true,
            undecidable_since: None,
        }
    }
}

/// How a call came out, in a word for measurements.
fn status_word(status: EffectStatus) -> &'static str {
    match status {
        EffectStatus::Intent => "intent",
        EffectStatus::Unknown => "unknown",
        EffectStatus::Succeeded => "succeeded",
        EffectStatus::Declined => "declined",
        EffectStatus::Abandoned => "abandoned",
    }
}

/// A refused card is a call that worked and a charge that did not happen: the provider proves it.
fn settled_status(outcome: &Outcome) -> EffectStatus {
    match outcome {
        Outcome::Done(CallAnswer::Payment(facts)) if refused(facts) => EffectStatus::Declined,
        Outcome::Done(_) => EffectStatus::Succeeded,
        Outcome::Failed(_) => EffectStatus::Declined,
    }
}

fn refused(facts: &PaymentFacts) -> bool {
    let open = facts
        .invoice
        .as_ref()
        .is_some_and(|invoice| invoice.status == InvoiceStatus::Open);
    open && facts.decline.is_some() && facts.intent == Some(IntentStatus::RequiresPaymentMethod)
}
