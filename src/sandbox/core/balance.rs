//! What customers and we owe each other: a balance (negative: we owe them; positive: they owe us), and why it moved.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::customers::Customer;
use super::operations::Ask;
use super::params::Metadata;
use super::shown::{CURSOR, stands};
use super::{World, currencies};
use crate::sandbox::error::ApiError;

/// One movement of a customer's balance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Movement {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) customer: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) ending_balance: i64,
    pub(super) kind: String,
    pub(super) invoice: Option<String>,
    pub(super) description: Option<String>,
    pub(super) metadata: Metadata,
}

stands!(
    Movement,
    movements,
    "balance_movement",
    "customer balance transaction",
    ""
);

impl Movement {
    fn render(&self, _: &World) -> Value {
        json!({
            "id": self.id,
            "object": "customer_balance_transaction",
            "amount": self.amount,
            "checkout_session": null,
            "created": self.created,
            "credit_note": null,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "description": self.description,
            "ending_balance": self.ending_balance,
            "invoice": self.invoice,
            "livemode": false,
            "metadata": self.metadata,
            "type": self.kind,
        })
    }
}

/// What moves a balance.
pub(super) struct Moved<'a> {
    /// Added to the balance: negative is a credit for the customer.
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) kind: &'static str,
    pub(super) invoice: Option<&'a str>,
}

impl World {
    /// Moves a customer's balance and notes why; the identifier of the note. Tells nobody: the caller knows what changed.
    pub(super) fn move_balance(&mut self, customer: &str, moved: Moved<'_>) -> Result<String, ApiError> {
        self.settle_currency(customer, &moved.currency)?;
        let owner = self.customers.edit(customer)?;
        owner.balance = owner
            .balance
            .checked_add(moved.amount)
            .ok_or_else(|| ApiError::invalid("The balance would be too large.").with_param("amount"))?;
        let ending_balance = owner.balance;
        let id = self.memory.ids.next("cbtxn");
        self.movements.put(Movement {
            id: id.clone(),
            created: self.now,
            customer: customer.to_owned(),
            amount: moved.amount,
            currency: moved.currency,
            ending_balance,
            kind: moved.kind.to_owned(),
            invoice: moved.invoice.map(str::to_owned),
            description: None,
            metadata: Metadata::new(),
        });
        Ok(id)
    }
}

pub(super) fn create(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&["amount", "currency", "description", "metadata"])?;
    let customer = ask.id("customer");
    world.customers.find(customer, "customer")?;
    let before = world.show::<Customer>(customer)?;
    let amount = params.needed_integer("amount")?;
    let currency = currencies::needed(params, "currency")?;
    let id = world.move_balance(
        customer,
        Moved {
            amount,
            currency,
            kind: "adjustment",
            invoice: None,
        },
    )?;
    let movement = world.movements.edit(&id)?;
    movement.description = params.owned("description")?;
    movement.metadata = params.metadata()?;
    let shown = world.show::<Movement>(&id)?;
    world.emit("customer_balance_transaction.created", shown.clone());
    let after = world.show::<Customer>(customer)?;
    world.emit_change("customer.updated", &before, after);
    Ok(shown)
}

pub(super) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params
        .only(&[&CURSOR[..], &["created", "invoice"]].concat())?;
    let customer = ask.id("customer");
    world.customers.find(customer, "customer")?;
    let invoice = ask.params.text("invoice")?;
    let url = format!("/v1/customers/{customer}/balance_transactions");
    world.page::<Movement>(ask, &url, |movement| {
        movement.customer == customer && (invoice.is_none() || movement.invoice.as_deref() == invoice)
    })
}

pub(super) fn get(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let movement = world.movements.find(ask.id("transaction"), "transaction")?;
    if movement.customer == ask.id("customer") {
        return Ok(movement.render(world));
    }
    Err(ApiError::missing(
        "customer balance transaction",
        &movement.id,
        "transaction",
    ))
}
