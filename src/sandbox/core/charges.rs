//! Money that moved: charges, and what was given back of them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use super::cards::Decline;
use super::operations::Ask;
use super::params::Metadata;
use super::payment_intents::PaymentIntent;
use super::payment_methods::PaymentMethod;
use super::shown::{CURSOR, full_list, joined, stands};
use crate::sandbox::error::ApiError;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Charge {
    pub(super) id: String,
    created: i64,
    amount: i64,
    amount_refunded: i64,
    currency: String,
    customer: Option<String>,
    payment_intent: String,
    payment_method: String,
    description: Option<String>,
    billing_details: Value,
    pub(super) method_details: Value,
    metadata: Metadata,
    failure: Option<Failure>,
}

/// Why a charge failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Failure {
    code: String,
    reason: Option<String>,
    message: String,
}

stands!(Charge, charges, "charge", "charge", "charge.updated");

impl Charge {
    pub(super) fn new(
        id: String,
        now: i64,
        intent: &PaymentIntent,
        method: &PaymentMethod,
        decline: Option<&Decline>,
    ) -> Charge {
        Charge {
            id,
            created: now,
            amount: intent.amount,
            amount_refunded: 0,
            currency: intent.currency.clone(),
            customer: intent.customer.clone(),
            payment_intent: intent.id.clone(),
            payment_method: method.id.clone(),
            description: intent.description.clone(),
            billing_details: method.billing_details(),
            method_details: method.charge_details(),
            metadata: intent.metadata.clone(),
            failure: decline.map(|decline| Failure {
                code: decline.code.to_owned(),
                reason: decline.reason.map(str::to_owned),
                message: decline.message.to_owned(),
            }),
        }
    }

    fn outcome(&self) -> Value {
        let failure = self.failure.as_ref();
        json!({
            "advice_code": null,
            "network_advice_code": null,
            "network_decline_code": null,
            "network_status": if failure.is_some() { "declined_by_network" } else { "approved_by_network" },
            "reason": failure.and_then(|failure| failure.reason.clone()),
            "risk_level": "normal",
            "seller_message": failure.map_or("Payment complete.", |_| "The bank did not return any further details."),
            "type": if failure.is_some() { "issuer_declined" } else { "authorized" },
        })
    }

    fn render(&self, _: &World) -> Value {
        let failure = self.failure.as_ref();
        let paid = failure.is_none();
        joined([
            json!({
                "id": self.id,
                "object": "charge",
                "amount": self.amount,
                "amount_captured": if paid { self.amount } else { 0 },
                "amount_refunded": self.amount_refunded,
                "application": null,
                "application_fee": null,
                "application_fee_amount": null,
                "balance_transaction": null,
                "billing_details": self.billing_details,
                "calculated_statement_descriptor": null,
                "captured": paid,
                "created": self.created,
                "currency": self.currency,
                "customer": self.customer,
                "description": self.description,
                "disputed": false,
                "failure_balance_transaction": null,
                "failure_code": failure.map(|failure| &failure.code),
                "failure_message": failure.map(|failure| &failure.message),
            }),
            json!({
                "fraud_details": {},
                "livemode": false,
                "metadata": self.metadata,
                "on_behalf_of": null,
                "outcome": self.outcome(),
                "paid": paid,
                "payment_intent": self.payment_intent,
                "payment_method": self.payment_method,
                "payment_method_details": self.method_details,
                "receipt_email": null,
                "receipt_number": null,
                "receipt_url": null,
                "refunded": paid && self.amount_refunded == self.amount,
                "review": null,
                "shipping": null,
                "source": null,
                "source_transfer": null,
                "statement_descriptor": null,
                "statement_descriptor_suffix": null,
                "status": if paid { "succeeded" } else { "failed" },
                "transfer_data": null,
                "transfer_group": null,
            }),
        ])
    }
}

pub(super) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params
        .only(&[&CURSOR[..], &["created", "customer", "payment_intent"]].concat())?;
    let customer = ask.params.text("customer")?;
    let intent = ask.params.text("payment_intent")?;
    world.page::<Charge>(ask, "/v1/charges", |charge| {
        (customer.is_none() || charge.customer.as_deref() == customer)
            && intent.is_none_or(|intent| charge.payment_intent == intent)
    })
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    created: i64,
    amount: i64,
    currency: String,
    charge: String,
    payment_intent: String,
    reason: Option<String>,
    metadata: Metadata,
}

stands!(Refund, refunds, "refund", "refund", "refund.updated");

impl Refund {
    fn render(&self, world: &World) -> Value {
        let charge = world.charges.get(&self.charge);
        json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": null,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "customer": charge.and_then(|charge| charge.customer.as_deref()),
            "customer_account": null,
            "destination_details": {
                "card": { "reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund" },
                "type": "card",
            },
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "payment_method": charge.map(|charge| charge.payment_method.as_str()),
            "reason": self.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": "succeeded",
            "transfer_reversal": null,
        })
    }
}

pub(super) fn create_refund(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&["amount", "charge", "payment_intent", "reason", "metadata"])?;
    let charge = match (params.text("charge")?, params.text("payment_intent")?) {
        (Some(charge), None) => world.charges.find(charge, "charge")?,
        (None, Some(intent)) => {
            let paid_by = world
                .payment_intents
                .find(intent, "payment_intent")?
                .latest_charge
                .as_deref();
            let without = || {
                let message =
                    format!("The PaymentIntent {intent} does not have a successful charge to refund.");
                params
                    .refuse("payment_intent", message)
                    .with_code("payment_intent_unexpected_state")
            };
            world.charges.have(paid_by.ok_or_else(without)?)?
        }
        (Some(_), Some(_)) => {
            return Err(params.refuse("charge", "You may only specify one of charge, payment_intent."));
        }
        (None, None) => return Err(params.missing("charge")),
    };
    if charge.failure.is_some() {
        let message = format!("The charge {} failed: there is nothing to refund.", charge.id);
        return Err(params
            .refuse("charge", message)
            .with_code("charge_not_refundable"));
    }
    if charge.is_by_boleto() {
        let message = format!(
            "The charge {} was paid by boleto, which cannot be refunded.",
            charge.id
        );
        return Err(params
            .refuse("charge", message)
            .with_code("charge_not_refundable"));
    }
    let left = charge.amount - charge.amount_refunded;
    if left == 0 {
        let message = format!("Charge {} has already been refunded.", charge.id);
        return Err(ApiError::invalid(message).with_code("charge_already_refunded"));
    }
    let amount = params.integer("amount")?.unwrap_or(left);
    if amount <= 0 {
        return Err(params.refuse("amount", "This value must be greater than or equal to 1."));
    }
    if amount > left {
        let message =
            format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).");
        return Err(params.refuse("amount", message));
    }
    let refund = Refund {
        id: world.memory.ids.next("re"),
        created: ask.now,
        amount,
        currency: charge.currency.clone(),
        charge: charge.id.clone(),
        payment_intent: charge.payment_intent.clone(),
        reason: params.owned("reason")?,
        metadata: params.metadata()?,
    };
    let charge = charge.id.clone();
    let before = world.show::<Charge>(&charge)?;
    world.charges.edit(&charge)?.amount_refunded += amount;
    let after = world.show::<Charge>(&charge)?;
    let shown = world.add(refund, "refund.created");
    world.emit_change("charge.refunded", &before, after);
    Ok(shown)
}

pub(super) fn list_refunds(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params
        .only(&[&CURSOR[..], &["created", "charge", "payment_intent"]].concat())?;
    let charge = ask.params.text("charge")?;
    let intent = ask.params.text("payment_intent")?;
    world.page::<Refund>(ask, "/v1/refunds", |refund| {
        charge.is_none_or(|charge| refund.charge == charge)
            && intent.is_none_or(|intent| refund.payment_intent == intent)
    })
}

impl World {
    pub(super) fn refunds_of(&self, charge: &str) -> Value {
        let given = self.refunds.iter().rev().filter(|refund| refund.charge == charge);
        let shown = given.map(|refund| refund.render(self)).collect();
        full_list(shown, &format!("/v1/charges/{charge}/refunds"))
    }
}
