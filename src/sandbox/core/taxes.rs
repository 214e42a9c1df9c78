//! Taxes: on each line of an invoice, by the rates that stand on it (`tax_rates`) or, where automatic tax is switched on, by where the
//! customer is.
//!
//! For automatic tax there is a small table of the sandbox's own, which knows no products, no thresholds and no history. The account is registered for VAT in the
//! countries of the table, and at home in [`HOME`]: a business of another country that has a European VAT number accounts for the tax
//! itself. A number counts as soon as it is there; nobody verifies it. Everywhere else nothing is collected.
//!
//! Each line is taxed by itself and rounded half up to the minor unit; a credit gives back exactly what its charge would take. Previews
//! and real invoices are taxed alike, by the address that the invoice is made out to: another one counts from the next invoice on.
//! Source of the shapes: Stripe API reference, "The Invoice object", `total_taxes`, and "The Tax Rate object".

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use super::customers::Customer;
use super::invoices::{Addressee, Invoice, Line};
use super::operations::Ask;
use super::params::Params;
use super::prices::Price;
use super::rounding::half_up;
use super::tax_rates::TaxRate;
use crate::sandbox::error::ApiError;

/// The country in which VAT is due with a VAT number, too.
const HOME: &str = "ES";

/// Standard rates of VAT, in percent. Source: European Commission, "VAT rates", 2025.
const VAT: [(&str, &str, i64); 4] = [
    ("DE", "Germany", 19),
    ("ES", "Spain", 21),
    ("FR", "France", 20),
    ("PT", "Portugal", 23),
];

/// What a rate is called once the customer accounts for it.
const REVERSED: &str = "_reverse";

/// Why so much is due, in the API's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Why {
    StandardRated,
    ReverseCharge,
    CustomerExempt,
    NotCollecting,
    /// Nobody reckons why: the rate was put there by hand.
    NotAvailable,
}

/// How an invoice is taxed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Taxing {
    #[default]
    Not,
    /// By where the customer is.
    Automatic,
    /// By rates of the account's own.
    Rates(Vec<String>),
}

impl Taxing {
    pub(super) fn of(automatic: bool, rates: &[String]) -> Taxing {
        match (automatic, rates) {
            (true, _) => Taxing::Automatic,
            (false, []) => Taxing::Not,
            (false, rates) => Taxing::Rates(rates.to_vec()),
        }
    }

    pub(super) fn is_automatic(&self) -> bool {
        *self == Taxing::Automatic
    }

    pub(super) fn rates(&self) -> Vec<String> {
        match self {
            Taxing::Rates(rates) => rates.clone(),
            Taxing::Not | Taxing::Automatic => Vec::new(),
        }
    }
}

/// The tax on one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LineTax {
    pub(super) amount: i64,
    /// What it was reckoned on.
    pub(super) taxable: i64,
    /// Whether the line's amount contains it.
    pub(super) inside: bool,
    pub(super) rate: Option<String>,
    pub(super) why: Why,
}

impl LineTax {
    fn render(&self) -> Value {
        json!({
            "amount": self.amount,
            "tax_behavior": if self.inside { "inclusive" } else { "exclusive" },
            "tax_rate_details": self.rate.as_ref().map(|rate| json!({ "tax_rate": rate })),
            "taxability_reason": self.why,
            "taxable_amount": self.taxable,
            "type": "tax_rate_details",
        })
    }

    /// Whether two amounts are of the same tax, which an invoice shows as one.
    fn is_like(&self, other: &LineTax) -> bool {
        (self.inside, self.why, &self.rate) == (other.inside, other.why, &other.rate)
    }
}

impl Line {
    /// The taxes that its amount does not contain.
    pub(super) fn tax_on_top(&self) -> i64 {
        let on_top = self.taxes.iter().filter(|tax| !tax.inside);
        on_top.map(|tax| tax.amount).sum()
    }

    /// The taxes that its amount contains.
    fn tax_inside(&self) -> i64 {
        let inside = self.taxes.iter().filter(|tax| tax.inside);
        inside.map(|tax| tax.amount).sum()
    }

    pub(super) fn render_taxes(&self) -> Vec<Value> {
        self.taxes.iter().map(LineTax::render).collect()
    }
}

impl Invoice {
    pub(super) fn taxing(&self) -> Taxing {
        Taxing::of(self.taxed, &self.tax_rates)
    }

    /// What its taxes are in all, tax by tax.
    pub(super) fn render_taxes(&self) -> Vec<Value> {
        let mut all: Vec<LineTax> = Vec::new();
        for tax in self.lines.iter().flat_map(|line| &line.taxes) {
            match all.iter_mut().find(|known| known.is_like(tax)) {
                Some(known) => {
                    known.amount += tax.amount;
                    known.taxable += tax.taxable;
                }
                None => all.push(tax.clone()),
            }
        }
        all.iter().map(LineTax::render).collect()
    }

    /// Everything but taxes, wherever those stand.
    pub(super) fn total_without_tax(&self) -> i64 {
        let lines = self.lines.iter();
        lines.map(|line| line.amount - line.tax_inside()).sum()
    }

    pub(super) fn render_automatic_tax(&self) -> Value {
        let status = self.taxed.then(|| match self.addressee.country() {
            Some(_) => "complete",
            None => "requires_location_inputs",
        });
        json!({
            "disabled_reason": null,
            "enabled": self.taxed,
            "liability": self.taxed.then(|| json!({ "type": "self" })),
            "provider": self.taxed.then_some("stripe"),
            "status": status,
        })
    }
}

impl World {
    /// The lines of an invoice to this addressee, with their taxes.
    pub(super) fn taxed(&self, taxing: &Taxing, to: &Addressee, lines: Vec<Line>) -> Vec<Line> {
        let taxed = lines.into_iter().map(|line| Line {
            taxes: match taxing {
                Taxing::Not => Vec::new(),
                Taxing::Automatic => self.taxes_on(to, &line),
                Taxing::Rates(rates) => self.taxes_by_rates(rates, to, &line),
            },
            ..line
        });
        taxed.collect()
    }

    fn taxes_on(&self, to: &Addressee, line: &Line) -> Vec<LineTax> {
        let Some(country) = to.country() else {
            return Vec::new();
        };
        let price = line
            .pricing
            .as_ref()
            .and_then(|pricing| self.prices.get(&pricing.price));
        // What is not said is the account's default: prices are without tax.
        let inside = price.is_some_and(Price::contains_tax);
        let nothing = |why, rate| LineTax {
            amount: 0,
            taxable: 0,
            inside,
            rate,
            why,
        };
        let Some((code, _, percent)) = VAT.iter().find(|(code, ..)| *code == country) else {
            return vec![nothing(Why::NotCollecting, None)];
        };
        let reversed = to.is_european_business() && country != HOME;
        let tax = match to.tax_exempt() {
            "exempt" => nothing(Why::CustomerExempt, None),
            exempt if reversed || exempt == "reverse" => {
                nothing(Why::ReverseCharge, Some(format!("{}{REVERSED}", rate_id(code))))
            }
            _ => {
                let whole = if inside { 100 + percent } else { 100 };
                let amount = half_up(line.amount, *percent, whole);
                LineTax {
                    amount,
                    taxable: if inside { line.amount - amount } else { line.amount },
                    inside,
                    rate: Some(rate_id(code)),
                    why: Why::StandardRated,
                }
            }
        };
        vec![tax]
    }
}

fn rate_id(country: &str) -> String {
    format!("txr_sandbox_{}", country.to_ascii_lowercase())
}

/// Whether a request switches automatic tax on or off; `None` where it says nothing.
pub(super) fn read_automatic_tax(params: &Params<'_>) -> Result<Option<bool>, ApiError> {
    let Some(tax) = params.child("automatic_tax")? else {
        return Ok(None);
    };
    tax.only(&["enabled"])?;
    tax.flag("enabled")
}

/// Refuses to tax somebody of whom nobody knows where they are. Source: Stripe, error codes, `customer_tax_location_invalid`.
pub(super) fn expect_location(customer: &Customer) -> Result<(), ApiError> {
    if Addressee::country_of(customer.address.as_ref()).is_some() {
        return Ok(());
    }
    let message = "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.";
    Err(ApiError::invalid(message).with_code("customer_tax_location_invalid"))
}

/// Refuses to tax in two ways at once. Source: Stripe, "Tax rates" and "Automatic tax": tax rates cannot be set together with automatic tax.
pub(super) fn expect_one_way(rates: &[String], automatic: bool, params: &Params<'_>) -> Result<(), ApiError> {
    if rates.is_empty() || !automatic {
        return Ok(());
    }
    Err(params.refuse(
        "default_tax_rates",
        "You cannot set tax rates while automatic tax is enabled.",
    ))
}

/// Refuses amounts that cannot be taxed. Source: Stripe API reference, "Create a preview invoice", `automatic_tax.enabled`: negative
/// amounts cannot be added to invoices with automatic tax.
pub(super) fn expect_taxable(added: &[Line], params: &Params<'_>, key: &str) -> Result<(), ApiError> {
    match added.iter().find(|line| line.amount < 0) {
        None => Ok(()),
        Some(_) => Err(params.refuse(
            key,
            "Invoice items with negative amounts cannot be added to an invoice with automatic tax.",
        )),
    }
}

/// A rate by its identifier: one that the account has made, or one of the table.
pub(super) fn get_rate(world: &World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let id = ask.id("tax_rate");
    if world.tax_rates.get(id).is_some() {
        return world.show::<TaxRate>(id);
    }
    let plain = id.strip_suffix(REVERSED);
    let named = |code: &str| rate_id(code) == plain.unwrap_or(id);
    let Some((code, name, percent)) = VAT.iter().find(|(code, ..)| named(code)) else {
        return Err(ApiError::missing("tax_rate", id, "tax_rate"));
    };
    let percent = if plain.is_some() { 0 } else { *percent };
    Ok(json!({
        "id": id,
        "object": "tax_rate",
        "active": false,
        "country": code,
        "created": 0,
        "description": null,
        "display_name": "VAT",
        "effective_percentage": percent,
        "flat_amount": null,
        "inclusive": false,
        "jurisdiction": name,
        "jurisdiction_level": "country",
        "livemode": false,
        "metadata": {},
        "percentage": percent,
        "rate_type": "percentage",
        "state": null,
        "tax_type": "vat",
    }))
}
