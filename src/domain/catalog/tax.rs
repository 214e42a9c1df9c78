//! Taxes: who reckons them, and the rates of a seller that has written them down.

use std::fmt;

use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};

use super::SellerId;
use crate::domain::account::{BillingIdentity, TaxId, TaxIdKind};
use crate::domain::money::{Money, MoneyError, share};

/// Who reckons the taxes on top of the prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaxRules {
    /// The payment provider, by the customer's address and tax number.
    ByProvider,
    /// The seller says which rates apply where. They stand at the provider, which multiplies by them.
    ByRates(Vec<TaxRate>),
}

/// A rate that the seller has written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxRate {
    /// What stands on invoices, such as "IVA".
    pub name: String,
    /// Out of 100, with at most four decimal places.
    pub percentage: Decimal,
    /// Where the customer is: two letters, ISO 3166-1.
    pub country: String,
    /// In which state or province of it; everywhere where none is named.
    pub state: Option<String>,
    /// Whether prices contain it; else it comes on top.
    pub inside: bool,
    /// Who has a tax number of one of these kinds accounts for the tax.
    pub reverse_charge: Vec<TaxIdKind>,
}

impl TaxRate {
    /// The most decimal places of a percentage. Source: Stripe API reference, "Create a tax rate", `percentage`.
    pub const PLACES_MAX: u32 = 4;

    /// The most characters of a name. Source: Stripe API reference, "Create a tax rate", `display_name`.
    pub const NAME_MAX: usize = 50;

    /// How many rates can apply at one place. Source: Stripe, "Tax rates and IDs": up to ten on each line; half of it here, because
    /// older pages say five.
    pub const AT_ONE_PLACE_MAX: usize = 5;

    /// Whether it applies at this address.
    fn is_due_at(&self, country: &str, state: &str) -> bool {
        let here = |own: &String| own.eq_ignore_ascii_case(state.trim());
        self.country == country && self.state.as_ref().is_none_or(here)
    }

    /// The forms in which the provider must have it: as it is, and as nothing for whoever accounts for it.
    pub fn forms(&self) -> impl Iterator<Item = AppliedRate> {
        let reversed = (!self.reverse_charge.is_empty()).then_some(true);
        let all = std::iter::once(false).chain(reversed);
        all.map(|reversed| AppliedRate {
            rate: self.clone(),
            reversed,
        })
    }
}

/// A rate as it applies to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedRate {
    /// Which.
    pub rate: TaxRate,
    /// Whether the customer accounts for it, so that nothing is charged.
    pub reversed: bool,
}

impl AppliedRate {
    /// What is charged, out of 100.
    pub fn percentage(&self) -> Decimal {
        if self.reversed {
            Decimal::ZERO
        } else {
            self.rate.percentage
        }
    }

    /// Its name at this seller's provider, made from everything that it is.
    pub fn name_at(&self, seller: &SellerId) -> TaxRateRef {
        let TaxRate {
            name,
            percentage,
            country,
            state,
            inside,
            reverse_charge: _,
        } = &self.rate;
        let percentage = percentage.normalize();
        let state = state.as_deref().unwrap_or_default();
        let reversed = self.reversed;
        let content = format!("{seller}|{name}|{percentage}|{country}|{state}|{inside}|{reversed}");
        let hash = hex::encode(&Sha256::digest(content.as_bytes())[..8]);
        let place = if state.is_empty() {
            country.clone()
        } else {
            format!("{country}-{state}")
        };
        TaxRateRef(format!("{seller}.tax.{}.{hash}", place.to_ascii_lowercase()))
    }
}

/// Names a rate at the provider by its content: `seller.tax.place.hash`. Another percentage is another name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaxRateRef(String);

impl TaxRateRef {
    /// The name, as it is marked at the provider.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TaxRateRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The rates that apply to whoever has these billing data, in the order in which the seller wrote them.
pub fn rates_for(rates: &[TaxRate], identity: &BillingIdentity) -> Vec<AppliedRate> {
    let address = &identity.address;
    let kind = identity.tax_id.as_ref().map(TaxId::kind);
    let due = rates
        .iter()
        .filter(|rate| rate.is_due_at(&address.country, &address.state));
    due.map(|rate| AppliedRate {
        rate: rate.clone(),
        reversed: kind.is_some_and(|kind| rate.reverse_charge.contains(&kind)),
    })
    .collect()
}

/// What a line comes to: without the taxes inside of it, and each tax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxedLine {
    /// Without what is inside.
    pub net: Money,
    /// Tax by tax, in the order of the rates.
    pub taxes: Vec<Money>,
}

/// The taxes on one line, as the provider reckons them: by every rate for itself, exactly, rounded once. Only for quotes that the
/// provider cannot preview; its unpaid invoice is held against them before anything is paid.
pub fn taxes_on(amount: Money, rates: &[AppliedRate]) -> Result<TaxedLine, MoneyError> {
    let inside = rates.iter().filter(|applied| applied.rate.inside);
    let inside: Decimal = inside.map(AppliedRate::percentage).sum();
    let mut net = amount;
    let mut taxes = Vec::with_capacity(rates.len());
    for applied in rates {
        let beside = if applied.rate.inside {
            inside
        } else {
            Decimal::ZERO
        };
        let tax = share(amount, applied.percentage(), Decimal::ONE_HUNDRED + beside)?;
        if applied.rate.inside {
            net = net.minus(tax)?;
        }
        taxes.push(tax);
    }
    Ok(TaxedLine { net, taxes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::BillingForm;

    fn rate(name: &str, percentage: &str, country: &str, state: Option<&str>) -> TaxRate {
        TaxRate {
            name: name.to_owned(),
            percentage: percentage.parse().expect("a decimal"),
            country: country.to_owned(),
            state: state.map(str::to_owned),
            inside: false,
            reverse_charge: Vec::new(),
        }
    }

    fn lives(country: &str, state: &str, postal_code: &str, tax_id: &str) -> BillingIdentity {
        let form = BillingForm {
            legal_name: "Ida Licht".to_owned(),
            tax_id: tax_id.to_owned(),
            fiscal_email: "ida@licht.example".to_owned(),
            line1: "1 Main Street".to_owned(),
            line2: String::new(),
            city: "Town".to_owned(),
            state: state.to_owned(),
            postal_code: postal_code.to_owned(),
            country: country.to_owned(),
        };
        let kinds = if tax_id.is_empty() {
            vec![]
        } else {
            vec![TaxIdKind::EuVat]
        };
        form.read(&kinds).expect("complete")
    }

    #[test]
    fn a_country_and_a_state_of_it_add_up_and_elsewhere_nothing_is_due() {
        let rates = [
            rate("GST", "5", "CA", None),
            rate("QST", "9.975", "CA", Some("QC")),
            rate("MwSt.", "19", "DE", None),
        ];
        let due = |identity: &BillingIdentity| {
            let applied = rates_for(&rates, identity);
            applied.into_iter().map(|one| one.rate.name).collect::<Vec<_>>()
        };
        assert_eq!(due(&lives("CA", "QC", "H2X 1Y4", "")), ["GST", "QST"]);
        assert_eq!(due(&lives("CA", "AB", "T2P 1J9", "")), ["GST"]);
        assert_eq!(due(&lives("DE", "", "10115", "")), ["MwSt."]);
        assert!(due(&lives("FR", "", "75001", "")).is_empty());
    }

    #[test]
    fn who_accounts_for_a_tax_is_charged_none_by_a_rate_of_another_name() {
        let german = TaxRate {
            reverse_charge: vec![TaxIdKind::EuVat],
            ..rate("MwSt.", "19", "DE", None)
        };
        let rates = [german.clone()];
        let seller: SellerId = "licht".parse().expect("a name");
        let person = rates_for(&rates, &lives("DE", "", "10115", ""));
        let business = rates_for(&rates, &lives("DE", "", "10115", "DE136695976"));
        assert_eq!((person[0].reversed, business[0].reversed), (false, true));
        assert_eq!(business[0].percentage(), Decimal::ZERO);
        let named: Vec<TaxRateRef> = german.forms().map(|form| form.name_at(&seller)).collect();
        assert_eq!(named, [person[0].name_at(&seller), business[0].name_at(&seller)]);
        assert_ne!(named[0], named[1]);
        let dearer = TaxRate {
            percentage: "19.5".parse().expect("a decimal"),
            ..german.clone()
        };
        assert!(
            dearer
                .forms()
                .all(|form| !named.contains(&form.name_at(&seller)) || form.reversed)
        );
        let written_otherwise = TaxRate {
            percentage: "19.00".parse().expect("a decimal"),
            ..german
        };
        assert_eq!(
            written_otherwise.forms().next().map(|form| form.name_at(&seller)),
            Some(named[0].clone())
        );
    }

    #[test]
    fn a_line_is_taxed_by_each_rate_and_rounded_once() {
        let cad = |amount| Money::new(amount, "CAD".parse().expect("known"));
        let on_top = [
            rate("GST", "5", "CA", None),
            rate("QST", "9.975", "CA", Some("QC")),
        ];
        let applied: Vec<AppliedRate> = on_top.iter().flat_map(TaxRate::forms).collect();
        // 5 % of 10.10 is 0.505; 9.975 % is 1.007475.
        let taxed = taxes_on(cad(1010), &applied).expect("small");
        assert_eq!((taxed.net, taxed.taxes), (cad(1010), vec![cad(51), cad(101)]));
        let credited = taxes_on(cad(-1010), &applied).expect("small");
        assert_eq!(credited.taxes, [cad(-51), cad(-101)]);
        let inside: Vec<AppliedRate> = applied
            .into_iter()
            .map(|mut applied| {
                applied.rate.inside = true;
                applied
            })
            .collect();
        // 114.975 of 100 and both taxes: 50 and 99.75 of 1149.75 are 5 and 9.975 of 114.975.
        let taxed = taxes_on(cad(114_975), &inside).expect("small");
        assert_eq!(
            (taxed.net, taxed.taxes),
            (cad(100_000), vec![cad(5000), cad(9975)])
        );
    }
}
