//! Customers.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::balance::Moved;
use super::invoices::Invoice;
use super::operations::Ask;
use super::params::{Metadata, Params};
use super::shown::{CURSOR, Shown, full_list, joined, stands};
use super::{World, payment_methods, tax_ids};
use crate::sandbox::error::ApiError;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) description: Option<String>,
    pub(super) address: Option<Value>,
    pub(super) shipping: Option<Value>,
    pub(super) preferred_locales: Vec<String>,
    pub(super) tax_exempt: String,
    pub(super) metadata: Metadata,
    /// Minor units; its currency is `currency`.
    pub(super) balance: i64,
    /// Set by the first thing that has a currency; one customer never mixes them.
    pub(super) currency: Option<String>,
    pub(super) default_payment_method: Option<String>,
    pub(super) invoice_prefix: String,
    pub(super) next_invoice: u64,
}

stands!(Customer, customers, "customer", "customer", "customer.updated");

impl Customer {
    fn render(&self, world: &World) -> Value {
        let late = |invoice: &Invoice| invoice.customer == self.id && invoice.is_open() && invoice.attempted;
        joined([
            json!({
                "id": self.id,
                "object": "customer",
                "address": self.address,
                "balance": self.balance,
                "created": self.created,
                "currency": self.currency,
                "customer_account": null,
                "default_source": null,
                "delinquent": world.invoices.iter().any(late),
                "description": self.description,
                "discount": null,
                "email": self.email,
                "invoice_prefix": self.invoice_prefix,
            }),
            json!({
                "invoice_settings": {
                    "custom_fields": null,
                    "default_payment_method": self.default_payment_method,
                    "footer": null,
                    "rendering_options": null,
                },
                "livemode": false,
                "metadata": self.metadata,
                "name": self.name,
                "next_invoice_sequence": self.next_invoice,
                "phone": self.phone,
                "preferred_locales": self.preferred_locales,
                "shipping": self.shipping,
                "tax_exempt": self.tax_exempt,
                "test_clock": null,
            }),
        ])
    }

    fn read(&mut self, params: &Params<'_>) -> Result<(), ApiError> {
        params.set_text("name", &mut self.name)?;
        params.set_text("email", &mut self.email)?;
        params.set_text("phone", &mut self.phone)?;
        params.set_text("description", &mut self.description)?;
        if let Some(address) = params.raw("address") {
            self.address = address_of(address);
        }
        if let Some(shipping) = params.raw("shipping") {
            self.shipping = Some(shipping.clone()).filter(Value::is_object);
        }
        if params.has("preferred_locales") {
            self.preferred_locales = params
                .texts("preferred_locales")?
                .into_iter()
                .map(str::to_owned)
                .collect();
        }
        if params.has("tax_exempt") {
            params
                .text("tax_exempt")?
                .unwrap_or("none")
                .clone_into(&mut self.tax_exempt);
        }
        params.merge_metadata(&mut self.metadata)
    }
}

/// An address with all keys, as every answer shows it.
pub(super) fn address_of(given: &Value) -> Option<Value> {
    let given = given.as_object()?;
    let field = |name: &str| {
        given
            .get(name)
            .filter(|value| value.as_str() != Some(""))
            .cloned()
    };
    Some(json!({
        "city": field("city"),
        "country": field("country"),
        "line1": field("line1"),
        "line2": field("line2"),
        "postal_code": field("postal_code"),
        "state": field("state"),
    }))
}

const FIELDS: [&str; 11] = [
    "name",
    "email",
    "phone",
    "description",
    "address",
    "shipping",
    "preferred_locales",
    "tax_exempt",
    "metadata",
    "invoice_settings",
    "balance",
];

pub(super) fn create(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&[&FIELDS[..], &["payment_method", "tax_id_data"]].concat())?;
    if params.integer("balance")?.is_some_and(|balance| balance != 0) {
        return Err(params.refuse(
            "balance",
            "A balance needs a currency: create a balance transaction instead.",
        ));
    }
    let id = world.memory.ids.next("cus");
    let mut customer = Customer {
        invoice_prefix: world.memory.ids.word_for(&id, 8).to_ascii_uppercase(),
        id: id.clone(),
        created: ask.now,
        name: None,
        email: None,
        phone: None,
        description: None,
        address: None,
        shipping: None,
        preferred_locales: Vec::new(),
        tax_exempt: "none".to_owned(),
        metadata: Metadata::new(),
        balance: 0,
        currency: None,
        default_payment_method: None,
        next_invoice: 1,
    };
    customer.read(params)?;
    world.customers.put(customer);
    let mut attached = None;
    if let Some(method) = params.text("payment_method")? {
        attached = Some((
            method,
            payment_methods::attach_to(world, method, &id, "payment_method")?,
        ));
    }
    if let Some(settings) = params.child("invoice_settings")? {
        settings.only(&["default_payment_method"])?;
        if let Some(named) = settings.text("default_payment_method")? {
            // A test card's name means the card that was attached under this name a moment ago.
            let method = match attached {
                Some((name, made)) if name == named => made,
                _ => named.to_owned(),
            };
            set_default(world, &id, &method, &settings)?;
        }
    }
    for tax_id in params.children("tax_id_data")? {
        tax_ids::add(world, &id, &tax_id)?;
    }
    let shown = world.show::<Customer>(&id)?;
    world.emit("customer.created", shown.clone());
    Ok(shown)
}

pub(super) fn update(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&FIELDS)?;
    let id = ask.id("customer");
    let mut customer = world.customers.find(id, "customer")?.clone();
    let before = world.show::<Customer>(id)?;
    customer.read(params)?;
    let balance = customer.balance;
    let currency = customer.currency.clone();
    world.customers.put(customer);
    if let Some(settings) = params.child("invoice_settings")? {
        settings.only(&["default_payment_method"])?;
        match settings.text("default_payment_method")? {
            Some(method) => set_default(world, id, method, &settings)?,
            None if settings.has("default_payment_method") => {
                world.customers.edit(id)?.default_payment_method = None;
            }
            None => {}
        }
    }
    if let Some(wanted) = params.integer("balance")? {
        let currency =
            currency.ok_or_else(|| params.refuse("balance", "This customer has no currency yet."))?;
        let movement = Moved {
            amount: wanted - balance,
            currency,
            kind: "adjustment",
            invoice: None,
        };
        world.move_balance(id, movement)?;
    }
    let after = world.show::<Customer>(id)?;
    world.emit_change("customer.updated", &before, after.clone());
    Ok(after)
}

fn set_default(world: &mut World, id: &str, method: &str, settings: &Params<'_>) -> Result<(), ApiError> {
    payment_methods::owned_by(world, method, id, &settings.name("default_payment_method"))?;
    world.customers.edit(id)?.default_payment_method = Some(method.to_owned());
    Ok(())
}

pub(super) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&[&CURSOR[..], &["created", "email"]].concat())?;
    let email = ask.params.text("email")?;
    world.page::<Customer>(ask, "/v1/customers", |customer| {
        email.is_none() || customer.email.as_deref() == email
    })
}

impl World {
    /// Takes note of a currency for a customer, or refuses a second one.
    pub(super) fn settle_currency(&mut self, customer: &str, currency: &str) -> Result<(), ApiError> {
        match self.customers.have(customer)?.currency.as_deref() {
            Some(known) if known != currency => Err(ApiError::invalid(format!(
                "You cannot combine currencies on a single customer. This customer has had a subscription, invoice or \
                 balance in {known}."
            ))),
            Some(_) => Ok(()),
            None => {
                self.customers.edit(customer)?.currency = Some(currency.to_owned());
                Ok(())
            }
        }
    }

    pub(super) fn subscriptions_of(&self, customer: &str) -> Value {
        let theirs = self
            .subscriptions
            .iter()
            .rev()
            .filter(|one| one.customer == customer && !one.is_over());
        let shown = theirs.map(|one| one.shown(self)).collect();
        full_list(shown, &format!("/v1/customers/{customer}/subscriptions"))
    }
}
