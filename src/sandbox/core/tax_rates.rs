//! Tax rates that the account has made itself, and what they come to where an invoice carries them.
//!
//! A rate is put on a subscription or an invoice by its id, as a default for every line; nobody looks where the customer is. Each line is
//! taxed by itself, by every rate, and rounded half up; a credit gives back exactly what its charge would take. Rates that are inside of
//! a price share what the price contains beyond its net amount.
//! Source of the shapes: Stripe API reference, "The Tax Rate object" and "Create a tax rate".

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use super::invoices::{Addressee, Line};
use super::operations::Ask;
use super::params::{Metadata, Params};
use super::rounding::half_up;
use super::shown::{CURSOR, stands};
use super::taxes::{LineTax, Why};
use crate::sandbox::error::ApiError;

/// How many decimal places a percentage can have. Source: Stripe API reference, "Create a tax rate", `percentage`.
const PLACES_MAX: u32 = 4;

/// One unit of a percentage at its finest, out of this many.
const WHOLE: i64 = 100 * 10_i64.pow(PLACES_MAX);

/// How many rates can apply to one line. Source: Stripe, "Tax rates and IDs": up to ten tax rates on each line item.
const RATES_MAX: usize = 10;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TaxRate {
    pub(super) id: String,
    pub(super) created: i64,
    active: bool,
    display_name: String,
    inclusive: bool,
    percentage: Decimal,
    country: Option<String>,
    state: Option<String>,
    jurisdiction: Option<String>,
    description: Option<String>,
    tax_type: Option<String>,
    metadata: Metadata,
}

stands!(TaxRate, tax_rates, "tax_rate", "tax rate", "tax_rate.updated");

impl TaxRate {
    fn render(&self, _: &World) -> Value {
        json!({
            "id": self.id,
            "object": "tax_rate",
            "active": self.active,
            "country": self.country,
            "created": self.created,
            "description": self.description,
            "display_name": self.display_name,
            "effective_percentage": null,
            "flat_amount": null,
            "inclusive": self.inclusive,
            "jurisdiction": self.jurisdiction,
            "jurisdiction_level": null,
            "livemode": false,
            "metadata": self.metadata,
            "percentage": number(self.percentage),
            "rate_type": "percentage",
            "state": self.state,
            "tax_type": self.tax_type,
        })
    }

    /// Out of [`WHOLE`].
    fn part(&self) -> i64 {
        let scaled = self.percentage * Decimal::from(WHOLE / 100);
        scaled.to_i64().unwrap_or_default()
    }

    fn read(&mut self, params: &Params<'_>) -> Result<(), ApiError> {
        self.active = params.flag("active")?.unwrap_or(self.active);
        if let Some(name) = params.owned("display_name")? {
            self.display_name = name;
        }
        params.set_text("country", &mut self.country)?;
        params.set_text("state", &mut self.state)?;
        params.set_text("jurisdiction", &mut self.jurisdiction)?;
        params.set_text("description", &mut self.description)?;
        params.set_text("tax_type", &mut self.tax_type)?;
        params.merge_metadata(&mut self.metadata)
    }
}

/// A decimal as JSON writes it.
fn number(exact: Decimal) -> Value {
    serde_json::from_str(&exact.normalize().to_string()).unwrap_or(Value::Null)
}

const FIELDS: [&str; 8] = [
    "active",
    "country",
    "description",
    "display_name",
    "jurisdiction",
    "metadata",
    "state",
    "tax_type",
];

pub(super) fn create(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&[&FIELDS[..], &["inclusive", "percentage"]].concat())?;
    let written = params.needed_text("percentage")?;
    let percentage: Decimal = written
        .parse()
        .map_err(|_| params.refuse("percentage", format!("Invalid decimal: {written}")))?;
    let (least, most) = (Decimal::ZERO, Decimal::ONE_HUNDRED);
    if percentage < least || percentage > most || percentage.normalize().scale() > PLACES_MAX {
        return Err(params.refuse(
            "percentage",
            "The percentage must be between 0 and 100, with at most 4 decimal places.",
        ));
    }
    let mut rate = TaxRate {
        id: world.memory.ids.next("txr"),
        created: ask.now,
        active: true,
        display_name: params.needed_text("display_name")?.to_owned(),
        inclusive: params
            .flag("inclusive")?
            .ok_or_else(|| params.missing("inclusive"))?,
        percentage,
        country: None,
        state: None,
        jurisdiction: None,
        description: None,
        tax_type: None,
        metadata: Metadata::new(),
    };
    rate.read(params)?;
    Ok(world.add(rate, "tax_rate.created"))
}

pub(super) fn update(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&FIELDS)?;
    let id = ask.id("tax_rate");
    let mut rate = world.tax_rates.find(id, "tax_rate")?.clone();
    rate.read(&ask.params)?;
    world.change::<TaxRate>(id, |kept| *kept = rate)?;
    world.show::<TaxRate>(id)
}

pub(super) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params
        .only(&[&CURSOR[..], &["active", "created", "inclusive"]].concat())?;
    let active = ask.params.flag("active")?;
    let inclusive = ask.params.flag("inclusive")?;
    world.page::<TaxRate>(ask, "/v1/tax_rates", |rate| {
        active.is_none_or(|active| rate.active == active)
            && inclusive.is_none_or(|inclusive| rate.inclusive == inclusive)
    })
}

impl World {
    /// The rates that a request puts on something; `None` where it says nothing. `""` takes all away.
    pub(super) fn read_rates(
        &self,
        params: &Params<'_>,
        kept: &[String],
    ) -> Result<Option<Vec<String>>, ApiError> {
        const KEY: &str = "default_tax_rates";
        if !params.has(KEY) {
            return Ok(None);
        }
        let rates = params.texts(KEY)?;
        if rates.len() > RATES_MAX {
            return Err(params.refuse(KEY, "There can be up to ten tax rates."));
        }
        for id in &rates {
            let rate = self.tax_rates.find(id, KEY)?;
            if !rate.active && !kept.iter().any(|kept| kept == id) {
                let message = format!("The tax rate `{id}` is archived and cannot be used with new objects.");
                return Err(params.refuse(KEY, message));
            }
        }
        Ok(Some(rates.into_iter().map(str::to_owned).collect()))
    }

    /// The rates of an invoice or a subscription, as the API shows them.
    pub(super) fn render_rates(&self, ids: &[String]) -> Vec<Value> {
        let rates = ids.iter().filter_map(|id| self.tax_rates.get(id));
        rates.map(|rate| rate.render(self)).collect()
    }

    /// What these rates come to on a line.
    pub(super) fn taxes_by_rates(&self, ids: &[String], to: &Addressee, line: &Line) -> Vec<LineTax> {
        let rates: Vec<&TaxRate> = ids.iter().filter_map(|id| self.tax_rates.get(id)).collect();
        let inside: i64 = rates
            .iter()
            .filter(|rate| rate.inclusive)
            .map(|rate| rate.part())
            .sum();
        let taxes = rates.iter().map(|rate| {
            let (due, why) = match to.tax_exempt() {
                "exempt" => (false, Why::CustomerExempt),
                "reverse" => (false, Why::ReverseCharge),
                _ => (true, Why::NotAvailable),
            };
            let whole = if rate.inclusive { WHOLE + inside } else { WHOLE };
            let amount = if due {
                half_up(line.amount, rate.part(), whole)
            } else {
                0
            };
            LineTax {
                amount,
                taxable: if rate.inclusive {
                    line.amount - amount
                } else {
                    line.amount
                },
                inside: rate.inclusive,
                rate: Some(rate.id.clone()),
                why,
            }
        });
        taxes.collect()
    }
}
