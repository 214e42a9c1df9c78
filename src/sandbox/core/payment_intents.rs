//! Payments on their way. Charging a card is in `paying`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cards::Decline;
use super::customers::address_of;
use super::intents::{Status, next_action, remembered};
use super::operations::Ask;
use super::params::{Metadata, Params};
use super::paying::{Outcome, Presence};
use super::payment_methods::{PaymentMethod, new_sent, resolve, usable_by};
use super::shown::{CURSOR, joined, stands};
use super::vouchers::{self, Voucher};
use super::{World, currencies};
use crate::sandbox::error::ApiError;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PaymentIntent {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) amount: i64,
    pub(super) amount_received: i64,
    pub(super) currency: String,
    pub(super) customer: Option<String>,
    pub(super) payment_method: Option<String>,
    pub(super) status: Status,
    pub(super) client_secret: String,
    pub(super) return_url: Option<String>,
    pub(super) description: Option<String>,
    pub(super) last_error: Option<Value>,
    pub(super) latest_charge: Option<String>,
    pub(super) setup_future_usage: Option<String>,
    pub(super) cancellation_reason: Option<String>,
    pub(super) canceled_at: Option<i64>,
    pub(super) metadata: Metadata,
    /// Where to, as it was given; files of earlier versions do not have it.
    #[serde(default)]
    shipping: Option<Value>,
    /// The invoice that it collects for; the API tells of it through invoice payments only.
    pub(super) invoice: Option<String>,
    /// The ways to pay that it takes; none named means cards.
    #[serde(default)]
    pub(super) types: Vec<String>,
    /// What the customer was asked to pay with at a bank.
    #[serde(default)]
    pub(super) voucher: Option<Voucher>,
}

stands!(
    PaymentIntent,
    payment_intents,
    "payment_intent",
    "payment_intent",
    ""
);

impl PaymentIntent {
    fn types(&self) -> Value {
        if self.types.is_empty() {
            json!(["card"])
        } else {
            json!(self.types)
        }
    }

    fn render(&self, world: &World) -> Value {
        joined([
            json!({
                "id": self.id,
                "object": "payment_intent",
                "allowed_payment_method_types": self.types(),
                "amount": self.amount,
                "amount_capturable": 0,
                "amount_received": self.amount_received,
                "application": null,
                "application_fee_amount": null,
                "automatic_payment_methods": null,
                "canceled_at": self.canceled_at,
                "cancellation_reason": self.cancellation_reason,
                "capture_method": "automatic",
                "client_secret": self.client_secret,
                "confirmation_method": "automatic",
                "created": self.created,
                "currency": self.currency,
                "customer": self.customer,
                "customer_account": null,
            }),
            json!({
                "description": self.description,
                "excluded_payment_method_types": null,
                "last_payment_error": self.last_error,
                "latest_charge": self.latest_charge,
                "livemode": false,
                "managed_payments": null,
                "metadata": self.metadata,
                "next_action": match &self.voucher {
                    Some(voucher) if self.status == Status::RequiresAction => voucher.next_action(world, &self.id),
                    Some(_) => Value::Null,
                    None => next_action(world, self.status, &self.id, self.return_url.as_ref()),
                },
                "on_behalf_of": null,
                "payment_method": self.payment_method,
                "payment_method_configuration_details": null,
                "payment_method_options": null,
                "payment_method_types": self.types(),
                "payment_record": null,
                "processing": null,
                "receipt_email": null,
                "review": null,
                "setup_future_usage": self.setup_future_usage,
                "shipping": self.shipping,
                "source": null,
                "statement_descriptor": null,
                "statement_descriptor_suffix": null,
                "status": self.status.as_str(),
                "transfer_data": null,
                "transfer_group": null,
            }),
        ])
    }
}

/// What a new payment intent is for.
#[expect(
    clippy::struct_field_names,
    reason = "`payment_method` is what the API calls it"
)]
pub(super) struct Payment {
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) customer: Option<String>,
    pub(super) payment_method: Option<String>,
    pub(super) setup_future_usage: Option<String>,
    pub(super) description: Option<String>,
    pub(super) metadata: Metadata,
    pub(super) invoice: Option<String>,
    pub(super) types: Vec<String>,
}

impl World {
    pub(super) fn open_intent(&mut self, payment: Payment) -> String {
        let id = self.memory.ids.next("pi");
        let status = if payment.payment_method.is_some() {
            Status::RequiresConfirmation
        } else {
            Status::RequiresPaymentMethod
        };
        let intent = PaymentIntent {
            client_secret: format!("{id}_secret_{}", self.memory.ids.word_for(&id, 24)),
            id: id.clone(),
            created: self.now,
            amount: payment.amount,
            amount_received: 0,
            currency: payment.currency,
            customer: payment.customer,
            payment_method: payment.payment_method,
            status,
            return_url: None,
            description: payment.description,
            last_error: None,
            latest_charge: None,
            setup_future_usage: payment.setup_future_usage,
            cancellation_reason: None,
            canceled_at: None,
            metadata: payment.metadata,
            shipping: None,
            invoice: payment.invoice,
            types: payment.types,
            voucher: None,
        };
        self.add(intent, "payment_intent.created");
        id
    }

    /// Ends an intent that was not paid.
    pub(super) fn cancel_intent(&mut self, id: &str, reason: Option<&str>) -> Result<(), ApiError> {
        let now = self.now;
        let intent = self.payment_intents.edit(id)?;
        intent.status = Status::Canceled;
        intent.canceled_at = Some(now);
        intent.cancellation_reason = reason.map(str::to_owned);
        let shown = self.show::<PaymentIntent>(id)?;
        self.emit("payment_intent.canceled", shown);
        Ok(())
    }

    /// Notes a refusal on the intent and waits for another card.
    pub(super) fn refuse_intent(
        &mut self,
        id: &str,
        decline: &Decline,
        charge: Option<&str>,
    ) -> Result<(), ApiError> {
        let method = self.payment_intents.edit(id)?.payment_method.take();
        let shown_method = method
            .map(|method| self.show::<PaymentMethod>(&method))
            .transpose()?;
        let intent = self.payment_intents.edit(id)?;
        intent.status = Status::RequiresPaymentMethod;
        intent.voucher = None;
        intent.last_error = Some(remembered(decline, shown_method, charge));
        if let Some(charge) = charge {
            intent.latest_charge = Some(charge.to_owned());
        }
        let shown = self.show::<PaymentIntent>(id)?;
        self.emit("payment_intent.payment_failed", shown);
        Ok(())
    }
}

fn unexpected_state(world: &World, intent: &PaymentIntent, wish: &str) -> ApiError {
    let message = format!(
        "You cannot {wish} this PaymentIntent because it has a status of {}.",
        intent.status.as_str()
    );
    ApiError::invalid(message)
        .with_code("payment_intent_unexpected_state")
        .with_object("payment_intent", intent.render(world))
}

pub(super) fn create(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&[
        "amount",
        "currency",
        "automatic_payment_methods",
        "allowed_payment_method_types",
        "confirm",
        "customer",
        "description",
        "metadata",
        "off_session",
        "payment_method",
        "return_url",
        "setup_future_usage",
        "shipping",
        "use_stripe_sdk",
    ])?;
    let currency = currencies::needed(params, "currency")?;
    let amount = params.needed_integer("amount")?;
    let smallest = currencies::minimum_charge(&currency);
    if amount < smallest {
        let message = format!("Amount must be at least {smallest} in the smallest unit of {currency}.");
        return Err(params.refuse("amount", message).with_code("amount_too_small"));
    }
    let customer = params.owned("customer")?;
    if let Some(customer) = &customer {
        world.customers.find(customer, "customer")?;
    }
    let payment_method = match params.text("payment_method")? {
        Some(named) => {
            let method = resolve(world, named, "payment_method")?;
            usable_by(world, &method, customer.as_deref(), "payment_method")?;
            Some(method)
        }
        None => None,
    };
    let confirms = params.flag("confirm")? == Some(true);
    if confirms && payment_method.is_none() {
        return Err(params.missing("payment_method"));
    }
    let id = world.open_intent(Payment {
        amount,
        currency,
        customer,
        payment_method,
        setup_future_usage: params.owned("setup_future_usage")?,
        description: params.owned("description")?,
        metadata: params.metadata()?,
        invoice: None,
        types: params
            .texts("allowed_payment_method_types")?
            .into_iter()
            .map(str::to_owned)
            .collect(),
    });
    let intent = world.payment_intents.edit(&id)?;
    intent.return_url = params.owned("return_url")?;
    intent.shipping = params.raw("shipping").and_then(shipping_of);
    if confirms {
        try_to_collect(world, &id, params)?;
    }
    world.show::<PaymentIntent>(&id)
}

/// A shipping address with the keys that answers show.
fn shipping_of(given: &Value) -> Option<Value> {
    let given = given.as_object()?;
    let field = |name: &str| given.get(name).cloned();
    Some(json!({
        "address": given.get("address").and_then(address_of),
        "carrier": field("carrier"),
        "name": field("name"),
        "phone": field("phone"),
        "tracking_number": field("tracking_number"),
    }))
}

pub(super) fn confirm(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&[
        "allowed_payment_method_types",
        "off_session",
        "payment_method",
        "return_url",
        "setup_future_usage",
        "use_stripe_sdk",
        "mandate_data",
        "payment_method_data",
        "payment_method_options",
    ])?;
    let id = ask.id("intent");
    let intent = world.payment_intents.find(id, "intent")?.clone();
    if !intent.status.is_waiting() {
        return Err(unexpected_state(world, &intent, "confirm"));
    }
    if let Some(data) = params.child("payment_method_data")? {
        return ask_the_customer(world, params, &data, &intent);
    }
    if let Some(named) = params.text("payment_method")? {
        let method = resolve(world, named, "payment_method")?;
        usable_by(world, &method, intent.customer.as_deref(), "payment_method")?;
        world.payment_intents.edit(id)?.payment_method = Some(method);
    } else if intent.payment_method.is_none() {
        return Err(params.missing("payment_method"));
    }
    let kept = world.payment_intents.edit(id)?;
    params.set_text("return_url", &mut kept.return_url)?;
    params.set_text("setup_future_usage", &mut kept.setup_future_usage)?;
    try_to_collect(world, id, params)?;
    world.show::<PaymentIntent>(id)
}

/// Confirmed with a way by which the customer sends the money: it is asked for.
fn ask_the_customer(
    world: &mut World,
    params: &Params<'_>,
    data: &Params<'_>,
    intent: &PaymentIntent,
) -> Result<Value, ApiError> {
    let given = vouchers::read(params, data)?;
    if !intent.types.iter().any(|kind| kind == given.sent.word()) {
        let message = format!(
            "The payment method type \"{}\" is not allowed for this PaymentIntent.",
            given.sent.word()
        );
        return Err(data
            .refuse("type", message)
            .with_code("payment_intent_incompatible_payment_method"));
    }
    let method = new_sent(world, given.sent.clone(), data)?;
    world.issue(&intent.id, &method, given)?;
    world.show::<PaymentIntent>(&intent.id)
}

fn try_to_collect(world: &mut World, id: &str, params: &Params<'_>) -> Result<(), ApiError> {
    let absent = match params.raw("off_session") {
        Some(Value::String(said)) => said != "false" && !said.is_empty(),
        Some(value) => value.as_bool() == Some(true),
        None => false,
    };
    let presence = if absent {
        Presence::OffSession
    } else {
        Presence::OnSession
    };
    let method = world
        .payment_intents
        .have(id)?
        .payment_method
        .clone()
        .unwrap_or_default();
    match world.attempt(id, &method, presence)? {
        Outcome::Paid | Outcome::ActionNeeded => Ok(()),
        Outcome::Declined(decline) => {
            world.keeps_traces = true;
            Err(world.payment_error(id, &decline)?)
        }
    }
}

pub(super) fn cancel(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&["cancellation_reason"])?;
    let id = ask.id("intent");
    let intent = world.payment_intents.find(id, "intent")?.clone();
    if !intent.status.is_waiting() {
        return Err(unexpected_state(world, &intent, "cancel"));
    }
    if intent.invoice.is_some() {
        return Err(ApiError::invalid(
            "You cannot cancel the PaymentIntent of an invoice directly. Void the invoice instead.",
        )
        .with_code("payment_intent_unexpected_state"));
    }
    world.cancel_intent(id, ask.params.text("cancellation_reason")?)?;
    world.show::<PaymentIntent>(id)
}

pub(super) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params
        .only(&[&CURSOR[..], &["created", "customer"]].concat())?;
    let customer = ask.params.text("customer")?;
    world.page::<PaymentIntent>(ask, "/v1/payment_intents", |intent| {
        customer.is_none() || intent.customer.as_deref() == customer
    })
}
