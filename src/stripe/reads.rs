//! Reading subscriptions, invoices, payments and prices, whole.

use std::collections::BTreeMap;

use futures_util::future::try_join;
use stripe_billing::invoice::RetrieveInvoice;
use stripe_billing::subscription::RetrieveSubscription;
use stripe_billing::{Invoice, InvoicePayment, Subscription};
use stripe_client_core::StripeRequest as _;
use stripe_core::payment_intent::RetrievePaymentIntent;
use stripe_product::price::ListPrice;
use stripe_types::Expandable;

use super::facts::{self, Intent, InvoiceRead};
use super::paging::{self, broken};
use super::transport::Transport;
use super::{known, marks, verdict};
use crate::domain::change::PaymentFacts;
use crate::ports::payments::ReadError;

/// How many lookup keys one request may name. Source: Stripe, "List all prices", `lookup_keys`.
const LOOKUP_KEYS_MAX: usize = 10;

/// A subscription with all its items.
pub(super) async fn subscription(transport: &Transport, id: &str) -> Result<Subscription, ReadError> {
    let request = RetrieveSubscription::new(known(id)?);
    let sent = request.customize().send(transport).await;
    let mut read: Subscription = sent.map_err(|unread| verdict::of_read(id, unread))?;
    if read.items.has_more {
        let items = read.items.clone();
        read.items.data = paging::whole(transport, id, items).await?;
        read.items.has_more = false;
    }
    Ok(read)
}

/// An invoice with the payment that counts for it.
pub(super) async fn invoice(transport: &Transport, id: &str) -> Result<InvoiceRead, ReadError> {
    let request =
        RetrieveInvoice::new(known(id)?).expand(["payments.data.payment.payment_intent".to_owned()]);
    let sent = request.customize().send(transport).await;
    let mut invoice: Invoice = sent.map_err(|unread| verdict::of_read(id, unread))?;
    let Some(payments) = invoice.payments.take() else {
        return Err(broken(id, "its payments are missing"));
    };
    let payments = paging::whole(transport, id, payments).await?;
    let intent = match counting(&payments) {
        Some(payment) => intent(transport, id, payment).await?,
        None => None,
    };
    Ok(InvoiceRead { invoice, intent })
}

/// The payment that counts: the one that paid, else the one that is open, else the last one that was given up.
fn counting(payments: &[InvoicePayment]) -> Option<&InvoicePayment> {
    payments.iter().max_by_key(|payment| {
        let rank = match payment.status.as_str() {
            "paid" => 2,
            "open" => 1,
            _ => 0,
        };
        (rank, payment.is_default, payment.created)
    })
}

async fn intent(
    transport: &Transport,
    invoice: &str,
    payment: &InvoicePayment,
) -> Result<Option<Intent>, ReadError> {
    match &payment.payment.payment_intent {
        Some(Expandable::Object(intent)) => facts::intent(intent).map(Some),
        Some(Expandable::Id(id)) => {
            let sent = RetrievePaymentIntent::new(id.clone())
                .customize()
                .send(transport)
                .await;
            let read = sent.map_err(|unread| verdict::of_read(id.as_str(), unread))?;
            facts::intent(&read).map(Some)
        }
        // Paid in another way, for example outside of the provider.
        None if payment.payment.charge.is_some() || payment.payment.payment_record.is_some() => Ok(None),
        None => Err(broken(invoice, "one of its payments has no content")),
    }
}

/// Where a payment stands: the subscription, and this invoice of it.
pub(super) async fn payment(
    transport: &Transport,
    subscription_id: &str,
    invoice_id: Option<&str>,
) -> Result<PaymentFacts, ReadError> {
    let paid = async {
        match invoice_id {
            Some(id) => invoice(transport, id).await.map(Some),
            None => Ok(None),
        }
    };
    let (subscription, paid) = try_join(subscription(transport, subscription_id), paid).await?;
    let theirs = |read: &Invoice| {
        if let Some(owner) = belongs_to(read) {
            return owner == subscription_id;
        }
        // A one-off invoice that we made for what the subscription holds: it names the customer alone.
        let owner = read.customer.as_ref().map(|owner| owner.id().as_str());
        marks::any(read.metadata.as_ref()) && owner == Some(subscription.customer.id().as_str())
    };
    if let Some(read) = paid.as_ref().filter(|read| !theirs(&read.invoice)) {
        let id = read.invoice.id.as_ref().map_or("invoice", |id| id.as_str());
        return Err(ReadError::Refused {
            code: "invoice_of_another_subscription".to_owned(),
            message: format!("The invoice `{id}` does not belong to `{subscription_id}`."),
        });
    }
    facts::payment(&subscription, paid.as_ref())
}

/// The subscription that an invoice is for.
fn belongs_to(invoice: &Invoice) -> Option<&str> {
    let details = invoice.parent.as_ref()?.subscription_details.as_ref()?;
    Some(details.subscription.id().as_str())
}

/// The ids of the active prices with these lookup keys.
pub(super) async fn price_ids(
    transport: &Transport,
    lookup_keys: &[String],
) -> Result<BTreeMap<String, String>, ReadError> {
    let mut found = BTreeMap::new();
    for some in lookup_keys.chunks(LOOKUP_KEYS_MAX) {
        let request = ListPrice::new().active(true).lookup_keys(some.to_vec());
        let prices = paging::all::<stripe_product::Price>(transport, "prices", request.build());
        for price in prices.await? {
            let Some(key) = price.lookup_key else { continue };
            found.insert(key, price.id.to_string());
        }
    }
    Ok(found)
}

/// The secret with which the customer's browser can authenticate the payment of an invoice.
pub(super) async fn client_secret(transport: &Transport, id: &str) -> Result<Option<String>, ReadError> {
    let request = RetrieveInvoice::new(known(id)?).expand(["confirmation_secret".to_owned()]);
    let sent = request.customize().send(transport).await;
    let read: Invoice = sent.map_err(|unread| verdict::of_read(id, unread))?;
    Ok(read.confirmation_secret.map(|secret| secret.client_secret))
}
