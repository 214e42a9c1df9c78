//! Cards as customers have them. Only test cards exist here, and what is kept of one is its row in the table of cards,
//! never its number.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use super::calendar::year_of;
use super::cards::{self, Card, Decline};
use super::customers::{Customer, address_of};
use super::operations::Ask;
use super::params::{Metadata, Params};
use super::shown::{CURSOR, stands};
use super::subscriptions::Subscription;
use crate::sandbox::error::{ApiError, ErrorKind};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PaymentMethod {
    pub(super) id: String,
    created: i64,
    pub(super) customer: Option<String>,
    /// The name of its row in the table of cards.
    card: String,
    exp_month: i64,
    exp_year: i64,
    billing: Billing,
    allow_redisplay: String,
    metadata: Metadata,
    /// Its holder agreed to charges without being there.
    pub(super) set_up: bool,
    /// Detached: it can never be used again.
    spent: bool,
    /// No card at all, but a way by which the customer sends the money.
    #[serde(default)]
    sent: Option<Sent>,
}

/// A way to pay by which the customer sends the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sent {
    Boleto { tax_id: String },
    Pix,
}

impl Sent {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Sent::Boleto { .. } => "boleto",
            Sent::Pix => "pix",
        }
    }

    fn details(&self) -> Value {
        match self {
            Sent::Boleto { tax_id } => json!({ "tax_id": tax_id }),
            Sent::Pix => json!({}),
        }
    }
}

/// Whom the bill names.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Billing {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    tax_id: Option<String>,
    address: Option<Value>,
}

impl Billing {
    fn read(&mut self, params: &Params<'_>) -> Result<(), ApiError> {
        let Some(details) = params.child("billing_details")? else {
            return Ok(());
        };
        details.set_text("name", &mut self.name)?;
        details.set_text("email", &mut self.email)?;
        details.set_text("phone", &mut self.phone)?;
        details.set_text("tax_id", &mut self.tax_id)?;
        if let Some(address) = details.raw("address") {
            self.address = address_of(address);
        }
        Ok(())
    }

    fn render(&self) -> Value {
        let address = self.address.clone().or_else(|| address_of(&json!({})));
        json!({
            "address": address,
            "email": self.email,
            "name": self.name,
            "phone": self.phone,
            "tax_id": self.tax_id,
        })
    }
}

stands!(
    PaymentMethod,
    payment_methods,
    "payment_method",
    "PaymentMethod",
    "payment_method.updated"
);

impl PaymentMethod {
    /// How this card behaves.
    pub(super) fn card(&self) -> Result<&'static Card, ApiError> {
        let named = cards::by_name(&format!("pm_card_{}", self.card));
        named.ok_or_else(|| ApiError::internal(format!("the sandbox has no card '{}' any more", self.card)))
    }

    fn details(&self, network: &str) -> Value {
        let Ok(card) = self.card() else { return Value::Null };
        json!({
            "brand": card.brand,
            "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" },
            "country": card.country,
            "exp_month": self.exp_month,
            "exp_year": self.exp_year,
            "fingerprint": format!("sandbox{}{}", card.last4(), card.name.len()),
            "funding": "credit",
            "last4": card.last4(),
            network: card.brand,
            "wallet": null,
        })
    }

    fn render(&self, _: &World) -> Value {
        if let Some(sent) = &self.sent {
            return self.rendered(sent.word(), &sent.details());
        }
        let mut card = self.details("display_brand");
        if let Some(fields) = card.as_object_mut() {
            let available = fields.get("brand").cloned().unwrap_or(Value::Null);
            fields.insert(
                "networks".to_owned(),
                json!({ "available": [available], "preferred": null }),
            );
            fields.insert("three_d_secure_usage".to_owned(), json!({ "supported": true }));
            fields.insert("generated_from".to_owned(), Value::Null);
            fields.insert("regulated_status".to_owned(), json!("unregulated"));
        }
        self.rendered("card", &card)
    }

    fn rendered(&self, kind: &str, details: &Value) -> Value {
        json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": self.allow_redisplay,
            "billing_details": self.billing.render(),
            kind: details,
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "livemode": false,
            "metadata": self.metadata,
            "type": kind,
        })
    }

    /// The card as a charge remembers it.
    pub(super) fn charge_details(&self) -> Value {
        if let Some(sent) = &self.sent {
            return json!({ sent.word(): sent.details(), "type": sent.word() });
        }
        json!({ "card": self.details("network"), "type": "card" })
    }

    pub(super) fn billing_details(&self) -> Value {
        self.billing.render()
    }
}

/// A 402 about a card.
pub(super) fn card_error(decline: &Decline) -> ApiError {
    let error = ApiError::new(402, ErrorKind::Card, decline.message).with_code(decline.code);
    match decline.reason {
        Some(reason) => error.with_decline_code(reason),
        None => error,
    }
}

fn new_card(world: &mut World, card: &'static Card, expires: (i64, i64)) -> PaymentMethod {
    PaymentMethod {
        id: world.memory.ids.next("pm"),
        created: world.now,
        customer: None,
        card: card.name.to_owned(),
        exp_month: expires.0,
        exp_year: expires.1,
        billing: Billing::default(),
        allow_redisplay: "unspecified".to_owned(),
        metadata: Metadata::new(),
        set_up: false,
        spent: false,
        sent: None,
    }
}

/// What is kept of a way by which the customer sends the money.
pub(super) fn new_sent(world: &mut World, sent: Sent, data: &Params<'_>) -> Result<String, ApiError> {
    let mut billing = Billing::default();
    billing.read(data)?;
    let method = PaymentMethod {
        id: world.memory.ids.next("pm"),
        created: world.now,
        customer: None,
        card: String::new(),
        exp_month: 0,
        exp_year: 0,
        billing,
        allow_redisplay: "unspecified".to_owned(),
        metadata: data.metadata()?,
        set_up: false,
        spent: false,
        sent: Some(sent),
    };
    let id = method.id.clone();
    world.payment_methods.put(method);
    Ok(id)
}

/// The identifier of what a request names: an existing card, or a new one for the name of a test card.
pub(super) fn resolve(world: &mut World, named: &str, param: &str) -> Result<String, ApiError> {
    if let Some(card) = cards::by_name(named).filter(|_| named.starts_with("pm_card_")) {
        let expires = (12, year_of(world.now) + 3);
        let method = new_card(world, card, expires);
        let id = method.id.clone();
        world.payment_methods.put(method);
        return Ok(id);
    }
    world.payment_methods.find(named, param)?;
    Ok(named.to_owned())
}

/// Refuses a card that is not this customer's.
pub(super) fn owned_by(world: &World, method: &str, customer: &str, param: &str) -> Result<(), ApiError> {
    let found = world.payment_methods.find(method, param)?;
    if found.customer.as_deref() == Some(customer) {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "The customer does not have a payment method with the ID {method}. The payment method must be attached to the \
         customer."
    ))
    .with_code("resource_missing")
    .with_param(param))
}

/// Refuses a card that can never be used again, or that belongs to somebody else.
pub(super) fn usable_by(
    world: &World,
    method: &str,
    customer: Option<&str>,
    param: &str,
) -> Result<(), ApiError> {
    let found = world.payment_methods.find(method, param)?;
    if found.spent {
        return Err(ApiError::invalid(
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a \
             Customer, and may not be used again.",
        )
        .with_code("payment_method_unexpected_state")
        .with_param(param));
    }
    match (&found.customer, customer) {
        (Some(owner), Some(customer)) if owner == customer => Ok(()),
        (Some(_), _) => {
            Err(ApiError::invalid("This PaymentMethod belongs to another Customer.").with_param(param))
        }
        (None, _) => Ok(()),
    }
}

/// Attaches a card to a customer, as the bank allows; the card's identifier.
pub(super) fn attach_to(
    world: &mut World,
    named: &str,
    customer: &str,
    param: &str,
) -> Result<String, ApiError> {
    let id = resolve(world, named, param)?;
    let method = world.payment_methods.have(&id)?;
    if method.customer.as_deref() == Some(customer) {
        return Ok(id);
    }
    if method.customer.is_some() {
        return Err(ApiError::invalid(
            "The payment method you provided has already been attached to a customer.",
        )
        .with_code("payment_method_unexpected_state")
        .with_param(param));
    }
    usable_by(world, &id, Some(customer), param)?;
    if let Some(decline) = method.card()?.on_set_up {
        let shown = world.show::<PaymentMethod>(&id)?;
        return Err(card_error(&decline).with_object("payment_method", shown));
    }
    world.payment_methods.edit(&id)?.customer = Some(customer.to_owned());
    let shown = world.show::<PaymentMethod>(&id)?;
    world.emit("payment_method.attached", shown);
    Ok(id)
}

pub(super) fn create(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&["type", "card", "billing_details", "metadata", "allow_redisplay"])?;
    if params.needed_text("type")? != "card" {
        return Err(params
            .refuse("type", "The sandbox has cards only.")
            .with_code("sandbox_unsupported"));
    }
    let given = params.child("card")?.ok_or_else(|| params.missing("card"))?;
    given.only(&["number", "exp_month", "exp_year", "cvc", "token"])?;
    let mut method = match given.text("token")? {
        Some(token) => {
            let card = cards::by_name(token)
                .ok_or_else(|| ApiError::missing("token", token, &given.name("token")))?;
            let expires = (12, year_of(ask.now) + 3);
            new_card(world, card, expires)
        }
        None => typed_card(world, &given)?,
    };
    method.billing.read(params)?;
    method.metadata = params.metadata()?;
    if let Some(choice) = params.owned("allow_redisplay")? {
        method.allow_redisplay = choice;
    }
    let id = method.id.clone();
    world.payment_methods.put(method);
    world.show::<PaymentMethod>(&id)
}

/// A card as somebody typed it.
fn typed_card(world: &mut World, given: &Params<'_>) -> Result<PaymentMethod, ApiError> {
    let wrong = |key: &str, code: &'static str, message: &str| {
        ApiError::new(402, ErrorKind::Card, message)
            .with_code(code)
            .with_param(given.name(key))
    };
    let number = given.needed_text("number")?;
    let card = cards::by_number(number).ok_or_else(|| {
        wrong(
            "number",
            "incorrect_number",
            "Your card number is incorrect: it is no test card.",
        )
    })?;
    let month = given.needed_integer("exp_month")?;
    if !(1..=12).contains(&month) {
        return Err(wrong(
            "exp_month",
            "invalid_expiry_month",
            "Your card's expiration month is invalid.",
        ));
    }
    let year = given.needed_integer("exp_year")?;
    let year = if year < 100 { year + 2000 } else { year };
    if !(year_of(world.now)..=year_of(world.now) + 50).contains(&year) {
        return Err(wrong(
            "exp_year",
            "invalid_expiry_year",
            "Your card's expiration year is invalid.",
        ));
    }
    let cvc_fits = given
        .text("cvc")?
        .is_none_or(|cvc| (3..=4).contains(&cvc.len()) && cvc.bytes().all(|digit| digit.is_ascii_digit()));
    if !cvc_fits {
        return Err(wrong(
            "cvc",
            "invalid_cvc",
            "Your card's security code is invalid.",
        ));
    }
    Ok(new_card(world, card, (month, year)))
}

pub(super) fn update(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&["billing_details", "metadata", "allow_redisplay", "card"])?;
    let id = ask.id("payment_method");
    let mut method = world.payment_methods.find(id, "payment_method")?.clone();
    if method.customer.is_none() {
        return Err(ApiError::invalid(
            "You must save this PaymentMethod to a customer before you can update it.",
        ));
    }
    method.billing.read(params)?;
    params.merge_metadata(&mut method.metadata)?;
    if let Some(choice) = params.owned("allow_redisplay")? {
        method.allow_redisplay = choice;
    }
    if let Some(card) = params.child("card")? {
        card.only(&["exp_month", "exp_year"])?;
        method.exp_month = card.integer("exp_month")?.unwrap_or(method.exp_month);
        method.exp_year = card.integer("exp_year")?.unwrap_or(method.exp_year);
    }
    world.change::<PaymentMethod>(id, |kept| *kept = method)?;
    world.show::<PaymentMethod>(id)
}

pub(super) fn attach(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&["customer"])?;
    let customer = ask.params.needed_text("customer")?;
    world.customers.find(customer, "customer")?;
    let id = attach_to(world, ask.id("payment_method"), customer, "payment_method")?;
    world.show::<PaymentMethod>(&id)
}

pub(super) fn detach(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&[])?;
    let id = ask.id("payment_method");
    let Some(customer) = world.payment_methods.find(id, "payment_method")?.customer.clone() else {
        return Err(ApiError::invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
        )
        .with_code("payment_method_unexpected_state"));
    };
    let before = world.show::<PaymentMethod>(id)?;
    let method = world.payment_methods.edit(id)?;
    method.customer = None;
    method.spent = true;
    let after = world.show::<PaymentMethod>(id)?;
    world.emit_change("payment_method.detached", &before, after.clone());
    // Nothing may go on charging it.
    if world.customers.have(&customer)?.default_payment_method.as_deref() == Some(id) {
        world.change::<Customer>(&customer, |customer| customer.default_payment_method = None)?;
    }
    let uses = |one: &&Subscription| one.default_payment_method.as_deref() == Some(id);
    let holders: Vec<String> = world
        .subscriptions
        .iter()
        .filter(uses)
        .map(|one| one.id.clone())
        .collect();
    for holder in holders {
        world.change::<Subscription>(&holder, |subscription| subscription.default_payment_method = None)?;
    }
    Ok(after)
}

/// One card; with a customer in the path, one of theirs.
pub(super) fn get(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let id = ask.id("payment_method");
    if let Some(customer) = ask.path("customer") {
        world.customers.find(customer, "customer")?;
        if world
            .payment_methods
            .find(id, "payment_method")?
            .customer
            .as_deref()
            != Some(customer)
        {
            return Err(ApiError::missing("PaymentMethod", id, "payment_method"));
        }
    }
    if cards::by_name(id).is_some() {
        let made = resolve(world, id, "payment_method")?;
        return world.show::<PaymentMethod>(&made);
    }
    world.fetch::<PaymentMethod>(ask, "payment_method")
}

pub(super) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params
        .only(&[&CURSOR[..], &["type", "allow_redisplay", "customer"]].concat())?;
    let customer = match ask.path("customer") {
        Some(customer) => customer,
        None => ask.params.needed_text("customer")?,
    };
    world.customers.find(customer, "customer")?;
    let cards_asked = ask.params.text("type")?.is_none_or(|kind| kind == "card");
    let redisplay = ask.params.text("allow_redisplay")?;
    let url = format!("/v1/customers/{customer}/payment_methods");
    world.page::<PaymentMethod>(ask, &url, |method| {
        cards_asked
            && method.sent.is_none()
            && method.customer.as_deref() == Some(customer)
            && redisplay.is_none_or(|choice| method.allow_redisplay == choice)
    })
}
