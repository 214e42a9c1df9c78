//! When a change must be looked at next, and what for: no open change is ever without a next moment.

use jiff::{SignedDuration, Timestamp};

use super::means::Voucher;
use super::promise::PromiseStep;
use super::stage::{AbortStep, ChargeStep, Payment, Stage};
use super::stage_name::StageName;
use crate::domain::catalog::{Deadlines, Policy, StageName as PolicyStage};

/// What is to be done when a change is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// The provider is asked.
    Ask(Question),
    /// The customer is reminded, for the nth time in this stage.
    Remind(usize),
    /// The stage's time is over, or the day of a promise has come.
    TimeUp,
}

/// Something to ask the provider. Asking changes nothing and can be repeated freely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// What the selection costs now.
    Quote,
    /// What the confirmed deal costs, at its own instant: the last look before the charge.
    QuoteAgain,
    /// Where the payment stands.
    Payment,
    /// What the subscription holds and until when, for a promise.
    Plan,
    /// Whether a promise stands, or has come true.
    Standing,
}

/// The waits between looks at a payment, in seconds. Webhooks are faster; this is for those that never come.
const POLL_LADDER: [i64; 8] = [2, 5, 15, 60, 300, 900, 1800, 3600];

/// The margin before the provider itself gives an unpaid change up: by then our own abort must be under way.
const PROVIDER_MARGIN: SignedDuration = SignedDuration::from_mins(30);

/// How long after the end of a period a promise is looked at first, in seconds.
const AFTER_THE_PERIOD: i64 = 60;

/// What this stage asks the provider, if it asks anything by itself.
pub fn question(stage: &Stage) -> Option<Question> {
    match stage {
        Stage::QuotePending { .. } | Stage::TicketApplying { deal: None, .. } => Some(Question::Quote),
        Stage::Charging {
            step: ChargeStep::Verifying,
            ..
        } => Some(Question::QuoteAgain),
        Stage::TicketScheduling {
            step: PromiseStep::Asking,
            ..
        } => Some(Question::Plan),
        Stage::TicketScheduled { promise: Some(_), .. } => Some(Question::Standing),
        Stage::ActionRequired { .. }
        | Stage::Settling { .. }
        | Stage::Declined { .. }
        | Stage::Charging {
            step: ChargeStep::Halted { invoice: Some(_), .. },
            ..
        }
        | Stage::Aborting {
            step: AbortStep::Looking,
            ..
        }
        | Stage::Aborting {
            step: AbortStep::Halted,
            invoice: Some(_),
            ..
        } => Some(Question::Payment),
        _ => None,
    }
}

/// When an open stage must be looked at next, and what for. `None` for a stage that is over, and for one that only waits for
/// a call in flight (the call's own row says when it is tried again).
///
/// `entered_at` is when the stage began, `asked` how often its question was asked without moving it, `reminded` how many
/// reminders have left, `last_asked` when it was asked last.
pub fn next_wake(
    stage: &Stage,
    policy: &Policy,
    entered_at: Timestamp,
    asked: u32,
    reminded: usize,
    last_asked: Option<Timestamp>,
) -> Option<(Timestamp, Wake)> {
    let asks = question(stage).map(|question| {
        let at = match (question, last_asked) {
            // A quote is wanted now; only after a failed attempt does it wait.
            (_, None) if !matches!(question, Question::Payment | Question::Standing) => entered_at,
            (_, last) => later(last.unwrap_or(entered_at), POLL_LADDER[step(asked)]),
        };
        let at = not_before(stage).map_or(at, |first| at.max(first));
        (at, Wake::Ask(question))
    });
    let reminds = reminder(stage, policy, entered_at, reminded);
    let ends = deadline(stage, policy, entered_at).map(|at| (at, Wake::TimeUp));
    [ends, reminds, asks]
        .into_iter()
        .flatten()
        .min_by_key(|(at, _)| *at)
}

/// A promise is looked at from its day on: until then the looks at its contract are enough.
fn not_before(stage: &Stage) -> Option<Timestamp> {
    match stage {
        Stage::TicketScheduled {
            at, promise: Some(_), ..
        } => Some(later(*at, AFTER_THE_PERIOD)),
        _ => None,
    }
}

fn step(asked: u32) -> usize {
    usize::try_from(asked)
        .unwrap_or(usize::MAX)
        .min(POLL_LADDER.len() - 1)
}

/// When the stage is given up, or a halted abort is tried once more; `None` where it cannot be, because something is in flight.
pub fn deadline(stage: &Stage, policy: &Policy, entered_at: Timestamp) -> Option<Timestamp> {
    let Deadlines {
        draft,
        quote,
        billing_info,
        payment_confirm,
        downgrade_ticket,
    } = policy.deadlines;
    let own = |wait: SignedDuration| Some(add(entered_at, wait));
    match stage {
        Stage::Draft { .. } => own(draft),
        Stage::QuotePending { .. } | Stage::QuoteReady { .. } => own(quote),
        Stage::BillingInfo { .. } | Stage::BillingSaving { .. } => own(billing_info),
        Stage::Choosing { .. }
        | Stage::Charging {
            step: ChargeStep::Halted { .. },
            ..
        }
        | Stage::Aborting {
            step: AbortStep::Halted,
            ..
        }
        | Stage::TicketScheduling {
            step: PromiseStep::Halted { .. },
            ..
        } => own(payment_confirm),
        Stage::Settling {
            payment,
            voucher,
            paid: false,
            ..
        } if payment.voucher().is_some() => {
            sent_by_the_customer(payment, voucher.as_ref(), policy, entered_at)
        }
        Stage::ActionRequired { invoice, .. }
        | Stage::Settling {
            invoice, paid: false, ..
        }
        | Stage::Declined { invoice, .. } => {
            let theirs = invoice.held_until.map(|until| add(until, -PROVIDER_MARGIN));
            let ours = add(entered_at, payment_confirm);
            Some(theirs.map_or(ours, |theirs| theirs.min(ours)))
        }
        Stage::TicketHeld { .. }
        | Stage::TicketOpen { .. }
        | Stage::TicketScheduled {
            promise: None,
            problem: Some(_),
            ..
        } => own(downgrade_ticket),
        Stage::TicketScheduled {
            at,
            promise: None,
            problem: None,
            ..
        } => Some(*at),
        // What is paid cannot be voided: it is looked at until it is held, and support sees that it is not.
        Stage::Settling { paid: true, .. }
        | Stage::Charging { .. }
        | Stage::Aborting { .. }
        | Stage::TicketScheduling { .. }
        | Stage::TicketScheduled { .. }
        | Stage::TicketApplying { .. }
        | Stage::Active { .. }
        | Stage::Cancelled { .. }
        | Stage::Expired { .. } => None,
    }
}

/// Until when money is waited for that the customer sends: as long as the voucher can be paid and the money be on its way, but
/// not into the next period. Once it is on its way, voiding tells whether it has arrived.
fn sent_by_the_customer(
    payment: &Payment,
    voucher: Option<&Voucher>,
    policy: &Policy,
    entered_at: Timestamp,
) -> Option<Timestamp> {
    let kind = payment.voucher()?.kind();
    let settles = policy
        .method(kind)
        .map_or(kind.usual_times().1, |rule| rule.settles_within);
    let Some(voucher) = voucher else {
        return Some(add(entered_at, settles.max(policy.deadlines.payment_confirm)));
    };
    let settled = add(voucher.expires_at, settles);
    let renewal = payment.deal.quote.period_end;
    let before = renewal.map(|at| add(at, -policy.freeze_before_renewal));
    Some(before.map_or(settled, |before| settled.min(before)))
}

fn reminder(
    stage: &Stage,
    policy: &Policy,
    entered_at: Timestamp,
    reminded: usize,
) -> Option<(Timestamp, Wake)> {
    let waits_for_customer = matches!(
        stage,
        Stage::Draft { .. }
            | Stage::QuoteReady { .. }
            | Stage::BillingInfo { .. }
            | Stage::Choosing { .. }
            | Stage::ActionRequired { .. }
            | Stage::Declined { .. }
            | Stage::Settling { voucher: Some(_), .. }
    );
    if !waits_for_customer {
        return None;
    }
    let ladder = policy.reminders.get(&shown_as(stage.name())?)?;
    let wait = ladder.get(reminded)?;
    Some((add(entered_at, *wait), Wake::Remind(reminded)))
}

/// The stage as a workflow file speaks of it; nothing for the ways of giving up, which no screen shows.
pub(super) fn shown_as(name: StageName) -> Option<PolicyStage> {
    match name {
        StageName::Draft => Some(PolicyStage::Draft),
        StageName::Quote => Some(PolicyStage::Quote),
        StageName::BillingInfo => Some(PolicyStage::BillingInfo),
        StageName::PaymentConfirm => Some(PolicyStage::PaymentConfirm),
        StageName::DowngradeTicket => Some(PolicyStage::DowngradeTicket),
        StageName::Active => Some(PolicyStage::Active),
        StageName::Cancelled | StageName::Expired => None,
    }
}

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    add(at, SignedDuration::from_secs(seconds))
}

/// Saturating: a policy's durations are bounded, a clock is not.
fn add(at: Timestamp, wait: SignedDuration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}
