//! Judging: what the provider's word about a payment means while the change is to go on.

use statig::Outcome;

use super::call::{Call, Decline};
use super::decide::Context;
use super::payment::{IntentStatus, InvoiceFacts, InvoiceStatus, PaymentFacts};
use super::receipt::{CardStep, Receipt, RefundStep};
use super::stage::{AbortReason, ChargeStep, OpenInvoice, Payment, Stage};
use super::tell::Tell;
use super::{aborting, paying, switching, vouchers};
use crate::domain::money::Money;

/// The payment was looked at while it waits. What does not speak of its invoice tells nothing.
pub(super) fn seen(
    context: &mut Context<'_>,
    payment: &Payment,
    invoice: &OpenInvoice,
    facts: &PaymentFacts,
) -> Outcome<Stage> {
    if speaks_of(facts, invoice) {
        judge(context, payment, facts)
    } else {
        Outcome::Handled
    }
}

/// The payment was looked at while a person is awaited: only an end is taken in.
pub(super) fn seen_halted(
    context: &mut Context<'_>,
    payment: &Payment,
    step: &ChargeStep,
    facts: &PaymentFacts,
) -> Outcome<Stage> {
    let ChargeStep::Halted {
        invoice: Some(invoice),
        ..
    } = step
    else {
        return Outcome::Super;
    };
    let status = facts.invoice.as_ref().map(|invoice| invoice.status);
    let paid = status == Some(InvoiceStatus::Paid) && switching::holds(facts, &payment.deal.quote);
    if speaks_of(facts, invoice) && (paid || status == Some(InvoiceStatus::Void)) {
        judge(context, payment, facts)
    } else {
        Outcome::Handled
    }
}

/// Whether it is this invoice that was seen.
pub(super) fn speaks_of(facts: &PaymentFacts, invoice: &OpenInvoice) -> bool {
    facts.invoice.as_ref().is_some_and(|seen| seen.id == invoice.id)
}

/// What the provider's word means: the one place that turns payment facts into a stage.
pub(super) fn judge(context: &mut Context<'_>, payment: &Payment, facts: &PaymentFacts) -> Outcome<Stage> {
    let held = switching::holds(facts, &payment.deal.quote);
    let Some(invoice) = facts.invoice.clone() else {
        return match facts.decline {
            _ if held && payment.deal.quote.due_today.is_zero() => activate(context, payment, facts, None),
            _ if held => paying::halt(
                payment,
                "invoice_missing",
                "The provider has switched the plan, but shows no invoice for it.",
                None,
            ),
            _ if facts.pending_until.is_some() => paying::halt(
                payment,
                "invoice_missing",
                "An unpaid change waits at the provider, but the provider shows no invoice of ours for it.",
                None,
            ),
            Some(decline) => aborting::unwind(context, payment, &AbortReason::CardRefused { decline }, None),
            None => paying::halt(
                payment,
                "no_invoice",
                "The provider made no invoice and did not switch the plan.",
                None,
            ),
        };
    };
    match invoice.status {
        InvoiceStatus::Paid if held => activate(context, payment, facts, Some(&invoice)),
        InvoiceStatus::Paid if payment.voucher().is_some() => {
            vouchers::paid(context, payment, facts, &invoice, &AbortReason::AmountMoved)
        }
        InvoiceStatus::Void => aborting::voided_by_provider(context, payment, &invoice.id),
        InvoiceStatus::Paid | InvoiceStatus::Draft => settle(payment, facts, invoice),
        InvoiceStatus::Open | InvoiceStatus::Uncollectible => judge_open(context, payment, facts, invoice),
    }
}

fn judge_open(
    context: &mut Context<'_>,
    payment: &Payment,
    facts: &PaymentFacts,
    invoice: InvoiceFacts,
) -> Outcome<Stage> {
    if invoice.amount_due > payment.deal.quote.due_today {
        return aborting::void(context, payment, &AbortReason::AmountMoved, &invoice.id);
    }
    if let Some(voucher) = payment.voucher() {
        return vouchers::judge_open(context, payment, voucher, facts, invoice);
    }
    match facts.intent {
        Some(IntentStatus::RequiresAction) => {
            if !matches!(context.before, Stage::ActionRequired { .. }) {
                context.tell(Tell::AuthenticationNeeded);
            }
            let invoice = (invoice, facts.pending_until).into();
            Outcome::Transition(Stage::ActionRequired {
                payment: payment.clone(),
                invoice,
            })
        }
        Some(IntentStatus::Processing | IntentStatus::Succeeded) => settle(payment, facts, invoice),
        _ if facts.decline.is_none() && payment.subscription_made && !paid_before(context) => {
            let subscription = facts.subscription.clone();
            paying::pay(
                context,
                payment.clone(),
                subscription,
                (invoice, facts.pending_until).into(),
            )
        }
        _ => {
            if !matches!(context.before, Stage::Declined { .. }) {
                context.tell(Tell::Declined);
            }
            let reason = facts.decline.unwrap_or(Decline::Generic);
            let invoice = (invoice, facts.pending_until).into();
            Outcome::Transition(Stage::Declined {
                payment: payment.clone(),
                invoice,
                reason,
            })
        }
    }
}

/// Whether the first invoice has already been paid at once: then its being unpaid is a refusal, not a beginning.
fn paid_before(context: &Context<'_>) -> bool {
    !matches!(
        context.before,
        Stage::Charging {
            step: ChargeStep::Creating,
            ..
        }
    )
}

/// Money is there or on its way, and the provider does not hold yet what it is for: nothing to decide but to look again.
pub(super) fn settle(payment: &Payment, facts: &PaymentFacts, invoice: InvoiceFacts) -> Outcome<Stage> {
    let paid = invoice.status == InvoiceStatus::Paid;
    let invoice = (invoice, facts.pending_until).into();
    Outcome::Transition(Stage::Settling {
        payment: payment.clone(),
        invoice,
        paid,
        voucher: None,
    })
}

/// The money is there (or none was due) and the provider has switched: the contract switches with it. What was charged
/// beyond the confirmed amount goes back, to the cent; what was charged less is honoured.
pub(super) fn activate(
    context: &mut Context<'_>,
    payment: &Payment,
    facts: &PaymentFacts,
    invoice: Option<&InvoiceFacts>,
) -> Outcome<Stage> {
    let agreed = payment.deal.quote.due_today;
    let charged = invoice.map_or(Money::zero(agreed.currency), |invoice| invoice.amount_paid);
    let excess = charged.minus(agreed).ok().filter(|over| over.amount > 0);
    if let (Some(amount), Some(invoice)) = (excess, invoice) {
        context.call(Call::Refund {
            invoice: invoice.id.clone(),
            amount,
        });
    }
    // Renewals are charged on the card that paid. Nothing waits for it: the change is done.
    let card = paying::set_chosen(context, payment)
        .then(|| payment.card_id())
        .flatten();
    let (before, turn) = (context.turn.contract, context.turn);
    context.contract = Some(match payment.voucher() {
        Some(_) => switching::after_money_from_outside(before, &payment.deal, facts, turn),
        None => switching::after(before, &payment.deal, facts, turn),
    });
    context.tell(Tell::Activated);
    let receipt = Receipt {
        charged,
        invoice: invoice.map(|invoice| invoice.id.clone()),
        url: invoice.and_then(|invoice| invoice.hosted_url.clone()),
        excess,
        refund: excess.map(|_| RefundStep::OnItsWay),
        never_happened: 0,
        card: card.map(|method| CardStep::OnItsWay { method }),
        at: context.turn.now,
    };
    Outcome::Transition(Stage::Active {
        deal: payment.deal.clone(),
        receipt,
    })
}
