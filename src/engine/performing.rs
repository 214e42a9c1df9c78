//! Making the calls that are owed: attempt written, request sent, outcome taken in. The same key and the same bytes until the
//! outcome is known; once the key can tell nothing more, the provider is read instead.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::footing::{Footing, Onward};
use super::pace::{KEY_LIFE, later};
use super::{CrashPoint, Engine, EngineError};
use crate::domain::change::{Call, CallAnswer, CallFailure};
use crate::measures;
use crate::ports::payments::{CallError, Found, Marks, Payments, Prepared, ReadError};
use crate::ports::store::{EffectRow, EffectStatus, EffectUpdate, Lease};

/// How long after a key was sent for the last time the absence of what it asked for counts as proof: the provider has long
/// answered or dropped everything that was on its way then.
const ON_ITS_WAY_MAX: SignedDuration = SignedDuration::from_mins(15);

/// The waits between attempts at one call, in seconds.
const RETRY_LADDER: [i64; 9] = [1, 2, 5, 15, 60, 300, 900, 1800, 3600];

/// How a call came out, as it is stored with its effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Done(CallAnswer),
    Failed(CallFailure),
}

/// What an attempt brought.
enum Attempt {
    /// The outcome is known.
    Known(Outcome),
    /// It is not: again at that time.
    Again {
        status: EffectStatus,
        after: Option<Duration>,
        error: String,
        /// Whether the provider was read, and does not tell.
        undecidable: bool,
    },
}

impl Engine {
    /// Takes in an outcome that was written, but that no decision has seen yet.
    pub(super) async fn take_in(
        &self,
        lease: Lease,
        footing: Box<Footing>,
        effect: &EffectRow,
    ) -> Result<Option<Onward>, EngineError> {
        let bytes = effect.outcome.as_deref().unwrap_or_default();
        let outcome: Outcome = serde_json::from_slice(bytes)?;
        self.conclude(lease, footing, effect, outcome).await
    }

    /// Makes one attempt at a call. `begun` says that the decision that promised it has noted the attempt already.
    pub(super) async fn perform(
        &self,
        lease: Lease,
        footing: Box<Footing>,
        effect: &EffectRow,
        begun: bool,
    ) -> Result<Option<Onward>, EngineError> {
        let call: Call = serde_json::from_slice(&effect.call)?;
        let marks = Marks {
            change: effect.change,
            effect: effect.id,
        };
        let payments = self
            .sellers()
            .get(&footing.situation.change.seller)?
            .payments
            .clone();
        let now = self.now();
        let spent = effect.key_deadline.is_some_and(|deadline| now >= deadline);
        let attempt = if spent {
            let quiet = quiet_from(effect.key_deadline.unwrap_or(now));
            look_for(payments.as_ref(), &call, &marks, now, quiet).await
        } else {
            let deadline = effect.key_deadline.unwrap_or_else(|| later(now, KEY_LIFE));
            if !begun
                && !self
                    .store()
                    .begin_attempt(lease, effect.id, now, deadline)
                    .await?
            {
                // The lease is lost, or the call is over: what is left to do is read.
                self.store().release(lease, Some(now), None).await?;
                return Ok(None);
            }
            self.reach(CrashPoint::AttemptWritten)?;
            self.sent(payments.as_ref(), &call, &marks, effect, deadline)
                .await?
        };
        match attempt {
            Attempt::Known(outcome) => self.conclude(lease, footing, effect, outcome).await,
            Attempt::Again {
                status,
                after,
                error,
                undecidable,
            } => {
                let now = self.now();
                let update = EffectUpdate {
                    id: effect.id,
                    status,
                    outcome: None,
                    last_error: Some(error),
                    next_try_at: next_try(effect, after, now),
                    consumed: false,
                    undecidable_since: undecidable.then(|| effect.undecidable_since.unwrap_or(now)),
                };
                self.try_again(lease, effect, update).await?;
                Ok(None)
            }
        }
    }

    /// Sends the request, if there is still time for it.
    async fn sent(
        &self,
        payments: &dyn Payments,
        call: &Call,
        marks: &Marks,
        effect: &EffectRow,
        deadline: Timestamp,
    ) -> Result<Attempt, EngineError> {
        let prepared: Prepared = serde_json::from_slice(&effect.request)?;
        let now = self.now();
        // A process can stand still for longer than the key lives after it has written its attempt.
        if now >= deadline {
            return Ok(look_for(payments, call, marks, now, quiet_from(deadline)).await);
        }
        let answer = payments.perform(call, marks, &prepared, &effect.key).await;
        self.reach(CrashPoint::CallAnswered)?;
        Ok(match answer {
            Ok(answer) => Attempt::Known(Outcome::Done(answer)),
            Err(CallError::Failed(failure)) => Attempt::Known(Outcome::Failed(failure)),
            Err(CallError::KeySpent { .. }) => {
                // The provider has stored an answer under this key: whatever of it arrives later meets that answer, and does nothing.
                look_for(payments, call, marks, now, now).await
            }
            Err(CallError::Unknown { detail }) => Attempt::Again {
                status: EffectStatus::Unknown,
                after: None,
                error: detail,
                undecidable: false,
            },
            Err(CallError::Later { after, detail }) => Attempt::Again {
                status: effect.status,
                after,
                error: detail,
                undecidable: false,
            },
        })
    }

    async fn try_again(
        &self,
        lease: Lease,
        effect: &EffectRow,
        update: EffectUpdate,
    ) -> Result<(), EngineError> {
        let known = match update.status {
            EffectStatus::Unknown => "unknown",
            _ => "not_done",
        };
        measures::retried(effect.name.as_str(), known);
        let error = update.last_error.as_deref().unwrap_or_default();
        tracing::warn!(change = %effect.change, call = %effect.name, attempt = effect.attempts + 1, error, "a call has no outcome yet");
        let next_try_at = update.next_try_at;
        self.store().settle_effect(update, self.now()).await?;
        Ok(self.store().release(lease, Some(next_try_at), None).await?)
    }
}

/// When a call is tried again: by the ladder, or as much later as the provider asks for.
fn next_try(effect: &EffectRow, after: Option<Duration>, now: Timestamp) -> Timestamp {
    let step = usize::try_from(effect.attempts)
        .unwrap_or(usize::MAX)
        .min(RETRY_LADDER.len() - 1);
    let asked = after.and_then(|wait| SignedDuration::try_from(wait).ok());
    let wait = SignedDuration::from_secs(RETRY_LADDER[step]).max(asked.unwrap_or_default());
    later(now, wait)
}

fn quiet_from(begun_last: Timestamp) -> Timestamp {
    later(begun_last, ON_ITS_WAY_MAX)
}

/// The key can tell nothing more: read the provider. What is not there counts as absent only from `quiet` on. What cannot be told
/// stays unknown, and is shown as stuck; no fresh key is ever tried on a guess.
async fn look_for(
    payments: &dyn Payments,
    call: &Call,
    marks: &Marks,
    now: Timestamp,
    quiet: Timestamp,
) -> Attempt {
    let unknown = |after, error, undecidable| Attempt::Again {
        status: EffectStatus::Unknown,
        after,
        error,
        undecidable,
    };
    let in_an_hour = Some(Duration::from_hours(1));
    match payments.find(call, marks).await {
        Ok(Found::Happened(answer)) => Attempt::Known(Outcome::Done(answer)),
        Ok(Found::Absent) if now >= quiet => {
            let failure = CallFailure::NeverHappened { proven_at: now };
            Attempt::Known(Outcome::Failed(failure))
        }
        Ok(Found::Absent) => {
            let wait = Duration::try_from(quiet.duration_since(now)).ok();
            let error = "not there; the first request may still be on its way".to_owned();
            unknown(wait, error, false)
        }
        Ok(Found::Undecidable { evidence }) => unknown(in_an_hour, evidence, true),
        Err(ReadError::Later { after, detail }) => unknown(after, detail, false),
        Err(error @ (ReadError::NotFound(_) | ReadError::Refused { .. })) => {
            unknown(in_an_hour, error.to_string(), true)
        }
    }
}
