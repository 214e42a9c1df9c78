//! First subscriptions whose beginning the provider cannot preview.

use super::Asking;
use crate::domain::catalog::{Anchoring, LineKey, estimate};
use crate::domain::change::{Refusal, RefusalCode};
use crate::domain::money::Money;
use crate::ports::payments::{Preview, PreviewAsk, PreviewLine};

impl Asking<'_> {
    /// Where renewals fall on the last day of a shorter month, the provider cannot preview a first subscription: it counts
    /// another whole period than at its creation. Then the quote is our own reckoning, and the unpaid first invoice is held
    /// against it before anything is paid. Source: Stripe API reference, `billing_cycle_anchor_config`, which invoice previews
    /// do not take.
    pub(super) fn estimated(&self, ask: &PreviewAsk) -> Option<Preview> {
        let Anchoring::DayOfMonth(_) = ask.first_period?.anchoring else {
            return None;
        };
        let estimate = estimate(&self.contract.lines, &self.target, &self.instant).ok()?;
        let price = |key: &LineKey| {
            let target = ask.targets.iter().find(|target| target.key == *key);
            target.map(|target| target.price.clone())
        };
        let lines = estimate.lines.iter().map(|line| PreviewLine {
            price: price(&line.key),
            quantity: line.quantity,
            amount: line.amount,
            proration: true,
            from: line.from,
            until: line.until,
        });
        let untaxed = Preview {
            lines: lines.collect(),
            subtotal: estimate.total,
            tax: Money::zero(estimate.total.currency),
            taxes: Vec::new(),
            total: estimate.total,
            amount_due: estimate.due_now,
            carried: None,
        };
        self.with_taxes(untaxed).ok()
    }
}

/// Where the quote is our own reckoning (see [`Asking::estimated`]), the provider cannot be asked for its taxes either, and without them
/// it would be a wrong one.
pub(super) fn untaxable(ask: &PreviewAsk) -> Option<Refusal> {
    let first = ask.first_period.filter(|_| ask.automatic_tax)?;
    let Anchoring::DayOfMonth(day) = first.anchoring else {
        return None;
    };
    let detail = format!(
        "The taxes cannot be told in advance, because the month of the first renewal has no day {day}. Ask again after {}.",
        first.anchor
    );
    Some(Refusal::new(RefusalCode::ProviderRefused, detail))
}
