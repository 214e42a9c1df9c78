//! A change that only chooses something else with what is held, such as other channels of a package: nothing is charged for
//! it. Its lines are named to the provider as they are, so that it is confirmed, marked and observed like every other change.

use super::Asking;
use crate::domain::account::{HeldLine, LinePlace};
use crate::domain::catalog::Differences;
use crate::domain::change::{Quote, QuotedTarget};
use crate::domain::money::Money;
use crate::engine::EngineError;
use crate::ports::payments::{Preview, PreviewAsk};

impl Asking<'_> {
    /// The quote of such a change; nothing where it is none. The provider is not asked: where no price and no quantity moves,
    /// it would preview the next renewal.
    pub(super) fn rechosen(&self) -> Option<Result<Quote, EngineError>> {
        let differences = self.differences();
        let held = self.contract.lines.iter();
        let targets: Vec<QuotedTarget> = held
            .filter(|line| {
                line.key
                    .item()
                    .is_some_and(|item| differences.rechosen.contains(item))
            })
            .filter_map(|line| self.as_it_is(line))
            .collect();
        if targets.is_empty() {
            return None;
        }
        let preview = nothing_now(Money::zero(self.contract.currency));
        let ask = PreviewAsk {
            customer: None,
            subscription: self.contract.subscription.clone(),
            targets,
            currency: self.contract.currency,
            prorated_at: self.instant.at,
            first_period: None,
            credits: Vec::new(),
            automatic_tax: false,
        };
        Some(self.put_together(ask, &preview))
    }

    pub(super) fn differences(&self) -> Differences {
        Differences::between(
            &self.playbook.catalog,
            Some(self.contract),
            self.selection,
            &self.target,
        )
    }

    /// A held line by its own item and price at the provider; nothing where it is charged elsewhere.
    pub(super) fn as_it_is(&self, line: &HeldLine) -> Option<QuotedTarget> {
        let LinePlace::Provider { item } = &line.place else {
            return None;
        };
        let facts = self
            .facts
            .as_ref()?
            .items
            .iter()
            .find(|facts| facts.id == *item)?;
        Some(QuotedTarget {
            key: line.key.clone(),
            lookup_key: line.price_ref.as_str().to_owned(),
            price: facts.price.clone(),
            item: Some(item.clone()),
            quantity: line.quantity,
        })
    }
}

/// What costs nothing now: nothing moves, or it moves later.
pub(super) fn nothing_now(nothing: Money) -> Preview {
    Preview {
        lines: Vec::new(),
        subtotal: nothing,
        tax: nothing,
        taxes: Vec::new(),
        total: nothing,
        amount_due: nothing,
        carried: None,
    }
}
