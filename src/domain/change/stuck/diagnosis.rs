//! The diagnosis: from where a change stands to what is stuck about it.

use jiff::{SignedDuration, Timestamp};

use super::actions::{Action, possible};
use super::standing::{Difference, Failing, FailureKind, NOT_LONG, Owed, OwedState, Standing, Unsent};
use super::{Evidence, Stuck, StuckCode};
use crate::domain::change::promise::PromiseStep;
use crate::domain::change::stored::machine_version;
use crate::domain::change::{
    AbortStep, CardStep, ChargeStep, Means, Payment, Question, Receipt, RefundStep, Refusal, RefusalCode,
    Stage, question,
};

/// How long money may be on its way, or an abort wait for it, before a person is shown it.
const MONEY_TAKES: SignedDuration = SignedDuration::from_hours(1);

/// How often work may fail, where the failure can be a passing one.
const FAILURES_MAX: u32 = 3;

/// The part of a diagnosis that does not say yet what can be done.
struct Finding {
    code: StuckCode,
    since: Timestamp,
    evidence: Vec<Evidence>,
}

/// What is stuck about a change, the most serious first. Nothing, where it moves or waits as it should.
pub fn diagnose(standing: &Standing<'_>) -> Vec<Stuck> {
    let mut found = Vec::new();
    if standing.machine_version > machine_version() {
        found.push(written_by_a_newer_program(standing));
    } else {
        found.extend(of_the_stage(standing));
        found.extend(of_the_work(standing));
    }
    found.extend(
        standing
            .owed
            .iter()
            .filter_map(|call| of_a_call(call, standing.now)),
    );
    found.extend(standing.unsent.iter().map(of_what_was_given_up));
    found.extend(standing.differences.iter().map(of_a_difference));
    found.sort_by_key(|finding| (finding.code, finding.since));
    let possible = possible(standing);
    let with_actions = |finding: Finding| Stuck {
        actions: possible
            .iter()
            .copied()
            .filter(|action| *action == Action::Note || finding.code.suited().contains(action))
            .collect(),
        code: finding.code,
        since: finding.since,
        evidence: finding.evidence,
    };
    found.into_iter().map(with_actions).collect()
}

/// From when on the stage's present step is a concern, should nothing move: for lists, which look only at what may be stuck.
/// `None`: never. `before` is where the change stood, and what this said of it.
pub fn concern(
    before: Option<(&Stage, Option<Timestamp>)>,
    after: &Stage,
    now: Timestamp,
) -> Option<Timestamp> {
    let concerns = concerns(after);
    let patience = concerns.iter().map(|(_, patience)| *patience).min()?;
    match before {
        Some((stage, Some(known))) if self::concerns(stage) == concerns => Some(known),
        _ => Some(later(now, patience)),
    }
}

/// What a person must know of a stage, and after how long.
fn concerns(stage: &Stage) -> Vec<(StuckCode, SignedDuration)> {
    let at_once = SignedDuration::ZERO;
    match stage {
        Stage::Draft {
            problem: Some(problem),
            ..
        } => not_the_customers(problem)
            .into_iter()
            .map(|code| (code, at_once))
            .collect(),
        Stage::Charging {
            step: ChargeStep::Halted { .. },
            ..
        } => vec![(StuckCode::ChargeHalted, at_once)],
        Stage::Settling { paid: true, .. } => vec![(StuckCode::PaidNotSwitched, NOT_LONG)],
        // The customer has the time that the voucher says.
        Stage::Settling { voucher: Some(_), .. } => Vec::new(),
        Stage::Settling {
            paid: false, payment, ..
        } => vec![(StuckCode::SettlingLong, on_its_way(payment))],
        Stage::Aborting {
            step: AbortStep::Halted,
            ..
        } => vec![(StuckCode::AbortHalted, at_once)],
        Stage::Aborting {
            step: AbortStep::Looking,
            ..
        } => vec![(StuckCode::AbortWaits, MONEY_TAKES)],
        Stage::TicketOpen { problem: Some(_), .. } => vec![(StuckCode::TicketNotApplied, at_once)],
        Stage::TicketScheduled { problem: Some(_), .. }
        | Stage::TicketScheduling {
            step: PromiseStep::Halted { .. },
            ..
        } => vec![(StuckCode::PromiseFell, at_once)],
        Stage::Active { receipt, .. } => of_a_receipt(receipt)
            .into_iter()
            .map(|code| (code, at_once))
            .collect(),
        _ => Vec::new(),
    }
}

/// How long money is on its way, as a rule.
fn on_its_way(payment: &Payment) -> SignedDuration {
    let kind = payment.method.as_ref().map(Means::kind);
    kind.map_or(MONEY_TAKES, |kind| kind.usual_times().1.max(MONEY_TAKES))
}

/// A refusal of the quote that the customer cannot mend: not their unpaid renewal, but something about the seller's own setup.
fn not_the_customers(problem: &Refusal) -> Option<StuckCode> {
    match problem.code {
        RefusalCode::ContractOutOfStep => Some(StuckCode::ContractOutOfStep),
        RefusalCode::CatalogNotPushed
        | RefusalCode::ProviderRefused
        | RefusalCode::SubscriptionScheduled
        | RefusalCode::SubscriptionUpdatePending
        | RefusalCode::SubscriptionSendsInvoices
        | RefusalCode::CurrencyDiffers => Some(StuckCode::QuoteRefused),
        _ => None,
    }
}

fn of_a_receipt(receipt: &Receipt) -> Vec<StuckCode> {
    let refund = match receipt.refund {
        Some(RefundStep::Halted { .. }) => Some(StuckCode::RefundHalted),
        Some(RefundStep::OnItsWay) => Some(StuckCode::QuoteDrift),
        Some(RefundStep::Returned { .. }) | None => None,
    };
    let card = matches!(receipt.card, Some(CardStep::Halted { .. })).then_some(StuckCode::CardNotKept);
    refund.into_iter().chain(card).collect()
}

fn written_by_a_newer_program(standing: &Standing<'_>) -> Finding {
    Finding {
        code: StuckCode::UnknownMachineVersion,
        since: standing.entered_at,
        evidence: vec![
            Evidence::new("machine_version", standing.machine_version),
            Evidence::new("known_up_to", machine_version()),
        ],
    }
}

fn of_the_stage(standing: &Standing<'_>) -> Vec<Finding> {
    let (Some(stage), Some(concern_at)) = (standing.stage, standing.concern_at) else {
        return Vec::new();
    };
    let concerns = concerns(stage);
    let shortest = concerns.iter().map(|(_, patience)| *patience).min();
    let since = shortest.map_or(concern_at, |patience| later(concern_at, -patience));
    concerns
        .into_iter()
        .filter(|(_, patience)| later(since, *patience) <= standing.now)
        .map(|(code, _)| Finding {
            code,
            since,
            evidence: evidence_of(stage),
        })
        .collect()
}

/// What a stage knows of the provider's objects, and of what was refused.
fn evidence_of(stage: &Stage) -> Vec<Evidence> {
    let mut facts = Vec::new();
    if let Some(payment) = stage.payment() {
        facts.push(Evidence::new("customer", &payment.customer));
        facts.extend(
            payment
                .subscription
                .as_ref()
                .map(|id| Evidence::new("subscription", id)),
        );
        facts.push(Evidence::new("confirmed", payment.deal.quote.due_today));
    }
    facts.extend(stage.invoice().map(|id| Evidence::new("invoice", id)));
    match stage {
        Stage::Draft {
            problem: Some(problem),
            ..
        } => {
            facts.push(Evidence::new("refusal", problem.code));
            facts.push(Evidence::said("said", &problem.detail));
        }
        Stage::Charging {
            step: ChargeStep::Halted { code, message, .. },
            ..
        } => {
            facts.push(Evidence::new("provider_code", code));
            facts.push(Evidence::said("provider_said", message));
        }
        Stage::TicketOpen {
            problem: Some(problem),
            ..
        } => facts.push(Evidence::new("problem", problem)),
        Stage::TicketScheduled {
            problem: Some(problem),
            at,
            ..
        } => {
            facts.push(Evidence::new("problem", problem));
            facts.push(Evidence::new("promised_for", at));
        }
        Stage::TicketScheduling {
            step: PromiseStep::Halted {
                subscription, code, ..
            },
            ..
        } => {
            facts.push(Evidence::new("subscription", subscription));
            facts.push(Evidence::new("provider_code", code));
        }
        Stage::Active { receipt, .. } => {
            facts.push(Evidence::new("charged", receipt.charged));
            facts.extend(receipt.excess.map(|excess| Evidence::new("excess", excess)));
            if let Some(RefundStep::Halted { code }) = &receipt.refund {
                facts.push(Evidence::new("provider_code", code));
            }
            if let Some(CardStep::Halted { method, code }) = &receipt.card {
                facts.push(Evidence::new("payment_method", method));
                facts.push(Evidence::new("provider_code", code));
            }
        }
        _ => {}
    }
    facts.retain(|fact| !fact.value.is_empty());
    facts
}

fn of_a_call(call: &Owed, now: Timestamp) -> Option<Finding> {
    let first = call.first_sent_at.unwrap_or(call.next_try_at);
    let long = later(first, NOT_LONG) <= now;
    let (code, since) = match call.state {
        OwedState::Undecidable { since } => (StuckCode::Undecidable, since),
        OwedState::NotTakenIn => (StuckCode::OutcomeRefused, first),
        OwedState::Unknown if long => (StuckCode::OutcomeUnknown, first),
        OwedState::Waiting if long && call.attempts > 0 => (StuckCode::CallPutOff, first),
        OwedState::Unknown | OwedState::Waiting => return None,
    };
    let mut evidence = vec![
        Evidence::new("call", call.call),
        Evidence::new("effect", call.effect),
        Evidence::new("attempts", call.attempts),
        Evidence::new("next_try_at", call.next_try_at),
    ];
    evidence.extend(
        call.last_error
            .as_deref()
            .map(|error| Evidence::said("last_error", error)),
    );
    Some(Finding {
        code,
        since,
        evidence,
    })
}

fn of_the_work(standing: &Standing<'_>) -> Option<Finding> {
    let work = standing.work;
    if let Some(failing) = &work.failing {
        return of_failing_work(standing, failing);
    }
    if standing.stage.is_none() {
        return Some(Finding {
            code: StuckCode::WorkFailing,
            since: standing.entered_at,
            evidence: vec![Evidence::new("failure", "the stored stage cannot be read")],
        });
    }
    let due = work.due_at?;
    (later(due, NOT_LONG) <= standing.now).then(|| Finding {
        code: StuckCode::WorkerAbsent,
        since: due,
        evidence: vec![Evidence::new("due_at", due)],
    })
}

fn of_failing_work(standing: &Standing<'_>, failing: &Failing) -> Option<Finding> {
    let long = later(failing.since, NOT_LONG) <= standing.now;
    let asks = standing.stage.and_then(question);
    let code = match failing.last.kind {
        FailureKind::Provider if long && asks == Some(Question::Payment) => StuckCode::PaymentUnreadable,
        FailureKind::Provider if long => StuckCode::QuoteUnavailable,
        FailureKind::Customer if long => StuckCode::CustomerBusy,
        FailureKind::Rules => StuckCode::RulesMissing,
        FailureKind::Ours if failing.times >= FAILURES_MAX => StuckCode::WorkFailing,
        FailureKind::Provider | FailureKind::Customer | FailureKind::Ours => return None,
    };
    let mut evidence = vec![
        Evidence::new("failures", failing.times),
        Evidence::said("failure", &failing.last.detail),
    ];
    evidence.extend(standing.stage.map(evidence_of).unwrap_or_default());
    Some(Finding {
        code,
        since: failing.since,
        evidence,
    })
}

fn of_what_was_given_up(unsent: &Unsent) -> Finding {
    let code = if unsent.mail {
        StuckCode::MailGivenUp
    } else {
        StuckCode::EventGivenUp
    };
    let mut evidence = vec![
        Evidence::new("topic", &unsent.topic),
        Evidence::new("attempts", unsent.attempts),
    ];
    evidence.extend(
        unsent
            .last_error
            .as_deref()
            .map(|error| Evidence::said("last_error", error)),
    );
    Finding {
        code,
        since: unsent.at,
        evidence,
    }
}

fn of_a_difference(difference: &Difference) -> Finding {
    let mut evidence = vec![
        Evidence::new("finding", difference.finding),
        Evidence::new("object", &difference.object),
    ];
    evidence.extend(difference.amount.map(|amount| Evidence::new("amount", amount)));
    evidence.push(Evidence::said("seen", &difference.seen));
    Finding {
        code: StuckCode::ComparisonDiffers,
        since: difference.since,
        evidence,
    }
}

/// Saturating: patience is bounded, a clock is not.
fn later(at: Timestamp, wait: SignedDuration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}
