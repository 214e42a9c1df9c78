//! Cards on their way to being saved.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use super::cards::{Authentication, Decline};
use super::intents::{Status, next_action, remembered};
use super::operations::Ask;
use super::params::Metadata;
use super::payment_methods::{PaymentMethod, attach_to, card_error, resolve, usable_by};
use super::shown::{CURSOR, joined, stands};
use crate::sandbox::error::ApiError;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SetupIntent {
    pub(super) id: String,
    created: i64,
    pub(super) customer: Option<String>,
    payment_method: Option<String>,
    status: Status,
    usage: String,
    client_secret: String,
    return_url: Option<String>,
    description: Option<String>,
    last_error: Option<Value>,
    cancellation_reason: Option<String>,
    metadata: Metadata,
}

stands!(SetupIntent, setup_intents, "setup_intent", "setupintent", "");

impl SetupIntent {
    fn render(&self, world: &World) -> Value {
        joined([
            json!({
                "id": self.id,
                "object": "setup_intent",
                "allowed_payment_method_types": ["card"],
                "application": null,
                "automatic_payment_methods": null,
                "cancellation_reason": self.cancellation_reason,
                "client_secret": self.client_secret,
                "created": self.created,
                "customer": self.customer,
                "customer_account": null,
                "description": self.description,
                "excluded_payment_method_types": null,
                "flow_directions": null,
                "last_setup_error": self.last_error,
                "latest_attempt": null,
            }),
            json!({
                "livemode": false,
                "mandate": null,
                "metadata": self.metadata,
                "next_action": next_action(world, self.status, &self.id, self.return_url.as_ref()),
                "on_behalf_of": null,
                "payment_method": self.payment_method,
                "payment_method_configuration_details": null,
                "payment_method_options": null,
                "payment_method_types": ["card"],
                "single_use_mandate": null,
                "status": self.status.as_str(),
                "usage": self.usage,
            }),
        ])
    }
}

pub(super) fn create(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&[
        "automatic_payment_methods",
        "allowed_payment_method_types",
        "confirm",
        "customer",
        "description",
        "metadata",
        "payment_method",
        "return_url",
        "usage",
        "use_stripe_sdk",
        "payment_method_options",
        "mandate_data",
    ])?;
    let customer = params.owned("customer")?;
    if let Some(customer) = &customer {
        world.customers.find(customer, "customer")?;
    }
    let id = world.memory.ids.next("seti");
    let mut intent = SetupIntent {
        client_secret: format!("{id}_secret_{}", world.memory.ids.word_for(&id, 24)),
        id: id.clone(),
        created: ask.now,
        customer,
        payment_method: None,
        status: Status::RequiresPaymentMethod,
        usage: params.text("usage")?.unwrap_or("off_session").to_owned(),
        return_url: params.owned("return_url")?,
        description: params.owned("description")?,
        last_error: None,
        cancellation_reason: None,
        metadata: params.metadata()?,
    };
    if let Some(named) = params.text("payment_method")? {
        let method = resolve(world, named, "payment_method")?;
        usable_by(world, &method, intent.customer.as_deref(), "payment_method")?;
        intent.payment_method = Some(method);
        intent.status = Status::RequiresConfirmation;
    }
    let has_method = intent.payment_method.is_some();
    world.add(intent, "setup_intent.created");
    if params.flag("confirm")? == Some(true) {
        if !has_method {
            return Err(params.missing("payment_method"));
        }
        world.set_up_card(&id)?;
    }
    world.show::<SetupIntent>(&id)
}

pub(super) fn confirm(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&[
        "payment_method",
        "return_url",
        "use_stripe_sdk",
        "payment_method_options",
        "mandate_data",
        "allowed_payment_method_types",
    ])?;
    let id = ask.id("intent");
    let intent = world.setup_intents.find(id, "intent")?.clone();
    expect_waiting(world, &intent)?;
    if let Some(named) = params.text("payment_method")? {
        let method = resolve(world, named, "payment_method")?;
        usable_by(world, &method, intent.customer.as_deref(), "payment_method")?;
        world.setup_intents.edit(id)?.payment_method = Some(method);
    } else if intent.payment_method.is_none() {
        return Err(params.missing("payment_method"));
    }
    if let Some(url) = params.owned("return_url")? {
        world.setup_intents.edit(id)?.return_url = Some(url);
    }
    world.set_up_card(id)?;
    world.show::<SetupIntent>(id)
}

fn expect_waiting(world: &World, intent: &SetupIntent) -> Result<(), ApiError> {
    if intent.status.is_waiting() {
        return Ok(());
    }
    let message = format!(
        "This SetupIntent's status is {}: it cannot be changed any more.",
        intent.status.as_str()
    );
    let shown = intent.render(world);
    Err(ApiError::invalid(message)
        .with_code("setup_intent_unexpected_state")
        .with_object("setup_intent", shown))
}

pub(super) fn cancel(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&["cancellation_reason"])?;
    let id = ask.id("intent");
    let intent = world.setup_intents.find(id, "intent")?.clone();
    expect_waiting(world, &intent)?;
    let kept = world.setup_intents.edit(id)?;
    kept.status = Status::Canceled;
    kept.cancellation_reason = ask.params.owned("cancellation_reason")?;
    let shown = world.show::<SetupIntent>(id)?;
    world.emit("setup_intent.canceled", shown.clone());
    Ok(shown)
}

pub(super) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params
        .only(&[&CURSOR[..], &["created", "customer", "payment_method"]].concat())?;
    let customer = ask.params.text("customer")?;
    let method = ask.params.text("payment_method")?;
    world.page::<SetupIntent>(ask, "/v1/setup_intents", |intent| {
        (customer.is_none() || intent.customer.as_deref() == customer)
            && (method.is_none() || intent.payment_method.as_deref() == method)
    })
}

impl World {
    /// Confirms a set-up with the card that it has: it succeeds, asks the holder, or is refused.
    fn set_up_card(&mut self, id: &str) -> Result<(), ApiError> {
        let intent = self.setup_intents.have(id)?;
        let method = intent.payment_method.clone().unwrap_or_default();
        let card = self.payment_methods.have(&method)?.card()?;
        if let Some(decline) = card.on_set_up {
            self.refuse_set_up(id, &decline)?;
            self.keeps_traces = true;
            let shown = self.show::<SetupIntent>(id)?;
            return Err(card_error(&decline).with_object("setup_intent", shown));
        }
        if matches!(
            card.authentication,
            Authentication::Never | Authentication::OnSession
        ) {
            return self.finish_set_up(id);
        }
        self.setup_intents.edit(id)?.status = Status::RequiresAction;
        let shown = self.show::<SetupIntent>(id)?;
        self.emit("setup_intent.requires_action", shown);
        Ok(())
    }

    fn finish_set_up(&mut self, id: &str) -> Result<(), ApiError> {
        let intent = self.setup_intents.edit(id)?;
        intent.status = Status::Succeeded;
        intent.last_error = None;
        let off_session = intent.usage == "off_session";
        let customer = intent.customer.clone();
        let method = intent.payment_method.clone().unwrap_or_default();
        if let Some(customer) = customer {
            attach_to(self, &method, &customer, "payment_method")?;
        }
        self.payment_methods.edit(&method)?.set_up |= off_session;
        let shown = self.show::<SetupIntent>(id)?;
        self.emit("setup_intent.succeeded", shown);
        Ok(())
    }

    fn refuse_set_up(&mut self, id: &str, decline: &Decline) -> Result<(), ApiError> {
        let method = self.setup_intents.edit(id)?.payment_method.take();
        let shown_method = method
            .map(|method| self.show::<PaymentMethod>(&method))
            .transpose()?;
        let intent = self.setup_intents.edit(id)?;
        intent.status = Status::RequiresPaymentMethod;
        intent.last_error = Some(remembered(decline, shown_method, None));
        let shown = self.show::<SetupIntent>(id)?;
        self.emit("setup_intent.setup_failed", shown);
        Ok(())
    }

    /// What the bank's page answers to a set-up.
    pub(super) fn authenticate_set_up(&mut self, id: &str, approved: bool) -> Result<(), ApiError> {
        if self.setup_intents.find(id, "intent")?.status != Status::RequiresAction {
            return Err(
                ApiError::invalid("This SetupIntent does not wait for authentication.")
                    .with_code("setup_intent_unexpected_state"),
            );
        }
        if approved {
            return self.finish_set_up(id);
        }
        let decline = Decline {
            code: "setup_intent_authentication_failure",
            reason: None,
            message: "The latest attempt to set up the payment method has failed because authentication failed.",
        };
        self.refuse_set_up(id, &decline)
    }
}
