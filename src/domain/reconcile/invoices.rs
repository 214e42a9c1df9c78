//! Invoices with our marks: paid late, paid twice, left behind, or lost sight of.

use super::facts::{
    Holdings, InvoiceReason, KnownCallState, KnownChange, Local, MarkedInvoice, MarkedSubscription, SeenMarks,
};
use super::finding::{Evidence, Finding, FindingCode, Repair};
use super::plan::CLEAN_UPS_MAX;
use crate::domain::account::ContractStatus;
use crate::domain::change::{
    AbortStep, Call, ChargeStep, Confirmation, Consent, Deal, HoldingChange, InvoiceStatus, Means,
    OpenInvoice, Payment, Stage, SubscriptionStatus,
};

fn is_elsewhere(local: &Local<'_>, subscription: Option<&String>, marks: SeenMarks) -> bool {
    local.changes_elsewhere.contains(&marks.change)
        || subscription.is_some_and(|id| local.elsewhere.contains(id))
}

/// What an invoice with our marks means. Renewals inherit the marks, and are none of ours; so do the edits of others.
pub(super) fn invoice(local: &Local<'_>, holdings: &Holdings, seen: &MarkedInvoice) -> Option<Finding> {
    let marks = seen.marks?;
    let ours = matches!(seen.reason, InvoiceReason::Created | InvoiceReason::OneOff)
        || (seen.reason == InvoiceReason::Updated && seen.at_our_instant);
    if !ours || is_elsewhere(local, seen.subscription.as_ref(), marks) {
        return None;
    }
    let paid = seen.facts.status == InvoiceStatus::Paid && seen.facts.amount_paid.amount > 0;
    let payable = matches!(
        seen.facts.status,
        InvoiceStatus::Open | InvoiceStatus::Uncollectible
    );
    if !paid && !payable {
        return None;
    }
    let found = Found { local, seen, marks };
    let Some(change) = local.changes.iter().find(|change| change.id == marks.change) else {
        let said =
            "The change that it names is not known here: its rows are lost, or it is another installation's.";
        return Some(found.finding(FindingCode::UnknownObject, said, Repair::Human));
    };
    if change.receipt() == Some(seen.facts.id.as_str()) || change.succeeded {
        return None;
    }
    match (&change.stage, paid) {
        (stage, _) if !stage.is_terminal() => found.open_change(change, holdings),
        (_, true) => found.late_money(change, holdings),
        (_, false) => found.open_invoice(change),
    }
}

/// An invoice of ours that does not fit.
struct Found<'a> {
    local: &'a Local<'a>,
    seen: &'a MarkedInvoice,
    marks: SeenMarks,
}

impl Found<'_> {
    fn finding(&self, code: FindingCode, said: &str, repair: Repair) -> Finding {
        let known = self
            .local
            .changes
            .iter()
            .any(|change| change.id == self.marks.change);
        let facts = &self.seen.facts;
        let paid = facts.status == InvoiceStatus::Paid;
        Finding {
            code,
            change: known.then_some(self.marks.change),
            evidence: Evidence {
                object: facts.id.clone(),
                subscription: self.seen.subscription.clone(),
                amount: Some(if paid { facts.amount_paid } else { facts.amount_due }),
                seen: said.to_owned(),
            },
            repair,
        }
    }

    /// The change goes on. One that knows of its invoice looks after it itself; one that knows of none is told.
    fn open_change(&self, change: &KnownChange, holdings: &Holdings) -> Option<Finding> {
        let lost = match &change.stage {
            Stage::Charging {
                step: ChargeStep::Halted { invoice: None, .. },
                ..
            }
            | Stage::Aborting {
                step: AbortStep::Looking,
                invoice: None,
                ..
            } => true,
            stage if stage.payment().is_some() => return None,
            _ => matches!(
                change.stage,
                Stage::Draft { .. }
                    | Stage::QuotePending { .. }
                    | Stage::QuoteReady { .. }
                    | Stage::BillingInfo { .. }
                    | Stage::Choosing { .. }
            ),
        };
        let said = "The change does not know of this invoice, and goes on without it.";
        let code = FindingCode::ProviderAhead;
        let repair = match self.payment(change).filter(|_| lost) {
            Some(payment) if self.can_hold(&payment, holdings) => {
                Repair::Adopt(Box::new(payment), self.as_open())
            }
            _ => Repair::Human,
        };
        Some(self.finding(code, said, repair))
    }

    /// Money for a change that is over: what it paid for is held, or it goes back. Once, either way.
    fn late_money(&self, change: &KnownChange, holdings: &Holdings) -> Option<Finding> {
        let amount = self.seen.facts.amount_paid;
        let invoice = &self.seen.facts.id;
        let refunds = change.outcomes(|call| {
            matches!(
                call,
                Call::Refund { invoice: given, .. } | Call::CreditBalance { invoice: given, .. } if given == invoice
            )
        });
        if refunds.contains(&KnownCallState::Done) {
            return None;
        }
        let active = matches!(change.stage, Stage::Active { .. });
        let code = if active {
            FindingCode::PaidTwice
        } else {
            FindingCode::LateMoney
        };
        // What cannot go back the way it came becomes a credit of the customer.
        let stays = self
            .marks
            .voucher
            .is_some_and(|voucher| !voucher.can_be_refunded());
        let give_back = || {
            let invoice = invoice.clone();
            Repair::CleanUp(if stays {
                let customer = self.local.customer.to_owned();
                Call::CreditBalance {
                    customer,
                    invoice,
                    amount,
                }
            } else {
                Call::Refund { invoice, amount }
            })
        };
        if refunds.len() >= CLEAN_UPS_MAX {
            let said = "The provider does not give it back.";
            return Some(self.finding(code, said, Repair::Human));
        }
        if active {
            let said = "The change has a receipt for another invoice.";
            // Two invoices of one and the same effect: which of them is the wrong one only a person can say.
            let repair = if change.charged_by(self.marks.effect) {
                Repair::Human
            } else {
                give_back()
            };
            return Some(self.finding(code, said, repair));
        }
        let (said, repair) = match self.payment(change) {
            Some(payment) if self.still_counts(&payment.deal, holdings) => (
                "It was sent by the customer, and the quote still holds.",
                Repair::Honour(Box::new(payment), self.as_open()),
            ),
            Some(payment) if self.holds(&payment.deal, holdings) => {
                let free = self.local.changes.iter().all(|change| change.stage.is_terminal());
                if free && self.is_own_or_first() && !self.moved_on(&payment.deal) {
                    let payment = Box::new(payment);
                    (
                        "What it pays for is held, and the quote still holds.",
                        Repair::Honour(payment, self.as_open()),
                    )
                } else {
                    (
                        "What it pays for is held, but the contract has moved on or another change is open.",
                        Repair::Human,
                    )
                }
            }
            _ => ("What it was paid for is not held.", give_back()),
        };
        Some(self.finding(code, said, repair))
    }

    fn open_invoice(&self, change: &KnownChange) -> Option<Finding> {
        let subscription = self.subscription()?.to_owned();
        if matches!(change.stage, Stage::Active { .. }) && change.charged_by(self.marks.effect) {
            return None;
        }
        let invoice = self.seen.facts.id.clone();
        let tried = change
            .outcomes(|call| matches!(call, Call::VoidInvoice { invoice: void, .. } if *void == invoice));
        let code = FindingCode::OpenInvoice;
        if tried.len() >= CLEAN_UPS_MAX {
            return Some(self.finding(code, "The provider does not void it.", Repair::Human));
        }
        let said = "Nothing waits for this invoice any more, and it can still be paid.";
        let void = Call::VoidInvoice {
            invoice,
            subscription,
        };
        Some(self.finding(code, said, Repair::CleanUp(void)))
    }

    /// The payment that this invoice belongs to, as the change last knew it: the same instant, and the subscription that is
    /// charged. Every request of ours was confirmed before it left, under the terms that the change runs on.
    fn payment(&self, change: &KnownChange) -> Option<Payment> {
        let deal = change.deal.clone()?;
        if self.marks.prorated_at? != deal.quote.prorated_at {
            return None;
        }
        let subscription = self.subscription().map(str::to_owned);
        let made = self.seen.reason == InvoiceReason::Created;
        let sent_by = self.marks.voucher.map(|voucher| Means::Voucher { voucher });
        if let Some(payment) = change.payment.clone().filter(|payment| payment.deal == deal) {
            return Some(Payment {
                method: sent_by.or(payment.method),
                subscription,
                subscription_made: made,
                never_happened: 0,
                ..payment
            });
        }
        let confirmation = Confirmation {
            seen: deal.quote.due_today,
            consent: Consent {
                terms_version: change.terms_version.clone(),
                at: deal.quote.prorated_at,
            },
        };
        Some(Payment {
            deal,
            method: sent_by,
            confirmation,
            customer: self.local.customer.to_owned(),
            subscription,
            method_set: None,
            subscription_made: made,
            released: None,
            tax_rates_set: None,
            never_happened: 0,
        })
    }

    fn as_open(&self) -> OpenInvoice {
        OpenInvoice {
            id: self.seen.facts.id.clone(),
            amount_due: self.seen.facts.amount_due,
            hosted_url: self.seen.facts.hosted_url.clone(),
            held_until: None,
        }
    }

    fn charged<'h>(&self, holdings: &'h Holdings) -> Option<&'h MarkedSubscription> {
        let wanted = self.subscription()?;
        holdings
            .subscriptions
            .iter()
            .find(|subscription| subscription.facts.id == *wanted)
    }

    /// The subscription that it is for. A one-off invoice names the customer alone, and speaks of what the contract is charged on.
    fn subscription(&self) -> Option<&str> {
        let own = self.local.contract.subscription.as_deref();
        let named = self.seen.subscription.as_deref();
        named.or(own.filter(|_| self.seen.reason == InvoiceReason::OneOff))
    }

    /// Whether money that the customer sent can still bring what it was sent for: the same period, the same contract, and no other
    /// change in its way.
    fn still_counts(&self, deal: &Deal, holdings: &Holdings) -> bool {
        let same_period = || {
            let items = self.charged(holdings).map(|charged| &charged.facts.items);
            let now = items.and_then(|items| items.iter().map(|item| item.period_end).min());
            now.is_some() && now == deal.quote.period_end
        };
        let free = self.local.changes.iter().all(|change| change.stage.is_terminal());
        let unmoved = || {
            let held = |line: &HoldingChange| self.local.contract.quantity(&line.key) == line.before;
            deal.quote.holdings.iter().all(held) && self.local.contract.status == ContractStatus::Active
        };
        self.seen.reason == InvoiceReason::OneOff && free && unmoved() && same_period()
    }

    /// Whether the subscription that was charged holds what was agreed.
    fn holds(&self, deal: &Deal, holdings: &Holdings) -> bool {
        let Some(charged) = self.charged(holdings) else {
            return false;
        };
        let items = &charged.facts.items;
        let each = deal.quote.targets.iter().all(|target| {
            let held = items.iter().find(|item| item.price == target.price);
            held.map_or(0, |item| item.quantity) == target.quantity
        });
        each && charged.facts.pending_until.is_none() && charged.facts.status == SubscriptionStatus::Active
    }

    /// Whether it holds it, or will as soon as the open invoice is paid.
    fn can_hold(&self, payment: &Payment, holdings: &Holdings) -> bool {
        let waits = self
            .charged(holdings)
            .is_some_and(|charged| charged.facts.pending_until.is_some());
        waits || self.seen.facts.status != InvoiceStatus::Paid || self.holds(&payment.deal, holdings)
    }

    /// Whether it is the contract's subscription, or could become it.
    fn is_own_or_first(&self) -> bool {
        let own = self.local.contract.subscription.as_ref();
        own.is_none() || own == self.seen.subscription.as_ref()
    }

    /// Whether the contract holds neither what it held when the quote was made nor what was agreed: another change or an edit
    /// has come between.
    fn moved_on(&self, deal: &Deal) -> bool {
        let contract = self.local.contract;
        let held = |quantity: fn(&HoldingChange) -> u64| {
            let mut holdings = deal.quote.holdings.iter();
            holdings.all(|moved| contract.quantity(&moved.key) == quantity(moved))
        };
        contract.status != ContractStatus::Active
            || !(held(|moved| moved.before) || held(|moved| moved.after))
    }
}
