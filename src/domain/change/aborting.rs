//! Giving up. Before a charge is on its way that is a word; after it, it is a protocol: first the invoice must be unpayable,
//! then what the charge had prepared is undone, and only then is the change over. If money wins the race, the change is done.

use statig::Outcome;

use super::actor::Party;
use super::call::{Call, CallAnswer, CallFailure};
use super::decide::Context;
use super::payment::{IntentStatus, InvoiceFacts, InvoiceStatus, PaymentFacts};
use super::quote::{Drift, DriftCause};
use super::refusal::{Refusal, RefusalCode};
use super::stage::{AGAIN_MAX, AbortReason, AbortStep, ChargeStep, OpenInvoice, Payment, Stage};
use super::stage_name::StageName;
use super::tell::Tell;
use super::{billing, judging, paying, switching, vouchers};

/// An abort on its way.
pub(super) struct Abort<'a> {
    pub(super) payment: &'a Payment,
    pub(super) reason: &'a AbortReason,
    pub(super) step: AbortStep,
    pub(super) invoice: Option<&'a str>,
}

/// Nothing is on its way: over.
pub(super) fn cancel_at_once(context: &mut Context<'_>, why: &str) -> Outcome<Stage> {
    let reason = cancelled(context, why);
    finish_early(context, &reason)
}

/// Nothing is on its way, and the time is over.
pub(super) fn expire_at_once(context: &mut Context<'_>) -> Outcome<Stage> {
    let from = context.before.name();
    finish_early(context, &AbortReason::Deadline { from })
}

fn finish_early(context: &mut Context<'_>, reason: &AbortReason) -> Outcome<Stage> {
    match reason {
        AbortReason::Deadline { from } => {
            if !matches!(from, StageName::Draft | StageName::Quote) {
                context.tell(Tell::Expired);
            }
            Outcome::Transition(Stage::Expired { from: *from })
        }
        AbortReason::Cancel { by, why, from } => {
            context.tell(Tell::Cancelled);
            Outcome::Transition(Stage::Cancelled {
                by: *by,
                why: why.clone(),
                from: *from,
            })
        }
        AbortReason::AmountMoved | AbortReason::CardRefused { .. } | AbortReason::NotPossible { .. } => {
            Outcome::Super
        }
    }
}

fn cancelled(context: &Context<'_>, why: &str) -> AbortReason {
    let by: Party = context.turn.actor.party;
    AbortReason::Cancel {
        by,
        why: why.to_owned(),
        from: context.before.name(),
    }
}

/// Somebody wishes to give up while the charge is being made.
pub(super) fn from_charging(
    context: &mut Context<'_>,
    payment: &Payment,
    step: &ChargeStep,
    why: &str,
) -> Outcome<Stage> {
    let reason = cancelled(context, why);
    match step {
        ChargeStep::Verifying => unwind(context, payment, &reason, None),
        ChargeStep::Halted { invoice, .. } => from_halted(context, payment, &reason, invoice.as_ref()),
        ChargeStep::Paying { invoice } | ChargeStep::Issuing { invoice } => {
            at(payment, &reason, AbortStep::Awaiting, Some(invoice.id.clone()))
        }
        ChargeStep::Switching { .. } => context.refuse(Refusal::new(
            RefusalCode::PaymentInFlight,
            "It is paid, and the plan is being switched. Wait for it; to go back afterwards, open a new change.",
        )),
        ChargeStep::SettingMethod
        | ChargeStep::SettingTaxRates
        | ChargeStep::Releasing { .. }
        | ChargeStep::Updating
        | ChargeStep::Creating
        | ChargeStep::Drafting
        | ChargeStep::Listing { .. }
        | ChargeStep::Finalizing { .. } => at(payment, &reason, AbortStep::Awaiting, None),
    }
}

/// The time is over, and nobody has freed the halted charge.
pub(super) fn expire_halted(
    context: &mut Context<'_>,
    payment: &Payment,
    step: &ChargeStep,
) -> Outcome<Stage> {
    let ChargeStep::Halted { invoice, .. } = step else {
        return Outcome::Super;
    };
    let reason = AbortReason::Deadline {
        from: context.before.name(),
    };
    from_halted(context, payment, &reason, invoice.as_ref())
}

/// Why it halted is not understood: the provider is asked what it holds before anything is called over.
fn from_halted(
    context: &mut Context<'_>,
    payment: &Payment,
    reason: &AbortReason,
    invoice: Option<&OpenInvoice>,
) -> Outcome<Stage> {
    match invoice {
        Some(invoice) => void(context, payment, reason, &invoice.id),
        None if payment.subscription.is_some() => at(payment, reason, AbortStep::Looking, None),
        None => end(context, payment, reason),
    }
}

/// Somebody wishes to give up while an invoice is open.
pub(super) fn cancel(
    context: &mut Context<'_>,
    payment: &Payment,
    invoice: &OpenInvoice,
    why: &str,
) -> Outcome<Stage> {
    let reason = cancelled(context, why);
    void(context, payment, &reason, &invoice.id)
}

/// The time is over while an invoice is open.
pub(super) fn expire(context: &mut Context<'_>, payment: &Payment, invoice: &OpenInvoice) -> Outcome<Stage> {
    let reason = AbortReason::Deadline {
        from: context.before.name(),
    };
    void(context, payment, &reason, &invoice.id)
}

/// The provider itself has given the unpaid change up: its time was over there.
pub(super) fn voided_by_provider(
    context: &mut Context<'_>,
    payment: &Payment,
    invoice: &str,
) -> Outcome<Stage> {
    let reason = AbortReason::Deadline {
        from: context.before.name(),
    };
    unwind(context, payment, &reason, Some(invoice.to_owned()))
}

/// The second look before the charge was refused by the state of things.
pub(super) fn refused_again(
    context: &mut Context<'_>,
    payment: &Payment,
    step: &ChargeStep,
    refusal: &Refusal,
) -> Outcome<Stage> {
    if *step != ChargeStep::Verifying {
        return Outcome::Super;
    }
    unwind(
        context,
        payment,
        &AbortReason::NotPossible {
            refusal: refusal.clone(),
        },
        None,
    )
}

/// First of all the invoice must be unpayable.
pub(super) fn void(
    context: &mut Context<'_>,
    payment: &Payment,
    reason: &AbortReason,
    invoice: &str,
) -> Outcome<Stage> {
    let Some(subscription) = payment.subscription.clone() else {
        return Outcome::Super;
    };
    context.call(Call::VoidInvoice {
        invoice: invoice.to_owned(),
        subscription,
    });
    at(payment, reason, AbortStep::Voiding, Some(invoice.to_owned()))
}

/// Nothing can be paid any more: undo what the charge had prepared, step by step, then end.
pub(super) fn unwind(
    context: &mut Context<'_>,
    payment: &Payment,
    reason: &AbortReason,
    invoice: Option<String>,
) -> Outcome<Stage> {
    let Some(subscription) = payment.subscription.clone() else {
        return end(context, payment, reason);
    };
    if payment.subscription_made {
        context.call(Call::CancelSubscription { subscription });
        return at(payment, reason, AbortStep::Ending, invoice);
    }
    if payment.method_set.is_some() && payment.method_set != payment.deal.quote.held_method {
        let method = payment.deal.quote.held_method.clone();
        context.call(Call::SetDefaultMethod { subscription, method });
        return at(payment, reason, AbortStep::Restoring, invoice);
    }
    end(context, payment, reason)
}

/// Money that came too late for what it was meant for is on its way to the customer's balance.
pub(super) fn crediting(payment: &Payment, reason: &AbortReason, invoice: &str) -> Outcome<Stage> {
    at(payment, reason, AbortStep::Crediting, Some(invoice.to_owned()))
}

fn at(payment: &Payment, reason: &AbortReason, step: AbortStep, invoice: Option<String>) -> Outcome<Stage> {
    Outcome::Transition(Stage::Aborting {
        payment: payment.clone(),
        reason: reason.clone(),
        step,
        invoice,
    })
}

/// A call did its work while the change is being given up.
pub(super) fn done(context: &mut Context<'_>, abort: &Abort<'_>, answer: &CallAnswer) -> Outcome<Stage> {
    let mut payment = abort.payment.clone();
    match (abort.step, answer) {
        (AbortStep::Awaiting, CallAnswer::MethodSet) => {
            payment.method_set = payment.card_id();
            unwind(context, &payment, abort.reason, None)
        }
        // A draft cannot be paid, and never becomes final by itself: it stays behind.
        (
            AbortStep::Awaiting,
            CallAnswer::InvoiceDrafted { .. }
            | CallAnswer::InvoiceLineAdded
            | CallAnswer::HoldReleased
            | CallAnswer::TaxRatesSet,
        ) => unwind(context, &payment, abort.reason, None),
        (AbortStep::Awaiting, CallAnswer::Payment(facts)) => {
            if payment.subscription.is_none() {
                paying::made(&mut payment, facts);
            }
            seen(
                context,
                &Abort {
                    payment: &payment,
                    ..*abort
                },
                facts,
            )
        }
        (AbortStep::Voiding, CallAnswer::Payment(facts)) => seen(context, abort, facts),
        (AbortStep::Crediting, CallAnswer::BalanceCredited { .. })
        | (AbortStep::Restoring, CallAnswer::MethodSet)
        | (AbortStep::Ending, CallAnswer::SubscriptionCancelled) => end(context, &payment, abort.reason),
        _ => billing::late(context, answer),
    }
}

/// A call is over without having done its work while the change is being given up.
pub(super) fn failed(context: &mut Context<'_>, abort: &Abort<'_>, failure: &CallFailure) -> Outcome<Stage> {
    let (payment, reason) = (abort.payment, abort.reason);
    let refused = matches!(failure, CallFailure::Refused { .. });
    let unheard = matches!(failure, CallFailure::NeverHappened { .. });
    match (abort.step, abort.invoice) {
        // The charge itself was refused, and no invoice is open: nothing can be paid.
        (AbortStep::Awaiting, None) => unwind(context, payment, reason, None),
        // The same request would bring the same refusal.
        (AbortStep::Voiding, Some(_)) if refused => stays(abort, AbortStep::Halted),
        (AbortStep::Crediting, Some(invoice)) if unheard && payment.never_happened < AGAIN_MAX => {
            let payment = Payment {
                never_happened: payment.never_happened + 1,
                ..payment.clone()
            };
            at(&payment, reason, AbortStep::Looking, Some(invoice.to_owned()))
        }
        (AbortStep::Crediting, _) => stays(abort, AbortStep::Halted),
        (AbortStep::Ending, _) if refused => at(payment, reason, AbortStep::Halted, None),
        (AbortStep::Awaiting | AbortStep::Voiding, _) => stays(abort, AbortStep::Looking),
        // What makes or takes nothing can be ordered again as soon as it is proven that it was never heard.
        (AbortStep::Ending | AbortStep::Restoring, _) if unheard && payment.never_happened < AGAIN_MAX => {
            let payment = Payment {
                never_happened: payment.never_happened + 1,
                ..payment.clone()
            };
            unwind(context, &payment, reason, abort.invoice.map(str::to_owned))
        }
        (AbortStep::Ending, _) if unheard => at(payment, reason, AbortStep::Halted, None),
        // The subscription has ended by itself: there is nothing left to undo.
        (AbortStep::Ending, _) => end(context, payment, reason),
        // The old card is gone: the subscription keeps the new one, and whoever goes on from here must know.
        (AbortStep::Restoring, _) => {
            let mut payment = payment.clone();
            payment.deal.quote.held_method.clone_from(&payment.method_set);
            end(context, &payment, reason)
        }
        (AbortStep::Looking | AbortStep::Halted, _) => Outcome::Super,
    }
}

/// The payment was looked at. Only where no call is in flight: else the call's own answer decides.
pub(super) fn looked(context: &mut Context<'_>, abort: &Abort<'_>, facts: &PaymentFacts) -> Outcome<Stage> {
    match abort.step {
        AbortStep::Looking | AbortStep::Halted => seen(context, abort, facts),
        AbortStep::Awaiting
        | AbortStep::Voiding
        | AbortStep::Restoring
        | AbortStep::Ending
        | AbortStep::Crediting => Outcome::Super,
    }
}

/// What the provider's word means for an abort. One winner: if the money is there, the change is done.
fn seen(context: &mut Context<'_>, abort: &Abort<'_>, facts: &PaymentFacts) -> Outcome<Stage> {
    let (payment, reason) = (abort.payment, abort.reason);
    let held = switching::holds(facts, &payment.deal.quote);
    let ours = |invoice: &&InvoiceFacts| abort.invoice.is_none_or(|known| known == invoice.id);
    let invoice = match (facts.invoice.as_ref().filter(ours), abort.invoice) {
        (Some(invoice), _) => invoice,
        // An invoice that is known does not become unpayable by not being shown.
        (None, Some(_)) => return look_again(abort, None),
        (None, None) if held && payment.deal.quote.due_today.is_zero() => {
            return judging::activate(context, payment, facts, None);
        }
        (None, None) if held => return look_again(abort, None),
        // Something unpaid waits to be applied, and its invoice is not known: it can still be paid.
        (None, None) if facts.pending_until.is_some() => return look_again(abort, None),
        (None, None) => return unwind(context, payment, reason, None),
    };
    let in_flight = matches!(
        facts.intent,
        Some(IntentStatus::Processing | IntentStatus::Succeeded)
    );
    match invoice.status {
        InvoiceStatus::Paid if held => judging::activate(context, payment, facts, Some(invoice)),
        InvoiceStatus::Paid if payment.voucher().is_some() => {
            vouchers::paid(context, payment, facts, invoice, reason)
        }
        InvoiceStatus::Void => unwind(context, payment, reason, Some(invoice.id.clone())),
        // It is too late to give up: whoever paid gets what it was for, or a person who sees that they did not.
        InvoiceStatus::Paid => judging::settle(payment, facts, invoice.clone()),
        _ if in_flight => look_again(abort, Some(invoice)),
        _ => match abort.step {
            AbortStep::Awaiting | AbortStep::Looking => void(context, payment, reason, &invoice.id),
            _ => look_again(abort, Some(invoice)),
        },
    }
}

/// Nothing is certain yet. What has halted stays so.
fn look_again(abort: &Abort<'_>, seen: Option<&InvoiceFacts>) -> Outcome<Stage> {
    let step = match abort.step {
        AbortStep::Halted => AbortStep::Halted,
        _ => AbortStep::Looking,
    };
    let invoice = seen.map(|invoice| invoice.id.as_str()).or(abort.invoice);
    stays(&Abort { invoice, ..*abort }, step)
}

fn stays(abort: &Abort<'_>, step: AbortStep) -> Outcome<Stage> {
    at(
        abort.payment,
        abort.reason,
        step,
        abort.invoice.map(str::to_owned),
    )
}

/// Support orders another attempt.
pub(super) fn retry(context: &mut Context<'_>, abort: &Abort<'_>) -> Outcome<Stage> {
    match (abort.step, abort.invoice) {
        (AbortStep::Looking | AbortStep::Halted, Some(invoice)) => {
            void(context, abort.payment, abort.reason, invoice)
        }
        (AbortStep::Halted, None) => unwind(context, abort.payment, abort.reason, None),
        // A made subscription holds what was wanted even unpaid, so that looking alone can never tell that it may end.
        (AbortStep::Looking, None) if abort.payment.subscription_made => {
            unwind(context, abort.payment, abort.reason, None)
        }
        _ => Outcome::Super,
    }
}

/// Nobody has ordered another attempt for a long time: one is made.
pub(super) fn retry_in_time(context: &mut Context<'_>, abort: &Abort<'_>) -> Outcome<Stage> {
    match abort.step {
        AbortStep::Halted => retry(context, abort),
        _ => Outcome::Super,
    }
}

fn end(context: &mut Context<'_>, payment: &Payment, reason: &AbortReason) -> Outcome<Stage> {
    let deal = payment.deal.clone();
    match reason {
        AbortReason::Cancel { .. } | AbortReason::Deadline { .. } => finish_early(context, reason),
        AbortReason::AmountMoved => Outcome::Transition(Stage::QuotePending {
            selection: deal.selection,
            billing_given: true,
            drift: Some(Box::new(Drift {
                replaced: deal.quote,
                why: DriftCause::AmountsMoved,
            })),
        }),
        AbortReason::CardRefused { decline } => {
            context.tell(Tell::Declined);
            Outcome::Transition(Stage::Choosing {
                deal,
                method: None,
                refused: Some(*decline),
            })
        }
        AbortReason::NotPossible { refusal } => Outcome::Transition(Stage::Draft {
            selection: deal.selection,
            problem: Some(refusal.clone()),
        }),
    }
}
