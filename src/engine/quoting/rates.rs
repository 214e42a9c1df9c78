//! The seller's own tax rates: which of them apply to whoever pays, and what the provider calls them.

use super::Asking;
use crate::domain::catalog::{AppliedRate, Playbook, SellerId, TaxRules, rates_for, taxes_on};
use crate::domain::change::{
    BillingOnFile, NothingDue, QuotedTaxRates, Refusal, RefusalCode, SubscriptionFacts, TaxLine,
};
use crate::domain::money::{Money, MoneyError};
use crate::engine::{Engine, EngineError};
use crate::ports::payments::{Payments, Preview};

/// The rates that a quote is taxed by.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct AskedRates {
    /// As the seller wrote them.
    pub(super) applied: Vec<AppliedRate>,
    /// As the provider names them, beside those that the subscription has.
    pub(in crate::engine) quoted: Option<QuotedTaxRates>,
}

impl Engine {
    /// By which of the seller's rates somebody with these billing data is taxed. Before there are billing data, and once they are erased, nobody knows where
    /// the customer is: then what is there stays as it is.
    pub(in crate::engine) async fn tax_rates_for(
        &self,
        seller: &SellerId,
        billing: Option<&BillingOnFile>,
        playbook: &Playbook,
        facts: Option<&SubscriptionFacts>,
    ) -> Result<Result<AskedRates, Refusal>, EngineError> {
        let Some(TaxRules::ByRates(rates)) = &playbook.policy.tax else {
            return Ok(Ok(AskedRates::default()));
        };
        let identity = match billing {
            Some(billing) => self.store().identity(billing.identity.row).await?,
            None => None,
        };
        let Some(identity) = identity else {
            return Ok(Ok(AskedRates::default()));
        };
        let applied = rates_for(rates, &identity);
        let names: Vec<String> = applied
            .iter()
            .map(|rate| rate.name_at(seller).to_string())
            .collect();
        let payments = self.sellers().get(seller)?.payments.clone();
        let ids = self.tax_rates(seller, payments.as_ref(), &names).await?;
        let missing: Vec<&str> = names
            .iter()
            .filter(|name| !ids.contains_key(*name))
            .map(String::as_str)
            .collect();
        if !missing.is_empty() {
            let detail = format!(
                "The provider lacks these tax rates: {}. Run `changeover catalog push`, then ask again.",
                missing.join(", ")
            );
            return Ok(Err(Refusal::new(RefusalCode::CatalogNotPushed, detail)));
        }
        let quoted = QuotedTaxRates {
            wanted: names.iter().filter_map(|name| ids.get(name).cloned()).collect(),
            held: facts.map(|facts| facts.tax_rates.clone()).unwrap_or_default(),
        };
        Ok(Ok(AskedRates {
            applied,
            quoted: Some(quoted),
        }))
    }

    /// The provider's ids of these rates; those that were found a moment ago are not looked up again.
    async fn tax_rates(
        &self,
        seller: &SellerId,
        payments: &dyn Payments,
        names: &[String],
    ) -> Result<super::Prices, EngineError> {
        if names.is_empty() {
            return Ok(super::Prices::new());
        }
        if let Some(known) = self.known_tax_rates.all(seller, names, self.now()) {
            return Ok(known);
        }
        let found = payments.tax_rates(names).await?;
        self.known_tax_rates.keep(seller, &found, self.now());
        Ok(found)
    }
}

impl Asking<'_> {
    /// A preview of our own reckoning with the seller's rates on each of its lines.
    pub(super) fn with_taxes(&self, preview: Preview) -> Result<Preview, MoneyError> {
        let rates = &self.rates.applied;
        let nothing = Money::zero(preview.subtotal.currency);
        let mut sums = vec![nothing; rates.len()];
        let mut lines = preview.lines;
        for line in &mut lines {
            let taxed = taxes_on(line.amount, rates)?;
            line.amount = taxed.net;
            for (sum, tax) in sums.iter_mut().zip(taxed.taxes) {
                *sum = sum.plus(tax)?;
            }
        }
        let subtotal = Money::sum(nothing.currency, lines.iter().map(|line| line.amount))?;
        let tax = Money::sum(nothing.currency, sums.iter().copied())?;
        let total = subtotal.plus(tax)?;
        let taxes = rates
            .iter()
            .zip(sums)
            .map(|(applied, amount)| tax_line(applied, amount));
        Ok(Preview {
            lines,
            subtotal,
            tax,
            taxes: taxes
                .filter(|line| !line.amount.is_zero() || line.nothing_due.is_some())
                .collect(),
            total,
            amount_due: if total.amount < 0 { nothing } else { total },
            carried: preview.carried,
        })
    }
}

fn tax_line(applied: &AppliedRate, amount: Money) -> TaxLine {
    let percentage = applied.percentage().normalize();
    TaxLine {
        name: Some(applied.rate.name.clone()),
        percentage: Some(percentage),
        amount,
        inside: applied.rate.inside,
        nothing_due: match (applied.reversed, percentage.is_zero()) {
            (true, _) => Some(NothingDue::ReverseCharge),
            (false, true) => Some(NothingDue::ZeroRated),
            (false, false) => None,
        },
    }
}
