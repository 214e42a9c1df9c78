//! A customer's cards, outside of any change: which there are, which one pays, and the calls that change that.

use futures_util::future::try_join;
use stripe_billing::subscription::UpdateSubscription;
use stripe_client_core::{RequestBuilder, StripeRequest as _};
use stripe_core::customer::{
    RetrieveCustomer, RetrieveCustomerReturned, UpdateCustomer, UpdateCustomerInvoiceSettings,
};
use stripe_core::setup_intent::RetrieveSetupIntent;
use stripe_core::{SetupIntent, SetupIntentStatus};
use stripe_payment::payment_method::DetachPaymentMethod;
use stripe_shared::PaymentMethod as TheirMethod;
use stripe_types::Expandable;

use super::transport::Transport;
use super::verdict::{self, Verdict};
use super::{cards, decline, facts, known, prepare};
use crate::domain::change::CallName;
use crate::ports::payments::{CallError, PrepareError, Prepared, ReadError};
use crate::ports::wallet::{CardCall, CardGiven, KeptCard, Wallet};

/// A card with the name that is on it; nothing for other ways to pay.
fn kept(read: &TheirMethod) -> Result<Option<KeptCard>, ReadError> {
    let holder = read.billing_details.name.clone();
    let holder = holder.filter(|name| !name.trim().is_empty());
    Ok(facts::card(read)?.map(|card| KeptCard { card, holder }))
}

/// The cards of a customer, and the default one.
pub(super) async fn of(transport: &Transport, customer: &str) -> Result<Wallet, ReadError> {
    let read = async {
        let sent = RetrieveCustomer::new(known(customer)?)
            .customize()
            .send(transport)
            .await;
        sent.map_err(|unread| verdict::of_read(customer, unread))
    };
    let (owner, methods) = try_join(read, cards::methods(transport, customer)).await?;
    let RetrieveCustomerReturned::Customer(owner) = owner else {
        return Err(ReadError::NotFound(customer.to_owned()));
    };
    let default = owner
        .invoice_settings
        .and_then(|settings| settings.default_payment_method);
    let cards: Result<Vec<_>, _> = methods.iter().map(kept).collect();
    Ok(Wallet {
        cards: cards?.into_iter().flatten().collect(),
        default: default.map(|method| method.id().to_string()),
    })
}

/// How giving a card went.
pub(super) async fn given(
    transport: &Transport,
    customer: &str,
    setup: &str,
) -> Result<CardGiven, ReadError> {
    let request = RetrieveSetupIntent::new(known(setup)?).expand(["payment_method".to_owned()]);
    let sent = request.customize().send(transport).await;
    let read: SetupIntent = match sent.map_err(|unread| verdict::of_read(setup, unread)) {
        Err(ReadError::NotFound(_)) => return Ok(CardGiven::Foreign),
        other => other?,
    };
    let owner = read.customer.as_ref().map(|owner| owner.id().as_str());
    if owner != Some(customer) {
        return Ok(CardGiven::Foreign);
    }
    match (&read.status, &read.payment_method) {
        (SetupIntentStatus::Succeeded, Some(Expandable::Object(method))) => {
            Ok(kept(method)?.map_or(CardGiven::Over, CardGiven::Kept))
        }
        (SetupIntentStatus::Canceled, _) => Ok(CardGiven::Over),
        _ => {
            let error = read.last_setup_error.as_deref();
            let why = error.map(|error| {
                let code = error.code.as_ref().map(stripe_shared::ApiErrorsCode::as_str);
                decline::reason(code, error.decline_code.as_deref())
            });
            Ok(CardGiven::Unfinished(why))
        }
    }
}

/// The exact request of a call.
pub(super) fn request(call: &CardCall) -> Result<Prepared, PrepareError> {
    let named = match call {
        CardCall::SetDefault { customer, .. } => customer,
        CardCall::SetOfSubscription { subscription, .. } => subscription,
        CardCall::Detach { card } => card,
    };
    let cannot = |why: &str| PrepareError {
        call: "card",
        why: why.to_owned(),
    };
    if !super::is_id(named) {
        return Err(cannot("one of its ids is not one of the provider's"));
    }
    let request: RequestBuilder = match call {
        CardCall::SetDefault { customer, card } => {
            let mut settings = UpdateCustomerInvoiceSettings::new();
            settings.default_payment_method = Some(card.clone());
            UpdateCustomer::new(customer.as_str())
                .invoice_settings(settings)
                .build()
        }
        CardCall::SetOfSubscription { subscription, card } => UpdateSubscription::new(subscription.as_str())
            .default_payment_method(card.as_str())
            .build(),
        CardCall::Detach { card } => DetachPaymentMethod::new(card.as_str()).build(),
    };
    prepare::as_it_leaves(&request).ok_or_else(|| cannot("it would only read"))
}

/// Sends it, and says how it came out.
pub(super) async fn send(transport: &Transport, prepared: &Prepared, key: &str) -> Result<(), CallError> {
    let sent = transport.send(prepared, key).await;
    match verdict::judge(CallName::SetDefaultMethod, &prepared.body, sent) {
        Verdict::Done(_) | Verdict::Gone => Ok(()),
        Verdict::Over(error) => Err(error),
        Verdict::Declined(_) | Verdict::ActionRequired => Err(CallError::Unknown {
            detail: "the provider answers as if it were a payment".to_owned(),
        }),
    }
}
