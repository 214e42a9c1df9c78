//! Taxes: who reckons them, and the rates of a seller that writes them down.

use rust_decimal::Decimal;
use toml::Spanned;

use super::Builder;
use crate::domain::account::{PostalAddress, TaxIdKind};
use crate::domain::catalog::{PaymentMethodKind, TaxRate, TaxRules};
use crate::workflow::raw::{RawMethod, RawTax, RawTaxRate, RawTaxSource};

impl Builder<'_, '_> {
    /// Ways to pay are looked at as well: see [`Self::vouchers_beside_taxes`].
    pub(super) fn tax(
        &mut self,
        raw: Option<RawTax>,
        accepted: &[TaxIdKind],
        methods: &[RawMethod],
    ) -> Option<TaxRules> {
        let raw = raw?;
        let by = raw.by.span();
        match raw.by.into_inner() {
            RawTaxSource::Provider => {
                for rate in &raw.rates {
                    let what = "the provider reckons the taxes, so that no rate is read";
                    let hint = "write by = \"rates\", or take the rates out";
                    self.say_with_hint(&rate.name.span(), what, hint);
                }
                self.vouchers_beside_taxes(methods, "taxes that the provider reckons");
                Some(TaxRules::ByProvider)
            }
            RawTaxSource::Rates => {
                if raw.rates.is_empty() {
                    let hint = "write one [[tax.rates]] for each tax, or take the section [tax] out";
                    self.say_with_hint(&by, "there are no rates to tax by", hint);
                }
                let mut rates: Vec<TaxRate> = Vec::new();
                for raw in raw.rates {
                    let span = raw.name.span();
                    let rate = self.tax_rate(raw, accepted);
                    for problem in beside_each_other(&rates, &rate) {
                        self.say(&span, problem);
                    }
                    rates.push(rate);
                }
                if rates.iter().any(|rate| rate.inside) {
                    self.vouchers_beside_taxes(methods, "taxes that prices contain");
                }
                Some(TaxRules::ByRates(rates))
            }
        }
    }

    /// What is paid by voucher is credited at the next change as a negative amount beside the lines. The provider takes none of those where
    /// it reckons taxes itself, and would look for the tax inside of one where prices contain it, though it was paid without. Source:
    /// Stripe API reference, "Create a preview invoice", `automatic_tax.enabled`.
    fn vouchers_beside_taxes(&mut self, methods: &[RawMethod], which: &str) {
        for method in methods
            .iter()
            .filter(|method| *method.kind.get_ref() != PaymentMethodKind::Card)
        {
            let what = format!("this way to pay cannot go together with {which}");
            let hint = "take it out, or take the section [tax] out";
            self.say_with_hint(&method.kind.span(), what, hint);
        }
    }

    fn tax_rate(&mut self, raw: RawTaxRate, accepted: &[TaxIdKind]) -> TaxRate {
        let name = raw.name.get_ref().trim().to_owned();
        if name.is_empty() || name.chars().count() > TaxRate::NAME_MAX {
            let what = format!("a tax has a name of 1 to {} characters", TaxRate::NAME_MAX);
            self.say(&raw.name.span(), what);
        }
        let percentage = self.percentage(&raw.percentage);
        let country = raw.country.get_ref().clone();
        if !PostalAddress::is_country(&country) {
            let what = format!("there is no country `{country}`");
            self.say_with_hint(
                &raw.country.span(),
                what,
                "write two capital letters, like DE or BR",
            );
        }
        let state = raw.state.map(|state| self.state(&country, state));
        for kind in &raw.reverse_charge {
            if let Some(problem) = no_reverse_charge(*kind.get_ref(), &country, accepted) {
                self.say(&kind.span(), problem);
            }
        }
        if let Some(kind) = raw.reverse_charge.first().filter(|_| percentage.is_zero()) {
            self.say(&kind.span(), "nobody accounts for a tax of 0 %");
        }
        TaxRate {
            name,
            percentage,
            country,
            state,
            inside: raw.inside_prices,
            reverse_charge: raw.reverse_charge.into_iter().map(Spanned::into_inner).collect(),
        }
    }

    fn percentage(&mut self, raw: &Spanned<String>) -> Decimal {
        let text = raw.get_ref();
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let read = text.parse::<Decimal>().ok().filter(|_| plain);
        let fits =
            |read: &Decimal| *read <= Decimal::ONE_HUNDRED && read.normalize().scale() <= TaxRate::PLACES_MAX;
        let Some(percentage) = read.filter(fits) else {
            let what = format!("`{text}` is not a percentage");
            let hint = "write a number between 0 and 100 with at most four decimal places, like \"9.975\"";
            self.say_with_hint(&raw.span(), what, hint);
            return Decimal::ZERO;
        };
        percentage
    }

    /// Only where every address names its state can a rate depend on it.
    fn state(&mut self, country: &str, raw: Spanned<String>) -> String {
        let state = raw.get_ref();
        if !PostalAddress::names_its_state(country) {
            let what =
                format!("an address in {country} need not name a state, so that no tax can depend on it");
            self.say(&raw.span(), what);
        } else if !PostalAddress::may_be_state(country, state) {
            self.say(&raw.span(), format!("there is no state `{state}` in {country}"));
        }
        raw.into_inner()
    }
}

fn no_reverse_charge(kind: TaxIdKind, country: &str, accepted: &[TaxIdKind]) -> Option<String> {
    if kind == TaxIdKind::Cpf {
        return Some("this is a person's number, and persons account for no tax".to_owned());
    }
    if !kind.is_of(country) {
        return Some(format!("nobody in {country} has a number of this kind"));
    }
    (!accepted.contains(&kind))
        .then(|| "this kind is not among `tax_ids`, so that nobody could give one".to_owned())
}

/// What is wrong about a rate beside those before it.
fn beside_each_other(before: &[TaxRate], rate: &TaxRate) -> Vec<String> {
    let overlaps = |other: &&TaxRate| {
        other.country == rate.country
            && (other.state.is_none() || rate.state.is_none() || other.state == rate.state)
    };
    let beside: Vec<&TaxRate> = before.iter().filter(overlaps).collect();
    let mut problems = Vec::new();
    let same = |other: &&&TaxRate| other.name == rate.name && other.state == rate.state;
    if beside.iter().any(|other| same(&other)) {
        problems.push(format!(
            "the tax `{}` is listed twice for the same place",
            rate.name
        ));
    }
    if beside.iter().any(|other| other.inside != rate.inside) {
        problems.push("at one place, prices contain all taxes or none".to_owned());
    }
    if beside.len() >= TaxRate::AT_ONE_PLACE_MAX {
        problems.push(format!(
            "there are more than {} taxes at one place",
            TaxRate::AT_ONE_PLACE_MAX
        ));
    }
    let sum: Decimal = beside.iter().map(|other| other.percentage).sum();
    if sum + rate.percentage > Decimal::ONE_HUNDRED {
        problems.push("the taxes at this place are more than the price".to_owned());
    }
    problems
}
