//! Amounts that are put on an invoice as a line of their own.

use serde::Deserialize;
use stripe_billing::invoice::{
    CreateInvoice, CreateInvoiceAutomaticTax, CreateInvoicePendingInvoiceItemsBehavior, ListInvoice,
};
use stripe_billing::invoice_item::{CreateInvoiceItem, ListInvoiceItem, Period};
use stripe_billing::{Invoice, InvoiceBillingReason, InvoiceItem};
use stripe_client_core::StripeRequest as _;
use stripe_shared::InvoiceStatus;
use uuid::Uuid;

use super::marks::Metadata;
use super::transport::Transport;
use super::verdict::{self, Verdict};
use super::{is_id, known, paging, prepare, preview};
use crate::domain::account::ContractId;
use crate::domain::change::CallFailure;
use crate::ports::payments::{
    CallError, InvoiceAsk, InvoiceItemAsk, InvoiceTaxes, PrepareError, Prepared, ReadError,
};

/// Where an invoice is made. Source: Stripe, "Create an invoice".
pub(super) const INVOICES: &str = "/v1/invoices";

const CONTRACT: &str = "changeover_contract";
const OVERAGE: &str = "changeover_overage";

/// What an answer says of the item: the rest is known.
#[derive(Deserialize)]
struct Made {
    id: String,
}

/// The exact request.
pub(super) fn prepare(ask: &InvoiceItemAsk) -> Result<Prepared, PrepareError> {
    let cannot = |why: &str| cannot("invoice_item", why);
    let ids = [
        Some(&ask.customer),
        ask.subscription.as_ref(),
        ask.invoice.as_ref(),
    ];
    if !ids.into_iter().flatten().all(|id| is_id(id)) {
        return Err(cannot("one of its ids is not one of the provider's"));
    }
    let currency = preview::theirs(ask.amount.currency).map_err(|error| cannot(&error.to_string()))?;
    let mut request = CreateInvoiceItem::new()
        .customer(ask.customer.as_str())
        .amount(ask.amount.amount)
        .currency(currency)
        .description(ask.description.as_str())
        .metadata(marks(ask.contract, ask.mark))
        .period(Period {
            start: ask.from.as_second(),
            end: ask.until.as_second(),
        });
    match (&ask.invoice, &ask.subscription) {
        (Some(invoice), _) => request = request.invoice(invoice.as_str()),
        (None, Some(subscription)) => request = request.subscription(subscription.as_str()),
        (None, None) => {}
    }
    prepare::as_it_leaves(&request.build()).ok_or_else(|| cannot("it would only read"))
}

/// The exact request of an invoice of its own. It takes up nothing that waits for a renewal.
pub(super) fn prepare_invoice(ask: &InvoiceAsk) -> Result<Prepared, PrepareError> {
    let cannot = |why: &str| cannot("invoice", why);
    if ![Some(&ask.customer), ask.method.as_ref()]
        .into_iter()
        .flatten()
        .all(|id| is_id(id))
    {
        return Err(cannot("one of its ids is not one of the provider's"));
    }
    let currency = preview::theirs(ask.currency).map_err(|error| cannot(&error.to_string()))?;
    let mut request = CreateInvoice::new()
        .customer(ask.customer.as_str())
        .currency(currency)
        .auto_advance(true)
        .pending_invoice_items_behavior(CreateInvoicePendingInvoiceItemsBehavior::Exclude)
        .metadata(marks(ask.contract, ask.mark));
    if let Some(method) = &ask.method {
        request = request.default_payment_method(method.as_str());
    }
    match &ask.taxes {
        InvoiceTaxes::Nothing => {}
        InvoiceTaxes::ByProvider => request = request.automatic_tax(CreateInvoiceAutomaticTax::new(true)),
        InvoiceTaxes::ByRates(rates) => request = request.default_tax_rates(rates.as_slice()),
    }
    prepare::as_it_leaves(&request.build()).ok_or_else(|| cannot("it would only read"))
}

fn cannot(call: &'static str, why: &str) -> PrepareError {
    PrepareError {
        call,
        why: why.to_owned(),
    }
}

fn marks(contract: ContractId, mark: Uuid) -> Metadata {
    [
        (CONTRACT.to_owned(), contract.to_string()),
        (OVERAGE.to_owned(), mark.to_string()),
    ]
    .into()
}

/// Sends it, once, and says how it came out.
pub(super) async fn add(transport: &Transport, prepared: &Prepared, key: &str) -> Result<String, CallError> {
    let sent = transport.send(prepared, key).await;
    match verdict::judge_item(&prepared.body, sent) {
        Verdict::Done(body) => {
            let made: Result<Made, _> = serde_json::from_slice(&body);
            made.map(|made| made.id).map_err(|_| CallError::Unknown {
                detail: "the answer cannot be read".to_owned(),
            })
        }
        Verdict::Over(error) => Err(error),
        Verdict::Declined(_) | Verdict::ActionRequired | Verdict::Gone => {
            Err(CallError::Failed(CallFailure::Refused {
                code: "unexpected_answer".to_owned(),
                message: "An item is neither declined nor deleted.".to_owned(),
            }))
        }
    }
}

/// Looks for the item of this mark in the customer's whole list.
pub(super) async fn find(
    transport: &Transport,
    customer: &str,
    mark: Uuid,
) -> Result<Option<String>, ReadError> {
    let request = ListInvoiceItem::new().customer(known(customer)?).build();
    let found: Vec<InvoiceItem> = paging::all(transport, customer, request).await?;
    let mark = mark.to_string();
    let ours = |item: &&InvoiceItem| is_marked(item.metadata.as_ref(), &mark);
    Ok(found.iter().find(ours).map(|item| item.id.to_string()))
}

fn is_marked(metadata: Option<&Metadata>, mark: &str) -> bool {
    metadata
        .and_then(|metadata| metadata.get(OVERAGE))
        .map(String::as_str)
        == Some(mark)
}

/// Looks for the invoice of this mark in the customer's whole list.
pub(super) async fn find_invoice(
    transport: &Transport,
    customer: &str,
    mark: Uuid,
) -> Result<Option<String>, ReadError> {
    let request = ListInvoice::new().customer(known(customer)?).build();
    let found: Vec<Invoice> = paging::all(transport, customer, request).await?;
    let mark = mark.to_string();
    let ours = |invoice: &&Invoice| is_marked(invoice.metadata.as_ref(), &mark);
    let ours = found.iter().find(ours).and_then(|invoice| invoice.id.as_ref());
    Ok(ours.map(ToString::to_string))
}

/// The draft of a renewal: the provider keeps it open for about an hour. Source: Stripe, "Subscription invoices".
pub(super) async fn renewal_draft(
    transport: &Transport,
    subscription: &str,
) -> Result<Option<String>, ReadError> {
    let request = ListInvoice::new()
        .subscription(known(subscription)?)
        .status(InvoiceStatus::Draft)
        .build();
    let found: Vec<Invoice> = paging::all(transport, subscription, request).await?;
    let renewal =
        |invoice: &&Invoice| invoice.billing_reason == Some(InvoiceBillingReason::SubscriptionCycle);
    let newest = found.iter().filter(renewal).max_by_key(|invoice| invoice.created);
    Ok(newest.and_then(|invoice| invoice.id.as_ref().map(ToString::to_string)))
}
