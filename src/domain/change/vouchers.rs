//! Money that the customer sends: a one-off invoice over the quoted lines is made, line by line, a voucher for it is issued, and
//! only once it is paid do the items change, without proration. Until then nothing at the provider but the invoice is new.

use statig::Outcome;

use super::aborting;
use super::call::{Call, Decline};
use super::decide::{Context, Turn};
use super::means::VoucherKind;
use super::payment::{IntentStatus, InvoiceFacts, PaymentFacts};
use super::quote::{Quote, QuoteLine};
use super::refusal::{Again, Refusal, RefusalCode};
use super::stage::{AbortReason, ChargeStep, OpenInvoice, Payment, Stage};
use super::tax::TaxLine;
use super::tell::Tell;
use crate::domain::catalog::{LineKey, MethodAsk, PaymentMethodKind, Unavailable, VoucherTerms};
use crate::domain::language::said;
use crate::domain::money::Money;

impl Payment {
    /// The provider's id of the card that it is paid with, where it is one.
    pub fn card_id(&self) -> Option<String> {
        Some(self.method.as_ref()?.card()?.id.clone())
    }

    /// Which voucher it is paid by, if it is.
    pub(super) fn voucher(&self) -> Option<VoucherKind> {
        self.method.as_ref()?.voucher()
    }
}

/// Whether this way to pay can be chosen now, for what is due; and how the customer is then asked for the money.
pub(super) fn terms(
    turn: Turn<'_>,
    quote: &Quote,
    kind: PaymentMethodKind,
) -> Result<Option<VoucherTerms>, Refusal> {
    let Some(rule) = turn.playbook.policy.method(kind) else {
        let detail = format!(
            "The seller does not take `{}`. The change names what it takes.",
            kind.as_str()
        );
        return Err(unavailable(detail));
    };
    let ask = ask(turn, quote);
    let terms = rule
        .available(&ask)
        .map_err(|why| explained(kind, why, ask.now))?;
    let has = turn.billing.and_then(|billing| billing.tax_id_kind);
    if !rule.tax_ids.is_empty() && has.is_none_or(|has| !rule.tax_ids.contains(&has)) {
        let detail = format!(
            "`{}` needs a tax number of another kind than the billing data has. Send billing data with one that the way to \
             pay names.",
            kind.as_str()
        );
        return Err(unavailable(detail));
    }
    Ok(terms)
}

/// What is asked of a way to pay, as things stand.
pub(super) fn ask<'a>(turn: Turn<'a>, quote: &Quote) -> MethodAsk<'a> {
    let freeze = turn.playbook.policy.freeze_before_renewal;
    let renewal = quote.period_end.or(quote.renews_at());
    MethodAsk {
        customer_since: turn.account.created_at,
        time_zone: &turn.playbook.seller.time_zone,
        due: quote.due_today,
        now: turn.now,
        must_settle_by: renewal.map(|at| at.checked_sub(freeze).unwrap_or(at)),
        subscribed: turn.contract.subscription.is_some(),
    }
}

fn unavailable(detail: String) -> Refusal {
    Refusal::new(RefusalCode::PaymentMethodUnavailable, detail).at("/method")
}

fn explained(kind: PaymentMethodKind, why: Unavailable, now: jiff::Timestamp) -> Refusal {
    let kind = kind.as_str();
    match why {
        Unavailable::Currency => unavailable(format!(
            "`{kind}` does not take this currency. Choose another way to pay."
        )),
        Unavailable::Until(from) => unavailable(format!(
            "`{kind}` can be chosen from {from} on. Choose another way to pay until then."
        ))
        .again(Again::at(from, now)),
        Unavailable::NothingDue => unavailable(format!(
            "There is nothing to pay by `{kind}` today. Choose a card for the renewals."
        )),
        Unavailable::TooLittle(least) => unavailable(format!(
            "`{kind}` takes {least} at least. Choose another way to pay."
        )),
        Unavailable::TooMuch(most) => unavailable(format!(
            "`{kind}` takes {most} at most. Choose another way to pay."
        )),
        Unavailable::RenewalTooNear => unavailable(format!(
            "Money by `{kind}` would not be there before the plan renews. Pay by card, or ask again after the renewal."
        )),
        Unavailable::FirstSubscription => unavailable(format!(
            "`{kind}` cannot pay for what has no subscription yet. Choose a card, which the renewals are charged on."
        )),
    }
}

/// The amounts still hold: the invoice is begun.
pub(super) fn begin(context: &mut Context<'_>, payment: &Payment, voucher: VoucherKind) -> Outcome<Stage> {
    let quote = &payment.deal.quote;
    if let Err(refusal) = terms(context.turn, quote, voucher.kind()) {
        return aborting::unwind(context, payment, &AbortReason::NotPossible { refusal }, None);
    }
    context.call(Call::DraftInvoice {
        customer: payment.customer.clone(),
        currency: quote.due_today.currency,
        voucher,
        prorated_at: quote.prorated_at,
    });
    charging(payment, ChargeStep::Drafting)
}

/// The draft is there, with so many lines: the next one is put on it, or it becomes final.
pub(super) fn drafted(
    context: &mut Context<'_>,
    payment: &Payment,
    invoice: &str,
    lines: usize,
) -> Outcome<Stage> {
    let all = invoice_lines(context, payment);
    let (invoice, customer) = (invoice.to_owned(), payment.customer.clone());
    if let Some(line) = all.get(lines) {
        context.call(Call::AddInvoiceLine {
            invoice: invoice.clone(),
            customer,
            description: line.description.clone(),
            amount: line.amount,
            from: line.from,
            until: line.until,
        });
        return charging(payment, ChargeStep::Listing { invoice, lines });
    }
    let Some(subscription) = payment.subscription.clone() else {
        return Outcome::Super;
    };
    context.call(Call::FinalizeInvoice {
        invoice: invoice.clone(),
        subscription,
        customer,
    });
    charging(payment, ChargeStep::Finalizing { invoice })
}

/// One amount as the invoice shows it.
struct InvoiceLine {
    description: String,
    amount: Money,
    from: jiff::Timestamp,
    until: jiff::Timestamp,
}

/// The quoted lines, and each tax on top of them as a line of its own.
fn invoice_lines(context: &Context<'_>, payment: &Payment) -> Vec<InvoiceLine> {
    let quote = &payment.deal.quote;
    let shown = |line: &QuoteLine| InvoiceLine {
        description: words(context, payment, line),
        amount: line.amount,
        from: line.from,
        until: line.until,
    };
    let mut all: Vec<InvoiceLine> = quote.lines.iter().map(shown).collect();
    let tax = |description: String, amount: Money| InvoiceLine {
        description,
        amount,
        from: quote.prorated_at,
        until: quote.prorated_at,
    };
    let due = |line: &&TaxLine| !line.amount.is_zero();
    all.extend(
        quote
            .taxes
            .iter()
            .filter(due)
            .map(|line| tax(line.words(), line.amount)),
    );
    // Quotes of before taxes were told one by one.
    if quote.taxes.is_empty() && !quote.tax.is_zero() {
        all.push(tax("Tax".to_owned(), quote.tax));
    }
    all
}

/// `8 × User seat`, in the customer's language; what is credited is what was held.
fn words(context: &Context<'_>, payment: &Payment, line: &QuoteLine) -> String {
    let catalog = &context.turn.playbook.catalog;
    let language = context.turn.account.language;
    let name = line.key.as_ref().and_then(|key| match key {
        LineKey::Plan => {
            let held = line.amount.amount < 0;
            let selected = &payment.deal.selection.plan;
            let plan = if held {
                &context.turn.contract.plan
            } else {
                selected
            };
            catalog.plan(plan).and_then(|plan| said(&plan.name, language))
        }
        LineKey::Item(item) => catalog.item(item).and_then(|item| said(&item.name, language)),
    });
    format!("{} × {}", line.quantity, name.unwrap_or("—"))
}

/// The invoice is final and open: what the provider's word about it means.
pub(super) fn judge_open(
    context: &mut Context<'_>,
    payment: &Payment,
    voucher: VoucherKind,
    facts: &PaymentFacts,
    invoice: InvoiceFacts,
) -> Outcome<Stage> {
    if renewed(context, payment) {
        // Nobody has paid for it yet, and what it is for has begun anew.
        return aborting::void(context, payment, &AbortReason::AmountMoved, &invoice.id);
    }
    let held_until = None;
    match (facts.intent, facts.decline) {
        (Some(IntentStatus::RequiresAction), _) if facts.voucher.is_some() => {
            let told = matches!(context.before, Stage::Settling { voucher: Some(_), .. });
            if !told {
                context.tell(Tell::VoucherIssued);
            }
            Outcome::Transition(Stage::Settling {
                payment: payment.clone(),
                invoice: (invoice, held_until).into(),
                paid: false,
                voucher: facts.voucher.as_deref().cloned(),
            })
        }
        (Some(IntentStatus::Processing | IntentStatus::Succeeded), _) => {
            Outcome::Transition(Stage::Settling {
                payment: payment.clone(),
                invoice: (invoice, held_until).into(),
                paid: false,
                voucher: None,
            })
        }
        (_, Some(decline)) => lapse(context, payment, &invoice.id, decline),
        (_, None) if matches!(context.before, Stage::Settling { voucher: Some(_), .. }) => {
            lapse(context, payment, &invoice.id, Decline::VoucherExpired)
        }
        _ => issue(context, payment, voucher, facts, (invoice, held_until).into()),
    }
}

/// It was not paid in time, or the bank refused: the invoice must be unpayable before the customer chooses again.
fn lapse(context: &mut Context<'_>, payment: &Payment, invoice: &str, decline: Decline) -> Outcome<Stage> {
    aborting::void(context, payment, &AbortReason::CardRefused { decline }, invoice)
}

/// The time for paying a voucher is over. Whether it was paid in the last moment, voiding it tells.
pub(super) fn time_up(context: &mut Context<'_>, payment: &Payment, invoice: &OpenInvoice) -> Outcome<Stage> {
    if renewed(context, payment) {
        return aborting::void(context, payment, &AbortReason::AmountMoved, &invoice.id);
    }
    lapse(context, payment, &invoice.id, Decline::VoucherExpired)
}

fn issue(
    context: &mut Context<'_>,
    payment: &Payment,
    voucher: VoucherKind,
    facts: &PaymentFacts,
    invoice: OpenInvoice,
) -> Outcome<Stage> {
    let terms = match terms(context.turn, &payment.deal.quote, voucher.kind()) {
        Ok(Some(terms)) => terms,
        Ok(None) => return Outcome::Super,
        Err(refusal) => {
            return aborting::void(
                context,
                payment,
                &AbortReason::NotPossible { refusal },
                &invoice.id,
            );
        }
    };
    let (Some(intent), Some(billing), Some(subscription)) = (
        facts.intent_id.clone(),
        context.turn.billing,
        payment.subscription.clone(),
    ) else {
        return Outcome::Super;
    };
    context.call(Call::IssueVoucher {
        invoice: invoice.id.clone(),
        subscription,
        intent,
        identity: billing.identity.row,
        terms,
    });
    charging(payment, ChargeStep::Issuing { invoice })
}

/// Paid, and the provider does not hold it yet: now the items change. Where a renewal has come between, what was paid for is
/// over: the money becomes a credit, and the change ends as `reason` says.
pub(super) fn paid(
    context: &mut Context<'_>,
    payment: &Payment,
    facts: &PaymentFacts,
    invoice: &InvoiceFacts,
    reason: &AbortReason,
) -> Outcome<Stage> {
    if renewed(context, payment) || moved_on(facts, payment) {
        context.call(Call::CreditBalance {
            customer: payment.customer.clone(),
            invoice: invoice.id.clone(),
            amount: invoice.amount_paid,
        });
        context.tell(Tell::PaidTooLate);
        return aborting::crediting(payment, reason, &invoice.id);
    }
    switch(
        context,
        payment,
        facts.subscription.clone(),
        (invoice.clone(), None).into(),
    )
}

/// Orders the items that were paid for.
pub(super) fn switch(
    context: &mut Context<'_>,
    payment: &Payment,
    subscription: String,
    invoice: OpenInvoice,
) -> Outcome<Stage> {
    context.call(Call::SwitchSubscription {
        subscription,
        invoice: invoice.id.clone(),
        targets: payment.deal.quote.targets.clone(),
    });
    charging(payment, ChargeStep::Switching { invoice })
}

/// Whether the period that the quote was made in is over.
fn renewed(context: &Context<'_>, payment: &Payment) -> bool {
    let end = payment.deal.quote.period_end;
    end.is_some_and(|end| context.turn.now >= end)
}

/// Whether the provider's periods have moved past the quote's.
fn moved_on(facts: &PaymentFacts, payment: &Payment) -> bool {
    let quoted = payment.deal.quote.period_end;
    match (facts.period_end, quoted) {
        (Some(now), Some(quoted)) => now > quoted,
        _ => false,
    }
}

fn charging(payment: &Payment, step: ChargeStep) -> Outcome<Stage> {
    Outcome::Transition(Stage::Charging {
        payment: payment.clone(),
        step,
    })
}

/// One of the seller's ways to pay, as it stands for a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Which way.
    pub kind: PaymentMethodKind,
    /// Why it cannot be chosen now, if it cannot. The kind of the customer's tax number is looked at when it is chosen.
    pub unavailable: Option<Unavailable>,
    /// From when on the account may choose it, where it must have been a customer for some time.
    pub from: Option<jiff::Timestamp>,
}

/// The seller's ways to pay, in its order, for what a quote says.
pub fn methods(turn: Turn<'_>, quote: &Quote) -> Vec<Offered> {
    let ask = ask(turn, quote);
    let rules = turn.playbook.policy.payment_methods.iter();
    rules
        .map(|rule| Offered {
            kind: rule.kind,
            unavailable: rule.available(&ask).err(),
            from: rule.from(ask.customer_since, ask.time_zone),
        })
        .collect()
}
