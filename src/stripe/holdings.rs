//! What one customer holds, with our marks: what a comparison of both sides looks at.

use futures_util::future::try_join;
use jiff::Timestamp;
use stripe_billing::invoice::ListInvoice;
use stripe_billing::subscription::{ListSubscription, ListSubscriptionStatus};
use stripe_billing::{Invoice, InvoiceBillingReason, Subscription};
use stripe_client_core::StripeRequest as _;
use stripe_core::Refund;
use stripe_core::refund::ListRefund;

use super::transport::Transport;
use super::{facts, known, marks, paging, reads};
use crate::domain::change::IntentStatus;
use crate::domain::money::Money;
use crate::domain::reconcile::{
    Collected, Holdings, InvoiceReason, MarkedInvoice, MarkedSubscription, SeenMarks,
};
use crate::ports::payments::ReadError;

/// All subscriptions of a customer, and its invoices since then, the newest first.
pub(super) async fn of(
    transport: &Transport,
    customer: &str,
    since: Timestamp,
) -> Result<Holdings, ReadError> {
    let customer = known(customer)?;
    let all = ListSubscription::new()
        .customer(customer)
        .status(ListSubscriptionStatus::All)
        .build();
    let young = ListInvoice::new().customer(customer).build();
    let too_old = move |invoice: &Invoice| invoice.created < since.as_second();
    let (subscriptions, invoices): (Vec<Subscription>, Vec<Invoice>) = try_join(
        paging::all(transport, customer, all),
        paging::until(transport, customer, young, too_old),
    )
    .await?;
    let held = subscriptions.iter().map(subscription);
    let asked = invoices
        .iter()
        .filter(|one| !too_old(one))
        .map(|one| invoice(one, &subscriptions));
    Ok(Holdings {
        invoices: asked.collect::<Result<_, _>>()?,
        subscriptions: held.collect::<Result<_, _>>()?,
    })
}

fn subscription(read: &Subscription) -> Result<MarkedSubscription, ReadError> {
    Ok(MarkedSubscription {
        facts: facts::subscription(read)?,
        marks: marks::seen(Some(&read.metadata)),
    })
}

fn invoice(read: &Invoice, subscriptions: &[Subscription]) -> Result<MarkedInvoice, ReadError> {
    let details = read
        .parent
        .as_ref()
        .and_then(|parent| parent.subscription_details.as_ref());
    let subscription = details.map(|details| details.subscription.id().to_string());
    let its = subscriptions
        .iter()
        .find(|one| Some(one.id.as_str()) == subscription.as_deref());
    let own = marks::seen(read.metadata.as_ref()).filter(|_| subscription.is_none());
    let marks = own.or_else(|| marks::seen_on_invoice(read, its));
    let reason = match &read.billing_reason {
        Some(InvoiceBillingReason::SubscriptionCreate) => InvoiceReason::Created,
        Some(InvoiceBillingReason::SubscriptionUpdate) => InvoiceReason::Updated,
        Some(InvoiceBillingReason::Manual) if own.is_some() => InvoiceReason::OneOff,
        _ => InvoiceReason::Other,
    };
    Ok(MarkedInvoice {
        facts: facts::invoice_facts(read)?,
        subscription,
        reason,
        at_our_instant: marks.is_some_and(|marks| prorated_from(read, marks)),
        marks,
    })
}

/// Whether its prorations begin at the instant that the marks name. The first page of lines tells it: all begin together.
fn prorated_from(read: &Invoice, marks: SeenMarks) -> bool {
    let Some(instant) = marks.prorated_at.map(Timestamp::as_second) else {
        return false;
    };
    let is_proration = |line: &&stripe_shared::InvoiceLineItem| {
        let parent = line.parent.as_ref();
        let of_item = parent.and_then(|parent| parent.subscription_item_details.as_ref());
        of_item.is_some_and(|details| details.proration)
    };
    let mut prorations = read.lines.data.iter().filter(is_proration).peekable();
    // A new interval is charged in full, from the moment of the change on.
    prorations.peek().is_none() || prorations.any(|line| line.period.start == instant)
}

/// How an invoice was collected, and what of it has gone back.
pub(super) async fn collected(transport: &Transport, id: &str) -> Result<Collected, ReadError> {
    let read = reads::invoice(transport, id).await?;
    let nothing = Money::zero(facts::currency(&read.invoice.currency)?);
    let Some(intent) = read
        .intent
        .filter(|intent| intent.status == IntentStatus::Succeeded)
    else {
        return Ok(Collected {
            through_provider: false,
            given_back: nothing,
        });
    };
    let request = ListRefund::new().payment_intent(intent.id).build();
    let refunds: Vec<Refund> = paging::all(transport, id, request).await?;
    let counts = |refund: &&Refund| !matches!(refund.status.as_deref(), Some("failed" | "canceled"));
    let given_back = refunds.iter().filter(counts).map(|refund| refund.amount).sum();
    Ok(Collected {
        through_provider: true,
        given_back: Money::new(given_back, nothing.currency),
    })
}
