//! The taxes of a preview, one by one, with the names that Stripe gives them.
//!
//! Source: Stripe API reference, "The Invoice object", `total_taxes`, and "The Tax Rate object".

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use stripe_billing::Invoice;
use stripe_client_core::StripeRequest as _;
use stripe_product::tax_rate::RetrieveTaxRate;
use stripe_shared::BillingBillResourceInvoicingTaxesTax as Tax;
use stripe_shared::BillingBillResourceInvoicingTaxesTaxTaxBehavior as TaxBehavior;
use stripe_shared::BillingBillResourceInvoicingTaxesTaxTaxabilityReason as Reason;
use stripe_shared::{AutomaticTaxStatus, TaxRate};
use stripe_types::Expandable;

use super::paging::broken;
use super::transport::Transport;
use super::{tax_rates, verdict};
use crate::domain::change::{CallFailure, NothingDue, TaxLine};
use crate::domain::money::Money;
use crate::ports::payments::ReadError;

const WHAT: &str = "preview";

/// What is shown of a rate.
#[derive(Clone)]
struct Rate {
    name: String,
    percentage: Decimal,
    reversed: bool,
}

impl Rate {
    /// Why it comes to nothing, where that is so of every amount.
    fn nothing_due(&self) -> Option<NothingDue> {
        match (self.reversed, self.percentage.is_zero()) {
            (true, _) => Some(NothingDue::ReverseCharge),
            (false, true) => Some(NothingDue::ZeroRated),
            (false, false) => None,
        }
    }
}

/// The taxes of a preview, which come to this in all. Those that are inside of prices count too: its lines are taken without them.
///
/// Taxes of nothing are left out, unless the customer should read why. Where the reckoning has failed, or what it says does not add
/// up, there is no preview.
pub(super) async fn of(
    transport: &Transport,
    invoice: &Invoice,
    total: Money,
) -> Result<Vec<TaxLine>, ReadError> {
    if invoice.automatic_tax.status == Some(AutomaticTaxStatus::Failed) {
        return Err(broken(WHAT, "its taxes could not be reckoned"));
    }
    // Some previews fail for it, others only say so. Source: Stripe API reference, "The Invoice object", `automatic_tax.status`.
    if invoice.automatic_tax.status == Some(AutomaticTaxStatus::RequiresLocationInputs) {
        return Err(ReadError::Refused {
            code: CallFailure::LOCATION_UNKNOWN.to_owned(),
            message: "The address does not tell which taxes are due.".to_owned(),
        });
    }
    let mut rates = BTreeMap::new();
    let mut lines = Vec::new();
    for tax in invoice.total_taxes.iter().flatten() {
        let nothing_due = nothing_due(tax);
        // Why a rate of the seller's own comes to nothing, only the rate itself tells.
        let by_hand = tax.taxability_reason == Reason::NotAvailable;
        if tax.amount == 0 && nothing_due.is_none() && !by_hand {
            continue;
        }
        let rate = match &tax.tax_rate_details {
            Some(details) => Some(rate(transport, &mut rates, &details.tax_rate).await?),
            None => None,
        };
        let of_rate = || {
            rate.as_ref()
                .filter(|_| tax.amount == 0)
                .and_then(Rate::nothing_due)
        };
        let nothing_due = nothing_due.or_else(of_rate);
        if tax.amount == 0 && nothing_due.is_none() {
            continue;
        }
        lines.push(TaxLine {
            name: rate.as_ref().map(|rate| rate.name.clone()),
            percentage: rate.map(|rate| rate.percentage),
            amount: Money::new(tax.amount, total.currency),
            inside: tax.tax_behavior == TaxBehavior::Inclusive,
            nothing_due,
        });
    }
    match Money::sum(total.currency, lines.iter().map(|line| line.amount)) {
        Ok(sum) if sum == total => Ok(lines),
        Ok(_) => Err(broken(
            WHAT,
            "its taxes do not add up to what is due beyond its lines",
        )),
        Err(_) => Err(broken(WHAT, "its taxes are too large")),
    }
}

fn nothing_due(tax: &Tax) -> Option<NothingDue> {
    if tax.amount != 0 {
        return None;
    }
    match tax.taxability_reason {
        Reason::ReverseCharge => Some(NothingDue::ReverseCharge),
        Reason::CustomerExempt => Some(NothingDue::CustomerExempt),
        Reason::ProductExempt | Reason::ProductExemptHoliday | Reason::PortionProductExempt => {
            Some(NothingDue::ProductExempt)
        }
        Reason::ZeroRated => Some(NothingDue::ZeroRated),
        // The seller collects no tax there, or there is none: nothing that the customer would expect.
        _ => None,
    }
}

/// A rate by its id, each read once for a preview.
async fn rate(
    transport: &Transport,
    known: &mut BTreeMap<String, Rate>,
    named: &Expandable<TaxRate>,
) -> Result<Rate, ReadError> {
    let id = match named {
        Expandable::Object(rate) => return read(rate),
        Expandable::Id(id) => id.as_str(),
    };
    if let Some(rate) = known.get(id) {
        return Ok(rate.clone());
    }
    let sent = RetrieveTaxRate::new(super::known(id)?)
        .customize()
        .send(transport)
        .await;
    let rate = read(&sent.map_err(|unread| verdict::of_read(id, unread))?)?;
    known.insert(id.to_owned(), rate.clone());
    Ok(rate)
}

/// The percentage that was really used, where Stripe reckons itself: `percentage` there also counts jurisdictions that are not taxed.
fn read(rate: &TaxRate) -> Result<Rate, ReadError> {
    let percentage = tax_rates::percentage(rate)
        .ok_or_else(|| broken(rate.id.as_str(), "its percentage cannot be read"))?;
    Ok(Rate {
        name: rate.display_name.clone(),
        percentage,
        reversed: tax_rates::is_reversed(rate),
    })
}
