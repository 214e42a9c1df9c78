//! Tax numbers of customers.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use super::operations::Ask;
use super::params::Params;
use super::shown::{CURSOR, full_list, stands};
use crate::sandbox::error::ApiError;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TaxId {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) customer: String,
    pub(super) kind: String,
    pub(super) value: String,
}

stands!(TaxId, tax_ids, "tax_id", "tax_id", "customer.tax_id.updated");

impl TaxId {
    fn render(&self, _: &World) -> Value {
        // The kinds that a register could confirm are verified in the background; the sandbox never hears back.
        let status = if matches!(self.kind.as_str(), "eu_vat" | "gb_vat") {
            "pending"
        } else {
            "unavailable"
        };
        let country = match self.kind.as_str() {
            "eu_vat" => self.value.get(..2),
            kind => kind.split('_').next(),
        };
        json!({
            "id": self.id,
            "object": "tax_id",
            "country": country.map(str::to_ascii_uppercase),
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "livemode": false,
            "owner": { "customer": self.customer, "customer_account": null, "type": "customer" },
            "type": self.kind,
            "value": self.value,
            "verification": { "status": status, "verified_address": null, "verified_name": null },
        })
    }
}

pub(super) fn add(world: &mut World, customer: &str, params: &Params<'_>) -> Result<Value, ApiError> {
    let kind = params.needed_text("type")?;
    let value = params.needed_text("value")?;
    let digits = value.chars().filter(char::is_ascii_alphanumeric).count();
    let fits = match kind {
        "br_cnpj" => digits == 14,
        "br_cpf" => digits == 11,
        _ => (2..=40).contains(&digits),
    };
    if !fits {
        return Err(params
            .refuse("value", format!("Invalid value for {kind}."))
            .with_code("tax_id_invalid"));
    }
    let id = world.memory.ids.next("txi");
    let tax_id = TaxId {
        id,
        created: world.now,
        customer: customer.to_owned(),
        kind: kind.to_owned(),
        value: value.to_owned(),
    };
    Ok(world.add(tax_id, "customer.tax_id.created"))
}

pub(super) fn create(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&["type", "value"])?;
    let customer = ask.id("customer");
    world.customers.find(customer, "customer")?;
    add(world, customer, &ask.params)
}

pub(super) fn get(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    theirs(world, ask)?;
    world.fetch::<TaxId>(ask, "id")
}

pub(super) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&CURSOR)?;
    let customer = ask.id("customer");
    world.customers.find(customer, "customer")?;
    let url = format!("/v1/customers/{customer}/tax_ids");
    world.page::<TaxId>(ask, &url, |tax_id| tax_id.customer == customer)
}

pub(super) fn delete(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    theirs(world, ask)?;
    let id = ask.id("id");
    let shown = world.show::<TaxId>(id)?;
    world.tax_ids.remove(id);
    world.emit("customer.tax_id.deleted", shown);
    Ok(json!({ "id": id, "object": "tax_id", "deleted": true }))
}

fn theirs(world: &World, ask: &Ask<'_>) -> Result<(), ApiError> {
    let tax_id = world.tax_ids.find(ask.id("id"), "id")?;
    if tax_id.customer == ask.id("customer") {
        return Ok(());
    }
    Err(ApiError::missing("tax_id", &tax_id.id, "id"))
}

impl World {
    pub(super) fn tax_ids_of(&self, customer: &str) -> Value {
        let theirs = self
            .tax_ids
            .iter()
            .rev()
            .filter(|tax_id| tax_id.customer == customer);
        let shown = theirs.map(|tax_id| tax_id.render(self)).collect();
        full_list(shown, &format!("/v1/customers/{customer}/tax_ids"))
    }
}
