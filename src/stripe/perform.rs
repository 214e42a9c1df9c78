//! Sending a stored request, and reading what is needed to say how it came out.

use std::borrow::Cow;

use futures_util::future::try_join;
use serde::Deserialize;
use stripe_billing::InvoiceBillingReason;

use super::facts::{self, InvoiceRead};
use super::marks;
use super::reads;
use super::schedules;
use super::transport::Transport;
use super::verdict::{self, Verdict};
use crate::domain::change::{Call, CallAnswer, CallFailure, Decline, IntentStatus, PaymentFacts};
use crate::ports::payments::{CallError, Marks, Prepared, ReadError};

/// What an answer says about the thing that was made or changed: no more than its name is needed, because everything else is
/// read fresh. A stored answer can be a day old.
#[derive(Deserialize)]
struct Made {
    id: String,
    latest_invoice: Option<Reference>,
}

/// A thing by its id, or the thing itself.
#[derive(Deserialize)]
#[serde(untagged)]
enum Reference {
    Id(String),
    Object { id: String },
}

impl Made {
    fn read(body: &[u8]) -> Result<Self, CallError> {
        serde_json::from_slice(body).map_err(|_| CallError::Unknown {
            detail: "the answer cannot be read".to_owned(),
        })
    }

    fn latest_invoice(&self) -> Option<&str> {
        match &self.latest_invoice {
            Some(Reference::Id(id) | Reference::Object { id }) => Some(id),
            None => None,
        }
    }
}

/// Sends the request, once, and says how it came out.
pub(super) async fn perform(
    transport: &Transport,
    call: &Call,
    marks: &Marks,
    prepared: &Prepared,
    key: &str,
) -> Result<CallAnswer, CallError> {
    let prepared = match call {
        Call::Refund { invoice, .. } => Cow::Owned(with_payment(transport, invoice, prepared).await?),
        _ => Cow::Borrowed(prepared),
    };
    let sent = transport.send(&prepared, key).await;
    match verdict::judge(call.name(), &prepared.body, sent) {
        Verdict::Done(body) => done(transport, call, marks, &body).await,
        Verdict::Declined(decline) => waiting(transport, call, marks, Some(decline)).await,
        Verdict::ActionRequired => waiting(transport, call, marks, None).await,
        Verdict::Gone => gone(transport, call).await,
        // The provider gives these refusals no code: what it holds tells whether it is done, or somebody else's.
        Verdict::Over(CallError::Failed(failure @ CallFailure::Refused { .. })) => {
            schedules::after_refusal(transport, call, failure).await
        }
        Verdict::Over(error) => Err(error),
    }
}

async fn done(
    transport: &Transport,
    call: &Call,
    marks: &Marks,
    body: &[u8],
) -> Result<CallAnswer, CallError> {
    let read = match call {
        Call::SaveCustomer { .. } => {
            let customer = Made::read(body)?.id;
            return Ok(CallAnswer::CustomerSaved { customer });
        }
        Call::AddTaxId { .. } => {
            let tax_id = Made::read(body)?.id;
            return Ok(CallAnswer::TaxIdAdded { tax_id });
        }
        Call::Refund { amount, .. } => {
            let refund = Made::read(body)?.id;
            let amount = Some(*amount);
            return Ok(CallAnswer::Refunded { refund, amount });
        }
        Call::DraftInvoice { .. } => {
            let invoice = Made::read(body)?.id;
            return Ok(CallAnswer::InvoiceDrafted { invoice });
        }
        Call::AddInvoiceLine { .. } => return Ok(CallAnswer::InvoiceLineAdded),
        Call::CreditBalance { .. } => {
            let movement = Made::read(body)?.id;
            return Ok(CallAnswer::BalanceCredited { movement });
        }
        Call::RemoveTaxId { .. } => return Ok(CallAnswer::TaxIdRemoved),
        Call::SetDefaultMethod { .. } => return Ok(CallAnswer::MethodSet),
        Call::SetTaxRates { .. } => return Ok(CallAnswer::TaxRatesSet),
        Call::CancelSubscription { .. } => return Ok(CallAnswer::SubscriptionCancelled),
        Call::CreateSchedule { .. } => {
            let schedule = Made::read(body)?.id;
            return Ok(CallAnswer::ScheduleMade { schedule });
        }
        Call::TellSchedule { .. } => return Ok(CallAnswer::ScheduleTold),
        Call::EndAtPeriodEnd { .. } => return Ok(CallAnswer::EndSet),
        Call::ReleaseHold { .. } => return Ok(CallAnswer::HoldReleased),
        Call::UpdateSubscription { .. } | Call::CreateSubscription { .. } => {
            let made = Made::read(body)?;
            ours(transport, call, marks, &made.id, made.latest_invoice()).await
        }
        Call::PayInvoice {
            invoice,
            subscription,
            ..
        }
        | Call::VoidInvoice {
            invoice,
            subscription,
        }
        | Call::FinalizeInvoice {
            invoice,
            subscription,
            ..
        }
        | Call::IssueVoucher {
            invoice,
            subscription,
            ..
        }
        | Call::SwitchSubscription {
            invoice,
            subscription,
            ..
        } => reads::payment(transport, subscription, Some(invoice)).await,
        Call::LowerSubscription { subscription, .. } => reads::payment(transport, subscription, None).await,
    };
    read.map(CallAnswer::Payment).map_err(|error| unknown(&error))
}

/// The card was refused, or the customer must authenticate: where that leaves the payment. Where there is nothing to look
/// at, the refusal is all there is.
async fn waiting(
    transport: &Transport,
    call: &Call,
    marks: &Marks,
    decline: Option<Decline>,
) -> Result<CallAnswer, CallError> {
    let read = match call {
        Call::PayInvoice {
            invoice,
            subscription,
            ..
        } => reads::payment(transport, subscription, Some(invoice)).await,
        Call::UpdateSubscription { subscription, .. } => {
            match reads::subscription(transport, subscription).await {
                Ok(read) => {
                    let latest = read
                        .latest_invoice
                        .as_ref()
                        .and_then(|invoice| invoice.id().as_ref().map(ToString::to_string));
                    ours(transport, call, marks, subscription, latest.as_deref()).await
                }
                Err(error) => Err(error),
            }
        }
        _ => {
            let reason = decline.unwrap_or(Decline::AuthenticationRequired);
            return Err(CallError::Failed(CallFailure::Declined(reason)));
        }
    };
    let mut facts = read.map_err(|error| unknown(&error))?;
    // A stored refusal can be older than the state of things: what is on its way or done is not refused.
    let moved_on = matches!(
        facts.intent,
        Some(IntentStatus::RequiresAction | IntentStatus::Processing | IntentStatus::Succeeded)
    );
    if !moved_on {
        facts.decline = facts.decline.or(decline);
    }
    Ok(CallAnswer::Payment(facts))
}

/// The subscription, and its invoice if the invoice is the one that this effect has made.
async fn ours(
    transport: &Transport,
    call: &Call,
    marks: &Marks,
    subscription: &str,
    latest: Option<&str>,
) -> Result<PaymentFacts, ReadError> {
    let invoice = async {
        match latest {
            Some(id) => reads::invoice(transport, id).await.map(Some),
            None => Ok(None),
        }
    };
    let (subscription, invoice) = try_join(reads::subscription(transport, subscription), invoice).await?;
    let reason = billing_reason(call);
    let ours = |read: &InvoiceRead| marks::on_invoice(&read.invoice, &subscription, marks.effect, &reason);
    facts::payment(&subscription, invoice.filter(ours).as_ref())
}

/// Why the provider makes the invoice of a call.
pub(super) fn billing_reason(call: &Call) -> InvoiceBillingReason {
    match call {
        Call::CreateSubscription { .. } => InvoiceBillingReason::SubscriptionCreate,
        _ => InvoiceBillingReason::SubscriptionUpdate,
    }
}

/// What should be deleted is not there: that is what was wanted, as far as it can be seen.
async fn gone(transport: &Transport, call: &Call) -> Result<CallAnswer, CallError> {
    let Call::CancelSubscription { subscription } = call else {
        return Ok(CallAnswer::TaxIdRemoved);
    };
    let read = reads::subscription(transport, subscription)
        .await
        .map_err(|error| unknown(&error))?;
    if super::find::is_over(&read) {
        return Ok(CallAnswer::SubscriptionCancelled);
    }
    Err(CallError::Failed(CallFailure::WrongState {
        code: "resource_missing".to_owned(),
    }))
}

/// The refund's request with the payment that it gives back. The payment of a paid invoice never changes, so that every
/// attempt sends the same bytes.
async fn with_payment(
    transport: &Transport,
    invoice: &str,
    prepared: &Prepared,
) -> Result<Prepared, CallError> {
    let read = reads::invoice(transport, invoice).await.map_err(not_sent)?;
    let Some(intent) = read
        .intent
        .filter(|intent| intent.status == IntentStatus::Succeeded)
    else {
        return Err(CallError::Failed(CallFailure::WrongState {
            code: "invoice_without_payment".to_owned(),
        }));
    };
    let mut prepared = prepared.clone();
    prepared.body.push_str("&payment_intent=");
    prepared.body.push_str(&intent.id);
    Ok(prepared)
}

/// The call may have done its work, but what came of it cannot be read: the same key again gives the same answer.
fn unknown(error: &ReadError) -> CallError {
    CallError::Unknown {
        detail: format!("sent; then {error}"),
    }
}

/// Nothing has left yet.
fn not_sent(error: ReadError) -> CallError {
    match error {
        ReadError::Later { after, detail } => CallError::Later { after, detail },
        ReadError::NotFound(_) => CallError::Failed(CallFailure::Refused {
            code: "resource_missing".to_owned(),
            message: error.to_string(),
        }),
        ReadError::Refused { code, message } => CallError::Failed(CallFailure::Refused { code, message }),
    }
}
