//! A customer's invoices, page by page, as a financial page shows them.

use stripe_billing::invoice::ListInvoice;
use stripe_billing::{Invoice, InvoiceBillingReason};
use stripe_client_core::StripeRequest as _;
use stripe_types::List;

use super::facts::{at, invoice_facts};
use super::transport::Transport;
use super::{known, marks, reads, verdict};
use crate::domain::change::InvoiceStatus;
use crate::ports::payments::ReadError;
use crate::ports::statements::{InvoiceKind, InvoicePage, InvoiceSummary};

/// One page, the newest first. Drafts are nobody's business yet.
pub(super) async fn page(
    transport: &Transport,
    customer: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<InvoicePage, ReadError> {
    let request = ListInvoice::new()
        .customer(known(customer)?)
        .limit(i64::from(limit));
    let request = match after {
        Some(after) => request.starting_after(known(after)?),
        None => request,
    };
    let sent = request.customize().send(transport).await;
    let page: List<Invoice> = sent.map_err(|unread| verdict::of_read(customer, unread))?;
    let last = page.data.last().and_then(|invoice| invoice.id.as_ref());
    let next = last.filter(|_| page.has_more).map(ToString::to_string);
    let mut invoices = Vec::new();
    for invoice in &page.data {
        let mut summary = summary(invoice)?;
        if summary.status == InvoiceStatus::Draft {
            continue;
        }
        if summary.status == InvoiceStatus::Open {
            // Only an open one can have a voucher that waits.
            let read = reads::invoice(transport, &summary.id).await?;
            summary.voucher = read.intent.and_then(|intent| intent.voucher);
            summary.due_at = summary
                .voucher
                .as_ref()
                .map(|voucher| voucher.expires_at)
                .or(summary.due_at);
        }
        invoices.push(summary);
    }
    Ok(InvoicePage { invoices, next })
}

fn summary(read: &Invoice) -> Result<InvoiceSummary, ReadError> {
    let facts = invoice_facts(read)?;
    let own = marks::seen(read.metadata.as_ref());
    let details = read
        .parent
        .as_ref()
        .and_then(|parent| parent.subscription_details.as_ref());
    let inherited = marks::seen(details.and_then(|details| details.metadata.as_ref()));
    let (kind, change) = match &read.billing_reason {
        Some(InvoiceBillingReason::SubscriptionCreate) => (InvoiceKind::First, inherited),
        Some(InvoiceBillingReason::SubscriptionUpdate) => (InvoiceKind::Change, inherited),
        Some(InvoiceBillingReason::SubscriptionCycle) => (InvoiceKind::Renewal, None),
        Some(InvoiceBillingReason::Manual) if own.is_some() => (InvoiceKind::Change, own),
        _ => (InvoiceKind::Other, None),
    };
    Ok(InvoiceSummary {
        id: facts.id,
        number: read.number.clone(),
        status: facts.status,
        kind,
        created_at: at(read.created)?,
        due_at: read.due_date.map(at).transpose()?,
        paid_at: read.status_transitions.paid_at.map(at).transpose()?,
        amount_due: facts.amount_due,
        amount_paid: facts.amount_paid,
        url: facts.hosted_url,
        pdf: read.invoice_pdf.clone(),
        voucher: None,
        change: change.map(|marks| marks.change),
        subscription: details.map(|details| details.subscription.id().to_string()),
    })
}
