//! What has become of a call whose key can tell nothing more: by ids, lists and our marks, never by search, which lags
//! behind. "Absent" is only said where the list that was read is whole, or the thing itself was read.

use stripe_billing::invoice::ListInvoice;
use stripe_billing::subscription::{ListSubscription, ListSubscriptionStatus};
use stripe_billing::tax_id::{ListCustomerTaxId, RetrieveCustomerTaxId};
use stripe_billing::{Invoice, InvoiceBillingReason, Subscription, SubscriptionStatus, TaxId};
use stripe_client_core::StripeRequest as _;
use stripe_core::customer::{ListCustomer, RetrieveCustomer, RetrieveCustomerReturned};
use stripe_core::refund::ListRefund;
use stripe_core::{Customer, Refund};

use super::marks::{self, Owner};
use super::transport::Transport;
use super::{facts, known, paging, perform, reads, schedules, verdict, vouchers};
use crate::domain::change::{Call, CallAnswer, IntentStatus, InvoiceStatus};
use crate::domain::money::Money;
use crate::ports::payments::{Found, Marks, ReadError};

/// How far the provider's clock may differ from ours where a list is long, in seconds.
const CLOCKS_DIFFER_MAX: i64 = 24 * 3600;

type Search = Result<Found, ReadError>;

/// Looks for what a call made.
pub(super) async fn find(transport: &Transport, call: &Call, marks: &Marks) -> Search {
    match call {
        Call::SaveCustomer { customer: None, .. } => new_customer(transport, marks).await,
        Call::SaveCustomer {
            customer: Some(customer),
            ..
        } => same_customer(transport, customer, marks).await,
        Call::AddTaxId { customer, .. } => tax_id(transport, customer, marks).await,
        Call::RemoveTaxId { customer, tax_id } => removed_tax_id(transport, customer, tax_id).await,
        Call::SetDefaultMethod { subscription, method } => {
            let read = reads::subscription(transport, subscription).await?;
            let set = read.default_payment_method.as_ref().map(|set| set.id().as_str());
            Ok(happened_if(set == method.as_deref(), CallAnswer::MethodSet))
        }
        Call::SetTaxRates { subscription, rates } => {
            let read = facts::subscription(&reads::subscription(transport, subscription).await?)?;
            Ok(happened_if(read.tax_rates == *rates, CallAnswer::TaxRatesSet))
        }
        Call::UpdateSubscription { subscription, .. } => updated(transport, call, subscription, marks).await,
        Call::CreateSubscription { customer, .. } => created(transport, call, customer, marks).await,
        Call::PayInvoice {
            invoice,
            subscription,
            ..
        }
        | Call::IssueVoucher {
            invoice,
            subscription,
            ..
        } => paid(transport, subscription, invoice).await,
        Call::VoidInvoice {
            invoice,
            subscription,
        } => {
            let facts = reads::payment(transport, subscription, Some(invoice)).await?;
            let void = facts
                .invoice
                .as_ref()
                .is_some_and(|read| read.status == InvoiceStatus::Void);
            Ok(happened_if(void, CallAnswer::Payment(facts)))
        }
        Call::LowerSubscription { subscription, .. } => lowered(transport, subscription, None, marks).await,
        Call::SwitchSubscription {
            subscription,
            invoice,
            ..
        } => lowered(transport, subscription, Some(invoice), marks).await,
        Call::CreateSchedule { .. }
        | Call::TellSchedule { .. }
        | Call::EndAtPeriodEnd { .. }
        | Call::ReleaseHold { .. } => schedules::find(transport, call, marks).await,
        Call::DraftInvoice { customer, .. } => vouchers::drafted(transport, customer, marks).await,
        Call::AddInvoiceLine { invoice, .. } => vouchers::listed(transport, invoice, marks).await,
        Call::FinalizeInvoice {
            invoice,
            subscription,
            ..
        } => vouchers::finalized(transport, subscription, invoice).await,
        Call::CreditBalance { customer, .. } => vouchers::credited(transport, customer, marks).await,
        Call::CancelSubscription { subscription } => {
            let read = reads::subscription(transport, subscription).await?;
            Ok(happened_if(is_over(&read), CallAnswer::SubscriptionCancelled))
        }
        Call::Refund { invoice, amount } => refunded(transport, invoice, *amount, marks).await,
    }
}

/// Whether a subscription has ended for good.
pub(super) fn is_over(read: &Subscription) -> bool {
    matches!(
        read.status,
        SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired
    )
}

fn happened_if(happened: bool, answer: CallAnswer) -> Found {
    if happened {
        Found::Happened(answer)
    } else {
        Found::Absent
    }
}

fn undecidable(evidence: impl Into<String>) -> Found {
    Found::Undecidable {
        evidence: evidence.into(),
    }
}

/// Customers are listed from the newest to those that are older than the effect.
async fn new_customer(transport: &Transport, marks: &Marks) -> Search {
    let Some(made_at) = marks::made_at(marks.effect) else {
        return Ok(undecidable("the effect's id does not tell when it was made"));
    };
    let request = ListCustomer::new().build();
    let older = move |customer: &Customer| customer.created < made_at - CLOCKS_DIFFER_MAX;
    let found: Vec<Customer> = paging::until(transport, "customers", request, older).await?;
    let ours = found
        .iter()
        .find(|customer| marks::ours(customer.metadata.as_ref(), marks.effect));
    Ok(match ours {
        Some(customer) => Found::Happened(CallAnswer::CustomerSaved {
            customer: customer.id.to_string(),
        }),
        None => Found::Absent,
    })
}

async fn same_customer(transport: &Transport, customer: &str, marks: &Marks) -> Search {
    let sent = RetrieveCustomer::new(known(customer)?)
        .customize()
        .send(transport)
        .await;
    let read = sent.map_err(|unread| verdict::of_read(customer, unread))?;
    let RetrieveCustomerReturned::Customer(read) = read else {
        return Ok(undecidable(format!("the customer `{customer}` was deleted")));
    };
    Ok(match marks::owner(read.metadata.as_ref(), marks.effect) {
        Owner::Ours => Found::Happened(CallAnswer::CustomerSaved {
            customer: customer.to_owned(),
        }),
        Owner::Earlier => Found::Absent,
        Owner::Later => undecidable(format!("the customer `{customer}` was saved again since")),
    })
}

/// Tax numbers carry no marks: only one that was added in the right time can be ours, and only if it is alone.
async fn tax_id(transport: &Transport, customer: &str, marks: &Marks) -> Search {
    let Some(made_at) = marks::made_at(marks.effect) else {
        return Ok(undecidable("the effect's id does not tell when it was made"));
    };
    let request = ListCustomerTaxId::new(known(customer)?).build();
    let found: Vec<TaxId> = paging::all(transport, customer, request).await?;
    let young: Vec<&TaxId> = found
        .iter()
        .filter(|one| one.created >= made_at - CLOCKS_DIFFER_MAX)
        .collect();
    Ok(match young.as_slice() {
        [] => Found::Absent,
        [one] if one.created >= made_at => Found::Happened(CallAnswer::TaxIdAdded {
            tax_id: one.id.to_string(),
        }),
        more => undecidable(format!("{} tax numbers were added around that time", more.len())),
    })
}

async fn removed_tax_id(transport: &Transport, customer: &str, tax_id: &str) -> Search {
    let request = RetrieveCustomerTaxId::new(known(customer)?, known(tax_id)?);
    match request.customize().send(transport).await {
        Ok(_) => Ok(Found::Absent),
        Err(unread) => match verdict::of_read(tax_id, unread) {
            ReadError::NotFound(_) => Ok(Found::Happened(CallAnswer::TaxIdRemoved)),
            error => Err(error),
        },
    }
}

async fn invoices_of(transport: &Transport, subscription: &str) -> Result<Vec<Invoice>, ReadError> {
    let request = ListInvoice::new().subscription(known(subscription)?).build();
    paging::all(transport, subscription, request).await
}

async fn updated(transport: &Transport, call: &Call, subscription: &str, marks: &Marks) -> Search {
    let read = reads::subscription(transport, subscription).await?;
    let invoices = invoices_of(transport, subscription).await?;
    let reason = perform::billing_reason(call);
    let ours = invoices
        .iter()
        .find(|invoice| marks::on_invoice(invoice, &read, marks.effect, &reason));
    if let Some(id) = ours.and_then(|invoice| invoice.id.as_ref()) {
        let facts = reads::payment(transport, subscription, Some(id.as_str())).await?;
        return Ok(Found::Happened(CallAnswer::Payment(facts)));
    }
    let lost = invoices
        .iter()
        .find(|invoice| made_in_a_lost_life(invoice, Some(&read), marks, &reason));
    if let Some(id) = lost.and_then(|invoice| invoice.id.as_ref()) {
        let facts = reads::payment(transport, subscription, Some(id.as_str())).await?;
        return Ok(Found::Happened(CallAnswer::Payment(facts)));
    }
    match marks::owner(Some(&read.metadata), marks.effect) {
        Owner::Ours => {
            let facts = reads::payment(transport, subscription, None).await?;
            return Ok(Found::Happened(CallAnswer::Payment(facts)));
        }
        Owner::Later => return Ok(undecidable(format!("`{subscription}` was changed again since"))),
        Owner::Earlier => {}
    }
    // An invoice of an update without any mark could be that of ours: the provider would have to have left it out.
    let unmarked = invoices.iter().find(|invoice| {
        invoice.billing_reason == Some(InvoiceBillingReason::SubscriptionUpdate)
            && marks::made_at(marks.effect)
                .is_none_or(|made_at| invoice.created >= made_at - CLOCKS_DIFFER_MAX)
            && !marks::any(marks::of_invoice(invoice))
    });
    Ok(match unmarked.and_then(|invoice| invoice.id.as_ref()) {
        Some(id) => undecidable(format!(
            "the invoice `{}` of an update carries no mark",
            id.as_str()
        )),
        None => Found::Absent,
    })
}

/// Whether this invoice was made by another effect of the same change and is paid, or can be: an effect whose row the store has
/// lost in a fail-over, because what is known is voided before a change charges again. It is adopted, so that nothing is
/// charged twice.
fn made_in_a_lost_life(
    invoice: &Invoice,
    subscription: Option<&Subscription>,
    marks: &Marks,
    reason: &InvoiceBillingReason,
) -> bool {
    let counts = matches!(
        invoice.status,
        Some(stripe_shared::InvoiceStatus::Open | stripe_shared::InvoiceStatus::Paid)
    );
    let seen = marks::seen_on_invoice(invoice, subscription);
    let of_change = seen.is_some_and(|seen| seen.change == marks.change && seen.effect != marks.effect);
    invoice.billing_reason.as_ref() == Some(reason) && counts && of_change
}

async fn created(transport: &Transport, call: &Call, customer: &str, marks: &Marks) -> Search {
    let request = ListSubscription::new()
        .customer(known(customer)?)
        .status(ListSubscriptionStatus::All)
        .build();
    let found: Vec<Subscription> = paging::all(transport, customer, request).await?;
    for one in &found {
        // A younger mark can have been written over ours by a change of the subscription; its first invoice still knows.
        let candidate = marks::owner(Some(&one.metadata), marks.effect);
        let of_change = marks::seen(Some(&one.metadata)).is_some_and(|seen| seen.change == marks.change);
        if candidate == Owner::Earlier && (!of_change || is_over(one)) {
            continue;
        }
        let invoices = invoices_of(transport, one.id.as_str()).await?;
        let reason = perform::billing_reason(call);
        if candidate != Owner::Ours && of_change && !is_over(one) {
            let lost = invoices
                .iter()
                .find(|invoice| made_in_a_lost_life(invoice, None, marks, &reason));
            if let Some(id) = lost.and_then(|invoice| invoice.id.as_ref()) {
                let facts = reads::payment(transport, one.id.as_str(), Some(id.as_str())).await?;
                return Ok(Found::Happened(CallAnswer::Payment(facts)));
            }
        }
        if candidate == Owner::Earlier {
            continue;
        }
        let first = invoices
            .iter()
            .find(|invoice| invoice.billing_reason.as_ref() == Some(&reason));
        let marked = first.is_some_and(|first| marks::any(marks::of_invoice(first)));
        let ours = first.filter(|first| marks::on_invoice(first, one, marks.effect, &reason));
        if candidate == Owner::Ours || ours.is_some() {
            let id = ours
                .and_then(|invoice| invoice.id.as_ref())
                .map(stripe_shared::InvoiceId::as_str);
            let facts = reads::payment(transport, one.id.as_str(), id).await?;
            return Ok(Found::Happened(CallAnswer::Payment(facts)));
        }
        if !marked {
            return Ok(undecidable(format!(
                "`{}` was changed since it was made",
                one.id.as_str()
            )));
        }
    }
    Ok(Found::Absent)
}

/// Where the payment stands now is the answer, whichever attempt brought it there. Only an open invoice that nobody has
/// tried to pay proves that the call was not made.
async fn paid(transport: &Transport, subscription: &str, invoice: &str) -> Search {
    let facts = reads::payment(transport, subscription, Some(invoice)).await?;
    let open = facts
        .invoice
        .as_ref()
        .is_some_and(|read| read.status == InvoiceStatus::Open);
    let waits = matches!(
        facts.intent,
        None | Some(IntentStatus::RequiresPaymentMethod | IntentStatus::RequiresConfirmation)
    );
    let untried = open && waits && facts.decline.is_none();
    Ok(happened_if(!untried, CallAnswer::Payment(facts)))
}

async fn lowered(
    transport: &Transport,
    subscription: &str,
    invoice: Option<&String>,
    marks: &Marks,
) -> Search {
    let read = reads::subscription(transport, subscription).await?;
    match marks::owner(Some(&read.metadata), marks.effect) {
        Owner::Ours => {
            let facts = reads::payment(transport, subscription, invoice.map(String::as_str)).await?;
            Ok(Found::Happened(CallAnswer::Payment(facts)))
        }
        Owner::Earlier => Ok(Found::Absent),
        Owner::Later => Ok(undecidable(format!("`{subscription}` was changed again since"))),
    }
}

async fn refunded(transport: &Transport, invoice: &str, amount: Money, marks: &Marks) -> Search {
    let Some(intent) = reads::invoice(transport, invoice).await?.intent else {
        return Ok(Found::Absent);
    };
    let request = ListRefund::new().payment_intent(intent.id).build();
    let found: Vec<Refund> = paging::all(transport, invoice, request).await?;
    let ours = found
        .iter()
        .find(|refund| marks::ours(refund.metadata.as_ref(), marks.effect));
    Ok(match ours {
        Some(refund) => Found::Happened(CallAnswer::Refunded {
            refund: refund.id.to_string(),
            amount: Some(amount),
        }),
        None => Found::Absent,
    })
}
