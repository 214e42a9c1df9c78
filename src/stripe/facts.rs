//! Stripe's objects as our facts. What an answer should hold and does not is an error, never a default.

use jiff::Timestamp;
use stripe_billing::{Invoice, Subscription, SubscriptionItem};
use stripe_core::PaymentIntent;
use stripe_shared::{
    InvoiceStatus as TheirInvoiceStatus, PaymentIntentStatus, PaymentMethod as TheirMethod,
    SubscriptionCollectionMethod, SubscriptionStatus as TheirStatus, SubscriptionsResourceBillingModeType,
};

use super::paging::broken;
use super::{decline, vouchers};
use crate::domain::change::{
    Decline, IntentStatus, InvoiceFacts, InvoiceStatus, ItemFacts, PaymentFacts, PaymentMethod,
    SubscriptionFacts, SubscriptionStatus, Voucher,
};
use crate::domain::money::{Currency, Money};
use crate::ports::payments::ReadError;

/// The payment of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) status: IntentStatus,
    pub(super) decline: Option<Decline>,
    pub(super) voucher: Option<Voucher>,
}

/// An invoice with the payment that counts for it.
pub(super) struct InvoiceRead {
    pub(super) invoice: Invoice,
    pub(super) intent: Option<Intent>,
}

/// Unix seconds as an instant.
pub(super) fn at(seconds: i64) -> Result<Timestamp, ReadError> {
    Timestamp::from_second(seconds).map_err(|_| broken("answer", "an instant is outside of the calendar"))
}

/// One of our currencies.
pub(super) fn currency(theirs: &stripe_types::Currency) -> Result<Currency, ReadError> {
    theirs.to_string().parse().map_err(|_| ReadError::Refused {
        code: "currency_not_supported".to_owned(),
        message: format!("Amounts in `{theirs}` are not supported."),
    })
}

/// A subscription; its list of items must be whole.
pub(super) fn subscription(read: &Subscription) -> Result<SubscriptionFacts, ReadError> {
    let id = read.id.as_str();
    let status = match &read.status {
        TheirStatus::Active => SubscriptionStatus::Active,
        TheirStatus::Canceled => SubscriptionStatus::Canceled,
        TheirStatus::Incomplete => SubscriptionStatus::Incomplete,
        TheirStatus::IncompleteExpired => SubscriptionStatus::IncompleteExpired,
        TheirStatus::PastDue => SubscriptionStatus::PastDue,
        TheirStatus::Paused => SubscriptionStatus::Paused,
        TheirStatus::Trialing => SubscriptionStatus::Trialing,
        TheirStatus::Unpaid => SubscriptionStatus::Unpaid,
        _ => return Err(broken(id, "its status is not known here")),
    };
    let items = items(read)?;
    let period_end = items.iter().map(|item| item.period_end).min();
    let ends_at = match read.cancel_at {
        Some(seconds) => Some(at(seconds)?),
        None if read.cancel_at_period_end => period_end,
        None => None,
    };
    Ok(SubscriptionFacts {
        id: id.to_owned(),
        customer: read.customer.id().to_string(),
        status,
        currency: currency(&read.currency)?,
        charges_automatically: read.collection_method == SubscriptionCollectionMethod::ChargeAutomatically,
        flexible_billing: read.billing_mode.type_ == SubscriptionsResourceBillingModeType::Flexible,
        ends_at,
        paused: read.pause_collection.is_some(),
        schedule: read.schedule.as_ref().map(|schedule| schedule.id().to_string()),
        pending_until: pending_until(read)?,
        default_method: read
            .default_payment_method
            .as_ref()
            .map(|method| method.id().to_string()),
        automatic_tax: read.automatic_tax.enabled,
        tax_rates: read
            .default_tax_rates
            .iter()
            .flatten()
            .map(|rate| rate.id.to_string())
            .collect(),
        items,
    })
}

/// Where a payment stands: the subscription, and an invoice of it that is known to be ours.
pub(super) fn payment(
    subscription: &Subscription,
    invoice: Option<&InvoiceRead>,
) -> Result<PaymentFacts, ReadError> {
    let items = items(subscription)?;
    let intent = invoice.and_then(|read| read.intent.as_ref());
    Ok(PaymentFacts {
        invoice: invoice.map(|read| invoice_facts(&read.invoice)).transpose()?,
        intent: intent.map(|intent| intent.status),
        decline: intent.and_then(|intent| intent.decline),
        subscription: subscription.id.to_string(),
        period_end: items.iter().map(|item| item.period_end).min(),
        items,
        pending_until: pending_until(subscription)?,
        intent_id: intent.map(|intent| intent.id.clone()),
        voucher: intent.and_then(|intent| intent.voucher.clone()).map(Box::new),
    })
}

fn pending_until(read: &Subscription) -> Result<Option<Timestamp>, ReadError> {
    read.pending_update
        .as_ref()
        .map(|pending| at(pending.expires_at))
        .transpose()
}

fn items(read: &Subscription) -> Result<Vec<ItemFacts>, ReadError> {
    read.items.data.iter().map(item).collect()
}

fn item(read: &SubscriptionItem) -> Result<ItemFacts, ReadError> {
    let id = read.id.as_str();
    let Some(quantity) = read.quantity else {
        return Err(ReadError::Refused {
            code: "metered_price".to_owned(),
            message: format!("The item `{id}` has no quantity; metered prices are not supported."),
        });
    };
    Ok(ItemFacts {
        id: id.to_owned(),
        price: read.price.id.to_string(),
        lookup_key: read.price.lookup_key.clone(),
        product: Some(read.price.product.id().to_string()),
        quantity,
        period_start: at(read.current_period_start)?,
        period_end: at(read.current_period_end)?,
    })
}

pub(super) fn invoice_facts(read: &Invoice) -> Result<InvoiceFacts, ReadError> {
    let Some(id) = &read.id else {
        return Err(broken("invoice", "it has no id"));
    };
    let status = match &read.status {
        Some(TheirInvoiceStatus::Draft) => InvoiceStatus::Draft,
        Some(TheirInvoiceStatus::Open) => InvoiceStatus::Open,
        Some(TheirInvoiceStatus::Paid) => InvoiceStatus::Paid,
        Some(TheirInvoiceStatus::Void) => InvoiceStatus::Void,
        Some(TheirInvoiceStatus::Uncollectible) => InvoiceStatus::Uncollectible,
        _ => return Err(broken(id.as_str(), "its status is not known here")),
    };
    let currency = currency(&read.currency)?;
    Ok(InvoiceFacts {
        id: id.to_string(),
        status,
        amount_due: Money::new(read.amount_due, currency),
        amount_paid: Money::new(read.amount_paid, currency),
        hosted_url: read.hosted_invoice_url.clone(),
    })
}

/// A payment. Its last refusal counts only while it waits for another way to pay.
pub(super) fn intent(read: &PaymentIntent) -> Result<Intent, ReadError> {
    let status = match &read.status {
        PaymentIntentStatus::RequiresPaymentMethod => IntentStatus::RequiresPaymentMethod,
        PaymentIntentStatus::RequiresConfirmation => IntentStatus::RequiresConfirmation,
        PaymentIntentStatus::RequiresAction => IntentStatus::RequiresAction,
        // Held on the card and not collected yet: on its way, like any payment that is being processed.
        PaymentIntentStatus::Processing | PaymentIntentStatus::RequiresCapture => IntentStatus::Processing,
        PaymentIntentStatus::Succeeded => IntentStatus::Succeeded,
        PaymentIntentStatus::Canceled => IntentStatus::Canceled,
        _ => return Err(broken(read.id.as_str(), "its status is not known here")),
    };
    let waits = status == IntentStatus::RequiresPaymentMethod;
    let error = read.last_payment_error.as_deref().filter(|_| waits);
    let decline = error.map(|error| {
        let code = error.code.as_ref().map(stripe_shared::ApiErrorsCode::as_str);
        decline::reason(code, error.decline_code.as_deref())
    });
    let asks = status == IntentStatus::RequiresAction;
    let action = read.next_action.as_ref().filter(|_| asks);
    Ok(Intent {
        id: read.id.to_string(),
        status,
        decline,
        voucher: action.map(vouchers::shown).transpose()?.flatten(),
    })
}

/// A card, as a person recognises it; nothing for other ways to pay.
pub(super) fn card(read: &TheirMethod) -> Result<Option<PaymentMethod>, ReadError> {
    let Some(card) = &read.card else { return Ok(None) };
    let wrong = || broken(read.id.as_str(), "its expiry is not a date");
    Ok(Some(PaymentMethod {
        id: read.id.to_string(),
        brand: card.brand.clone(),
        last4: card.last4.clone(),
        exp_month: u8::try_from(card.exp_month).map_err(|_| wrong())?,
        exp_year: u16::try_from(card.exp_year).map_err(|_| wrong())?,
    }))
}
