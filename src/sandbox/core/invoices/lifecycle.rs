//! How an invoice becomes final, is collected, paid or voided.

use super::{Invoice, InvoicePayment, Reason, Settlement, Status};
use crate::sandbox::core::World;
use crate::sandbox::core::balance::Moved;
use crate::sandbox::core::cards::Decline;
use crate::sandbox::core::customers::Customer;
use crate::sandbox::core::intents;
use crate::sandbox::core::params::Metadata;
use crate::sandbox::core::paying::{Outcome, Presence};
use crate::sandbox::core::payment_intents::Payment;
use crate::sandbox::error::ApiError;

const DAY: i64 = 86_400;

/// When a refused renewal is tried again, counted from each failure; after the last one it is over.
const RETRY_AFTER: [i64; 3] = [3 * DAY, 5 * DAY, 7 * DAY];

/// What came of trying to collect an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox::core) enum Collected {
    Paid,
    ActionNeeded,
    Declined(Decline),
    /// There is no card to charge.
    NoMethod,
}

impl World {
    /// Keeps a composed invoice as a draft, and takes off the pile the items whose lines it carries.
    pub(in crate::sandbox::core) fn draft(&mut self, mut invoice: Invoice) -> Result<String, ApiError> {
        let id = invoice.id.clone();
        // Whether a balance remains is known when the invoice is final.
        invoice.ending_balance = None;
        self.settle_currency(&invoice.customer, &invoice.currency)?;
        let taken: Vec<String> = invoice
            .lines
            .iter()
            .filter_map(|line| line.invoice_item.clone())
            .collect();
        for item in taken {
            self.invoice_items.edit(&item)?.invoice = Some(id.clone());
        }
        self.add(invoice, "invoice.created");
        Ok(id)
    }

    /// Makes a draft final: numbers it, settles it with the balance, and opens the payment, unless nothing is due.
    pub(in crate::sandbox::core) fn finalize(&mut self, id: &str) -> Result<(), ApiError> {
        let before = self.show::<Invoice>(id)?;
        let invoice = self.invoices.have(id)?.clone();
        let customer = self.customers.have(&invoice.customer)?;
        let balance = customer.balance;
        let number = format!("{}-{:04}", customer.invoice_prefix, customer.next_invoice);
        let settlement = Settlement::of(invoice.total(), balance, &invoice.currency);
        self.customers.edit(&invoice.customer)?.next_invoice += 1;
        if settlement.ending_balance != balance {
            let kind = if settlement.too_small {
                "invoice_too_small"
            } else {
                "applied_to_invoice"
            };
            let amount = settlement.ending_balance - balance;
            self.tell_balance(
                &invoice.customer,
                Moved {
                    amount,
                    currency: invoice.currency.clone(),
                    kind,
                    invoice: Some(id),
                },
            )?;
        }
        let now = self.now;
        let kept = self.invoices.edit(id)?;
        kept.status = Status::Open;
        kept.number = Some(number);
        kept.starting_balance = balance;
        kept.ending_balance = Some(settlement.ending_balance);
        kept.amount_due = settlement.amount_due;
        kept.finalizes_at = None;
        kept.transitions.finalized_at = Some(now);
        if settlement.amount_due > 0 {
            self.open_payment(id)?;
        }
        let after = self.show::<Invoice>(id)?;
        self.emit("invoice.finalized", after.clone());
        self.emit_change("invoice.updated", &before, after);
        if settlement.amount_due == 0 {
            self.close_as_paid(id, false)?;
        }
        Ok(())
    }

    /// Moves a balance and tells of it.
    fn tell_balance(&mut self, customer: &str, moved: Moved<'_>) -> Result<(), ApiError> {
        let before = self.show::<Customer>(customer)?;
        self.move_balance(customer, moved)?;
        let after = self.show::<Customer>(customer)?;
        self.emit_change("customer.updated", &before, after);
        Ok(())
    }

    fn open_payment(&mut self, id: &str) -> Result<(), ApiError> {
        let invoice = self.invoices.have(id)?.clone();
        let method = self.method_for(&invoice)?;
        let saves = invoice.subscription.as_ref().map(|_| "off_session".to_owned());
        let intent = self.open_intent(Payment {
            amount: invoice.amount_due,
            currency: invoice.currency.clone(),
            customer: Some(invoice.customer.clone()),
            payment_method: method,
            setup_future_usage: saves,
            description: Some(format!("Invoice {}", invoice.number.as_deref().unwrap_or(id))),
            metadata: Metadata::new(),
            invoice: Some(id.to_owned()),
            types: invoice.method_types.clone(),
        });
        let payment = InvoicePayment {
            id: self.memory.ids.next("inpay"),
            created: self.now,
            invoice: id.to_owned(),
            payment_intent: intent.clone(),
            amount_requested: invoice.amount_due,
            currency: invoice.currency,
            paid_at: None,
            canceled_at: None,
        };
        self.invoice_payments.put(payment);
        self.invoices.edit(id)?.payment_intent = Some(intent);
        Ok(())
    }

    /// The card that an invoice would be collected with by itself.
    pub(in crate::sandbox::core) fn method_for(&self, invoice: &Invoice) -> Result<Option<String>, ApiError> {
        let takes_cards =
            invoice.method_types.is_empty() || invoice.method_types.iter().any(|kind| kind == "card");
        if invoice.sent || !takes_cards {
            return Ok(None);
        }
        if let Some(method) = &invoice.default_payment_method {
            return Ok(Some(method.clone()));
        }
        if let Some(subscription) = &invoice.subscription
            && let Some(method) = &self.subscriptions.have(subscription)?.default_payment_method
        {
            return Ok(Some(method.clone()));
        }
        Ok(self
            .customers
            .have(&invoice.customer)?
            .default_payment_method
            .clone())
    }

    /// Tries to collect an open invoice, with the card that is meant for it unless another one is named.
    pub(in crate::sandbox::core) fn collect(
        &mut self,
        id: &str,
        method: Option<String>,
        presence: Presence,
    ) -> Result<Collected, ApiError> {
        let invoice = self.invoices.have(id)?;
        if !invoice.is_open() && invoice.status != Status::Uncollectible {
            return Ok(Collected::Paid);
        }
        let intent = invoice.payment_intent.clone().unwrap_or_default();
        let method = match method {
            Some(method) => Some(method),
            None => self.method_for(invoice)?,
        };
        let Some(method) = method else {
            return Ok(Collected::NoMethod);
        };
        Ok(match self.attempt(&intent, &method, presence)? {
            Outcome::Paid => Collected::Paid,
            Outcome::ActionNeeded => Collected::ActionNeeded,
            Outcome::Declined(decline) => Collected::Declined(decline),
        })
    }

    pub(in crate::sandbox::core) fn note_attempt(&mut self, id: &str) -> Result<(), ApiError> {
        let invoice = self.invoices.edit(id)?;
        invoice.attempt_count += 1;
        invoice.attempted = true;
        invoice.next_attempt = None;
        Ok(())
    }

    pub(in crate::sandbox::core) fn invoice_asks_for_action(&mut self, id: &str) -> Result<(), ApiError> {
        self.tell_action_required(id)?;
        self.subscription_waits(id)
    }

    /// Told off session too, where the attempt fails as well: the official command line's
    /// `trigger invoice.payment_action_required` pays that way.
    pub(in crate::sandbox::core) fn tell_action_required(&mut self, id: &str) -> Result<(), ApiError> {
        let shown = self.show::<Invoice>(id)?;
        self.emit("invoice.payment_action_required", shown);
        Ok(())
    }

    pub(in crate::sandbox::core) fn invoice_was_refused(&mut self, id: &str) -> Result<(), ApiError> {
        let now = self.now;
        let invoice = self.invoices.have(id)?;
        let tries = usize::try_from(invoice.attempt_count).unwrap_or(usize::MAX);
        let retries = invoice.reason == Reason::SubscriptionCycle && invoice.auto_advance;
        let wait = tries
            .checked_sub(1)
            .and_then(|tried| RETRY_AFTER.get(tried))
            .filter(|_| retries);
        let over = retries && wait.is_none();
        self.invoices.edit(id)?.next_attempt = wait.map(|wait| now + wait);
        let shown = self.show::<Invoice>(id)?;
        self.emit("invoice.payment_failed", shown);
        self.subscription_waits(id)?;
        if over { self.dunning_ended(id) } else { Ok(()) }
    }

    pub(in crate::sandbox::core) fn invoice_was_paid(&mut self, id: &str) -> Result<(), ApiError> {
        self.close_as_paid(id, false)
    }

    /// Closes an invoice as paid: by its intent, by nothing being due, or by money that moved elsewhere.
    pub(in crate::sandbox::core) fn close_as_paid(
        &mut self,
        id: &str,
        elsewhere: bool,
    ) -> Result<(), ApiError> {
        let now = self.now;
        self.change::<Invoice>(id, |invoice| {
            invoice.status = Status::Paid;
            invoice.amount_paid = invoice.amount_due;
            invoice.paid_elsewhere = elsewhere;
            invoice.next_attempt = None;
            invoice.transitions.paid_at = Some(now);
            // Nothing due is an attempt that needed no card.
            invoice.attempted = true;
        })?;
        let shown = self.show::<Invoice>(id)?;
        self.emit("invoice.paid", shown.clone());
        self.emit("invoice.payment_succeeded", shown);
        self.end_invoice_payment(id, !elsewhere)?;
        self.subscription_was_paid(id)
    }

    /// Ends the link to the payment intent, as paid or as cancelled.
    fn end_invoice_payment(&mut self, invoice: &str, paid: bool) -> Result<(), ApiError> {
        let open = |payment: &&InvoicePayment| payment.invoice == invoice && payment.status() == "open";
        let Some(id) = self
            .invoice_payments
            .iter()
            .find(open)
            .map(|payment| payment.id.clone())
        else {
            return Ok(());
        };
        let now = self.now;
        let payment = self.invoice_payments.edit(&id)?;
        if paid {
            payment.paid_at = Some(now);
            let shown = self.show::<InvoicePayment>(&id)?;
            self.emit("invoice_payment.paid", shown);
            return Ok(());
        }
        payment.canceled_at = Some(now);
        let intent = payment.payment_intent.clone();
        if self.payment_intents.have(&intent)?.status.is_waiting() {
            self.cancel_intent(&intent, Some("void_invoice"))?;
        }
        Ok(())
    }

    /// Voids an open invoice: its payment ends, and the balance that it used comes back. Refused while money may be on
    /// its way.
    pub(in crate::sandbox::core) fn void(&mut self, id: &str) -> Result<(), ApiError> {
        let invoice = self.invoices.have(id)?.clone();
        let intent = invoice
            .payment_intent
            .as_ref()
            .and_then(|intent| self.payment_intents.get(intent));
        if intent.is_some_and(|intent| intent.status == intents::Status::Processing) {
            return Err(ApiError::invalid(
                "You cannot void this invoice while a payment for it is processing.",
            )
            .with_code("invoice_payment_processing"));
        }
        let used = invoice.ending_balance.unwrap_or(invoice.starting_balance) - invoice.starting_balance;
        if used != 0 {
            self.tell_balance(
                &invoice.customer,
                Moved {
                    amount: -used,
                    currency: invoice.currency.clone(),
                    kind: "unapplied_from_invoice",
                    invoice: Some(id),
                },
            )?;
        }
        self.end_invoice_payment(id, false)?;
        let now = self.now;
        self.change::<Invoice>(id, |invoice| {
            invoice.status = Status::Void;
            invoice.next_attempt = None;
            invoice.auto_advance = false;
            invoice.transitions.voided_at = Some(now);
        })?;
        let shown = self.show::<Invoice>(id)?;
        self.emit("invoice.voided", shown);
        self.subscription_lost_invoice(id)
    }
}
