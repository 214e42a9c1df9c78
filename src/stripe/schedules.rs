//! Schedules and ends of subscriptions: what stands at the provider for a promise.

use stripe_billing::subscription::UpdateSubscription;
use stripe_billing::subscription_schedule::{
    CreateSubscriptionSchedule, ReleaseSubscriptionSchedule, RetrieveSubscriptionSchedule,
    UpdateSubscriptionSchedule, UpdateSubscriptionSchedulePhases, UpdateSubscriptionSchedulePhasesDuration,
    UpdateSubscriptionSchedulePhasesDurationInterval, UpdateSubscriptionSchedulePhasesEndDate,
    UpdateSubscriptionSchedulePhasesItems, UpdateSubscriptionSchedulePhasesProrationBehavior,
    UpdateSubscriptionSchedulePhasesStartDate,
};
use stripe_client_core::{RequestBuilder, StripeRequest as _};
use stripe_shared::{SubscriptionSchedule, SubscriptionScheduleEndBehavior, SubscriptionScheduleStatus};

use super::marks::{self, Owner};
use super::transport::Transport;
use super::{known, reads, verdict};
use crate::domain::catalog::IntervalUnit;
use crate::domain::change::{Call, CallAnswer, CallFailure, Hold, PhaseItem, PromisePlan};
use crate::ports::payments::{CallError, Found, Marks, ReadError};

/// Nothing but the subscription can be told at once. Source: Stripe API reference, "Create a schedule", `from_subscription`.
pub(super) fn create(subscription: &str) -> RequestBuilder {
    CreateSubscriptionSchedule::new()
        .from_subscription(subscription)
        .build()
}

/// What it holds until the period ends, and for one period from then on; afterwards the subscription goes on by itself.
pub(super) fn tell(schedule: &str, plan: &PromisePlan, marks: &Marks) -> RequestBuilder {
    let mut now = phase(&plan.now, &plan.tax_rates);
    now.start_date = Some(UpdateSubscriptionSchedulePhasesStartDate::Timestamp(
        plan.starts_at.as_second(),
    ));
    now.end_date = Some(UpdateSubscriptionSchedulePhasesEndDate::Timestamp(
        plan.at.as_second(),
    ));
    let mut then = phase(&plan.then, &plan.tax_rates);
    let unit = match plan.interval.unit() {
        IntervalUnit::Month => UpdateSubscriptionSchedulePhasesDurationInterval::Month,
        IntervalUnit::Year => UpdateSubscriptionSchedulePhasesDurationInterval::Year,
    };
    let mut duration = UpdateSubscriptionSchedulePhasesDuration::new(unit);
    duration.interval_count = Some(u64::from(plan.interval.count()));
    then.duration = Some(duration);
    UpdateSubscriptionSchedule::new(schedule)
        .end_behavior(SubscriptionScheduleEndBehavior::Release)
        .metadata(marks::of_effect(marks))
        .phases([now, then])
        .build()
}

fn phase(items: &[PhaseItem], tax_rates: &[String]) -> UpdateSubscriptionSchedulePhases {
    let items = items.iter().map(|item| {
        let mut one = UpdateSubscriptionSchedulePhasesItems::new();
        one.price = Some(item.price.clone());
        one.quantity = Some(item.quantity);
        one
    });
    let mut phase = UpdateSubscriptionSchedulePhases::new(items.collect::<Vec<_>>());
    if !tax_rates.is_empty() {
        phase.default_tax_rates = Some(tax_rates.to_vec());
    }
    phase.proration_behavior = Some(UpdateSubscriptionSchedulePhasesProrationBehavior::None);
    phase
}

/// Sets a subscription to end with its period, or not to.
pub(super) fn ends(subscription: &str, ends: bool) -> RequestBuilder {
    UpdateSubscription::new(subscription)
        .cancel_at_period_end(ends)
        .build()
}

/// Takes away what stands for a promise.
pub(super) fn release(subscription: &str, hold: &Hold) -> RequestBuilder {
    match hold {
        Hold::Schedule { schedule } => ReleaseSubscriptionSchedule::new(schedule.as_str()).build(),
        Hold::Ending => ends(subscription, false),
    }
}

async fn read(transport: &Transport, id: &str) -> Result<SubscriptionSchedule, ReadError> {
    let request = RetrieveSubscriptionSchedule::new(known(id)?);
    let sent = request.customize().send(transport).await;
    sent.map_err(|unread| verdict::of_read(id, unread))
}

fn is_over(read: &SubscriptionSchedule) -> bool {
    !matches!(
        read.status,
        SubscriptionScheduleStatus::Active | SubscriptionScheduleStatus::NotStarted
    )
}

/// What a refusal means, where the provider has no code for it: what should be taken away may be gone, and what should be made may
/// be in the way of somebody else's.
pub(super) async fn after_refusal(
    transport: &Transport,
    call: &Call,
    failure: CallFailure,
) -> Result<CallAnswer, CallError> {
    let seen = match call {
        Call::ReleaseHold {
            hold: Hold::Schedule { schedule },
            ..
        } => read(transport, schedule).await.map(|read| is_over(&read)),
        Call::CreateSchedule { subscription } => {
            let read = reads::subscription(transport, subscription).await;
            match read {
                Ok(read) if read.schedule.is_some() => {
                    return Err(CallError::Failed(CallFailure::WrongState {
                        code: "subscription_scheduled".to_owned(),
                    }));
                }
                Ok(_) => Ok(false),
                Err(error) => Err(error),
            }
        }
        _ => Ok(false),
    };
    match seen {
        Ok(true) => Ok(CallAnswer::HoldReleased),
        Ok(false) | Err(ReadError::NotFound(_) | ReadError::Refused { .. }) => {
            Err(CallError::Failed(failure))
        }
        // The same key again gives the same refusal, and then it is looked at again.
        Err(ReadError::Later { after, detail }) => Err(CallError::Later { after, detail }),
    }
}

/// What has become of a call about a promise whose key can tell nothing more.
pub(super) async fn find(transport: &Transport, call: &Call, marks: &Marks) -> Result<Found, ReadError> {
    let happened = |happened: bool, answer: CallAnswer| {
        if happened {
            Found::Happened(answer)
        } else {
            Found::Absent
        }
    };
    match call {
        Call::CreateSchedule { subscription } => created(transport, subscription, marks).await,
        Call::TellSchedule { schedule, .. } => {
            let read = read(transport, schedule).await?;
            let ours = marks::owner(read.metadata.as_ref(), marks.effect) == Owner::Ours;
            Ok(happened(ours, CallAnswer::ScheduleTold))
        }
        Call::EndAtPeriodEnd { subscription } => {
            let read = reads::subscription(transport, subscription).await?;
            Ok(happened(read.cancel_at_period_end, CallAnswer::EndSet))
        }
        Call::ReleaseHold { subscription, hold } => match hold {
            Hold::Schedule { schedule } => {
                let read = read(transport, schedule).await?;
                Ok(happened(is_over(&read), CallAnswer::HoldReleased))
            }
            Hold::Ending => {
                let read = reads::subscription(transport, subscription).await?;
                Ok(happened(!read.cancel_at_period_end, CallAnswer::HoldReleased))
            }
        },
        _ => Ok(Found::Undecidable {
            evidence: "this call is about no promise".to_owned(),
        }),
    }
}

/// A schedule carries no marks before it is told what to do: one that stands there can be ours, or somebody else's.
async fn created(transport: &Transport, subscription: &str, marks: &Marks) -> Result<Found, ReadError> {
    let subscription = reads::subscription(transport, subscription).await?;
    let Some(id) = subscription
        .schedule
        .as_ref()
        .map(|schedule| schedule.id().to_string())
    else {
        return Ok(Found::Absent);
    };
    let read = read(transport, &id).await?;
    let seen = marks::seen(read.metadata.as_ref());
    if seen.is_some_and(|seen| seen.change == marks.change) {
        return Ok(Found::Happened(CallAnswer::ScheduleMade { schedule: id }));
    }
    Ok(Found::Undecidable {
        evidence: format!("the schedule `{id}` carries no mark of this change"),
    })
}
