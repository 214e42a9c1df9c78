//! A change that only chooses something else with what is held, such as other channels of a package: nothing is charged for
//! it. Its lines are named to the provider as they are, so that it is confirmed, marked and observed like every other change.

use super::{Asking, as_it_is};
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
            .filter_map(|line| as_it_is(line, self.facts.as_ref()?))
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
            untaxed: false,
            tax_rates: None,
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
