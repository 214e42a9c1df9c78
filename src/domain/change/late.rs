//! Late: what the provider holds of a change although the stage does not know of it. While the change goes on, it is adopted;
//! after the end, which is final, it is honoured by a successor or taken away.

use statig::Outcome;

use super::call::{Call, CallAnswer};
use super::decide::Context;
use super::stage::{AbortStep, ChargeStep, OpenInvoice, Payment, Stage};
use super::tell::Tell;
use super::{billing, paying, refunds};
use crate::domain::change::receipt::Receipt;

/// An invoice of this change was found: the provider's word about it decides from now on.
pub(super) fn adopt(payment: &Payment, invoice: &OpenInvoice) -> Outcome<Stage> {
    Outcome::Transition(paying::settling(payment.clone(), invoice.clone()))
}

/// As [`adopt`], where a charge has halted without knowing of any invoice.
pub(super) fn adopt_halted(step: &ChargeStep, payment: &Payment, invoice: &OpenInvoice) -> Outcome<Stage> {
    match step {
        ChargeStep::Halted { invoice: None, .. } => adopt(payment, invoice),
        _ => Outcome::Super,
    }
}

/// As [`adopt`], where an abort looks for an invoice that it does not know: looking at it goes on, now with its name.
pub(super) fn adopt_aborting(stage: &Stage, found: &OpenInvoice) -> Outcome<Stage> {
    match stage {
        Stage::Aborting {
            payment,
            reason,
            step: AbortStep::Looking,
            invoice: None,
        } => Outcome::Transition(Stage::Aborting {
            payment: payment.clone(),
            reason: reason.clone(),
            step: AbortStep::Looking,
            invoice: Some(found.id.clone()),
        }),
        _ => Outcome::Super,
    }
}

/// Only what takes away, ends or gives back is a clean-up: nothing that could charge.
pub(super) fn clean_up(context: &mut Context<'_>, call: &Call) -> Outcome<Stage> {
    match call {
        Call::VoidInvoice { .. }
        | Call::CancelSubscription { .. }
        | Call::Refund { .. }
        | Call::CreditBalance { .. } => {
            context.call(call.clone());
            Outcome::Handled
        }
        _ => Outcome::Super,
    }
}

/// A call did its work after the end.
pub(super) fn done(context: &mut Context<'_>, answer: &CallAnswer) -> Outcome<Stage> {
    if matches!(answer, CallAnswer::Refunded { .. }) {
        context.tell(Tell::Refunded);
        return Outcome::Handled;
    }
    if matches!(answer, CallAnswer::BalanceCredited { .. }) {
        context.tell(Tell::PaidTooLate);
        return Outcome::Handled;
    }
    billing::late(context, answer)
}

/// As [`done`], where a refund can also be that of what was charged beyond the agreed amount.
pub(super) fn done_active(
    context: &mut Context<'_>,
    receipt: &mut Receipt,
    answer: &CallAnswer,
) -> Outcome<Stage> {
    match refunds::done(context, receipt, answer) {
        Outcome::Super => done(context, answer),
        taken => taken,
    }
}
