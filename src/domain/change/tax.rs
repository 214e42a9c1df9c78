use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::money::Money;

/// One tax of a quote, as the provider reckoned it. All of a quote's together are its `tax`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxLine {
    /// What the provider calls it, such as "VAT"; `None` where it names no rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its rate, out of 100; `None` where the provider names no rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percentage: Option<Decimal>,
    /// How much; negative where more is credited than charged.
    pub amount: Money,
    /// Whether the seller's prices contain it. The quote's lines are without it all the same, so that they can be added up.
    pub inside: bool,
    /// Why nothing is due, where that is so for a reason that the customer should read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nothing_due: Option<NothingDue>,
}

/// Why a tax that might be expected is not due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NothingDue {
    /// The customer, a business with a tax number, accounts for it.
    ReverseCharge,
    /// The customer is exempt.
    CustomerExempt,
    /// What is bought is exempt.
    ProductExempt,
    /// The rate is zero.
    ZeroRated,
}

impl TaxLine {
    /// What an invoice calls it, in the provider's words: `VAT (19%)`.
    pub(super) fn words(&self) -> String {
        let name = self.name.as_deref().unwrap_or("Tax");
        match self.percentage {
            Some(percentage) => format!("{name} ({}%)", percentage.normalize()),
            None => name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invoice_calls_a_tax_by_its_name_and_rate() {
        let line = TaxLine {
            name: Some("VAT".to_owned()),
            percentage: Some(Decimal::new(1900, 2)),
            amount: Money::new(19, "EUR".parse().unwrap()),
            inside: false,
            nothing_due: None,
        };
        assert_eq!(line.words(), "VAT (19%)");
        let half = TaxLine {
            percentage: Some(Decimal::new(55, 1)),
            ..line.clone()
        };
        assert_eq!(half.words(), "VAT (5.5%)");
        let nameless = TaxLine {
            name: None,
            percentage: None,
            ..line
        };
        assert_eq!(nameless.words(), "Tax");
    }
}
