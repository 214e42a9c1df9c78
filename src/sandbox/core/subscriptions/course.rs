//! What payments, voided invoices and the passing of time do to a subscription.

use super::{Status, Subscription};
use crate::sandbox::core::invoices::{Bill, Collected, Invoice, Reason};
use crate::sandbox::core::params::apply_metadata;
use crate::sandbox::core::paying::Presence;
use crate::sandbox::core::{AfterDunning, World};
use crate::sandbox::error::ApiError;

/// How long a renewal invoice stays a draft.
const DRAFT_SECONDS: i64 = 3600;
/// How long a first invoice may stay unpaid.
const INCOMPLETE_SECONDS: i64 = 23 * 3600;

impl World {
    /// The subscription that an invoice belongs to, if it is one of its regular invoices.
    fn subscription_of(&self, invoice: &str) -> Result<Option<Subscription>, ApiError> {
        let invoice = self.invoices.have(invoice)?;
        match &invoice.subscription {
            Some(id) if invoice.reason != Reason::Manual => Ok(Some(self.subscriptions.have(id)?.clone())),
            _ => Ok(None),
        }
    }

    /// An invoice of it was to be collected, and the money did not come.
    pub(in crate::sandbox::core) fn subscription_waits(&mut self, invoice: &str) -> Result<(), ApiError> {
        let Some(subscription) = self.subscription_of(invoice)? else {
            return Ok(());
        };
        let held = subscription
            .pending
            .is_some_and(|pending| pending.invoice == invoice);
        if subscription.status != Status::Active || held {
            return Ok(());
        }
        self.change::<Subscription>(&subscription.id, |kept| kept.status = Status::PastDue)
    }

    /// One of its invoices is paid.
    pub(in crate::sandbox::core) fn subscription_was_paid(&mut self, invoice: &str) -> Result<(), ApiError> {
        let Some(subscription) = self.subscription_of(invoice)? else {
            return Ok(());
        };
        let id = &subscription.id;
        if subscription.saves_method {
            let intent = self.invoices.have(invoice)?.payment_intent.as_ref();
            let method = intent.and_then(|intent| self.payment_intents.get(intent)?.payment_method.clone());
            if let Some(method) = method {
                self.change::<Subscription>(id, |kept| kept.default_payment_method = Some(method))?;
            }
        }
        if subscription
            .pending
            .as_ref()
            .is_some_and(|pending| pending.invoice == invoice)
        {
            return self.apply_pending(id);
        }
        let first = subscription.first_invoice.as_deref() == Some(invoice);
        match subscription.status {
            Status::Incomplete if first => {
                self.change::<Subscription>(id, |kept| kept.status = Status::Active)
            }
            Status::PastDue | Status::Unpaid => self.recover(id),
            _ => Ok(()),
        }
    }

    /// Active again, if nothing else is owed.
    fn recover(&mut self, id: &str) -> Result<(), ApiError> {
        let owes = |invoice: &Invoice| {
            invoice.subscription.as_deref() == Some(id)
                && invoice.is_open()
                && invoice.reason != Reason::Manual
        };
        if self.invoices.iter().any(owes) {
            return Ok(());
        }
        self.change::<Subscription>(id, |kept| kept.status = Status::Active)
    }

    fn apply_pending(&mut self, id: &str) -> Result<(), ApiError> {
        let Some(pending) = self.subscriptions.have(id)?.pending.clone() else {
            return Ok(());
        };
        let now = self.now;
        let announced = pending.announced;
        self.change::<Subscription>(id, |kept| {
            kept.pending = None;
            kept.items = pending.items;
            kept.anchor = pending.anchor;
            if let Some(changes) = &pending.metadata {
                apply_metadata(&mut kept.metadata, changes);
            }
            let cancels = pending.cancel_at_period_end.unwrap_or(kept.cancel_at_period_end);
            if cancels || pending.cancel_at_period_end.is_some() {
                kept.set_cancel_at_period_end(cancels, now);
            }
        })?;
        if announced {
            let shown = self.show::<Subscription>(id)?;
            self.emit("customer.subscription.pending_update_applied", shown);
        }
        Ok(())
    }

    /// One of its invoices was voided.
    pub(in crate::sandbox::core) fn subscription_lost_invoice(
        &mut self,
        invoice: &str,
    ) -> Result<(), ApiError> {
        let Some(subscription) = self.subscription_of(invoice)? else {
            return Ok(());
        };
        let id = &subscription.id;
        if subscription
            .pending
            .as_ref()
            .is_some_and(|pending| pending.invoice == invoice)
        {
            return self.change::<Subscription>(id, |kept| kept.pending = None);
        }
        let first = subscription.first_invoice.as_deref() == Some(invoice);
        let now = self.now;
        match subscription.status {
            Status::Incomplete if first => self.change::<Subscription>(id, |kept| {
                kept.status = Status::IncompleteExpired;
                kept.ended_at = Some(now);
            }),
            Status::PastDue | Status::Unpaid => self.recover(id),
            _ => Ok(()),
        }
    }

    /// The last attempt to collect a renewal has failed.
    pub(in crate::sandbox::core) fn dunning_ended(&mut self, invoice: &str) -> Result<(), ApiError> {
        let Some(subscription) = self.subscription_of(invoice)? else {
            return Ok(());
        };
        if subscription.is_over() {
            return Ok(());
        }
        match self.memory.after_dunning {
            AfterDunning::Canceled => self.end_subscription(&subscription.id, "payment_failed"),
            AfterDunning::Unpaid => {
                self.change::<Subscription>(&subscription.id, |kept| kept.status = Status::Unpaid)
            }
        }
    }

    /// Leaves the invoices of a subscription that ended to whoever wants to collect them.
    pub(super) fn stop_collecting(&mut self, subscription: &str) -> Result<(), ApiError> {
        let unpaid = |invoice: &&Invoice| {
            invoice.subscription.as_deref() == Some(subscription)
                && (invoice.is_open() || invoice.finalizes_at.is_some())
        };
        let unpaid: Vec<String> = self
            .invoices
            .iter()
            .filter(unpaid)
            .map(|invoice| invoice.id.clone())
            .collect();
        for invoice in unpaid {
            self.change::<Invoice>(&invoice, |invoice| {
                invoice.auto_advance = false;
                invoice.next_attempt = None;
                invoice.finalizes_at = None;
            })?;
        }
        Ok(())
    }

    /// A change waited too long for its payment.
    pub(in crate::sandbox::core) fn expire_pending(&mut self, id: &str) -> Result<(), ApiError> {
        let Some(pending) = self.subscriptions.have(id)?.pending.clone() else {
            return Ok(());
        };
        self.void(&pending.invoice)?;
        let shown = self.show::<Subscription>(id)?;
        self.emit("customer.subscription.pending_update_expired", shown);
        Ok(())
    }

    /// A first invoice stayed unpaid for too long.
    pub(in crate::sandbox::core) fn expire_incomplete(&mut self, id: &str) -> Result<(), ApiError> {
        let first = self.subscriptions.have(id)?.first_invoice.clone();
        match first.filter(|invoice| self.invoices.get(invoice).is_some_and(Invoice::is_open)) {
            Some(invoice) => self.void(&invoice),
            None => self.change::<Subscription>(id, |kept| kept.status = Status::IncompleteExpired),
        }
    }

    /// A period is over: the next one begins, and is invoiced.
    pub(in crate::sandbox::core) fn renew(&mut self, id: &str) -> Result<(), ApiError> {
        let before = self.subscriptions.have(id)?.clone();
        let by = before.renews_at().unwrap_or(self.now);
        let mut ids = self.memory.ids.clone();
        let reckoned = self.reckon_renewal(&mut ids, &before, by)?;
        let start = before
            .items
            .iter()
            .filter(|item| item.end <= by)
            .map(|item| item.start)
            .min()
            .unwrap_or(by);
        let waiting = self.waiting_lines(&mut ids, &before);
        let mut invoice = self.compose(
            &mut ids,
            "in",
            Bill {
                customer: Some(self.customers.have(&before.customer)?),
                subscription: Some(&before),
                subscription_metadata: before.metadata.clone(),
                proration_date: None,
                reason: Reason::SubscriptionCycle,
                currency: before.currency.clone(),
                lines: reckoned.lines.into_iter().chain(waiting).collect(),
                taxing: before.taxing(),
                period: (start, by),
            },
        );
        self.memory.ids = ids;
        let held = before.pause() == Some("keep_as_draft") || before.status == Status::Unpaid;
        invoice.auto_advance = !held;
        invoice.finalizes_at = (!held).then_some(self.now + DRAFT_SECONDS);
        let latest = self.draft(invoice)?;
        self.change::<Subscription>(id, |kept| {
            kept.items = reckoned.items;
            kept.latest_invoice = Some(latest);
            if kept.status == Status::Trialing {
                kept.status = Status::Active;
            }
            if kept.cancel_at_period_end {
                kept.cancel_at = kept
                    .paid_until()
                    .filter(|_| kept.cancel_at.is_none())
                    .or(kept.cancel_at);
            }
        })
    }

    /// A draft's hour is over: it becomes final and is collected.
    pub(in crate::sandbox::core) fn finalize_on_time(&mut self, id: &str) -> Result<(), ApiError> {
        let pause = match &self.invoices.have(id)?.subscription {
            Some(subscription) => self.subscriptions.have(subscription)?.pause().map(str::to_owned),
            None => None,
        };
        self.finalize(id)?;
        let invoice = self.invoices.have(id)?;
        if !invoice.is_open() {
            return Ok(());
        }
        match pause.as_deref() {
            Some("void") => self.void(id),
            Some(_) => self.change::<Invoice>(id, |invoice| invoice.auto_advance = false),
            None if invoice.sent => Ok(()),
            None => self.collect_on_time(id),
        }
    }

    /// An attempt to collect that nobody asked for: the customer is not there.
    pub(in crate::sandbox::core) fn collect_on_time(&mut self, id: &str) -> Result<(), ApiError> {
        if self.collect(id, None, Presence::OffSession)? == Collected::NoMethod {
            self.note_attempt(id)?;
            self.invoice_was_refused(id)?;
        }
        Ok(())
    }
}

impl Subscription {
    fn pause(&self) -> Option<&str> {
        self.pause_collection.as_ref()?.get("behavior")?.as_str()
    }

    /// When it expires unpaid, if it can.
    pub(in crate::sandbox::core) fn expires_unpaid_at(&self) -> Option<i64> {
        (self.status == Status::Incomplete).then_some(self.created + INCOMPLETE_SECONDS)
    }

    /// Whether periods go on by themselves.
    pub(in crate::sandbox::core) fn goes_on(&self) -> bool {
        matches!(
            self.status,
            Status::Active | Status::Trialing | Status::PastDue | Status::Unpaid
        )
    }
}
