//! Keeping a customer's cards. Card data itself never comes by here: it goes from the browser to the provider.

use stripe_client_core::{IdempotencyKey, RequestStrategy, StripeRequest as _};
use stripe_core::customer::{ListPaymentMethodsCustomer, ListPaymentMethodsCustomerType};
use stripe_core::setup_intent::{CreateSetupIntent, CreateSetupIntentUsage, RetrieveSetupIntent};
use stripe_core::{SetupIntent, SetupIntentStatus};
use stripe_shared::{PaymentMethod as TheirMethod, SetupIntentAllowedPaymentMethodTypes};
use stripe_types::{Expandable, List};

use super::facts;
use super::paging::broken;
use super::transport::Transport;
use super::{known, verdict};
use crate::domain::change::PaymentMethod;
use crate::ports::payments::{CardSetup, CardSetupOutcome, ReadError};

/// Begins to keep a card, for renewals as much as for the payment at hand.
pub(super) async fn begin(transport: &Transport, customer: &str, key: &str) -> Result<CardSetup, ReadError> {
    let key = IdempotencyKey::new(key).map_err(|_| ReadError::Refused {
        code: "idempotency_key".to_owned(),
        message: "The key must have between 1 and 255 characters.".to_owned(),
    })?;
    let request = CreateSetupIntent::new()
        .customer(customer)
        .allowed_payment_method_types([SetupIntentAllowedPaymentMethodTypes::Card])
        .usage(CreateSetupIntentUsage::OffSession)
        .customize()
        .request_strategy(RequestStrategy::Idempotent(key));
    let sent = request.send(transport).await;
    let made = sent.map_err(|unread| verdict::of_read(customer, unread))?;
    let Some(client_secret) = made.client_secret else {
        return Err(broken("setup_intent", "its secret is missing"));
    };
    Ok(CardSetup {
        id: made.id.to_string(),
        client_secret,
    })
}

/// How a setup ended. One of another customer tells nothing.
pub(super) async fn outcome(
    transport: &Transport,
    customer: &str,
    id: &str,
) -> Result<CardSetupOutcome, ReadError> {
    let request = RetrieveSetupIntent::new(known(id)?).expand(["payment_method".to_owned()]);
    let sent = request.customize().send(transport).await;
    let read: SetupIntent = sent.map_err(|unread| verdict::of_read(id, unread))?;
    if read
        .customer
        .as_ref()
        .is_none_or(|owner| owner.id().as_str() != customer)
    {
        return Ok(CardSetupOutcome::Foreign);
    }
    if read.status != SetupIntentStatus::Succeeded {
        return Ok(CardSetupOutcome::Unfinished);
    }
    let Some(Expandable::Object(method)) = &read.payment_method else {
        return Err(broken(id, "its card is missing"));
    };
    let card = facts::card(method)?.ok_or_else(|| broken(id, "what it keeps is not a card"))?;
    Ok(CardSetupOutcome::Kept(card))
}

/// The cards of a customer, the newest first: one page, which holds 100.
pub(super) async fn kept(transport: &Transport, customer: &str) -> Result<Vec<PaymentMethod>, ReadError> {
    let kept = methods(transport, customer).await?;
    let cards: Result<Vec<_>, _> = kept.iter().map(facts::card).collect();
    Ok(cards?.into_iter().flatten().collect())
}

/// The same, as the provider has them.
pub(super) async fn methods(transport: &Transport, customer: &str) -> Result<Vec<TheirMethod>, ReadError> {
    let request = ListPaymentMethodsCustomer::new(known(customer)?)
        .type_(ListPaymentMethodsCustomerType::Card)
        .limit(100);
    let sent = request.customize().send(transport).await;
    let page: List<TheirMethod> = sent.map_err(|unread| verdict::of_read(customer, unread))?;
    Ok(page.data)
}
